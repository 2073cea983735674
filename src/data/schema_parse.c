/* Schemas from tend.yaml (and from a bundle's JSON): every fault is found in one pass, each with its place. */
#include "data/schema.h"

#include "data/iso.h"

#include <math.h>

#define MICROS_PER_DAY INT64_C(86400000000)
#define COUNT(a)       (sizeof(a) / sizeof(a)[0])

typedef struct parser {
    tend_arena *arena;
    tend_diags *diags;
    tend_schema *schema;
} parser;

static tend_error *fault(parser *p, tend_span span, const char *format, ...) __attribute__((format(printf, 3, 4)));
static tend_error *fault(parser *p, tend_span span, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *message = tend_arena_vprintf(p->arena, format, args);
    va_end(args);
    return tend_diags_add(p->diags, TEND_SEVERITY_ERROR, TEND_CONFIG, span, "%s", message);
}

/* `path` ("age.type") is where the value stands; what was found goes into the message as the user wrote it. */
static tend_error *wrong(parser *p, const tend_node *node, const char *path, const char *expected) {
    const char *text = tend_node_scalar(node, NULL);
    if (text && node->kind != TEND_NODE_NULL)
        return fault(p, node->span, "%s: expected %s, found \"%s\"", path, expected, text);
    return fault(p, node->span, "%s: expected %s, found %s", path, expected, tend_node_kind_name(node->kind));
}

static void did_you_mean(tend_error *error, const char *word, const char *const *known, size_t n) {
    const char *nearest = word ? tend_text_nearest(word, known, n) : NULL;
    if (nearest)
        tend_error_hint(error, error->code, "did you mean '%s'?", nearest);
}

static const char *path_of(parser *p, const tend_field *f, const char *key) { return tend_arena_printf(p->arena, "%s.%s", f->name, key); }

/* ---- words and scalars ---- */

static void parse_severity(parser *p, const tend_node *node, const char *path, tend_rule_severity *out) {
    static const char *const words[] = {"warning", "quarantine", "error"};
    const char *text = tend_node_scalar(node, NULL);
    for (size_t i = 0; text && i < COUNT(words); i++)
        if (strcmp(text, words[i]) == 0) {
            *out = (tend_rule_severity)i;
            return;
        }
    did_you_mean(wrong(p, node, path, "warning, quarantine or error"), text, words, COUNT(words));
}

static void parse_bool(parser *p, const tend_node *node, const char *path, bool *out) {
    if (node->kind == TEND_NODE_BOOL)
        *out = node->boolean;
    else
        wrong(p, node, path, "true or false");
}

static bool is_scalar(const tend_node *node) { return node->kind != TEND_NODE_LIST && node->kind != TEND_NODE_MAP; }

/* The text forms of a list of scalars. null is a value only where `null_text` is allowed. */
static const char **parse_texts(parser *p, const tend_node *node, const char *path, bool null_text, int *out_n) {
    if (node->kind != TEND_NODE_LIST) {
        wrong(p, node, path, "a list, such as [a, b]");
        return NULL;
    }
    const char **items = TEND_ARRAY(p->arena, const char *, node->count + 1);
    int n = 0;
    TEND_NODE_EACH(item, node) {
        if (!is_scalar(item))
            wrong(p, item, path, "text, a number or true/false in the list");
        else if (item->kind == TEND_NODE_NULL && !null_text)
            tend_error_hint(wrong(p, item, path, "a value"), TEND_CONFIG,
                            "missing values are allowed unless the column says `required: true`");
        else
            items[n++] = tend_arena_strdup(p->arena, tend_node_scalar(item, "null"));
    }
    *out_n = n;
    return items;
}

