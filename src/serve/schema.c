#include "serve/schema.h"

#include "data/iso.h"

#define MAP(arena, parent, key) tend_node_set_map((arena), (parent), (key))

static tend_node *strings(tend_arena *arena, const char *const *texts, int n) {
    tend_node *list = tend_node_new_list(arena);
    for (int i = 0; i < n; i++)
        tend_node_push(list, tend_node_new_string(arena, texts[i]));
    return list;
}

static tend_node *reference(tend_arena *arena, const char *name) {
    tend_node *node = tend_node_new_map(arena);
    tend_node_set_string(arena, node, "$ref", tend_arena_printf(arena, "#/components/schemas/%s", name));
    return node;
}

/* ---- one column ---- */

char *serve_schema_pattern(const char *glob, tend_arena *arena) {
    TEND_AUTO_BUF out = TEND_BUF_INIT;
    tend_buf_putc(&out, '^');
    for (const char *at = glob; *at; at++) {
        const char *end = at[0] == '[' && at[1] ? strchr(at + 2, ']') : NULL;
        if (*at == '*' || *at == '?') {
            tend_buf_puts(&out, *at == '*' ? "[\\s\\S]*" : "[\\s\\S]");
        } else if (end) {
            bool no = at[1] == '!' || at[1] == '^';
            tend_buf_puts(&out, no ? "[^" : "[");
            for (at += 1 + no; at < end; at++)
                tend_buf_printf(&out, strchr("\\[^", *at) ? "\\%c" : "%c", *at);
            tend_buf_putc(&out, ']');
        } else {
            tend_buf_printf(&out, strchr("\\^$.|+()[]{}/", *at) ? "\\%c" : "%c", *at);
        }
    }
    tend_buf_putc(&out, '$');
    return tend_arena_strdup(arena, tend_buf_text(&out));
}

static void put_type(tend_arena *arena, tend_node *schema, tend_type type, bool nullable) {
    static const char *const names[] = {[TEND_BOOL] = "boolean",  [TEND_INT] = "integer", [TEND_FLOAT] = "number",
                                        [TEND_STRING] = "string", [TEND_DATE] = "string", [TEND_TIMESTAMP] = "string"};
    const char *const both[] = {names[type], "null"};
    if (nullable)
        tend_node_set(arena, schema, "type", strings(arena, both, 2));
    else
        tend_node_set_string(arena, schema, "type", names[type]);
    if (type == TEND_DATE || type == TEND_TIMESTAMP)
        tend_node_set_string(arena, schema, "format", type == TEND_DATE ? "date" : "date-time");
}

/* A value as JSON has it, from its text form. */
static tend_node *value_of(tend_arena *arena, tend_type type, const char *text) {
    double number;
    int64_t whole;
    if (type == TEND_INT && tend_text_parse_int(tend_str_of(text), &whole))
        return tend_node_new_int(arena, whole);
    if ((type == TEND_INT || type == TEND_FLOAT) && tend_text_parse_double(tend_str_of(text), false, &number))
        return tend_node_new_double(arena, number);
    return type == TEND_BOOL ? tend_node_new_bool(arena, !strcmp(text, "true")) : tend_node_new_string(arena, text);
}

static void put_bounds(tend_arena *arena, tend_node *schema, tend_type type, const tend_field *f) {
    if (type == TEND_INT) { /* what the server can hold */
        tend_node_set_int(arena, schema, "minimum", INT64_MIN);
        tend_node_set_int(arena, schema, "maximum", INT64_MAX);
    }
    if ((type != TEND_INT && type != TEND_FLOAT) || !f)
        return;
    if (f->has_min)
        tend_node_set_double(arena, schema, "minimum", f->min);
    if (f->has_max)
        tend_node_set_double(arena, schema, "maximum", f->max);
}

