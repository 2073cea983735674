"""Rental prices on the row split of the reference results: row counts, the test error."""
from acceptance import Project, expect, expect_at_most, expect_gates, finish, known_answer

rows = known_answer("p2_sample1_test_rows.txt")
project = Project("rental-prices")
project.tend("run", "--set", "data.split.by=rows", "--set", f"data.split.file={rows}")
run = project.last_run()
steps = {s["name"]: s["summary"] for s in run["steps"]}
expect(steps["acquire"].startswith("19,001 rows"), steps["acquire"])
expect("15,200 rows to train, 3,801 to test" in steps["split"], steps["split"])
expect_at_most(run, "mae", 33.5)
expect_gates(run)
finish()
