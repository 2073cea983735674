"""The same work as `tend run` on examples/census, written straightforwardly with pandas, XGBoost and scikit-learn.

Three learners with tend's defaults on the same shares of rows, early stopping on the validation rows, the best one again on all
training rows, metrics, slices, and the comparison with the rule. No snapshot, no schema, no leak checks, no report.
By default it does less than tend: bootstrap intervals of the ROC AUC only, none in slices. With --same every metric has its interval, in the
slices too, and there are permutation importances and a learning curve, as in `tend run`.
"""
import argparse
import json
import sys

import numpy as np
import pandas as pd
import sklearn
import sklearn.ensemble
import sklearn.linear_model
import sklearn.metrics as m
import xgboost
from sklearn.compose import ColumnTransformer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import OneHotEncoder, StandardScaler

REPLICATES, REPLICATES_SLICE, SEED = 500, 200, 42
BOOST = {"objective": "binary:logistic", "tree_method": "hist", "eta": 0.1, "max_depth": 6, "subsample": 0.8, "colsample_bytree": 0.8,
         "eval_metric": "auc", "nthread": 2, "seed": SEED}


def calibration_error(y, score):
    bins = np.minimum((score * 10).astype(int), 9)
    count = np.bincount(bins, minlength=10)
    gap = np.abs(np.bincount(bins, score, 10) - np.bincount(bins, y, 10))
    return gap.sum() / count.sum()


def metrics(y, score, threshold):
    decided = score >= threshold
    precision, recall, f1, _ = m.precision_recall_fscore_support(y, decided, average="binary", zero_division=0)
    return {"roc_auc": m.roc_auc_score(y, score), "pr_auc": m.average_precision_score(y, score), "log_loss": m.log_loss(y, score),
            "brier": m.brier_score_loss(y, score), "calibration_error": calibration_error(y, score),
            "accuracy": m.accuracy_score(y, decided), "balanced_accuracy": m.balanced_accuracy_score(y, decided),
            "precision": precision, "recall": recall, "f1": f1, "mcc": m.matthews_corrcoef(y, decided)}


def estimate(y, score, threshold, replicates, same):
    if not same:
        return metrics(y, score, threshold) | {"roc_auc": auc_interval(y, score, replicates)}
    rng = np.random.default_rng(SEED)
    values = metrics(y, score, threshold)
    resampled = []
    for _ in range(replicates):
        rows = rng.integers(0, len(y), len(y))
        if y[rows].min() != y[rows].max():
            resampled.append(list(metrics(y[rows], score[rows], threshold).values()))
    low, high = np.quantile(resampled, [0.025, 0.975], axis=0)
    return {k: (v, low[i], high[i]) for i, (k, v) in enumerate(values.items())}


def auc_interval(y, score, replicates):
    rng = np.random.default_rng(SEED)
    picks = [rng.integers(0, len(y), len(y)) for _ in range(replicates)]
    return [m.roc_auc_score(y, score), *np.quantile([m.roc_auc_score(y[p], score[p]) for p in picks], [0.025, 0.975])]


def slices(frame, y, score, threshold, same):
    out = {}
    for columns in (["sex"], ["race"], ["workclass"], ["sex", "race"]):
        for name, rows in frame.groupby(columns).indices.items():
            if len(rows) >= 30 and y[rows].min() != y[rows].max():
                part = y[rows], score[rows], threshold
                out[str(columns), str(name)] = estimate(*part, REPLICATES_SLICE, same) if same else metrics(*part)
    return out


def gain_over_rule(y, score, rule):
    rng = np.random.default_rng(SEED)
    gains = []
    for _ in range(REPLICATES):
        rows = rng.integers(0, len(y), len(y))
        gains.append(m.roc_auc_score(y[rows], score[rows]) - m.roc_auc_score(y[rows], rule[rows]))
    return np.quantile(gains, [0.025, 0.975]).tolist()


