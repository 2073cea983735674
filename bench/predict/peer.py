"""Batch scoring without tend: DuckDB reads the file, NumPy makes the one-hot matrix, XGBoost predicts in place.

    peer.py train census.csv model.json [ROUNDS]   the same learner and number of rounds as the example's model
    peer.py score model.json FILE          nothing is written: reading, encoding and predicting only

DuckDB turns texts into codes itself (ENUM types), so that no Python object is made per row; batches of 200,000 rows, two threads.
"""
import json
import sys

import duckdb
import numpy as np
import pandas as pd
import xgboost

ROUNDS, BATCH = 116, 200_000


def train(source, out, rounds=ROUNDS):
    frame = pd.read_csv(source, skipinitialspace=True)
    y = (frame.pop("salary") == ">50K").to_numpy().astype(int)
    frame = frame.drop(columns="fnlgt")
    columns = [(c, None if pd.api.types.is_numeric_dtype(frame[c]) else sorted(frame[c].unique())) for c in frame]
    x = np.column_stack([frame[c] if levels is None else np.array(levels)[None, :] == frame[c].to_numpy()[:, None]
                         for c, levels in columns]).astype(np.float32)
    model = xgboost.train({"objective": "binary:logistic", "tree_method": "hist", "eta": 0.1, "max_depth": 6, "subsample": 0.8,
                           "colsample_bytree": 0.8}, xgboost.DMatrix(x, y), int(rounds))
    model.set_attr(columns=json.dumps(columns))
    model.save_model(out)


def score(path, data):
    model = xgboost.Booster({"nthread": 2}, model_file=path)
    columns = json.loads(model.attr("columns"))
    db = duckdb.connect(config={"threads": 2})
    selected, first, width = [], [], 0
    for i, (name, levels) in enumerate(columns):
        first.append(width)
        width += len(levels) if levels else 1
        if levels:
            db.execute(f"CREATE TYPE t{i} AS ENUM ({', '.join(repr(l) for l in levels)})")
            selected.append(f'enum_code(TRY_CAST("{name}" AS t{i})) AS c{i}')
        else:
            selected.append(f'"{name}"::FLOAT AS c{i}')
    rows, total = 0, 0.0
    for batch in db.sql(f"SELECT {', '.join(selected)} FROM '{data}'").to_arrow_reader(BATCH):
        n = batch.num_rows
        x, at = np.zeros((n, width), np.float32), np.arange(n)
        for i, (name, levels) in enumerate(columns):
            values = batch.column(i).to_numpy(zero_copy_only=False)
            if levels:
                x[at, first[i] + values] = 1
            else:
                x[:, first[i]] = values
        total += float(model.inplace_predict(x).sum())
        rows += n
    print(f"{rows} rows, mean {total / rows:.4f}; xgboost {xgboost.__version__}, duckdb {duckdb.__version__}, numpy {np.__version__}")


if __name__ == "__main__":
    (train if sys.argv[1] == "train" else score)(*sys.argv[2:])
