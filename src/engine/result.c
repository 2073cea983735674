#include "engine/result.h"

#include <math.h>
#include <stdlib.h>

struct tend_result_column {
    char *name;
    duckdb_type from;
    duckdb_type storage; /* DECIMAL, ENUM: what the values lie in */
    double divisor;      /* DECIMAL: 10^scale */
    tend_str *words;     /* ENUM, malloc'd texts */
    uint32_t n_words;
    tend_type type;
    int64_t capacity, n_missing;
    int64_t *ints, *offsets;
    double *floats;
    uint8_t *valid;
    char *bytes;
    size_t bytes_capacity;
};

static tend_type our_type(duckdb_type type) {
    switch (type) {
    case DUCKDB_TYPE_BOOLEAN: return TEND_BOOL;
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT: return TEND_INT;
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
    case DUCKDB_TYPE_DECIMAL: return TEND_FLOAT;
    case DUCKDB_TYPE_DATE: return TEND_DATE;
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_S:
    case DUCKDB_TYPE_TIMESTAMP_MS:
    case DUCKDB_TYPE_TIMESTAMP_NS:
    case DUCKDB_TYPE_TIMESTAMP_TZ: return TEND_TIMESTAMP;
    case DUCKDB_TYPE_VARCHAR:
    case DUCKDB_TYPE_ENUM:
    case DUCKDB_TYPE_SQLNULL: return TEND_STRING;
    default: return TEND_TYPE_COUNT;
    }
}

bool tend_result_converts(duckdb_type type) { return our_type(type) != TEND_TYPE_COUNT; }

static void read_enum(tend_result_column *c, duckdb_logical_type type) {
    c->storage = tend_duck.duckdb_enum_internal_type(type);
    c->n_words = tend_duck.duckdb_enum_dictionary_size(type);
    c->words = tend_calloc(c->n_words ? c->n_words : 1, sizeof *c->words);
    for (uint32_t i = 0; i < c->n_words; i++) {
        char *word = tend_duck.duckdb_enum_dictionary_value(type, i);
        c->words[i] = (tend_str){strdup(word), strlen(word)};
        tend_duck.duckdb_free(word);
    }
}

void tend_result_init(tend_result *result, duckdb_result *query, bool fixed_types) {
    int n = (int)tend_duck.duckdb_column_count(query);
    *result = (tend_result){.n_columns = n, .fixed_types = fixed_types};
    result->columns = tend_calloc((size_t)n + 1, sizeof *result->columns);
    for (int j = 0; j < n; j++) {
        tend_result_column *c = &result->columns[j];
        duckdb_logical_type type = tend_duck.duckdb_column_logical_type(query, (idx_t)j);
        c->name = strdup(tend_duck.duckdb_column_name(query, (idx_t)j));
        c->from = c->storage = tend_duck.duckdb_get_type_id(type);
        c->type = our_type(c->from);
        if (c->from == DUCKDB_TYPE_DECIMAL) {
            c->storage = tend_duck.duckdb_decimal_internal_type(type);
            c->divisor = pow(10, tend_duck.duckdb_decimal_scale(type));
        } else if (c->from == DUCKDB_TYPE_ENUM) {
            read_enum(c, type);
        }
        tend_duck.duckdb_destroy_logical_type(&type);
    }
}

static void drop_values(tend_result_column *c) {
    free(c->ints);
    free(c->floats);
    free(c->offsets);
    free(c->valid);
    free(c->bytes);
    c->ints = c->offsets = NULL;
    c->floats = NULL;
    c->valid = NULL;
    c->bytes = NULL;
    c->capacity = c->n_missing = 0;
    c->bytes_capacity = 0;
}

void tend_result_done(tend_result *result) {
    for (int j = 0; j < result->n_columns; j++) {
        tend_result_column *c = &result->columns[j];
        drop_values(c);
        free(c->name);
        for (uint32_t i = 0; i < c->n_words; i++)
            free((void *)(uintptr_t)c->words[i].at);
        free(c->words);
    }
    free(result->columns);
    *result = (tend_result){0};
}

/* Room for `rows` rows in all. */
static void reserve(tend_result_column *c, int64_t rows) {
    if (rows <= c->capacity)
        return;
    int64_t old = c->capacity, capacity = old * 2 > rows ? old * 2 : rows + 2048;
    size_t n = (size_t)capacity;
    if (c->type == TEND_FLOAT)
        c->floats = tend_realloc(c->floats, n * sizeof *c->floats);
    else if (c->type != TEND_STRING)
        c->ints = tend_realloc(c->ints, n * sizeof *c->ints);
    if (c->type == TEND_STRING) {
        bool fresh = !c->offsets;
        c->offsets = tend_realloc(c->offsets, (n + 1) * sizeof *c->offsets);
        if (fresh)
            c->offsets[0] = 0;
    }
    c->valid = tend_realloc(c->valid, n / 8 + 1);
    memset(c->valid + (old ? old / 8 + 1 : 0), 0xff, n / 8 + 1 - (size_t)(old ? old / 8 + 1 : 0));
    c->capacity = capacity;
}

