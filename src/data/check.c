/* The check of a table against its schema: what the reader could not read, the table's shape, every field's rules, keys, SQL. */
#include "data/check.h"

#include "base/dict.h"
#include "data/check_internal.h"
#include "data/check_rules.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/* ---- collecting ---- */

tend_anomaly *check_push(tend_check *out, tend_arena *arena, tend_anomaly anomaly) {
    size_t n = (size_t)out->n_anomalies;
    if ((n & (n - 1)) == 0) /* 0, 1, 2, 4 …: full */
        out->anomalies = tend_arena_grow(arena, out->anomalies, n * sizeof anomaly, (n ? 2 * n : 1) * sizeof anomaly);
    if (anomaly.severity == TEND_RULE_ERROR)
        out->n_errors++;
    else
        out->n_warnings++;
    out->anomalies[n] = anomaly;
    out->n_anomalies++;
    return &out->anomalies[n];
}

breach breach_start(checker *c, tend_rule_severity severity) { return (breach){c, severity, 0, -1}; }

void breach_add(breach *b, int64_t row, const char *format, ...) {
    if (b->n++ == 0)
        b->first = row;
    checker *c = b->checker;
    if (b->severity == TEND_RULE_WARNING)
        return;
    if (!c->reasons)
        c->reasons = TEND_ARRAY(c->arena, check_reason *, c->table->n_rows);
    check_reason **at = &c->reasons[row];
    while (*at)
        at = &(*at)->next;
    va_list args;
    va_start(args, format);
    *at = TEND_NEW(c->arena, check_reason);
    (*at)->text = tend_arena_vprintf(c->arena, format, args);
    va_end(args);
}

void check_count_text(int64_t n, int64_t total, tend_buf *out) {
    char a[32], b[32];
    tend_buf_printf(out, "%s of %s row%s", tend_text_thousands(n, a), tend_text_thousands(total, b), total == 1 ? "" : "s");
    double percent = 100 * (double)n / (double)total;
    if (n > 1 && percent >= 0.05)
        tend_buf_printf(out, " (%.1f%%)", percent);
}

void check_value_text(const tend_column *column, int64_t row, tend_buf *out) {
    if (column->type != TEND_STRING) {
        tend_column_format(column, row, out);
        return;
    }
    tend_str s = tend_column_str(column, row);
    size_t size = s.size;
    if (size > 60)
        for (size = 60; size > 0 && ((unsigned char)s.at[size] & 0xC0) == 0x80; size--) /* not within a character */
            ;
    tend_buf_putc(out, '"');
    tend_buf_append(out, s.at, size);
    tend_buf_puts(out, size < s.size ? "…\"" : "\"");
}

void check_first_text(const tend_table *table, const tend_column *column, int64_t row, tend_buf *out) {
    tend_buf_puts(out, " (first: ");
    if (column) {
        check_value_text(column, row, out);
        tend_buf_puts(out, " at ");
    }
    tend_table_where(table, row, out);
    tend_buf_putc(out, ')');
}

/* ---- what the reader could not read ---- */

static const char *bad_text(const tend_bad_row *bad, tend_arena *arena) {
    const char *reason = bad->reason ? bad->reason : "cannot be read";
    const char *found = bad->column && bad->found && !strstr(reason, "found") ? tend_arena_printf(arena, ", found \"%s\"", bad->found) : "";
    return tend_arena_printf(arena, "%s%s%s%s", bad->column ? bad->column : "", bad->column ? ": " : "", reason, found);
}

static tend_rule_severity bad_severity(const checker *c, const char *column) {
    const tend_field *f = column ? tend_schema_find(c->schema, column) : NULL;
    return f && f->severity > TEND_RULE_QUARANTINE ? f->severity : TEND_RULE_QUARANTINE;
}

typedef struct bad_group {
    breach breach;
    const tend_bad_row *first;
} bad_group;