static void unknown_keys(parser *p, const tend_node *map, const char *path, const char *const *known, size_t n) {
    TEND_NODE_EACH(child, map) {
        bool found = false;
        for (size_t i = 0; i < n && !found; i++)
            found = strcmp(child->key, known[i]) == 0;
        if (found)
            continue;
        tend_error *error = fault(p, child->key_span, "unknown key '%s' in %s", child->key, path);
        if (strcmp(child->key, "min") == 0 || strcmp(child->key, "max") == 0)
            tend_error_hint(error, error->code, "write both bounds as range: [min, max]; null leaves a side open");
        else
            did_you_mean(error, child->key, known, n);
    }
}

/* ---- one column ---- */

static void parse_type(parser *p, const tend_node *node, tend_field *f) {
    static const char *const words[] = {
#define X(name, word, store) word,
        TEND_TYPES(X)
#undef X
    };
    const char *text = tend_node_scalar(node, NULL);
    f->has_type = text && tend_type_parse(text, &f->type);
    if (!f->has_type)
        did_you_mean(wrong(p, node, path_of(p, f, "type"), "boolean, integer, number, string, date or timestamp"), text, words,
                     COUNT(words));
}

static void parse_required(parser *p, const tend_node *node, tend_field *f) {
    parse_bool(p, node, path_of(p, f, "required"), &f->required);
}

static void parse_unique(parser *p, const tend_node *node, tend_field *f) { parse_bool(p, node, path_of(p, f, "unique"), &f->unique); }

static bool is_dated(const tend_field *f) { return f->has_type && (f->type == TEND_DATE || f->type == TEND_TIMESTAMP); }

/* A timestamp's upper bound that is only a date takes the whole day in. */
static bool parse_dated_bound(const tend_node *node, const tend_field *f, bool upper, double *out) {
    tend_str text = tend_str_of(tend_node_scalar(node, ""));
    int64_t v = 0;
    bool date_only = false;
    if (f->type == TEND_DATE ? !tend_iso_parse_date(text, &v) : !tend_iso_parse_timestamp(text, &v, &date_only))
        return false;
    *out = (double)(v + (upper && date_only ? MICROS_PER_DAY - 1 : 0));
    return true;
}

static void parse_bound(parser *p, const tend_node *node, tend_field *f, bool upper) {
    const char *path = path_of(p, f, "range");
    bool *has = upper ? &f->has_max : &f->has_min;
    double *bound = upper ? &f->max : &f->min;
    int64_t ignored;
    if (node->kind == TEND_NODE_NULL)
        return;
    if (is_dated(f)) {
        *has = parse_dated_bound(node, f, upper, bound);
        if (!*has)
            wrong(p, node, path, f->type == TEND_DATE ? "a date such as 2027-03-31" : "a time such as 2027-03-31T08:00");
        return;
    }
    *bound = tend_node_double(node, NAN);
    *has = isfinite(*bound);
    if (*has)
        return;
    tend_error *error = wrong(p, node, path, "a finite number or null");
    if (node->kind == TEND_NODE_STRING && tend_iso_parse_timestamp(tend_str_of(node->text), &ignored, NULL))
        tend_error_hint(error, error->code, "a range of dates needs `type: date` or `type: timestamp` beside it");
    else if (strstr(tend_node_scalar(node, ""), "inf"))
        tend_error_hint(error, error->code, "null leaves a side open");
}

static void parse_range(parser *p, const tend_node *node, tend_field *f) {
    const char *path = path_of(p, f, "range");
    if (node->kind != TEND_NODE_LIST || node->count != 2) {
        wrong(p, node, path, "two bounds, such as [0, 120] or [0, null]");
        return;
    }
    if (f->has_type && f->type == TEND_STRING) {
        tend_error_hint(fault(p, node->span, "%s: a column of type string has no range", path), TEND_CONFIG,
                        "use values or pattern for text");
        return;
    }
    size_t before = p->diags->n_errors;
    parse_bound(p, node->first, f, false);
    parse_bound(p, node->first->next, f, true);
    if (!f->has_min && !f->has_max && p->diags->n_errors == before)
        fault(p, node->span, "%s: [null, null] bounds nothing", path);
    if (f->has_min && f->has_max && f->min > f->max)
        fault(p, node->span, "%s: the lower bound %s is above the upper bound %s", path, tend_node_scalar(node->first, ""),
              tend_node_scalar(node->first->next, ""));
}

