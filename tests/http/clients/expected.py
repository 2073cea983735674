"""What the clients here share: rows with the predictions that `tend predict --keep all` gave them, and a list of what went wrong.

Every client is run as  CLIENT.py http://127.0.0.1:PORT EXPECTED.csv [MODEL]  and ends with 0 (all as expected), 1 (what was not is
printed) or 77 (its package is not installed). With TEND_TOKEN in the environment, a token with the role admin, every request carries it.
"""

import csv
import json
import os
import sys
import urllib.request


class Case:
    def __init__(self, argv):
        if len(argv) < 3:
            sys.exit(f"usage: {argv[0]} BASE_URL EXPECTED.csv [MODEL]")
        self.base = argv[1].rstrip("/")
        self.host = self.base.split("://", 1)[1]
        token = os.environ.get("TEND_TOKEN")
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.model = argv[3] if len(argv) > 3 else self.index()[0]["name"]
        self.metadata = self.get(f"/v2/models/{self.model}")
        self.inputs = {i["name"]: i["datatype"] for i in self.metadata["inputs"]}
        with open(argv[2], newline="", encoding="utf-8") as file:
            self.rows = list(csv.DictReader(file))
        self.faults = 0

    def get(self, path):
        with urllib.request.urlopen(urllib.request.Request(self.base + path, headers=self.headers)) as answer:
            return json.load(answer)

    def index(self):
        request = urllib.request.Request(self.base + "/v2/repository/index", data=b"", method="POST", headers=self.headers)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def value(self, name, text):
        """A cell as a value of the column's type; None when it is missing."""
        if text == "":
            return None
        kind = self.inputs[name]
        if kind == "INT64":
            return int(float(text))
        if kind == "FP64":
            return float(text)
        if kind == "BOOL":
            return text.lower() == "true"
        return text

    def column(self, name, rows):
        return [self.value(name, row[name]) for row in rows]

    def same(self, what, found, wanted):
        """Equal, bit for bit where they are numbers."""
        if found == wanted:
            return
        self.faults += 1
        if isinstance(found, list) and isinstance(wanted, list) and len(found) == len(wanted):
            row = next(i for i in range(len(found)) if found[i] != wanted[i])
            print(f"{what}: row {row}: found {found[row]!r}, expected {wanted[row]!r}")
        else:
            print(f"{what}: found {str(found)[:300]}, expected {str(wanted)[:300]}")

    def predictions(self, rows):
        """Classes, or numbers of a regression."""
        numbers = "probability" not in rows[0] and not any(k.startswith("probability_") for k in rows[0])
        return [float(r["prediction"]) if numbers else r["prediction"] for r in rows]

    def probabilities(self, rows):
        return [float(r["probability"]) for r in rows] if "probability" in rows[0] else None

    def end(self, what):
        print(f"{what}: {'as expected' if not self.faults else f'{self.faults} faults'}")
        sys.exit(1 if self.faults else 0)
