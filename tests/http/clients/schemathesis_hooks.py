"""For schemathesis: CSV and NDJSON bodies are texts whose rules OpenAPI cannot say, so only JSON ones are made up. The others have cases of
their own (tests/http/cases/streams)."""
import schemathesis


@schemathesis.hook
def filter_case(_context, case):
    return case.media_type in (None, "application/json")


@schemathesis.serializer("application/x-ndjson")
def ndjson(_context, value):
    return str(value).encode()