static void set_missing(tend_result_column *c, int64_t row) {
    c->valid[row >> 3] = (uint8_t)(c->valid[row >> 3] & ~(1U << (row & 7)));
    c->n_missing++;
}

/* A whole number of any width as 64 bits; false when it does not fit (*out_wide has it as a
 * number). */
static bool whole(duckdb_type storage, const void *data, int64_t i, int64_t *out, double *out_wide) {
    switch (storage) {
    case DUCKDB_TYPE_TINYINT: *out = ((const int8_t *)data)[i]; return true;
    case DUCKDB_TYPE_SMALLINT: *out = ((const int16_t *)data)[i]; return true;
    case DUCKDB_TYPE_INTEGER: *out = ((const int32_t *)data)[i]; return true;
    case DUCKDB_TYPE_UTINYINT: *out = ((const uint8_t *)data)[i]; return true;
    case DUCKDB_TYPE_USMALLINT: *out = ((const uint16_t *)data)[i]; return true;
    case DUCKDB_TYPE_UINTEGER: *out = ((const uint32_t *)data)[i]; return true;
    case DUCKDB_TYPE_UBIGINT: {
        uint64_t v = ((const uint64_t *)data)[i];
        *out = (int64_t)v;
        *out_wide = (double)v;
        return v <= INT64_MAX;
    }
    case DUCKDB_TYPE_HUGEINT: {
        duckdb_hugeint v = ((const duckdb_hugeint *)data)[i];
        *out = (int64_t)v.lower;
        *out_wide = (double)v.upper * 0x1p64 + (double)v.lower;
        return (v.upper == 0 && v.lower <= INT64_MAX) || (v.upper == -1 && v.lower > INT64_MAX);
    }
    case DUCKDB_TYPE_UHUGEINT: {
        duckdb_uhugeint v = ((const duckdb_uhugeint *)data)[i];
        *out = (int64_t)v.lower;
        *out_wide = (double)v.upper * 0x1p64 + (double)v.lower;
        return v.upper == 0 && v.lower <= INT64_MAX;
    }
    default: *out = ((const int64_t *)data)[i]; return true;
    }
}

/* The whole column turns into numbers from here on. */
static void widen(tend_result_column *c, int64_t rows) {
    c->floats = tend_malloc((size_t)c->capacity * sizeof *c->floats);
    for (int64_t i = 0; i < rows; i++)
        c->floats[i] = tend_is_valid(&(tend_column){.valid = c->valid}, i) ? (double)c->ints[i] : (double)NAN;
    free(c->ints);
    c->ints = NULL;
    c->type = TEND_FLOAT;
}

static double number_at(const tend_result_column *c, const void *data, int64_t i) {
    if (c->from == DUCKDB_TYPE_DOUBLE)
        return ((const double *)data)[i];
    if (c->from == DUCKDB_TYPE_FLOAT)
        return (double)((const float *)data)[i];
    int64_t v = 0;
    double wide = 0;
    bool fits = whole(c->storage, data, i, &v, &wide);
    double n = fits ? (double)v : wide;
    return c->from == DUCKDB_TYPE_DECIMAL ? n / c->divisor : n;
}

static int64_t floor_divide(int64_t v, int64_t by) { return v / by - (v % by < 0); }

/* Dates and timestamps; false for the engine's infinities and what leaves the range of
 * microseconds. */
static bool time_at(const tend_result_column *c, const void *data, int64_t i, int64_t *out) {
    if (c->from == DUCKDB_TYPE_DATE) {
        int32_t days = ((const int32_t *)data)[i];
        *out = days;
        return days != INT32_MAX && days != -INT32_MAX;
    }
    int64_t v = ((const int64_t *)data)[i];
    int64_t factor = c->from == DUCKDB_TYPE_TIMESTAMP_S ? 1000000 : c->from == DUCKDB_TYPE_TIMESTAMP_MS ? 1000 : 1;
    if (v == INT64_MAX || v == -INT64_MAX)
        return false;
    if (c->from == DUCKDB_TYPE_TIMESTAMP_NS)
        *out = floor_divide(v, 1000);
    else if (__builtin_mul_overflow(v, factor, out))
        return false;
    return true;
}

static void add_text(tend_result_column *c, int64_t row, tend_str s) {
    size_t at = (size_t)c->offsets[row], need = at + s.size;
    if (need > c->bytes_capacity) {
        c->bytes_capacity = need * 2 + 256;
        c->bytes = tend_realloc(c->bytes, c->bytes_capacity);
    }
    if (s.size)
        memcpy(c->bytes + at, s.at, s.size);
    c->offsets[row + 1] = (int64_t)need;
}

static tend_str text_at(const tend_result_column *c, void *data, int64_t i) {
    if (c->from == DUCKDB_TYPE_ENUM) {
        int64_t word = 0;
        double unused;
        whole(c->storage, data, i, &word, &unused);
        return word >= 0 && word < c->n_words ? c->words[word] : (tend_str){"", 0};
    }
    duckdb_string_t *s = (duckdb_string_t *)data + i;
    bool inlined = s->value.inlined.length <= 12;
    return (tend_str){inlined ? s->value.inlined.inlined : s->value.pointer.ptr, s->value.inlined.length};
}

