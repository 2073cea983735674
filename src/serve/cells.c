#include "serve/cells.h"

#include <math.h>

enum { DEEPEST = 2, SHOWN = 80 };

void serve_cells_reserve(serve_cells *c, int64_t n, tend_arena *arena) {
    if (n <= c->capacity)
        return;
    int64_t capacity = n > 2 * c->capacity ? n : 2 * c->capacity;
    c->items = tend_arena_grow(arena, c->items, (size_t)c->n * sizeof *c->items, tend_mul_or_die((size_t)capacity, sizeof *c->items));
    c->capacity = capacity;
}

static void cell_of(const tend_json_value *v, serve_cell *out) {
    out->kind = v->kind;
    switch (v->kind) {
    case TEND_JSON_INT: out->whole = v->whole; break;
    case TEND_JSON_DOUBLE: out->number = v->number; break;
    case TEND_JSON_BOOL: out->truth = v->truth; break;
    case TEND_JSON_STRING: out->text = v->string; break;
    case TEND_JSON_OBJECT:
    case TEND_JSON_ARRAY:
    case TEND_JSON_NULL:
    case TEND_JSON_NONE: break;
    }
}

static bool read_item(serve_cells *c, tend_json_pull *p, int64_t most) {
    tend_json_value v;
    if (c->n == most)
        return tend_json_pull_fail(p, "more values than a request may have");
    if (c->n == c->capacity)
        serve_cells_reserve(c, c->n + 16, p->arena);
    serve_cell *cell = &c->items[c->n++];
    if (!tend_json_scalar(p, &v))
        return false;
    cell_of(&v, cell);
    return v.kind != TEND_JSON_OBJECT || tend_json_skip(p, &cell->text);
}

static bool read_list(serve_cells *c, tend_json_pull *p, int64_t most, int depth) {
    int64_t before = c->n;
    bool lists = false, values = false;
    if (!tend_json_enter_array(p))
        return tend_json_pull_fail(p, "expected a list of values");
    while (tend_json_next_item(p)) {
        bool list = tend_json_peek(p) == TEND_JSON_ARRAY;
        if (list && depth == DEEPEST)
            return tend_json_pull_fail(p, "values nested deeper than a list of lists");
        if (!(list ? read_list(c, p, most, depth + 1) : read_item(c, p, most)))
            return false;
        lists |= list;
        values |= !list;
    }
    c->ragged |= lists && values;
    if (depth > 1) {
        c->ragged |= c->depth && c->per_list != c->n - before;
        c->depth = depth;
        c->per_list = c->n - before;
    } else if (!c->depth) {
        c->depth = 1;
    }
    return !p->fault;
}

bool serve_cells_read(serve_cells *c, tend_json_pull *p, int64_t most) {
    c->n = c->depth = 0;
    c->ragged = false;
    return read_list(c, p, most, 1);
}

/* 0 and 1, which many a client has for booleans. */
static bool is_truth(const serve_cell *cell, bool *out) {
    double v = cell->kind == TEND_JSON_INT ? (double)cell->whole : cell->number;
    *out = v == 1;
    return v == 0 || v == 1;
}

static void set_text(const serve_cell *cell, tend_rows *rows, int input, bool typed) {
    if (!tend_utf8_is_valid(cell->text.at, cell->text.size, NULL))
        tend_rows_set_misfit(rows, input, TEND_STR("bytes that are not UTF-8"));
    else if (typed)
        tend_rows_set_string(rows, input, cell->text);
    else
        tend_rows_set_cell(rows, input, cell->text);
}

void serve_cell_set(const serve_cell *cell, tend_rows *rows, const tend_inputs *inputs, int input, bool typed) {
    bool truth;
    switch (cell->kind) {
    case TEND_JSON_INT:
    case TEND_JSON_DOUBLE:
        if (tend_inputs_type(inputs, input) == TEND_BOOL && is_truth(cell, &truth))
            tend_rows_set_bool(rows, input, truth);
        else if (cell->kind == TEND_JSON_INT)
            tend_rows_set_int(rows, input, cell->whole);
        else
            tend_rows_set_double(rows, input, cell->number);
        break;
    case TEND_JSON_BOOL: tend_rows_set_bool(rows, input, cell->truth); break;
    case TEND_JSON_STRING: set_text(cell, rows, input, typed); break;
    case TEND_JSON_OBJECT:
    case TEND_JSON_ARRAY: tend_rows_set_misfit(rows, input, cell->text); break;
    case TEND_JSON_NULL:
    case TEND_JSON_NONE: tend_rows_set_missing(rows, input);
    }
}

const char *serve_cell_show(const serve_cell *cell, tend_arena *arena) {
    char text[32];
    size_t size = cell->text.size;
    switch (cell->kind) {
    case TEND_JSON_INT: return tend_arena_printf(arena, "%lld", (long long)cell->whole);
    case TEND_JSON_DOUBLE: tend_text_format_double(cell->number, text); return tend_arena_strdup(arena, text);
    case TEND_JSON_BOOL: return cell->truth ? "true" : "false";
    case TEND_JSON_NULL:
    case TEND_JSON_NONE: return "null";
    case TEND_JSON_STRING:
    case TEND_JSON_OBJECT:
    case TEND_JSON_ARRAY: break;
    }
    if (!tend_utf8_is_valid(cell->text.at, size, NULL))
        return "bytes that are not UTF-8";
    if (size > SHOWN)
        for (size = SHOWN; size > 0 && ((unsigned char)cell->text.at[size] & 0xC0) == 0x80; size--) /* not within a character */
            ;
    const char *quote = cell->kind == TEND_JSON_STRING ? "\"" : "", *cut = size < cell->text.size ? "…" : "";
    return tend_arena_printf(arena, "%s%.*s%s%s", quote, (int)size, cell->text.at, cut, quote);
}
