#include "serve/example.h"

#include "data/iso.h"

#include <math.h>

static const tend_node *profile_of(const tend_node *profile, const char *column) {
    TEND_NODE_EACH(node, tend_node_get(profile, "columns"))
        if (!strcmp(tend_node_string(tend_node_get(node, "name"), ""), column))
            return node;
    return NULL;
}

static double within(const tend_field *f, double v) {
    if (f && f->has_min && v < f->min)
        v = f->min;
    return f && f->has_max && v > f->max ? f->max : v;
}

static tend_node *typical(const tend_field *f, const tend_node *column, tend_type type, tend_arena *arena) {
    const tend_node *median = tend_node_get(tend_node_get(column, "quantiles"), "0.5");
    const tend_node *top = tend_node_get(tend_node_at(tend_node_get(column, "top"), 0), "value");
    const char *allowed = f && f->n_values ? f->values[0] : NULL;
    double number = tend_node_double(median, 0);
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    switch (type) {
    case TEND_BOOL: return tend_node_new_bool(arena, tend_node_double(tend_node_get(column, "mean"), 0) >= 0.5);
    case TEND_INT: return tend_node_new_int(arena, (int64_t)floor(within(f, number)));
    case TEND_FLOAT: return tend_node_new_double(arena, within(f, number));
    case TEND_DATE:
    case TEND_TIMESTAMP:
        tend_iso_format(type, f && f->has_min ? (int64_t)f->min : 0, &text);
        return tend_node_new_string(arena, tend_node_string(median, tend_buf_text(&text)));
    case TEND_STRING:
    case TEND_TYPE_COUNT: break;
    }
    return tend_node_new_string(arena, tend_node_scalar(top, allowed ? allowed : ""));
}

const tend_node *serve_example_row(const tend_inputs *inputs, const tend_node *profile, tend_arena *arena) {
    tend_node *row = tend_node_new_map(arena);
    for (int i = 0; i < tend_inputs_count(inputs); i++) {
        const char *name = tend_inputs_name(inputs, i);
        tend_node_set(arena, row, name,
                      typical(tend_inputs_field(inputs, i), profile_of(profile, name), tend_inputs_type(inputs, i), arena));
    }
    return row;
}
