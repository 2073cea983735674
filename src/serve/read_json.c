#include "serve/read_json.h"

enum { MAX_ODD = 1000 };

static void add_odd(serve_reading *r, tend_str name, bool twice) {
    if (r->n_odd++ >= MAX_ODD)
        return;
    serve_odd_key *odd = TEND_NEW(r->arena, serve_odd_key);
    *odd = (serve_odd_key){tend_rows_count(r->rows) - 1, tend_arena_strndup(r->arena, name.at, name.size < 200 ? name.size : 200), twice,
                           NULL};
    if (!r->last)
        r->last = &r->odd;
    *r->last = odd;
    r->last = &odd->next;
}

bool serve_is_known_column(const tend_inputs *inputs, tend_str name) {
    const tend_model *m = tend_inputs_model(inputs);
    if (tend_str_is(name, m->target))
        return true;
    for (int i = 0; i < m->schema->n_fields; i++)
        if (tend_str_is(name, m->schema->fields[i].name))
            return true;
    return false;
}

bool serve_read_value(serve_reading *r, tend_json_pull *p, int input) {
    tend_json_value v;
    tend_str raw;
    bool first = true;
    if (!tend_json_scalar(p, &v))
        return false;
    switch (v.kind) {
    case TEND_JSON_INT: first = tend_rows_set_int(r->rows, input, v.whole); break;
    case TEND_JSON_DOUBLE: first = tend_rows_set_double(r->rows, input, v.number); break;
    case TEND_JSON_STRING: first = tend_rows_set_string(r->rows, input, v.string); break;
    case TEND_JSON_BOOL: first = tend_rows_set_bool(r->rows, input, v.truth); break;
    case TEND_JSON_NULL: first = tend_rows_set_missing(r->rows, input); break;
    case TEND_JSON_OBJECT:
    case TEND_JSON_ARRAY:
    case TEND_JSON_NONE:
        if (!tend_json_skip(p, &raw))
            return false;
        first = tend_rows_set_misfit(r->rows, input, raw);
    }
    if (!first)
        add_odd(r, tend_str_of(tend_inputs_name(r->inputs, input)), true);
    return true;
}

bool serve_read_row(serve_reading *r, tend_json_pull *p) {
    tend_str key;
    int input = -1;
    if (!tend_json_enter_object(p))
        return tend_json_pull_fail(p, "expected a row as an object: {\"column\": value, …}");
    if (r->max_rows && tend_rows_count(r->rows) == r->max_rows)
        return tend_json_pull_fail(p, "too many rows for one request: send CSV or NDJSON, which are streamed");
    tend_rows_begin(r->rows);
    while (tend_json_next_key(p, &key)) {
        input = tend_inputs_find(r->inputs, key, input + 1);
        if (input >= 0) {
            if (!serve_read_value(r, p, input))
                return false;
            continue;
        }
        if (!r->lenient && !r->extras && !serve_is_known_column(r->inputs, key))
            add_odd(r, key, false);
        if (!tend_json_skip(p, NULL))
            return false;
    }
    if (p->fault)
        return false;
    tend_rows_end(r->rows, !r->lenient);
    return true;
}

bool serve_read_rows(serve_reading *r, tend_json_pull *p) {
    r->one = tend_json_peek(p) == TEND_JSON_OBJECT;
    if (r->one)
        return serve_read_row(r, p) && tend_json_pull_end(p);
    if (!tend_json_enter_array(p))
        return tend_json_pull_fail(p, p->at == p->end ? "the body is empty" : "expected an object (one row) or a list of objects");
    while (tend_json_next_item(p))
        if (!serve_read_row(r, p))
            return false;
    return tend_json_pull_end(p);
}
