/* The binary tensor extension: values as raw little-endian bytes behind the JSON, in the order of the inputs. */
#include "serve/v2.h"

#include <math.h>

static uint64_t little(const uint8_t *at, size_t width) {
    uint64_t v = 0;
    for (size_t i = width; i-- > 0;)
        v = v << 8 | at[i];
    return v;
}

/* IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction. Every half is a double. */
static double double_of_half(unsigned h) {
    int exponent = (int)(h >> 10 & 31);
    double fraction = h & 1023, v;
    if (exponent == 31)
        v = fraction > 0 ? (double)NAN : (double)INFINITY;
    else if (exponent)
        v = ldexp(1024 + fraction, exponent - 25);
    else
        v = ldexp(fraction, -24);
    return h >> 15 ? -v : v;
}

static double double_of_float(uint32_t bits) {
    float v;
    memcpy(&v, &bits, sizeof v);
    return (double)v;
}

static double double_of_bits(uint64_t bits) {
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static serve_cell whole(int64_t v) { return (serve_cell){.kind = TEND_JSON_INT, .whole = v}; }
static serve_cell number(double v) { return (serve_cell){.kind = TEND_JSON_DOUBLE, .number = v}; }

static serve_cell cell_at(serve_v2_type type, const uint8_t *at) {
    switch (type) {
    case SERVE_V2_BOOL: return (serve_cell){.kind = TEND_JSON_BOOL, .truth = *at != 0};
    case SERVE_V2_UINT8: return whole(*at);
    case SERVE_V2_UINT16: return whole((int64_t)little(at, 2));
    case SERVE_V2_UINT32: return whole((int64_t)little(at, 4));
    case SERVE_V2_UINT64: {
        uint64_t v = little(at, 8);
        return v <= INT64_MAX ? whole((int64_t)v) : number((double)v);
    }
    case SERVE_V2_INT8: return whole((int8_t)*at);
    case SERVE_V2_INT16: return whole((int16_t)little(at, 2));
    case SERVE_V2_INT32: return whole((int32_t)little(at, 4));
    case SERVE_V2_INT64: return whole((int64_t)little(at, 8));
    case SERVE_V2_FP16: return number(double_of_half((unsigned)little(at, 2)));
    case SERVE_V2_FP32: return number(double_of_float((uint32_t)little(at, 4)));
    case SERVE_V2_FP64: return number(double_of_bits(little(at, 8)));
    case SERVE_V2_NONE:
    case SERVE_V2_BYTES:
    case SERVE_V2_TYPES: break;
    }
    return (serve_cell){.kind = TEND_JSON_NULL};
}

/* Texts, each behind its length. False: they do not end where the tensor does. */
static bool read_texts(serve_v2_tensor *t, const uint8_t *at, size_t size, int64_t most, tend_arena *arena) {
    for (size_t used = 0; used < size;) {
        if (size - used < 4 || t->data.n == most)
            return false;
        size_t length = (size_t)little(at + used, 4);
        used += 4;
        if (size - used < length)
            return false;
        serve_cells_reserve(&t->data, t->data.n + 1, arena);
        t->data.items[t->data.n++] = (serve_cell){.kind = TEND_JSON_STRING, .text = {(const char *)at + used, length}};
        used += length;
    }
    return true;
}

static bool read_values(serve_v2_request *r, serve_v2_tensor *t, const uint8_t *at, size_t size) {
    serve_v2_type type = serve_v2_type_find(t->datatype);
    size_t width = serve_v2_types[type].width;
    int64_t columns = tend_inputs_model(r->inputs)->schema->n_fields + tend_inputs_count(r->inputs) + 1;
    int64_t most = r->max_rows ? r->max_rows * columns - r->n_values : INT64_MAX;
    t->data.depth = 1;
    if (type == SERVE_V2_NONE)
        return true; /* the check says it */
    if (type == SERVE_V2_BYTES)
        return read_texts(t, at, size, most, r->arena);
    int64_t n = (int64_t)(size / width);
    if (size % width || n > most)
        return false;
    serve_cells_reserve(&t->data, n, r->arena);
    for (int64_t i = 0; i < n; i++)
        t->data.items[i] = cell_at(type, at + (size_t)i * width);
    t->data.n = n;
    return true;
}

static const char *bytes_text(tend_arena *arena, size_t n) { return tend_arena_printf(arena, "%zu bytes", n); }

void serve_v2_take_binary(serve_v2_request *r, tend_str tail) {
    const uint8_t *at = (const uint8_t *)tail.at;
    size_t left = tail.size;
    for (int i = 0; i < r->n_tensors; i++) {
        serve_v2_tensor *t = &r->tensors[i];
        if (t->binary_size < 0)
            continue;
        const char *pointer = tend_arena_printf(r->arena, "/inputs/%d/parameters/binary_data_size", i);
        if ((uint64_t)t->binary_size > left) {
            serve_v2_fault(r, pointer, bytes_text(r->arena, left),
                           tend_arena_printf(r->arena, "%lld bytes behind the JSON", (long long)t->binary_size),
                           "the header Inference-Header-Content-Length says where the JSON ends");
            return;
        }
        if (t->has_data)
            serve_v2_fault(r, pointer, "data, too", "data or binary_data_size", NULL);
        else if (!read_values(r, t, at, (size_t)t->binary_size))
            serve_v2_fault(r, pointer, bytes_text(r->arena, (size_t)t->binary_size),
                           tend_arena_printf(r->arena, "whole values of %s, as many as rows are allowed",
                                             serve_v2_types[serve_v2_type_find(t->datatype)].name),
                           NULL);
        r->n_values += t->has_data ? 0 : t->data.n;
        at += t->binary_size;
        left -= (size_t)t->binary_size;
    }
    if (left)
        serve_v2_fault(r, "", bytes_text(r->arena, left), "nothing behind the last tensor", NULL);
}
