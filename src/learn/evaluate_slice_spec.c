/* evaluate.slices as the user wrote it: columns, alone or crossed. */
#include "learn/evaluate_parts.h"

bool tend_slices_are_automatic(const tend_node *slices) {
    return !slices || slices->kind == TEND_NODE_NULL || strcmp(tend_node_string(slices, ""), "auto") == 0;
}

static const char *nearest_column(const tend_table *table, const char *word, tend_arena *arena) {
    const char **names = TEND_ARRAY(arena, const char *, table->n_columns);
    for (int c = 0; c < table->n_columns; c++)
        names[c] = table->columns[c].name;
    return tend_text_nearest(word, names, (size_t)table->n_columns);
}

static const tend_column *find_column(const tend_node *node, const tend_table *table, tend_diags *diags) {
    const char *name = tend_node_scalar(node, NULL);
    if (!name || node->kind == TEND_NODE_NULL) {
        tend_diags_add(diags, TEND_SEVERITY_ERROR, TEND_CONFIG, node->span, "expected the name of a column to slice by, found %s",
                       tend_node_kind_name(node->kind));
        return NULL;
    }
    const tend_column *column = tend_table_column(table, name);
    if (column)
        return column;
    tend_error *err = tend_diags_add(diags, TEND_SEVERITY_ERROR, TEND_CONFIG, node->span, "no column '%s' to slice by", name);
    const char *nearest = nearest_column(table, name, diags->arena);
    if (nearest)
        tend_error_hint(err, TEND_CONFIG, "did you mean '%s'?", nearest);
    return NULL;
}

static bool add_column(const tend_node *node, const tend_table *table, tend_diags *diags, tend_slice_spec *spec) {
    const tend_column *column = find_column(node, table, diags);
    if (!column)
        return false;
    for (int i = 0; i < spec->n_columns; i++) {
        if (spec->columns[i] == column) {
            tend_diags_add(diags, TEND_SEVERITY_ERROR, TEND_CONFIG, node->span, "the column '%s' is crossed with itself", column->name);
            return false;
        }
    }
    if (spec->n_columns == TEND_SLICE_COLUMNS_MAX) {
        tend_diags_add(diags, TEND_SEVERITY_ERROR, TEND_CONFIG, node->span, "a slice crosses at most %d columns", TEND_SLICE_COLUMNS_MAX);
        return false;
    }
    spec->columns[spec->n_columns++] = column;
    return true;
}

static bool parse_spec(const tend_node *node, const tend_table *table, tend_diags *diags, tend_slice_spec *out) {
    *out = (tend_slice_spec){0};
    if (node->kind != TEND_NODE_LIST)
        return add_column(node, table, diags, out);
    if (node->count == 0)
        tend_diags_add(diags, TEND_SEVERITY_ERROR, TEND_CONFIG, node->span, "expected the columns to cross, found an empty list");
    bool good = node->count > 0;
    TEND_NODE_EACH(child, node)
        good &= add_column(child, table, diags, out);
    return good;
}

int tend_slice_specs_parse(const tend_node *slices, const tend_table *table, tend_arena *arena, tend_diags *diags, tend_slice_spec **out) {
    bool is_list = slices->kind == TEND_NODE_LIST;
    *out = TEND_ARRAY(arena, tend_slice_spec, is_list ? slices->count : 1);
    if (!is_list)
        return parse_spec(slices, table, diags, &(*out)[0]);
    int n = 0;
    TEND_NODE_EACH(child, slices)
        n += parse_spec(child, table, diags, &(*out)[n]);
    return n;
}

void tend_slices_check(const tend_node *slices, const tend_table *table, tend_diags *diags) {
    tend_slice_spec *specs;
    if (!tend_slices_are_automatic(slices))
        tend_slice_specs_parse(slices, table, diags->arena, diags, &specs);
}