static tend_status add_whole(tend_result_column *c, void *data, int64_t i, int64_t row, bool fixed, tend_error *err) {
    double wide = 0;
    if (whole(c->from, data, i, &c->ints[row], &wide))
        return TEND_OK;
    if (fixed)
        return tend_error_hint(err, TEND_FAIL(err, INVALID, "column '%s' has a whole number beyond 64 bits", c->name),
                               "store the column as text or as a floating-point number");
    widen(c, row);
    c->floats[row] = wide;
    return TEND_OK;
}

static void add_number(tend_result_column *c, double v, int64_t row) {
    c->floats[row] = v;
    if (isnan(v))
        set_missing(c, row);
}

static tend_status add_value(tend_result_column *c, void *data, int64_t i, int64_t row, bool fixed, tend_error *err) {
    switch (c->type) {
    case TEND_BOOL: c->ints[row] = ((const bool *)data)[i]; return TEND_OK;
    case TEND_INT: return add_whole(c, data, i, row, fixed, err);
    case TEND_FLOAT: add_number(c, number_at(c, data, i), row); return TEND_OK;
    case TEND_DATE:
    case TEND_TIMESTAMP:
        if (!time_at(c, data, i, &c->ints[row]))
            return TEND_FAIL(err, INVALID, "column '%s' has a date that is infinite or out of range", c->name);
        return TEND_OK;
    case TEND_STRING:
    case TEND_TYPE_COUNT: break;
    }
    add_text(c, row, text_at(c, data, i));
    return TEND_OK;
}

static void add_missing(tend_result_column *c, int64_t row) {
    if (c->type == TEND_STRING)
        c->offsets[row + 1] = c->offsets[row];
    else if (c->type == TEND_FLOAT)
        c->floats[row] = (double)NAN;
    else
        c->ints[row] = 0;
    set_missing(c, row);
}

static tend_status add_vector(tend_result_column *c, duckdb_vector vector, int64_t begin, int64_t n, bool fixed, tend_error *err) {
    void *data = tend_duck.duckdb_vector_get_data(vector);
    const uint64_t *mask = tend_duck.duckdb_vector_get_validity(vector);
    reserve(c, begin + n);
    if (!mask && c->from == DUCKDB_TYPE_BIGINT && c->type == TEND_INT) {
        memcpy(c->ints + begin, data, (size_t)n * sizeof(int64_t));
        return TEND_OK;
    }
    for (int64_t i = 0; i < n; i++) {
        bool present = c->from != DUCKDB_TYPE_SQLNULL && (!mask || mask[i >> 6] >> (i & 63) & 1);
        if (present)
            TEND_TRY(add_value(c, data, i, begin + i, fixed, err));
        else
            add_missing(c, begin + i);
    }
    return TEND_OK;
}

tend_status tend_result_add(tend_result *result, duckdb_data_chunk chunk, tend_error *err) {
    int64_t n = (int64_t)tend_duck.duckdb_data_chunk_get_size(chunk);
    for (int j = 0; j < result->n_columns; j++)
        TEND_TRY(add_vector(&result->columns[j], tend_duck.duckdb_data_chunk_get_vector(chunk, (idx_t)j), result->n_rows, n,
                            result->fixed_types, err));
    result->n_rows += n;
    return TEND_OK;
}

static void *hand_over(tend_arena *arena, void *memory) {
    if (memory)
        tend_arena_defer(arena, free, memory);
    return memory;
}

static void take_column(tend_result_column *c, int64_t n_rows, tend_arena *arena, tend_column *out) {
    reserve(c, n_rows > 0 ? n_rows : 1); /* also for no rows, every array is there */
    if (c->type == TEND_STRING && !c->bytes)
        c->bytes = tend_calloc(1, 1);
    bool missing = c->n_missing > 0;
    *out = (tend_column){.name = tend_arena_strdup(arena, c->name), .type = c->type, .n_rows = n_rows, .n_missing = c->n_missing};
    out->ints = hand_over(arena, c->ints);
    out->floats = hand_over(arena, c->floats);
    out->offsets = hand_over(arena, c->offsets);
    out->bytes = hand_over(arena, c->bytes);
    out->valid = missing ? hand_over(arena, c->valid) : NULL;
    if (missing)
        c->valid = NULL;
    c->ints = c->offsets = NULL;
    c->floats = NULL;
    c->bytes = NULL;
    drop_values(c);
}

tend_table *tend_result_take(tend_result *result, tend_arena *arena) {
    tend_table *table = tend_table_new(arena, result->n_columns, result->n_rows);
    for (int j = 0; j < result->n_columns; j++)
        take_column(&result->columns[j], result->n_rows, arena, &table->columns[j]);
    result->n_rows = 0;
    return table;
}
