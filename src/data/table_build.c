/* Making columns value by value. */
#include "data/table.h"

#include <assert.h>
#include <math.h>

/* Grows in memory of its own, so that the arena keeps only the finished column. */
struct tend_column_builder {
    tend_arena *arena;
    tend_column column;
    int64_t n, capacity;
    tend_buf slots; /* 8 bytes each; for strings the end offsets */
    tend_buf bytes; /* strings */
    tend_buf valid; /* a byte per row while building */
    bool done;
};

static void builder_done(void *ctx) {
    tend_column_builder *b = ctx;
    tend_buf_done(&b->slots);
    tend_buf_done(&b->bytes);
    tend_buf_done(&b->valid);
}

tend_column_builder *tend_column_builder_new(tend_arena *arena, const char *name, tend_type type) {
    tend_column_builder *b = TEND_NEW(arena, tend_column_builder);
    b->arena = arena;
    b->column.name = tend_arena_strdup(arena, name);
    b->column.type = type;
    b->slots.max = b->bytes.max = b->valid.max = SIZE_MAX / 4;
    tend_arena_defer(arena, builder_done, b);
    return b;
}

static void add_slot(tend_column_builder *b, const void *slot, bool valid) {
    assert(!b->done);
    tend_buf_append(&b->slots, slot, 8);
    tend_buf_putc(&b->valid, (char)valid);
    b->column.n_missing += !valid;
    b->n++;
}

void tend_column_add_missing(tend_column_builder *b) {
    double nan = (double)NAN;
    int64_t slot = b->column.type == TEND_STRING ? (int64_t)b->bytes.size : 0;
    if (b->column.type == TEND_FLOAT)
        memcpy(&slot, &nan, sizeof slot);
    add_slot(b, &slot, false);
}

void tend_column_add_int(tend_column_builder *b, int64_t v) {
    assert(b->column.type != TEND_FLOAT && b->column.type != TEND_STRING);
    add_slot(b, &v, true);
}

void tend_column_add_double(tend_column_builder *b, double v) {
    assert(b->column.type == TEND_FLOAT);
    if (isnan(v))
        tend_column_add_missing(b);
    else
        add_slot(b, &v, true);
}

void tend_column_add_string(tend_column_builder *b, tend_str v) {
    assert(b->column.type == TEND_STRING);
    if (v.size)
        tend_buf_append(&b->bytes, v.at, v.size);
    int64_t end = (int64_t)b->bytes.size;
    add_slot(b, &end, true);
}

static const uint8_t *pack_valid(const tend_column_builder *b) {
    if (b->column.n_missing == 0)
        return NULL;
    uint8_t *bits = TEND_ARRAY(b->arena, uint8_t, (b->n + 7) / 8);
    for (int64_t i = 0; i < b->n; i++)
        bits[i >> 3] |= (uint8_t)(b->valid.data[i] << (i & 7));
    return bits;
}

void tend_column_build(tend_column_builder *b, tend_column *out) {
    assert(!b->done);
    tend_column *c = &b->column;
    c->n_rows = b->n;
    c->valid = pack_valid(b);
    size_t lead = c->type == TEND_STRING ? 1 : 0; /* the first offset, 0 */
    int64_t *slots = TEND_ARRAY(b->arena, int64_t, (size_t)b->n + lead);
    if (b->n)
        memcpy(slots + lead, b->slots.data, b->slots.size);
    if (c->type == TEND_STRING) {
        c->offsets = slots;
        c->bytes = tend_arena_memdup(b->arena, tend_buf_text(&b->bytes), b->bytes.size);
    } else if (c->type == TEND_FLOAT) {
        c->floats = (const double *)(const void *)slots;
    } else {
        c->ints = slots;
    }
    builder_done(b);
    b->done = true;
    *out = *c;
}

tend_table *tend_table_new(tend_arena *arena, int n_columns, int64_t n_rows) {
    tend_table *table = TEND_NEW(arena, tend_table);
    table->n_rows = n_rows;
    table->n_columns = n_columns;
    table->columns = TEND_ARRAY(arena, tend_column, n_columns);
    for (int i = 0; i < n_columns; i++)
        table->columns[i].n_rows = n_rows;
    return table;
}