static void push_bad_group(checker *c, const bad_group *g) {
    char n[32];
    const tend_bad_row *first = g->first;
    const tend_field *f = first->column ? tend_schema_find(c->schema, first->column) : NULL;
    const char *place = first->file ? tend_arena_printf(c->arena, "%s:%u: ", first->file, first->line) : "";
    const char *what = first->column ? tend_arena_printf(c->arena, "%s: %s cell%s cannot be read", first->column,
                                                         tend_text_thousands(g->breach.n, n), g->breach.n == 1 ? "" : "s")
                                     : tend_arena_printf(c->arena, "%s row%s cannot be read", tend_text_thousands(g->breach.n, n),
                                                         g->breach.n == 1 ? "" : "s");
    const char *reason = bad_text(first, c->arena) + (first->column ? strlen(first->column) + 2 : 0);
    check_push(c->out, c->arena,
               (tend_anomaly){
                   .rule = first->column ? "type" : "unreadable",
                   .column = first->column,
                   .severity = g->breach.severity,
                   .n_rows = g->breach.n,
                   .value = NAN,
                   .limit = NAN,
                   .message = tend_arena_printf(c->arena, "%s (first: %s%s)", what, place, reason),
                   .span = f ? f->span : (tend_span){0},
               });
}

/* One anomaly per column with bad cells and one for rows that could not be read at all, in the order of their first fault. */
static void check_bad(checker *c) {
    const tend_bad_rows *bad = c->options->bad;
    if (!bad || bad->n == 0)
        return;
    TEND_AUTO(tend_dict) *names = tend_dict_new();
    bad_group *groups = TEND_ARRAY(c->arena, bad_group, c->table->n_columns + 2);
    for (int64_t i = 0; i < bad->n; i++) {
        const tend_bad_row *b = &bad->items[i];
        const char *name = b->column ? b->column : ""; /* "" cannot be a column's name in a message anyway */
        if (tend_dict_count(names) > c->table->n_columns && tend_dict_find(names, name, strlen(name)) < 0)
            continue; /* cells of columns that the table does not have */
        bool is_new;
        bad_group *g = &groups[tend_dict_add(names, name, strlen(name), &is_new)];
        if (is_new)
            *g = (bad_group){breach_start(c, bad_severity(c, b->column)), b};
        if (b->row >= 0 && b->row < c->table->n_rows)
            breach_add(&g->breach, b->row, "%s", bad_text(b, c->arena));
        else
            g->breach.n++;
    }
    for (int64_t i = 0; i < tend_dict_count(names); i++)
        push_bad_group(c, &groups[i]);
}

/* ---- the table's shape ---- */

static void check_row_count(checker *c) {
    const tend_schema *s = c->schema;
    int64_t n = c->table->n_rows;
    bool few = s->min_rows >= 0 && n < s->min_rows, many = s->max_rows >= 0 && n > s->max_rows;
    if (!few && !many)
        return;
    char a[32], b[32];
    int64_t limit = few ? s->min_rows : s->max_rows;
    check_push(c->out, c->arena,
               (tend_anomaly){
                   .rule = "rows",
                   .severity = s->rows_severity,
                   .value = (double)n,
                   .limit = (double)limit,
                   .message = tend_arena_printf(c->arena, "the table has %s row%s, %s than the %s allowed", tend_text_thousands(n, a),
                                                n == 1 ? "" : "s", few ? "fewer" : "more", tend_text_thousands(limit, b)),
                   .span = s->rows_span,
               });
}

static void push_columns(checker *c, const char *column, tend_rule_severity severity, tend_span span, const char *message,
                         const char *hint) {
    check_push(c->out, c->arena,
               (tend_anomaly){.rule = "columns",
                              .column = column,
                              .severity = severity,
                              .value = NAN,
                              .limit = NAN,
                              .message = message,
                              .hint = hint,
                              .span = span});
}

