"""For schemathesis (SCHEMATHESIS_HOOKS=schemathesis_hooks): the fuzzer writes JSON only; of CSV and NDJSON, which are streams with
their own faults row by row, a schema of the whole text says too little to tell a right one from a wrong one."""
import schemathesis


@schemathesis.hook
def before_load_schema(context, raw_schema):
    for item in raw_schema["paths"].values():
        for operation in item.values():
            content = operation.get("requestBody", {}).get("content", {})
            for kind in ("text/csv", "application/x-ndjson", "application/octet-stream"):
                content.pop(kind, None)