static bool value_fits(const tend_field *f, const char *text) {
    tend_str s = tend_str_of(text);
    int64_t i;
    double d;
    switch (f->type) {
    case TEND_BOOL: return strcmp(text, "true") == 0 || strcmp(text, "false") == 0;
    case TEND_INT: return tend_text_parse_double(s, false, &d) && floor(d) == d;
    case TEND_FLOAT: return tend_text_parse_double(s, false, &d);
    case TEND_DATE: return tend_iso_parse_date(s, &i);
    case TEND_TIMESTAMP: return tend_iso_parse_timestamp(s, &i, NULL);
    default: return true;
    }
}

static void parse_values(parser *p, const tend_node *node, tend_field *f) {
    const char *path = path_of(p, f, "values");
    f->values = parse_texts(p, node, path, false, &f->n_values);
    if (node->kind == TEND_NODE_LIST && node->count == 0) {
        fault(p, node->span, "%s: an empty list allows nothing", path);
        f->values = NULL;
    }
    for (int i = 0; f->has_type && i < f->n_values; i++)
        if (!value_fits(f, f->values[i]))
            fault(p, node->span, "%s: \"%s\" is not of the column's type, %s", path, f->values[i], tend_type_name(f->type));
}

static void parse_pattern(parser *p, const tend_node *node, tend_field *f) {
    const char *path = path_of(p, f, "pattern");
    if (node->kind != TEND_NODE_STRING)
        wrong(p, node, path, "a pattern such as \"AB-*\"");
    else if (f->has_type && f->type != TEND_STRING)
        fault(p, node->span, "%s: only text has patterns, the column's type is %s", path, tend_type_name(f->type));
    else
        f->pattern = tend_arena_strdup(p->arena, node->text);
}

static void parse_drift_test(parser *p, const tend_node *node, tend_field *f) {
    static const char *const tests[] = {"kl", "psi", "js", "ks"};
    const char *text = tend_node_scalar(node, NULL);
    for (size_t i = 0; text && i < COUNT(tests); i++)
        if (strcmp(text, tests[i]) == 0)
            f->drift_test = tests[i];
    if (!f->drift_test)
        did_you_mean(wrong(p, node, path_of(p, f, "drift.test"), "kl, psi, js or ks"), text, tests, COUNT(tests));
    else if (strcmp(f->drift_test, "ks") == 0 && f->has_type && f->type == TEND_STRING)
        tend_error_hint(fault(p, node->span, "%s.drift: the ks test compares numbers, the column is text", f->name), TEND_CONFIG,
                        "kl, psi and js compare the shares of levels");
}

static void parse_drift(parser *p, const tend_node *node, tend_field *f) {
    static const char *const keys[] = {"test", "max", "against"};
    const char *path = path_of(p, f, "drift");
    if (node->kind != TEND_NODE_MAP) {
        wrong(p, node, path, "a map such as {test: kl, max: 0.2, against: reference}");
        return;
    }
    unknown_keys(p, node, path, keys, COUNT(keys));
    const tend_node *test = tend_node_get(node, "test"), *max = tend_node_get(node, "max");
    const tend_node *against = tend_node_get(node, "against");
    f->drift_against = "reference";
    f->drift_max = tend_node_double(max, NAN);
    if (test)
        parse_drift_test(p, test, f);
    else
        fault(p, node->span, "%s: which test? expected test: kl, psi, js or ks", path);
    if (!max)
        fault(p, node->span, "%s: no threshold; expected max: with a number", path);
    else if (!(isfinite(f->drift_max) && f->drift_max >= 0))
        wrong(p, max, path_of(p, f, "drift.max"), "a number >= 0");
    if (against && against->kind != TEND_NODE_STRING)
        wrong(p, against, path_of(p, f, "drift.against"), "the name of a snapshot");
    else if (against)
        f->drift_against = tend_arena_strdup(p->arena, against->text);
}

