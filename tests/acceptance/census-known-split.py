"""Census on the row split of the reference results (scikit-learn 1.2.1): boosted trees, slices and their counts."""
import json
from acceptance import Project, expect, expect_at_least, finish, known_answer

rows, answers = known_answer("p3_test_rows.txt"), json.loads(known_answer("p3_census.json").read_text())
project = Project("census")
columns = ["workclass", "education", "marital-status", "occupation", "relationship", "race", "sex", "native-country"]
project.tend("run", "--set", "data.split.by=rows", "--set", f"data.split.file={rows}", "--set", "train.learners=[xgboost]",
             "--set", f"evaluate.slices={json.dumps(columns)}")
run = project.last_run()
expect_at_least(run, "roc_auc", 0.927)
expect_at_least(run, "f1", 0.72)

summary = next(s for s in run["steps"] if s["name"] == "split")["summary"]
expect(f"{answers['train_rows']:,} rows to train, {answers['test_rows']:,} to test" in summary, summary)
found = {f"{k}={v}": s for s in run["metrics"]["slices"] for k, v in s["by"].items()}
known = answers["models"]["random_forest_default"]["slices"]
for name, slice in known.items():
    ours = found.get(name)
    if not ours:
        expect(False, f"slice {name} is there")
    elif (ours["n"], ours["positives"]) != (slice["n"], slice["positives"]):
        expect(False, f"slice {name}: n {ours['n']}, positives {ours['positives']}; known {slice['n']}, {slice['positives']}")
expect(len(known) > 90, f"{len(known)} slices have the known counts")
for name, ours in found.items():
    p, r, f1 = (ours["metrics"][m]["value"] for m in ("precision", "recall", "f1"))
    if None not in (p, r, f1) and not min(p, r) - 1e-12 <= f1 <= max(p, r) + 1e-12:
        expect(False, f"slice {name}: F1 {f1} lies between precision {p} and recall {r}")
finish()
