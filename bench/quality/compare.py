#!/usr/bin/env python3
"""Model quality: `tend init` + `tend run` without edits, beside scikit-learn's defaults on the same test rows.

    bench/quality/compare.py --data FOLDER [--tend PATH] [--repeats 5] [--only iris,wine] [--json FILE]

FOLDER holds the public tables (or set TEND_SHARED_DATA). Each table is split N times, 20 % to test; both sides get the same row numbers (tend by
`--set data.split.by=rows`). scikit-learn's three models stand in an ordinary pipeline: numbers imputed by the mean (and standardised for the linear
model), text one-hot encoded, dates as numbers; the boosted trees take missing values and ordinal codes. Needs scikit-learn and pandas.
"""
import argparse, collections, json, os, pathlib, subprocess, sys, tempfile, time, warnings

try:
    import numpy as np
    import pandas as pd
    from sklearn import compose, ensemble, impute, linear_model, metrics, model_selection, pipeline, preprocessing
except ImportError as missing:
    print(f"skipped: {missing.name} is not installed (pip install scikit-learn pandas)")
    sys.exit(77)

warnings.filterwarnings("ignore")


def frame(path, **options):
    return pd.read_csv(path, skipinitialspace=True, **options)


def toy(path, names, target, classes=None, **options):
    """scikit-learn's own tables: no header, or a line of counts in its place."""
    table = pd.read_csv(path, header=None, **options)
    table.columns = list(names) + [target]
    if classes:
        table[target] = [classes[int(v)] for v in table[target]]
    return table


def numbered(letter, n):
    return [f"{letter}{i + 1}" for i in range(n)]


def diabetes(folder):
    table = pd.read_csv(folder / "diabetes_data_raw.csv.gz", sep=r"\s+", header=None)
    table.columns = "age sex bmi bp s1 s2 s3 s4 s5 s6".split()
    table["progression"] = pd.read_csv(folder / "diabetes_target.csv.gz", header=None)[0]
    return table


GERMAN = ("status months history purpose amount savings employment rate personal debtors residence property age plans housing credits job liable "
          "telephone foreign").split()
WINE = ["fixed acidity", "volatile acidity", "citric acid", "residual sugar", "chlorides", "free sulfur dioxide", "total sulfur dioxide", "density",
        "pH", "sulphates", "alcohol"]

# name, target, how to read it, what scikit-learn does not get (identifiers, free text), dates, a separator to write the file with
Table = collections.namedtuple("Table", "name target read drop dates separator", defaults=([], [], ","))
TABLES = [
    Table("iris", "species", lambda d: toy(d / "sklearn-toys/iris.csv", ["sepal_length", "sepal_width", "petal_length", "petal_width"], "species",
                                           ["setosa", "versicolor", "virginica"], skiprows=1)),
    Table("wine", "cultivar", lambda d: toy(d / "sklearn-toys/wine_data.csv", numbered("x", 13), "cultivar", "ABC", skiprows=1)),
    Table("digits", "digit", lambda d: toy(d / "sklearn-toys/digits.csv.gz", numbered("p", 64), "digit")),
    Table("breast-cancer", "diagnosis", lambda d: toy(d / "sklearn-toys/breast_cancer.csv", numbered("x", 30), "diagnosis", ["malignant", "benign"],
                                                      skiprows=1)),
    Table("diabetes", "progression", lambda d: diabetes(d / "sklearn-toys")),
    Table("california-housing", "median_house_value", lambda d: frame(d / "california-housing/housing.csv")),
    Table("titanic", "Survived", lambda d: frame(d / "titanic/train.csv"), ["PassengerId", "Name", "Ticket"]),
    Table("german-credit", "credit", lambda d: toy(d / "german-credit/german.csv", GERMAN, "credit")),
    Table("census", "salary", lambda d: frame(d / "census/census.csv.gz", keep_default_na=False)),
    Table("rental-prices", "price", lambda d: frame(d / "nyc-airbnb/sample1.csv.gz").query("10 <= price <= 350").reset_index(drop=True),
          ["id", "name", "host_id", "host_name"], ["last_review"]),
    Table("bike-sharing (day)", "cnt", lambda d: frame(d / "bike-sharing/day.csv").drop(columns=["casual", "registered"]), ["instant"], ["dteday"]),
    Table("mpg", "mpg", lambda d: frame(d / "seaborn-small/mpg.csv"), ["name"]),
    Table("penguins", "species", lambda d: frame(d / "seaborn-small/penguins.csv")),
    Table("tips", "tip", lambda d: frame(d / "seaborn-small/tips.csv")),
    Table("taxis", "fare", lambda d: frame(d / "nyc-taxi/taxis.csv").drop(columns=["total"]), [], ["pickup", "dropoff"]),
    Table("wine-quality (red)", "quality", lambda d: toy(d / "wine-quality/winequality-red.csv", WINE, "quality"), separator=";"),
    Table("wine-quality (white)", "quality", lambda d: toy(d / "wine-quality/winequality-white.csv", WINE, "quality"), separator=";"),
]


# ---- scikit-learn ----

def encoder(features, scale, ordinal):
    numbers = list(features.select_dtypes("number").columns)
    texts = [c for c in features if c not in numbers]
    if ordinal:
        number, text = "passthrough", preprocessing.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, max_categories=250)
    else:
        number = pipeline.make_pipeline(impute.SimpleImputer(), preprocessing.StandardScaler()) if scale else impute.SimpleImputer()
        text = preprocessing.OneHotEncoder(handle_unknown="ignore", sparse_output=False, max_categories=100)
    return compose.ColumnTransformer([("number", number, numbers), ("text", text, texts)])