static void parse_field_severity(parser *p, const tend_node *node, tend_field *f) {
    parse_severity(p, node, path_of(p, f, "severity"), &f->severity);
}

/* The keys of a column, in the order in which they are read: what comes later looks at the type. */
static const struct field_key {
    const char *name;
    void (*parse)(parser *p, const tend_node *node, tend_field *f);
} field_keys[] = {
    {"type", parse_type},     {"required", parse_required}, {"range", parse_range}, {"values", parse_values},
    {"unique", parse_unique}, {"pattern", parse_pattern},   {"drift", parse_drift}, {"severity", parse_field_severity},
};

/* `named` maps carry the column's name inside (JSON); in tend.yaml it is the key. */
static void parse_field(parser *p, const tend_node *map, const char *name, bool named) {
    const char *known[COUNT(field_keys) + 1];
    tend_field *f = &p->schema->fields[p->schema->n_fields++];
    *f = (tend_field){.name = tend_arena_strdup(p->arena, name), .severity = TEND_RULE_ERROR, .drift_max = NAN};
    f->span = map->key ? map->key_span : map->span;
    for (size_t i = 0; i < COUNT(field_keys); i++)
        known[i] = field_keys[i].name;
    known[COUNT(field_keys)] = "name";
    unknown_keys(p, map, name, known, COUNT(field_keys) + named);
    for (size_t i = 0; i < COUNT(field_keys); i++) {
        const tend_node *node = tend_node_get(map, field_keys[i].name);
        if (node)
            field_keys[i].parse(p, node, f);
    }
}

/* ---- rules about the whole table ---- */

static int64_t parse_count(parser *p, const tend_node *rows, const char *key) {
    const tend_node *node = tend_node_get(rows, key);
    if (!node)
        return -1;
    if (node->kind == TEND_NODE_INT && node->integer >= 0)
        return node->integer;
    wrong(p, node, tend_arena_printf(p->arena, "rows.%s", key), "a whole number of rows");
    return -1;
}

static void parse_rows(parser *p, const tend_node *node) {
    static const char *const keys[] = {"min", "max", "severity"};
    tend_schema *s = p->schema;
    s->rows_span = node->key ? node->key_span : node->span;
    if (node->kind != TEND_NODE_MAP) {
        wrong(p, node, "rows", "a map such as {min: 10000}");
        return;
    }
    unknown_keys(p, node, "rows", keys, COUNT(keys));
    s->min_rows = parse_count(p, node, "min");
    s->max_rows = parse_count(p, node, "max");
    if (s->min_rows >= 0 && s->max_rows >= 0 && s->min_rows > s->max_rows)
        fault(p, node->span, "rows: min %lld is above max %lld", (long long)s->min_rows, (long long)s->max_rows);
    if (tend_node_get(node, "severity"))
        parse_severity(p, tend_node_get(node, "severity"), "rows.severity", &s->rows_severity);
}

static void parse_columns(parser *p, const tend_node *node) {
    static const char *const words[] = {"exact", "any"};
    const char *text = tend_node_string(node, NULL);
    if (text && strcmp(text, "exact") == 0)
        p->schema->exact_columns = true;
    else if (!text || strcmp(text, "any") != 0)
        did_you_mean(wrong(p, node, "columns", "exact or any"), text, words, COUNT(words));
}

/* One key: a column's name, or a list of names. */
static void parse_unique_key(parser *p, const tend_node *node, tend_rule_severity severity) {
    tend_unique_rule rule = {.severity = severity, .span = node->span};
    if (node->kind == TEND_NODE_STRING) {
        rule.columns = TEND_ARRAY(p->arena, const char *, 1);
        rule.columns[rule.n_columns++] = tend_arena_strdup(p->arena, node->text);
    } else if (node->kind == TEND_NODE_LIST && node->count > 0) {
        size_t before = p->diags->n_errors;
        rule.columns = parse_texts(p, node, "unique", false, &rule.n_columns);
        if (p->diags->n_errors != before)
            return;
    } else {
        wrong(p, node, "unique", "a column's name, or a list of names that are unique together");
        return;
    }
    p->schema->unique = tend_arena_grow(p->arena, p->schema->unique, sizeof rule * (size_t)p->schema->n_unique,
                                        sizeof rule * (size_t)(p->schema->n_unique + 1));
    p->schema->unique[p->schema->n_unique++] = rule;
}