static const char *bound(tend_arena *arena, tend_type type, double v) {
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    char number[32];
    if (type == TEND_DATE || type == TEND_TIMESTAMP)
        tend_iso_format(type, (int64_t)v, &text);
    else
        tend_buf_append(&text, number, tend_text_format_double(v, number));
    return tend_arena_strdup(arena, tend_buf_text(&text));
}

/* What the keywords of JSON Schema do not say. */
static void describe(tend_arena *arena, tend_node *schema, tend_type type, const tend_field *f, bool binding) {
    enum { LISTED = 20 };
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    bool said = binding && (type == TEND_INT || type == TEND_FLOAT);
    if ((f->has_min || f->has_max) && !said) {
        tend_buf_puts(&text, f->has_min && f->has_max ? "From " : f->has_min ? "At least " : "At most ");
        if (f->has_min)
            tend_buf_puts(&text, bound(arena, type, f->min));
        if (f->has_max)
            tend_buf_printf(&text, "%s%s", f->has_min ? " to " : "", bound(arena, type, f->max));
        tend_buf_puts(&text, ".");
    }
    for (int i = 0; !binding && i < f->n_values && i < LISTED; i++)
        tend_buf_printf(&text, "%s%s", i ? ", " : text.size ? " One of: " : "One of: ", f->values[i]);
    if (!binding && f->n_values)
        tend_buf_puts(&text, f->n_values > LISTED ? " …" : ".");
    if (!binding && f->pattern)
        tend_buf_printf(&text, "%sOf the form %s.", text.size ? " " : "", f->pattern);
    if (!binding && f->required)
        tend_buf_printf(&text, "%sSeldom missing.", text.size ? " " : "");
    if (!binding && text.size)
        tend_buf_puts(&text, " Anything else is predicted, with a warning.");
    if (text.size)
        tend_node_set_string(arena, schema, "description", tend_buf_text(&text));
}

/* A text that stands for a missing value may not come where a value must. */
static void forbid_missing(tend_arena *arena, tend_node *schema, const tend_schema *all) {
    if (!all->n_missing)
        return;
    tend_node_set(arena, MAP(arena, schema, "not"), "enum", strings(arena, all->missing, all->n_missing));
    for (int i = 0; i < all->n_missing; i++)
        if (!all->missing[i][0])
            tend_node_set_string(arena, schema, "pattern", "[^ \\t\\n\\r\\f\\v]");
}

static tend_node *column(const serve_version *v, int i, tend_arena *arena) {
    const tend_field *f = tend_inputs_field(v->inputs, i);
    tend_type type = tend_inputs_type(v->inputs, i);
    bool binding = f && f->severity != TEND_RULE_WARNING, nullable = !(binding && f->required);
    tend_node *schema = tend_node_new_map(arena);
    put_type(arena, schema, type, nullable);
    put_bounds(arena, schema, type, binding ? f : NULL);
    if (!nullable && type == TEND_STRING && !f->n_values)
        forbid_missing(arena, schema, v->loaded->schema);
    if (binding && f->n_values) {
        tend_node *values = tend_node_set_list(arena, schema, "enum");
        for (int k = 0; k < f->n_values; k++)
            tend_node_push(values, value_of(arena, type, f->values[k]));
        if (nullable)
            tend_node_push(values, tend_node_new(arena, TEND_NODE_NULL));
    }
    if (binding && f->pattern)
        tend_node_set_string(arena, schema, "pattern", serve_schema_pattern(f->pattern, arena));
    if (f)
        describe(arena, schema, type, f, binding);
    return schema;
}

/* ---- a row ---- */

