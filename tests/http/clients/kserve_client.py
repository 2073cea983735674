#!/usr/bin/env python3
"""KServe's REST client, protocol v2: JSON and binary tensors, health."""

import asyncio
import sys

try:
    import numpy as np
    from kserve import InferInput, InferOutput, InferRequest, InferenceRESTClient, RESTConfig
    from kserve.protocol.infer_type import RequestedOutput
except ImportError:
    sys.exit(77)

from expected import Case

NUMPY = {"BYTES": np.object_, "INT64": np.int64, "FP64": np.float64, "BOOL": np.bool_}


def tensors(case, rows, binary):
    made = []
    for name, datatype in case.inputs.items():
        values = case.column(name, rows)
        tensor = InferInput(name, [len(rows)], datatype)
        if binary and None not in values:
            tensor.set_data_from_numpy(np.array(values, dtype=NUMPY[datatype]), binary_data=True)
        else:
            tensor.data = values
        made.append(tensor)
    return made


async def predictions(case, client):
    rows = case.rows[:500]
    for binary in (False, True):
        what = "binary" if binary else "JSON"
        outputs = [RequestedOutput(o["name"], parameters={"binary_data": binary}) for o in case.metadata["outputs"]]
        request = InferRequest(case.model, tensors(case, rows, binary), request_id="k1", request_outputs=outputs)
        answer = await client.infer(case.base, request, model_name=case.model, headers=case.headers)
        found = {o.name: o.as_numpy().tolist() for o in answer.outputs}
        classes = [v.decode() if isinstance(v, bytes) else v for v in found["prediction"]]
        case.same(f"{what}, prediction", classes, case.predictions(rows))
        if case.probabilities(rows):
            case.same(f"{what}, probability", found["probability"], case.probabilities(rows))
        case.same(f"{what}, id", answer.id, "k1")


async def questions(case, client):
    case.same("live", await client.is_server_live(case.base), True)
    case.same("ready", await client.is_server_ready(case.base), True)
    case.same("model ready", await client.is_model_ready(case.base, case.model, headers=case.headers), True)


def main():
    case = Case(sys.argv)
    client = InferenceRESTClient(RESTConfig(protocol="v2", retries=1))

    async def run():
        await questions(case, client)
        await predictions(case, client)
        await client.close()

    asyncio.run(run())
    case.end("KServe's client")


if __name__ == "__main__":
    main()