static void parse_unique_rules(parser *p, const tend_node *node) {
    static const char *const keys[] = {"columns", "severity"};
    tend_rule_severity severity = TEND_RULE_ERROR;
    const tend_node *list = node;
    if (node->kind == TEND_NODE_MAP) {
        unknown_keys(p, node, "unique", keys, COUNT(keys));
        if (tend_node_get(node, "severity"))
            parse_severity(p, tend_node_get(node, "severity"), "unique.severity", &severity);
        list = tend_node_get(node, "columns");
        if (!list) {
            fault(p, node->span, "unique: no columns; expected columns: [person_id]");
            return;
        }
    }
    if (list->kind != TEND_NODE_LIST) {
        parse_unique_key(p, list, severity);
        return;
    }
    TEND_NODE_EACH(key, list)
        parse_unique_key(p, key, severity);
}

static void add_rule(parser *p, const char *name, const tend_node *sql, tend_rule_severity severity, tend_span span) {
    tend_type type;
    if (tend_str_trim(tend_str_of(sql->text)).size == 0) {
        fault(p, sql->span, "%s: an empty rule", name);
        return;
    }
    if (tend_type_parse(sql->text, &type)) {
        tend_error *error = fault(p, sql->span, "%s: expected a rule in SQL, found the type \"%s\"", name, sql->text);
        tend_error_hint(error, error->code, "for a column's type write %s: {type: %s}", name, sql->text);
        return;
    }
    p->schema->rules[p->schema->n_rules++] =
        (tend_sql_rule){tend_arena_strdup(p->arena, name), tend_arena_strdup(p->arena, sql->text), severity, span};
}

static void parse_rule_map(parser *p, const tend_node *map, const char *name, bool named) {
    static const char *const keys[] = {"sql", "severity", "name"};
    tend_rule_severity severity = TEND_RULE_ERROR;
    const tend_node *sql = tend_node_get(map, "sql");
    unknown_keys(p, map, name, keys, COUNT(keys) - !named);
    if (tend_node_get(map, "severity"))
        parse_severity(p, tend_node_get(map, "severity"), tend_arena_printf(p->arena, "%s.severity", name), &severity);
    if (!sql || sql->kind != TEND_NODE_STRING)
        fault(p, (sql ? sql : map)->span, "%s.sql: expected a condition in SQL", name);
    else
        add_rule(p, name, sql, severity, map->key ? map->key_span : map->span);
}

/* ---- the whole ---- */

/* The words for the whole table, unless the map behind one describes a column of that name. */
static const struct table_key {
    const char *name;
    const char *own_keys[3]; /* the keys of the table's rule; any other key means a column */
    void (*parse)(parser *p, const tend_node *node);
} table_keys[] = {
    {"rows", {"min", "max", NULL}, parse_rows},
    {"columns", {NULL}, parse_columns},
    {"unique", {"columns", NULL}, parse_unique_rules},
};

static bool has_key_of(const tend_node *map, const char *const *names) {
    for (; *names; names++)
        if (tend_node_get(map, *names))
            return true;
    return false;
}

static bool has_field_key(const tend_node *map) {
    for (size_t i = 0; i < COUNT(field_keys); i++)
        if (strcmp(field_keys[i].name, "severity") != 0 && tend_node_get(map, field_keys[i].name))
            return true;
    return false;
}

static const struct table_key *table_key_of(const tend_node *node) {
    for (size_t i = 0; i < COUNT(table_keys); i++) {
        if (strcmp(node->key, table_keys[i].name) != 0)
            continue;
        bool column = node->kind == TEND_NODE_MAP && has_field_key(node) && !has_key_of(node, table_keys[i].own_keys);
        return column ? NULL : &table_keys[i];
    }
    return NULL;
}

