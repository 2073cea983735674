"""examples/census as it is shipped: passes its gates and gives a champion."""
from acceptance import Project, expect, expect_at_least, expect_gates, finish

project = Project("census")
project.tend("run")
run = project.last_run()
expect_at_least(run, "roc_auc", 0.925)
expect_gates(run)
expect(run["verdict"]["needed"] == "yes", "machine learning beats the rule by the gain that was asked")
expect(run["model"]["version"] == 1, "version 1")
expect("champion" in project.tend("models", "list"), "it is the champion")
expect("would run" not in project.tend("status"), "nothing is left to do")
again = project.tend("run")
expect("✓" not in again, "a second run does nothing")
finish()
