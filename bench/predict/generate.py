"""Rows like the census's: the real ones in new orders, with the numbers moved a little. generate.py census.csv N out.csv [out.parquet]"""
import sys

import duckdb
import numpy as np
import pandas as pd

source, n, out = sys.argv[1], int(sys.argv[2]), sys.argv[3]
frame = pd.read_csv(source, skipinitialspace=True).drop(columns="salary")
rng = np.random.default_rng(1)
for start in range(0, n, len(frame)):
    part = frame.iloc[rng.permutation(len(frame))[:n - start]].copy()
    part["age"] = (part["age"] + rng.integers(-3, 4, len(part))).clip(17, 90)
    part["hours-per-week"] = (part["hours-per-week"] + rng.integers(-5, 6, len(part))).clip(1, 99)
    part["fnlgt"] += rng.integers(0, 1000, len(part))
    part.to_csv(out, index=False, header=start == 0, mode="w" if start == 0 else "a")
if len(sys.argv) > 4:
    duckdb.sql(f"COPY (SELECT * FROM read_csv('{out}')) TO '{sys.argv[4]}' (FORMAT parquet)")
