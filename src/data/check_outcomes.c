/* What was expected, rule by rule, and whether it held: the checks that passed are an answer, too. */
#include "data/check.h"

#include <math.h>

typedef struct outcomes {
    const tend_table *table;
    const tend_check *check;
    tend_arena *arena;
    tend_node *list;
} outcomes;

static const tend_anomaly *find_anomaly(const tend_check *check, const char *rule, const char *column) {
    for (int i = 0; i < check->n_anomalies; i++) {
        const tend_anomaly *a = &check->anomalies[i];
        if (strcmp(a->rule, rule) == 0 && (!column || (a->column && strcmp(a->column, column) == 0)))
            return a;
    }
    return NULL;
}

static const tend_drift_value *find_drift(const tend_check *check, const char *column) {
    for (int i = 0; i < check->n_drifts; i++)
        if (strcmp(check->drifts[i].column, column) == 0)
            return &check->drifts[i];
    return NULL;
}

/* As in tend.yaml, without the severity, which is not what was expected. */
static tend_node *without_severity(const tend_node *node, tend_arena *arena) {
    if (node->kind != TEND_NODE_MAP)
        return tend_node_copy(arena, node);
    tend_node *map = tend_node_new_map(arena);
    TEND_NODE_EACH(member, node)
        if (strcmp(member->key, "severity") != 0)
            tend_node_set(arena, map, member->key, tend_node_copy(arena, member));
    return map;
}

static tend_node *push(outcomes *o, const char *rule, const char *column, const tend_node *expected) {
    tend_node *item = tend_node_push(o->list, tend_node_new_map(o->arena));
    tend_node_set_string(o->arena, item, "rule", rule);
    tend_node_set_string(o->arena, item, "column", column);
    tend_node_set(o->arena, item, "expected", without_severity(expected, o->arena));
    return item;
}

static void set_outcome(outcomes *o, tend_node *item, const tend_anomaly *broken) {
    tend_node_set_bool(o->arena, item, "holds", !broken);
    tend_node_set_int(o->arena, item, "rows", broken ? broken->n_rows : 0);
}

/* A rule about a column that is not there, or a drift without a reference, was not checked: holds is null. */
static void field_rule(outcomes *o, const tend_field *field, const tend_node *expected) {
    tend_node *item = push(o, expected->key, field->name, expected);
    const tend_drift_value *drift = strcmp(expected->key, "drift") == 0 ? find_drift(o->check, field->name) : NULL;
    const tend_anomaly *broken = find_anomaly(o->check, expected->key, field->name);
    bool unchecked = tend_table_find(o->table, field->name) < 0 || (strcmp(expected->key, "drift") == 0 && !drift && !broken);
    if (unchecked)
        tend_node_set_string(o->arena, item, "holds", NULL);
    else
        set_outcome(o, item, broken);
    if (drift && isfinite(drift->value))
        tend_node_set_double(o->arena, item, "value", drift->value);
}

static void table_rules(outcomes *o, const tend_schema *schema) {
    const tend_node *whole = tend_schema_to_node(schema, o->arena);
    const tend_node *rows = tend_node_get(whole, "rows");
    if (rows && (schema->min_rows >= 0 || schema->max_rows >= 0))
        set_outcome(o, push(o, "rows", NULL, rows), find_anomaly(o->check, "rows", NULL));
    if (schema->exact_columns)
        set_outcome(o, push(o, "columns", NULL, tend_node_new_string(o->arena, "exact")), find_anomaly(o->check, "columns", NULL));
}

static void unique_rules(outcomes *o, const tend_schema *schema) {
    for (int i = 0; i < schema->n_unique; i++) {
        TEND_AUTO_BUF names = TEND_BUF_INIT;
        for (int k = 0; k < schema->unique[i].n_columns; k++)
            tend_buf_printf(&names, "%s%s", k ? ", " : "", schema->unique[i].columns[k]);
        const char *name = tend_buf_text(&names);
        set_outcome(o, push(o, "unique", name, tend_node_new_bool(o->arena, true)), find_anomaly(o->check, "unique", name));
    }
}

tend_node *tend_check_outcomes(const tend_table *table, const tend_schema *schema, const tend_check *check, tend_arena *arena) {
    outcomes o = {table, check, arena, tend_node_new_list(arena)};
    table_rules(&o, schema);
    for (int i = 0; i < schema->n_fields; i++) {
        const tend_node *keys = tend_schema_field_to_node(&schema->fields[i], arena);
        TEND_NODE_EACH(key, keys)
            if (strcmp(key->key, "severity") != 0)
                field_rule(&o, &schema->fields[i], key);
    }
    unique_rules(&o, schema);
    for (int i = 0; i < schema->n_rules; i++) {
        const tend_sql_rule *rule = &schema->rules[i];
        set_outcome(&o, push(&o, "sql", rule->name, tend_node_new_string(arena, rule->sql)), find_anomaly(check, "sql", rule->name));
    }
    return o.list;
}