tend_node *serve_schema_row(const serve_version *v, tend_arena *arena) {
    tend_node *row = tend_node_new_map(arena);
    const tend_schema *schema = v->loaded->schema;
    tend_node_set_string(arena, row, "type", "object");
    tend_node *required = tend_node_set_list(arena, row, "required"), *properties = MAP(arena, row, "properties");
    for (int i = 0; i < tend_inputs_count(v->inputs); i++) {
        const char *name = tend_inputs_name(v->inputs, i);
        tend_node_push(required, tend_node_new_string(arena, name));
        tend_node_set(arena, properties, name, column(v, i, arena));
    }
    for (int i = -1; i < schema->n_fields; i++) {
        const char *name = i < 0 ? v->loaded->target : schema->fields[i].name;
        if (!tend_node_get(properties, name))
            tend_node_set_string(arena, MAP(arena, properties, name), "description",
                                 i < 0 ? "What is predicted; not read." : "Not read by the model.");
    }
    tend_node_set_bool(arena, row, "additionalProperties", false);
    if (v->example)
        tend_node_push(tend_node_set_list(arena, row, "examples"), tend_node_copy(arena, v->example));
    return row;
}

/* ---- an answer ---- */

/* JSON has no infinity: null stands for what a model makes of numbers so large that it cannot compute with them. */
static void put_number(tend_arena *arena, tend_node *schema) { put_type(arena, schema, TEND_FLOAT, true); }

static tend_node *probability(tend_arena *arena) {
    tend_node *node = tend_node_new_map(arena);
    put_number(arena, node);
    tend_node_set_int(arena, node, "minimum", 0);
    tend_node_set_int(arena, node, "maximum", 1);
    return node;
}

static void put_outcome(const serve_version *v, tend_arena *arena, tend_node *properties) {
    const tend_model *m = v->loaded;
    tend_node_set_string(arena, MAP(arena, properties, "id"), "type", "string");
    tend_node *prediction = MAP(arena, properties, "prediction");
    if (m->task == TEND_TASK_REGRESSION) {
        put_number(arena, prediction);
        tend_node_set_string(arena, prediction, "description", "null: the row's numbers are too large for the model to compute with");
    } else {
        tend_node_set(arena, prediction, "enum", strings(arena, m->classes, m->n_classes));
        if (m->task == TEND_TASK_BINARY) {
            tend_node *p = tend_node_set(arena, properties, "probability", probability(arena));
            tend_node_set_string(arena, p, "description", tend_arena_printf(arena, "Of %s", m->classes[1]));
        }
        tend_node *all = MAP(arena, properties, "probabilities");
        tend_node_set_string(arena, all, "type", "object");
        tend_node *of = MAP(arena, all, "properties");
        for (int k = 0; k < m->n_classes; k++)
            tend_node_set(arena, of, m->classes[k], probability(arena));
    }
    tend_node_set(arena, properties, "explanation", reference(arena, "Explanation"));
    tend_node *warnings = MAP(arena, properties, "warnings");
    tend_node_set_string(arena, warnings, "type", "array");
    tend_node_set(arena, warnings, "items", reference(arena, "Warning"));
}

tend_node *serve_schema_answer(const serve_version *v, bool several, tend_arena *arena) {
    static const char *const row_keys[] = {"id", "prediction"}, *const one_keys[] = {"id", "prediction", "model", "version"},
                             *const list_keys[] = {"predictions", "model", "version"}, *const version_types[] = {"integer", "string"};
    tend_node *answer = tend_node_new_map(arena);
    tend_node_set_string(arena, answer, "type", "object");
    tend_node_set(arena, answer, "required", several ? strings(arena, list_keys, 3) : strings(arena, one_keys, 4));
    tend_node *properties = MAP(arena, answer, "properties");
    if (several) {
        tend_node *list = MAP(arena, properties, "predictions");
        tend_node_set_string(arena, list, "type", "array");
        tend_node *item = MAP(arena, list, "items");
        tend_node_set_string(arena, item, "type", "object");
        tend_node_set(arena, item, "required", strings(arena, row_keys, 2));
        put_outcome(v, arena, MAP(arena, item, "properties"));
    } else {
        put_outcome(v, arena, properties);
    }
    tend_node_set_string(arena, MAP(arena, properties, "model"), "type", "string");
    tend_node_set(arena, MAP(arena, properties, "version"), "type", strings(arena, version_types, 2));
    return answer;
}