/* A declared column that is absent stops the run unless its owner marked it as unimportant: later steps would miss it. */
static void check_absent(checker *c) {
    const char **names = TEND_ARRAY(c->arena, const char *, c->table->n_columns + 1);
    for (int i = 0; i < c->table->n_columns; i++)
        names[i] = c->table->columns[i].name;
    for (int i = 0; i < c->schema->n_fields; i++) {
        const tend_field *f = &c->schema->fields[i];
        if (tend_table_find(c->table, f->name) >= 0)
            continue;
        bool minor = f->severity == TEND_RULE_WARNING && !f->required;
        const char *nearest = tend_text_nearest(f->name, names, (size_t)c->table->n_columns);
        push_columns(c, f->name, minor ? TEND_RULE_WARNING : TEND_RULE_ERROR, f->span,
                     tend_arena_printf(c->arena, "%s: the data has no such column", f->name),
                     nearest ? tend_arena_printf(c->arena, "it has a column '%s'", nearest) : NULL);
    }
}

/* `columns: exact`: no further columns, and the listed order. */
static void check_exact(checker *c) {
    int at = 0;
    bool ordered = true;
    for (int i = 0; i < c->table->n_columns; i++) {
        const char *name = c->table->columns[i].name;
        const tend_field *f = tend_schema_find(c->schema, name);
        if (!f) {
            push_columns(c, name, TEND_RULE_ERROR, (tend_span){0},
                         tend_arena_printf(c->arena, "%s: the schema has no such column, and says `columns: exact`", name),
                         "describe it under data.expect, or take `columns: exact` out");
            continue;
        }
        int place = (int)(f - c->schema->fields);
        if (place < at && ordered) {
            push_columns(c, name, TEND_RULE_ERROR, f->span,
                         tend_arena_printf(c->arena, "%s: the columns are not in the order of the schema", name), NULL);
            ordered = false;
        }
        at = place;
    }
}

/* ---- SQL rules ---- */

static void push_sql(checker *c, const tend_sql_rule *rule, const breach *b) {
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_buf_printf(&text, "%s: ", rule->name);
    check_count_text(b->n, c->table->n_rows, &text);
    tend_buf_printf(&text, " %s \"%s\"", b->n == 1 ? "breaks" : "break", rule->sql);
    check_first_text(c->table, NULL, b->first, &text);
    check_push(c->out, c->arena,
               (tend_anomaly){.rule = "sql",
                              .column = rule->name,
                              .severity = rule->severity,
                              .n_rows = b->n,
                              .value = NAN,
                              .limit = NAN,
                              .message = tend_arena_strdup(c->arena, tend_buf_text(&text)),
                              .span = rule->span});
}

static tend_status check_sql(checker *c, const tend_sql_rule *rule, tend_error *err) {
    if (!c->options->sql) {
        check_push(c->out, c->arena,
                   (tend_anomaly){.rule = "sql",
                                  .column = rule->name,
                                  .severity = TEND_RULE_WARNING,
                                  .value = NAN,
                                  .limit = NAN,
                                  .message = tend_arena_printf(c->arena, "%s: not checked, there is no SQL engine here", rule->name),
                                  .span = rule->span});
        return TEND_OK;
    }
    uint8_t *holds = tend_malloc((size_t)c->table->n_rows + 1);
    tend_status status = c->options->sql(c->options->ctx, c->table, rule, holds, err);
    breach b = breach_start(c, rule->severity);
    for (int64_t i = 0; status == TEND_OK && i < c->table->n_rows; i++)
        if (holds[i] == 0)
            breach_add(&b, i, "%s: breaks \"%s\"", rule->name, rule->sql);
    free(holds);
    if (status == TEND_OK && b.n > 0)
        push_sql(c, rule, &b);
    return status;
}

/* ---- the quarantine ---- */

static const char *join_reasons(const check_reason *reason, tend_arena *arena) {
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    for (; reason; reason = reason->next)
        tend_buf_printf(&text, "%s%s", reason->text, reason->next ? "; " : "");
    return tend_arena_strdup(arena, tend_buf_text(&text));
}

