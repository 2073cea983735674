#include "serve/v2.h"

const serve_v2_type_row serve_v2_types[SERVE_V2_TYPES] = {
    [SERVE_V2_BOOL] = {"BOOL", 1, 0, 2, "true or false"},
    [SERVE_V2_UINT8] = {"UINT8", 1, 0, 0x1p8, "a whole number from 0 to 255"},
    [SERVE_V2_UINT16] = {"UINT16", 2, 0, 0x1p16, "a whole number from 0 to 65535"},
    [SERVE_V2_UINT32] = {"UINT32", 4, 0, 0x1p32, "a whole number from 0 to 4294967295"},
    [SERVE_V2_UINT64] = {"UINT64", 8, 0, 0x1p64, "a whole number of 64 bits, not negative"},
    [SERVE_V2_INT8] = {"INT8", 1, -0x1p7, 0x1p7, "a whole number from -128 to 127"},
    [SERVE_V2_INT16] = {"INT16", 2, -0x1p15, 0x1p15, "a whole number from -32768 to 32767"},
    [SERVE_V2_INT32] = {"INT32", 4, -0x1p31, 0x1p31, "a whole number from -2147483648 to 2147483647"},
    [SERVE_V2_INT64] = {"INT64", 8, -0x1p63, 0x1p63, "a whole number of 64 bits"},
    [SERVE_V2_FP16] = {"FP16", 2, 0, 0, "half-precision numbers in binary"},
    [SERVE_V2_FP32] = {"FP32", 4, 0, 0, "a number that a float holds"},
    [SERVE_V2_FP64] = {"FP64", 8, 0, 0, "a number"},
    [SERVE_V2_BYTES] = {"BYTES", 0, 0, 0, "a string"},
};

serve_v2_type serve_v2_type_find(tend_str name) {
    for (int i = 1; i < SERVE_V2_TYPES; i++)
        if (tend_str_is(name, serve_v2_types[i].name))
            return (serve_v2_type)i;
    return SERVE_V2_NONE;
}

const char *serve_v2_type_of(tend_type type) {
    static const char *const names[TEND_TYPE_COUNT] = {[TEND_BOOL] = "BOOL",    [TEND_INT] = "INT64",  [TEND_FLOAT] = "FP64",
                                                       [TEND_STRING] = "BYTES", [TEND_DATE] = "BYTES", [TEND_TIMESTAMP] = "BYTES"};
    return names[type];
}