static void parse_entry(parser *p, const tend_node *node) {
    const struct table_key *key = table_key_of(node);
    if (key)
        key->parse(p, node);
    else if (node->kind == TEND_NODE_MAP && tend_node_get(node, "sql"))
        parse_rule_map(p, node, node->key, false);
    else if (node->kind == TEND_NODE_MAP)
        parse_field(p, node, node->key, false);
    else if (node->kind == TEND_NODE_STRING)
        add_rule(p, node->key, node, TEND_RULE_ERROR, node->key_span);
    else
        wrong(p, node, node->key, "what a column must be, such as {type: integer}, or a rule in SQL");
}

static void start(parser *p, tend_arena *arena, tend_diags *diags, size_t n) {
    *p = (parser){arena, diags, TEND_NEW(arena, tend_schema)};
    p->schema->min_rows = p->schema->max_rows = -1;
    p->schema->rows_severity = TEND_RULE_ERROR;
    p->schema->fields = TEND_ARRAY(arena, tend_field, n + 1);
    p->schema->rules = TEND_ARRAY(arena, tend_sql_rule, n + 1);
}

static void parse_missing(parser *p, const tend_node *node) {
    tend_schema *s = p->schema;
    if (node && is_scalar(node) && node->kind != TEND_NODE_NULL) { /* missing: "?" */
        s->missing = TEND_ARRAY(p->arena, const char *, 1);
        s->missing[s->n_missing++] = tend_arena_strdup(p->arena, tend_node_scalar(node, ""));
    } else if (node) {
        s->missing = parse_texts(p, node, "missing", true, &s->n_missing);
    }
}

tend_schema *tend_schema_parse(const tend_node *missing, const tend_node *expect, tend_arena *arena, tend_diags *diags) {
    parser p;
    bool map = expect && expect->kind == TEND_NODE_MAP;
    start(&p, arena, diags, map ? expect->count : 0);
    parse_missing(&p, missing);
    if (expect && !map && expect->kind != TEND_NODE_NULL)
        wrong(&p, expect, "expect", "a map from columns to what they must be");
    if (map)
        TEND_NODE_EACH(node, expect)
            parse_entry(&p, node);
    return p.schema;
}

static void parse_named(parser *p, const tend_node *list, void (*parse)(parser *, const tend_node *, const char *, bool)) {
    TEND_NODE_EACH(item, list) {
        const char *name = tend_node_string(tend_node_get(item, "name"), NULL);
        if (name)
            parse(p, item, name, true);
        else
            fault(p, item->span, "expected a map with a name, found %s", tend_node_kind_name(item->kind));
    }
}

tend_status tend_schema_from_node(const tend_node *node, tend_arena *arena, tend_schema **out, tend_error *err) {
    if (!node || node->kind != TEND_NODE_MAP)
        return TEND_FAIL(err, CORRUPT, "expected a schema, found %s", node ? tend_node_kind_name(node->kind) : "nothing");
    const tend_node *columns = tend_node_get(node, "columns"), *rules = tend_node_get(node, "rules");
    tend_diags diags;
    parser p;
    tend_diags_init(&diags, arena);
    start(&p, arena, &diags, (columns ? columns->count : 0) + (rules ? rules->count : 0));
    parse_missing(&p, tend_node_get(node, "missing"));
    p.schema->exact_columns = tend_node_bool(tend_node_get(node, "exact"), false);
    if (tend_node_get(node, "rows"))
        parse_rows(&p, tend_node_get(node, "rows"));
    parse_named(&p, columns, parse_field);
    TEND_NODE_EACH(item, tend_node_get(node, "unique"))
        parse_unique_rules(&p, item);
    parse_named(&p, rules, parse_rule_map);
    TEND_TRY(tend_diags_status(&diags, err));
    *out = p.schema;
    return TEND_OK;
}