/* Rows of the table in their order, then the ones that never entered it, in the reader's order. */
static void fill_quarantine(checker *c) {
    const tend_table *t = c->table;
    const tend_bad_rows *bad = c->options->bad;
    int64_t n = 0, at = 0, n_bad = bad ? bad->n : 0;
    for (int64_t i = 0; c->reasons && i < t->n_rows; i++)
        n += c->reasons[i] != NULL;
    for (int64_t i = 0; i < n_bad; i++)
        n += bad->items[i].row < 0;
    if (c->reasons)
        c->out->bad_row = TEND_ARRAY(c->arena, uint8_t, t->n_rows);
    tend_quarantined *q = TEND_ARRAY(c->arena, tend_quarantined, n);
    for (int64_t i = 0; c->reasons && i < t->n_rows; i++) {
        if (!c->reasons[i])
            continue;
        c->out->bad_row[i] = 1;
        q[at] = (tend_quarantined){.row = i, .reason = join_reasons(c->reasons[i], c->arena)};
        if (t->line && t->n_files > 0) {
            q[at].file = t->files[t->part ? t->part[i] : 0];
            q[at].line = t->line[i];
        }
        at++;
    }
    for (int64_t i = 0; i < n_bad; i++) {
        const tend_bad_row *b = &bad->items[i];
        if (b->row < 0)
            q[at++] = (tend_quarantined){-1, bad_text(b, c->arena), b->found, b->file, b->line};
    }
    c->out->quarantine = q;
    c->out->n_quarantine = n;
}

tend_status tend_check_table(const tend_table *table, const tend_schema *schema, const tend_check_options *options, tend_arena *arena,
                             tend_check *out, tend_error *err) {
    static const tend_check_options none = {0};
    tend_check result = {0};
    checker c = {table, schema, options ? options : &none, arena, &result, NULL};
    check_bad(&c);
    check_row_count(&c);
    check_absent(&c);
    if (schema->exact_columns)
        check_exact(&c);
    for (int i = 0; i < schema->n_fields; i++) {
        const tend_column *column = tend_table_column(table, schema->fields[i].name);
        if (column)
            TEND_TRY(check_field(&c, &schema->fields[i], column, err));
    }
    for (int i = 0; i < schema->n_unique; i++)
        check_unique(&c, schema->unique[i].columns, schema->unique[i].n_columns, schema->unique[i].severity, schema->unique[i].span);
    for (int i = 0; i < schema->n_rules; i++)
        TEND_TRY(check_sql(&c, &schema->rules[i], err));
    fill_quarantine(&c);
    *out = result;
    return TEND_OK;
}

static void set_number(tend_arena *arena, tend_node *map, const char *key, double v) {
    if (!isnan(v)) /* infinite: null, as JSON has no word for it */
        tend_node_set_double(arena, map, key, v);
}

static tend_node *anomaly_to_node(const tend_anomaly *a, tend_arena *arena) {
    tend_node *map = tend_node_new_map(arena);
    tend_node_set_string(arena, map, "rule", a->rule);
    tend_node_set_string(arena, map, "column", a->column);
    tend_node_set_string(arena, map, "severity", tend_rule_severity_name(a->severity));
    tend_node_set_int(arena, map, "rows", a->n_rows);
    set_number(arena, map, "value", a->value);
    set_number(arena, map, "limit", a->limit);
    tend_node_set_string(arena, map, "message", a->message);
    if (a->hint)
        tend_node_set_string(arena, map, "hint", a->hint);
    if (a->span.file)
        tend_node_set_string(arena, map, "where", tend_arena_printf(arena, "%s:%u:%u", a->span.file, a->span.line, a->span.column));
    return map;
}

tend_node *tend_check_to_node(const tend_check *check, tend_arena *arena) {
    tend_node *map = tend_node_new_map(arena);
    tend_node *list = tend_node_set_list(arena, map, "anomalies");
    for (int i = 0; i < check->n_anomalies; i++)
        tend_node_push(list, anomaly_to_node(&check->anomalies[i], arena));
    tend_node_set_int(arena, map, "quarantined", check->n_quarantine);
    tend_node_set_int(arena, map, "errors", check->n_errors);
    tend_node_set_int(arena, map, "warnings", check->n_warnings);
    return map;
}