def sklearn_models(features, numeric):
    if numeric:
        parts = (ensemble.HistGradientBoostingRegressor(random_state=0), ensemble.RandomForestRegressor(random_state=0, n_jobs=-1), linear_model.Ridge())
    else:
        parts = (ensemble.HistGradientBoostingClassifier(random_state=0), ensemble.RandomForestClassifier(random_state=0, n_jobs=-1),
                 linear_model.LogisticRegression(max_iter=1000))
    return {"boosting": pipeline.make_pipeline(encoder(features, False, True), parts[0]),
            "forest": pipeline.make_pipeline(encoder(features, False, False), parts[1]),
            "linear": pipeline.make_pipeline(encoder(features, True, False), parts[2])}


def sklearn_features(table, data):
    features = data.drop(columns=[table.target] + table.drop)
    for column in table.dates:
        when = pd.to_datetime(features[column])
        features[column] = (when - pd.Timestamp("2000-01-01")).dt.total_seconds() / 86400
    return features


def judge(model, features, truth, numeric):
    if numeric:
        guess = model.predict(features)
        return {"rmse": metrics.mean_squared_error(truth, guess) ** 0.5, "r2": metrics.r2_score(truth, guess)}
    chances, classes = model.predict_proba(features), list(model.classes_)
    out = {"accuracy": metrics.accuracy_score(truth, model.predict(features)), "log_loss": metrics.log_loss(truth, chances, labels=classes)}
    if len(classes) == 2:
        out["roc_auc"] = metrics.roc_auc_score(truth == classes[1], chances[:, 1])
    return out


# ---- tend ----

def run_tend(tend, folder, name, table, test_rows):
    data = folder / "data.csv"
    (folder / "rows.txt").write_text("".join(f"{i}\n" for i in test_rows))
    if not (folder / "tend.yaml").exists():
        table.to_csv(data, index=False, sep=name.separator)
        subprocess.run([tend, "init", "data.csv", "--target", name.target], cwd=folder, check=True, capture_output=True)
    start = time.monotonic()
    run = subprocess.run([tend, "run", "--quiet", "--set", "data.split.by=rows", "--set", "data.split.file=rows.txt"], cwd=folder, capture_output=True,
                         text=True)
    if run.returncode:
        sys.exit(f"{name.name}: tend run ended with {run.returncode}: {run.stderr}")
    seconds = time.monotonic() - start
    shown = json.loads(subprocess.run([tend, "runs", "show", "--json"], cwd=folder, check=True, capture_output=True).stdout)
    return {k: v["value"] for k, v in shown["metrics"]["test"].items()}, shown["learner"], seconds


# ---- the comparison ----

def metrics_of(target, numeric):
    return ["rmse", "r2"] if numeric else ["roc_auc"] if target.nunique() == 2 else ["log_loss", "accuracy"]


def compare(table, options):
    data = table.read(pathlib.Path(options.data))
    target = data[table.target]
    numeric = target.dtype.kind in "if" and target.nunique() > 10
    rows, sides = np.arange(len(data)), collections.defaultdict(list)
    learners, seconds = collections.Counter(), []
    features = sklearn_features(table, data)
    with tempfile.TemporaryDirectory() as folder:
        for repeat in range(options.repeats if len(data) < 5000 else min(options.repeats, options.large_repeats)):
            train, test = model_selection.train_test_split(rows, test_size=0.2, random_state=repeat, stratify=None if numeric else target)
            values, learner, spent = run_tend(options.tend, pathlib.Path(folder), table, data, test)
            sides["tend"].append(values)
            learners[learner] += 1
            seconds.append(spent)
            for side, model in sklearn_models(features, numeric).items():
                model.fit(features.iloc[train], target.iloc[train])
                sides[side].append(judge(model, features.iloc[test], target.iloc[test], numeric))
    mean = {side: {m: float(np.mean([v[m] for v in values])) for m in metrics_of(target, numeric)} for side, values in sides.items()}
    return {"name": table.name, "rows": len(data), "repeats": len(seconds), "mean": mean, "learners": dict(learners), "seconds": float(np.median(seconds))}


def show(result):
    learners = ", ".join(f"{k} {n}×" if result["repeats"] > 1 else k for k, n in result["learners"].items())
    for metric, value in result["mean"]["tend"].items():
        digits = 1 if abs(value) >= 1000 else 2 if abs(value) >= 10 else 4
        cells = " | ".join(f"{result['mean'][side][metric]:.{digits}f}" for side in ("tend", "boosting", "forest", "linear"))
        print(f"| {result['name']} | {result['rows']:,} | {metric} | {cells} | {learners} | {result['seconds']:.1f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("TEND_SHARED_DATA"))
    parser.add_argument("--tend", default="tend")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--large-repeats", type=int, default=2, help="for tables of 5,000 rows or more")
    parser.add_argument("--only", default="")
    parser.add_argument("--json")
    options = parser.parse_args()
    if not options.data or not os.path.isdir(options.data):
        print("skipped: say where the tables are with --data FOLDER or TEND_SHARED_DATA")
        sys.exit(77)
    options.tend = os.path.abspath(options.tend) if os.sep in options.tend else options.tend
    chosen = [t for t in TABLES if not options.only or t.name in options.only.split(",")]
    print("| table | rows | metric | tend | boosting | forest | linear | tend's choice | s |\n|---|---|---|---|---|---|---|---|---|")
    results = []
    for table in chosen:
        results.append(compare(table, options))
        show(results[-1])
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(results, indent=1))


main()
