#!/usr/bin/env python3
"""MLflow's own client of scoring servers, with data frames and arrays; and by hand what it does not send."""

import json
import sys
import urllib.error
import urllib.request

try:
    import pandas
    import scipy.sparse  # noqa: F401  the client looks for it
    from mlflow.pyfunc.scoring_server.client import ScoringServerClient
except ImportError:
    sys.exit(77)

from expected import Case


def post(case, body, content_type="application/json"):
    """Status and the document of the answer."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(case.base + "/invocations", data=data, headers={"Content-Type": content_type, **case.headers})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def frame(case, rows):
    return pandas.DataFrame({name: case.column(name, rows) for name in case.inputs})


def by_client(case):
    host, port = case.host.rsplit(":", 1)
    client = ScoringServerClient(host, int(port))
    client.wait_server_ready(timeout=5)
    case.same("version", client.get_version().count(".") >= 1, True)
    rows = case.rows[:5000]
    found = client.invoke(frame(case, rows)).get_predictions()
    case.same("data frame", found[found.columns[0]].tolist(), case.predictions(rows))
    found = client.invoke(frame(case, rows[:20]), params={"return": "full"}).get_predictions()
    if case.probabilities(rows):
        case.same("full", found["probability"].tolist(), case.probabilities(rows[:20]))


def by_hand(case):
    rows = case.rows[:200]
    records = [{name: case.value(name, row[name]) for name in case.inputs} for row in rows]
    wanted = (200, {"predictions": case.predictions(rows)})
    extra = [dict(record, **{"a column of others": 1}) for record in records]
    names = list(case.inputs)
    split = {"index": list(range(len(rows))), "data": [[r[n] for n in names] for r in records], "columns": names}
    case.same("dataframe_split, data before columns", post(case, {"dataframe_split": split}), wanted)
    case.same("dataframe_records", post(case, {"dataframe_records": records}), wanted)
    case.same("unknown columns", post(case, {"dataframe_records": extra}), wanted)
    case.same("instances", post(case, {"instances": records}), wanted)
    case.same("inputs, rows", post(case, {"inputs": records}), wanted)
    case.same("inputs, columns", post(case, {"inputs": {n: [r[n] for r in records] for n in names}}), wanted)
    text = frame(case, rows).to_csv(index=False).encode()
    case.same("CSV", post(case, text, "text/csv; charset=utf-8"), wanted)


def faults(case):
    row = {name: case.value(name, case.rows[0][name]) for name in case.inputs}
    first = next(iter(row))
    del row[first]
    for what, body in (("records", {"dataframe_records": [row]}), ("columns", {"inputs": {n: [v] for n, v in row.items()}})):
        status, answer = post(case, body)
        case.same(f"a missing column, {what}", (status, first in answer["message"], answer["error_code"]), (400, True, "BAD_REQUEST"))
    case.same("two payloads", post(case, {"inputs": [], "instances": []})[0], 400)
    case.same("no payload", post(case, {"rows": []})[0], 400)
    case.same("no JSON", post(case, b"{")[0], 400)
    for content_type in ("application/xml", "application/json; charset=latin1", "application/json; version=2"):
        case.same(content_type, post(case, {"instances": []}, content_type)[0], 415)


def main():
    case = Case(sys.argv)
    if not case.headers:  # MLflow's client sends no token
        by_client(case)
    by_hand(case)
    faults(case)
    case.end("MLflow's client")


if __name__ == "__main__":
    main()
