#include "reading.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    check_reading(&tend_format_csv, data, size);
    return 0;
}
