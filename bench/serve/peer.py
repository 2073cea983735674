"""The same service with FastAPI: uvicorn (uvloop, httptools), pydantic for the schema, NumPy for the one-hot row, XGBoost in place.

    PEER_MODEL=model.json PEER_LOG=log.ndjson uvicorn peer:app      model.json from ../predict/peer.py train

What it does for each request is what tend does: validate the row (types, ranges, allowed values, no unknown keys), encode, predict, give an
id, append a line with features, prediction, latency and time to a log and hand it to the kernel before the answer. No pandas, no
response model, JSONResponse as it is: written to be fast.
"""
import json
import os
import time
import uuid
from datetime import datetime, timezone

import numpy as np
import xgboost
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

model = xgboost.Booster({"nthread": 1}, model_file=os.environ["PEER_MODEL"])
columns = json.loads(model.attr("columns"))
slots, width = [], 0
for name, levels in columns:
    slots.append((name, width, {level: width + i for i, level in enumerate(levels)} if levels else None))
    width += len(levels) if levels else 1
matrix = np.zeros((1, width), np.float32)
log = open(os.environ["PEER_LOG"], "a", buffering=1)
app = FastAPI()


class Row(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    age: int = Field(ge=0, le=120)
    workclass: str | None
    fnlgt: int | None = Field(None, ge=0)
    education: str | None
    education_num: int = Field(alias="education-num", ge=1, le=16)
    marital_status: str | None = Field(alias="marital-status")
    occupation: str | None
    relationship: str | None
    race: str | None
    sex: str = Field(pattern="^(Female|Male)$")
    capital_gain: int | None = Field(alias="capital-gain", ge=0)
    capital_loss: int | None = Field(alias="capital-loss", ge=0)
    hours_per_week: int = Field(alias="hours-per-week", ge=1, le=99)
    native_country: str | None = Field(alias="native-country")


@app.post("/predict")
async def predict(row: Row):
    begun = time.perf_counter_ns()
    features = row.model_dump(by_alias=True)
    matrix.fill(0)
    for name, at, levels in slots:
        value = features[name]
        if levels is None:
            matrix[0, at] = value if value is not None else np.nan
        elif value in levels:
            matrix[0, levels[value]] = 1
    p = float(model.inplace_predict(matrix, validate_features=False)[0])
    prediction, made = ">50K" if p >= 0.399 else "<=50K", str(uuid.uuid4())
    record = {"id": made, "time": datetime.now(timezone.utc).isoformat(), "model": "census-income", "version": 1, "route": "champion",
              "latency_us": (time.perf_counter_ns() - begun) // 1000, "features": features, "prediction": prediction, "probability": p}
    log.write(json.dumps(record) + "\n")
    return JSONResponse({"id": made, "prediction": prediction, "probability": p, "probabilities": {"<=50K": 1 - p, ">50K": p},
                         "model": "census-income", "version": 1})
