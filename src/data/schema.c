/* Schemas as values: looking up a field, and the way to JSON (the way back is in schema_parse.c). */
#include "data/schema.h"

#include "data/iso.h"

#include <math.h>

static const char *const severity_names[] = {"warning", "quarantine", "error"};

const char *tend_rule_severity_name(tend_rule_severity s) { return severity_names[s]; }

const tend_field *tend_schema_find(const tend_schema *schema, const char *name) {
    for (int i = 0; i < schema->n_fields; i++)
        if (strcmp(schema->fields[i].name, name) == 0)
            return &schema->fields[i];
    return NULL;
}

static tend_node *bound_to_node(const tend_field *f, bool has, double v, tend_arena *arena) {
    if (!has)
        return tend_node_new(arena, TEND_NODE_NULL);
    if (f->has_type && (f->type == TEND_DATE || f->type == TEND_TIMESTAMP)) {
        TEND_AUTO_BUF text = TEND_BUF_INIT;
        tend_iso_format(f->type, (int64_t)v, &text);
        return tend_node_new_string(arena, tend_buf_text(&text));
    }
    if (fabs(v) <= 0x1p53 && floor(v) == v)
        return tend_node_new_int(arena, (int64_t)v);
    return tend_node_new_double(arena, v);
}

static void strings_to_node(tend_node *map, const char *key, const char *const *items, int n, tend_arena *arena) {
    tend_node *list = tend_node_set_list(arena, map, key);
    for (int i = 0; i < n; i++)
        tend_node_push(list, tend_node_new_string(arena, items[i]));
}

static void drift_to_node(const tend_field *f, tend_node *map, tend_arena *arena) {
    tend_node *drift = tend_node_set_map(arena, map, "drift");
    tend_node_set_string(arena, drift, "test", f->drift_test);
    tend_node_set_double(arena, drift, "max", f->drift_max);
    tend_node_set_string(arena, drift, "against", f->drift_against);
}

static void field_to_node(const tend_field *f, tend_node *map, tend_arena *arena) {
    if (f->has_type)
        tend_node_set_string(arena, map, "type", tend_type_name(f->type));
    if (f->required)
        tend_node_set_bool(arena, map, "required", true);
    if (f->has_min || f->has_max) {
        tend_node *range = tend_node_set_list(arena, map, "range");
        tend_node_push(range, bound_to_node(f, f->has_min, f->min, arena));
        tend_node_push(range, bound_to_node(f, f->has_max, f->max, arena));
    }
    if (f->values)
        strings_to_node(map, "values", f->values, f->n_values, arena);
    if (f->unique)
        tend_node_set_bool(arena, map, "unique", true);
    if (f->pattern)
        tend_node_set_string(arena, map, "pattern", f->pattern);
    if (f->drift_test)
        drift_to_node(f, map, arena);
    if (f->severity != TEND_RULE_ERROR)
        tend_node_set_string(arena, map, "severity", tend_rule_severity_name(f->severity));
}

tend_node *tend_schema_field_to_node(const tend_field *field, tend_arena *arena) {
    tend_node *map = tend_node_new_map(arena);
    field_to_node(field, map, arena);
    return map;
}

static void rows_to_node(const tend_schema *schema, tend_node *map, tend_arena *arena) {
    tend_node *rows = tend_node_set_map(arena, map, "rows");
    if (schema->min_rows >= 0)
        tend_node_set_int(arena, rows, "min", schema->min_rows);
    if (schema->max_rows >= 0)
        tend_node_set_int(arena, rows, "max", schema->max_rows);
    tend_node_set_string(arena, rows, "severity", tend_rule_severity_name(schema->rows_severity));
}

static void unique_to_node(const tend_schema *schema, tend_node *map, tend_arena *arena) {
    tend_node *list = tend_node_set_list(arena, map, "unique");
    for (int i = 0; i < schema->n_unique; i++) {
        const tend_unique_rule *rule = &schema->unique[i];
        tend_node *item = tend_node_push(list, tend_node_new_map(arena));
        tend_node *key = tend_node_push(tend_node_set_list(arena, item, "columns"), tend_node_new_list(arena));
        for (int j = 0; j < rule->n_columns; j++)
            tend_node_push(key, tend_node_new_string(arena, rule->columns[j]));
        tend_node_set_string(arena, item, "severity", tend_rule_severity_name(rule->severity));
    }
}

static void rules_to_node(const tend_schema *schema, tend_node *map, tend_arena *arena) {
    tend_node *list = tend_node_set_list(arena, map, "rules");
    for (int i = 0; i < schema->n_rules; i++) {
        const tend_sql_rule *rule = &schema->rules[i];
        tend_node *item = tend_node_push(list, tend_node_new_map(arena));
        tend_node_set_string(arena, item, "name", rule->name);
        tend_node_set_string(arena, item, "sql", rule->sql);
        tend_node_set_string(arena, item, "severity", tend_rule_severity_name(rule->severity));
    }
}

tend_node *tend_schema_to_node(const tend_schema *schema, tend_arena *arena) {
    tend_node *map = tend_node_new_map(arena);
    if (schema->missing)
        strings_to_node(map, "missing", schema->missing, schema->n_missing, arena);
    tend_node_set_bool(arena, map, "exact", schema->exact_columns);
    if (schema->min_rows >= 0 || schema->max_rows >= 0)
        rows_to_node(schema, map, arena);
    tend_node *columns = tend_node_set_list(arena, map, "columns");
    for (int i = 0; i < schema->n_fields; i++) {
        tend_node *item = tend_node_push(columns, tend_node_new_map(arena));
        tend_node_set_string(arena, item, "name", schema->fields[i].name);
        field_to_node(&schema->fields[i], item, arena);
    }
    unique_to_node(schema, map, arena);
    rules_to_node(schema, map, arena);
    return map;
}
