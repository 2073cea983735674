"""Untidy public files: `tend profile` reads each as a person would, and says what it took for what."""
import json
from acceptance import Project, expect, finish, reference_data

folder = reference_data("messy")
project = Project()


def profile(name):
    document = json.loads(project.tend("profile", "--json", str(folder / name)))
    columns = {c["name"]: c for c in document["profile"]["columns"]}
    return document["profile"]["rows"], columns, next(iter(document["notes"].values()))


# Expected numbers: pandas 3.1 on the same files, with the separator, quote and encoding given by hand.
rows, columns, notes = profile("montreal_bikes_2012_latin1.csv")
expect((rows, len(columns)) == (310, 10), "bikes: 310 rows, 10 columns, though rows end in one separator more or less")
expect(notes["encoding"] == "latin-1" and notes["separator"] == ";" and notes["line_end"] == "crlf", "bikes: latin-1, semicolons, CRLF")
expect(notes["dates"] == {"Date": "dd/mm/yyyy"} and columns["Date"]["type"] == "date", "bikes: the day comes first")
expect("Côte-Sainte-Catherine" in columns, "bikes: names come out as UTF-8")
expect(columns["Brébeuf (données non disponibles)"]["missing"] == 310, "bikes: an empty column is empty")
expect(abs(columns["Berri 1"]["mean"] - 2985.048387) < 1e-5, "bikes: the mean of Berri 1")

rows, columns, notes = profile("breast-cancer.csv")
expect((rows, len(columns)) == (286, 10) and notes["quote"] == "'", "breast-cancer: quoted by '")
expect(columns["column_1"]["top"][0] == {"value": "50-59", "count": 96}, "breast-cancer: without the quotes")
expect(columns["column_6"]["type"] == "integer", "breast-cancer: a number in quotes is a number")
expect(columns["column_5"]["missing"] == 8 and columns["column_8"]["missing"] == 1, "breast-cancer: 8 and 1 values are missing")

rows, columns, notes = profile("horse-colic.csv")
expect((rows, len(columns)) == (300, 28), "horse-colic: 300 rows, no header")
expect(all(columns[f"column_{i}"]["type"] == "string" for i in (25, 26, 27)), "horse-colic: 02208 and 00000 are codes, not numbers")
expect(notes["missing_like"]["?"]["column_4"] == 60, "horse-colic: '?' is counted")
project.tend("init", str(folder / "horse-colic.csv"), "--target", "column_24")
text = (project.path / "tend.yaml").read_text()
expect("column_4: {type: number" in text and '"?"]' in text, "horse-colic: init reads '?' among numbers as missing")

rows, columns, notes = profile("auto_imports.csv")
expect((rows, len(columns)) == (201, 26), "auto_imports: 201 rows, no header")
expect(notes["missing_like"]["?"] == {"column_2": 37, "column_6": 2, "column_19": 4, "column_20": 4, "column_22": 2, "column_23": 2},
       "auto_imports: where '?' stands")

rows, columns, notes = profile("weather_2012.csv")
expect((rows, len(columns)) == (8784, 8), "weather: 8,784 rows")
expect(columns["Date/Time"]["type"] == "timestamp" and columns["Rel Hum (%)"]["type"] == "integer", "weather: names with ( % /")
expect(abs(columns["Temp (C)"]["mean"] - 8.798144) < 1e-5, "weather: the mean temperature")

rows, columns, notes = profile("movies.json")
expect((rows, len(columns)) == (3201, 16), "movies: 3,201 records, 16 fields")
expect(columns["Release Date"]["type"] == "date" and columns["Title"]["type"] == "string", "movies: `Jun 12 1998` is a date; titles that are numbers are texts")
expect(columns["US DVD Sales"]["missing"] == 2637, "movies: null is missing")
finish()