def importance(model, x, y, groups):
    rng = np.random.default_rng(SEED)
    whole, out = m.roc_auc_score(y, model.predict(xgboost.DMatrix(x))), {}
    for name, columns in groups.items():
        losses = []
        for _ in range(3):
            shuffled = x.copy()
            shuffled[:, columns] = x[rng.permutation(len(x))][:, columns]
            losses.append(whole - m.roc_auc_score(y, model.predict(xgboost.DMatrix(shuffled))))
        out[name] = float(np.mean(losses))
    return out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("csv")
    parser.add_argument("--same", action="store_true")
    args = parser.parse_args()

    frame = pd.read_csv(args.csv, skipinitialspace=True)
    y = (frame.pop("salary") == ">50K").to_numpy().astype(int)
    frame = frame.drop(columns="fnlgt")
    train, test, y_train, y_test = train_test_split(frame, y, test_size=0.2, random_state=SEED, stratify=y)
    texts = [c for c in frame if not pd.api.types.is_numeric_dtype(frame[c])]
    numbers = [c for c in frame if c not in texts]
    encode = ColumnTransformer([("text", OneHotEncoder(handle_unknown="ignore", sparse_output=False, dtype=np.float32), texts),
                                ("number", "passthrough", numbers)])
    x_train, x_test = encode.fit_transform(train).astype(np.float32), encode.transform(test).astype(np.float32)
    fit, held, y_fit, y_held = train_test_split(x_train, y_train, test_size=0.2, random_state=SEED, stratify=y_train)

    d_fit, d_held = xgboost.DMatrix(fit, y_fit), xgboost.DMatrix(held, y_held)
    boosted = xgboost.train(BOOST, d_fit, 2000, evals=[(d_held, "held")], early_stopping_rounds=50, verbose_eval=False)
    rounds = boosted.best_iteration + 1
    scores = {"xgboost": boosted.predict(d_held, iteration_range=(0, rounds))}
    forest = sklearn.ensemble.RandomForestClassifier(300, max_depth=15, min_samples_leaf=3, max_features="sqrt", max_samples=0.632,
                                                     n_jobs=2, random_state=SEED).fit(fit, y_fit)
    scores["random_forest"] = forest.predict_proba(held)[:, 1]
    scale = StandardScaler().fit(fit)
    logistic = sklearn.linear_model.LogisticRegression(max_iter=1000).fit(scale.transform(fit), y_fit)
    scores["logistic"] = logistic.predict_proba(scale.transform(held))[:, 1]
    board = {name: auc_interval(y_held, score, 200) for name, score in scores.items()}

    precision, recall, thresholds = m.precision_recall_curve(y_held, scores["xgboost"])
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    threshold = thresholds[np.argmax(f1[:-1])]
    estimate(y_held, scores["xgboost"], threshold, 200, args.same)
    model = xgboost.train(BOOST, xgboost.DMatrix(x_train, y_train), rounds)
    score = model.predict(xgboost.DMatrix(x_test))
    result = {"board": board, "rounds": rounds, "test": estimate(y_test, score, threshold, REPLICATES, args.same)["roc_auc"],
              "slices": len(slices(test, y_test, score, threshold, args.same)),
              "gain": gain_over_rule(y_test, score, (test["education-num"] >= 13).to_numpy().astype(float))}
    if args.same:
        names = encode.get_feature_names_out()
        groups = {c: [i for i, n in enumerate(names) if n.split("__", 1)[1].startswith(c)] for c in frame}
        result["importance"] = importance(model, x_test, y_test, groups)
        order = np.random.default_rng(SEED).permutation(len(x_train))
        result["curve"] = []
        for share in (8, 4, 2):
            part = order[:len(order) // share]
            smaller = xgboost.train(BOOST, xgboost.DMatrix(x_train[part], y_train[part]), rounds)
            result["curve"].append(m.roc_auc_score(y_test, smaller.predict(xgboost.DMatrix(x_test))))
    json.dump(result, sys.stdout, default=float)
    print(f"\npandas {pd.__version__} xgboost {xgboost.__version__} scikit-learn {sklearn.__version__}", file=sys.stderr)


main()
