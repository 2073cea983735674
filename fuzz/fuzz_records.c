#include "reading.h"

/* JSON tables and NDJSON, told apart by the content. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    check_reading(&tend_format_json, data, size);
    check_reading(&tend_format_ndjson, data, size);
    return 0;
}
