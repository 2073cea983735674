#!/usr/bin/env python3
"""Triton's own HTTP client: JSON and binary tensors, asynchronous requests, health, metadata, configuration, statistics, repository."""

import sys

try:
    import numpy as np
    import tritonclient.http as triton
    from tritonclient._plugin import InferenceServerClientPlugin
    from tritonclient.utils import InferenceServerException
except ImportError:
    sys.exit(77)

from expected import Case

NUMPY = {"BYTES": np.object_, "INT64": np.int64, "FP64": np.float64, "BOOL": np.bool_}


def tensors(case, rows, binary):
    """An input per column. What has missing numbers goes as FP64 with NaN."""
    made = []
    for name, datatype in case.inputs.items():
        values = case.column(name, rows)
        if datatype == "BYTES":
            values = ["" if v is None else v for v in values]
        elif None in values:
            datatype, values = "FP64", [float("nan") if v is None else v for v in values]
            if not binary:
                binary = True  # JSON has no NaN
        tensor = triton.InferInput(name, [len(rows)], datatype)
        tensor.set_data_from_numpy(np.array(values, dtype=NUMPY[datatype]), binary_data=binary)
        made.append(tensor)
    return made


def compare(case, what, answer, rows):
    found = answer.as_numpy("prediction")
    found = [v.decode() if isinstance(v, bytes) else v for v in found.tolist()]
    case.same(f"{what}, prediction", found, case.predictions(rows))
    if case.probabilities(rows):
        case.same(f"{what}, probability", answer.as_numpy("probability").tolist(), case.probabilities(rows))


def predictions(case, client):
    batch = case.rows[:10000]
    names = [o["name"] for o in case.metadata["outputs"]]
    for binary in (True, False):
        outputs = [triton.InferRequestedOutput(n, binary_data=binary) for n in names]
        what = "binary" if binary else "JSON"
        compare(case, what, client.infer(case.model, tensors(case, batch, binary), outputs=outputs, request_id="r1"), batch)
        for row in case.rows[:50]:
            compare(case, f"{what}, one row", client.infer(case.model, tensors(case, [row], binary), outputs=outputs), [row])
    answer = client.infer(case.model, tensors(case, batch, True), request_id="mixed", model_version=case.metadata["versions"][0])
    compare(case, "no outputs named", answer, batch)
    case.same("the id", answer.get_response()["id"], "mixed")
    case.same("the version", answer.get_response()["model_version"], case.metadata["versions"][0])
    waiting = [(rows, client.async_infer(case.model, tensors(case, rows, True))) for rows in (batch[i : i + 100] for i in range(0, 1000, 100))]
    for rows, request in waiting:
        compare(case, "asynchronous", request.get_result(), rows)


def faults(case, client):
    try:
        client.infer(case.model, tensors(case, case.rows[:2], True)[1:])
        case.same("a missing input", "an answer", "a refusal")
    except InferenceServerException as error:
        case.same("a missing input is named", list(case.inputs)[0] in error.message(), True)
    try:
        client.infer("no-such-model", tensors(case, case.rows[:1], True))
        case.same("an unknown model", "an answer", "a refusal")
    except InferenceServerException as error:
        case.same("an unknown model is named", "no-such-model" in error.message(), True)


def questions(case, client):
    case.same("live", client.is_server_live(), True)
    case.same("ready", client.is_server_ready(), True)
    case.same("model ready", client.is_model_ready(case.model), True)
    case.same("no such model is not ready", client.is_model_ready("no-such-model"), False)
    case.same("server", client.get_server_metadata()["name"], "tend")
    case.same("metadata", [i["name"] for i in client.get_model_metadata(case.model)["inputs"]], list(case.inputs))
    case.same("configuration", [i["name"] for i in client.get_model_config(case.model)["input"]], list(case.inputs))
    stats = client.get_inference_statistics(case.model)["model_stats"][0]
    case.same("statistics", stats["inference_stats"]["success"]["count"] > 0 and stats["inference_count"] >= 20000, True)
    case.same("all statistics", case.model in [s["name"] for s in client.get_inference_statistics()["model_stats"]], True)
    case.same("index", case.model in [m["name"] for m in client.get_model_repository_index()], True)


class Token(InferenceServerClientPlugin):
    def __init__(self, headers):
        self.headers = headers

    def __call__(self, request):
        request.headers.update(self.headers)


def repository(case, client):
    """Takes the model out and back, which only an administrator may."""
    client.unload_model(case.model)
    case.same("unloaded", client.is_model_ready(case.model), False)
    case.same("index, unloaded", [m["state"] for m in client.get_model_repository_index() if m["name"] == case.model], ["UNAVAILABLE"])
    client.load_model(case.model)
    case.same("loaded", client.is_model_ready(case.model), True)
    compare(case, "after loading", client.infer(case.model, tensors(case, case.rows[:10], True)), case.rows[:10])
    for call in (client.load_model, client.unload_model):
        try:
            call("no-such-model")
            case.same("an unknown model", "done", "a refusal")
        except InferenceServerException as error:
            case.same("an unknown model is named", "no-such-model" in error.message(), True)


def main():
    case = Case(sys.argv)
    client = triton.InferenceServerClient(case.host, concurrency=4)
    client.register_plugin(Token(case.headers))
    predictions(case, client)
    faults(case, client)
    questions(case, client)
    if case.headers:
        repository(case, client)
    client.close()
    case.end("tritonclient")


if __name__ == "__main__":
    main()
