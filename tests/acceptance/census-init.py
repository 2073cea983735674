"""A stranger's census.csv: `tend init` and `tend run`, nothing edited."""
import gzip
from acceptance import EXAMPLES, Project, expect, expect_at_least, finish

project = Project()
(project.path / "census.csv").write_bytes(gzip.open(EXAMPLES / "census/data/census.csv.gz").read())
project.tend("init", "census.csv", "--target", "salary")
text = (project.path / "tend.yaml").read_text()
expect("positive: \">50K\"" in text or "positive: '>50K'" in text, "the rarer class is the positive one")
expect("'?' stands in workclass (1,836), occupation (1,843), native-country (583)" in text, "'?' is offered as missing, kept as a category")
project.tend("run")
expect_at_least(project.last_run(), "roc_auc", 0.925)

# The other reading of '?' works as well.
project.edit('# missing: [', 'missing: [')
project.tend("run", "--set", "train.learners=[xgboost]")
expect_at_least(project.last_run(), "roc_auc", 0.925)
finish()
