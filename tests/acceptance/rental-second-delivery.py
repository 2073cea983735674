"""Rental prices, week by week: the first delivery gives a model; the second breaks one expectation and is stopped; one line in tend.yaml lets it pass."""
from acceptance import Project, expect, expect_gates, finish

SECOND = ("--set", "data.sources.listings=data/sample2.csv.gz")
QUICK = ("--set", "train.learners=[xgboost]")
SIX = {"columns": ("columns", None), "neighbourhoods": ("values", "neighbourhood_group"), "latitude": ("range", "latitude"),
       "longitude": ("range", "longitude"), "similar shares": ("drift", "neighbourhood_group"), "row count": ("rows", None),
       "price range": ("range", "price")}


def outcomes(run):
    """What became of the six checks (the box is two rules)."""
    rules = {(e["rule"], e["column"]): e for e in run["data"]["expectations"]}
    return {name: rules[key] for name, key in SIX.items()}


project = Project("rental-prices")
project.tend("run", *QUICK)
first = project.last_run()
expect(first["model"]["version"] == 1, "the first delivery gives version 1")
held = outcomes(first)
expect(all(held[name]["holds"] for name in SIX if name != "similar shares"), "the first delivery: all checks hold")
expect(held["similar shares"]["holds"] is None, "the first delivery has no reference to differ from")

project.tend("run", *QUICK, *SECOND, status=1)
stopped = project.last_run()
expect(stopped["status"] == "refused", "the second delivery is refused")
expect([s["name"] for s in stopped["steps"] if s["status"] == "run"] == ["acquire", "validate"], "nothing is trained")
held = outcomes(stopped)
expect([name for name in SIX if not held[name]["holds"]] == ["latitude"], "five of the six checks pass, the box fails")
expect(held["latitude"]["rows"] == 1, "in one row")
expect(abs(held["similar shares"]["value"] - 0.00010943687636717798) < 1e-12, f"KL {held['similar shares']['value']:.6g}")
aside = project.quarantine()
expect([row["id"] for row in aside] == ["10830083"], "exactly that row is in quarantine: id 10830083")
expect("latitude: 40.49979 is below 40.5" in aside[0]["reason"], aside[0]["reason"])
expect("champion" in project.tend("models", "list"), "the champion stays")

project.edit("latitude: {type: number, range: [40.5, 41.2], severity: error}", "latitude: {type: number, range: [40.5, 41.2], severity: quarantine}")
project.tend("run", *QUICK, *SECOND)
fixed = project.last_run()
expect(fixed["model"]["version"] == 2, "after the one-line fix: version 2")
expect_gates(fixed)
expect(fixed["data"]["clean_rows"] == 46427, f"{fixed['data']['clean_rows']} rows are good")
finish()
