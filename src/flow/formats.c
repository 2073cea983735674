#include "engine/engine.h"
#include "flow/flow.h"

const tend_format *const tend_formats[] = {&tend_format_csv, &tend_format_json, &tend_format_ndjson, &tend_format_parquet, NULL};
