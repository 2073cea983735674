#include "engine/expression.h"

#include "engine/statement.h"

/* The end of a quoted text or comment that begins at `at`, or `at` when none does. Doubled quotes
 * are part of a text. */
static size_t skip_quoted(const char *text, size_t size, size_t at) {
    char quote = text[at];
    if (quote == '\'' || quote == '"') {
        for (size_t i = at + 1; i < size; i++)
            if (text[i] == quote && (i + 1 == size || text[i + 1] != quote))
                return i + 1;
            else if (text[i] == quote)
                i++;
        return size;
    }
    if (quote == '-' && at + 1 < size && text[at + 1] == '-') {
        while (at < size && text[at] != '\n')
            at++;
        return at;
    }
    if (quote == '/' && at + 1 < size && text[at + 1] == '*') {
        for (size_t i = at + 2; i + 1 < size; i++)
            if (text[i] == '*' && text[i + 1] == '/')
                return i + 2;
        return size;
    }
    return at;
}

static tend_status bracket_fault(const tend_sql_source *source, size_t at, const char *message, tend_error *err) {
    return TEND_FAIL_AT(err, CONFIG, tend_sql_span(source, at), "SQL: %s", message);
}

/* The text stands in brackets in our statement. It must not be able to close them. */
static tend_status check_brackets(const tend_sql_source *source, tend_error *err) {
    size_t open[256];
    size_t depth = 0;
    for (size_t at = 0; at < source->size;) {
        size_t end = skip_quoted(source->text, source->size, at);
        if (end > at) {
            at = end;
            continue;
        }
        char c = source->text[at];
        if (c == ';')
            return bracket_fault(source, at, "expected one expression, not several statements", err);
        if (c == '$' && at + 1 < source->size && source->text[at + 1] == '$')
            return bracket_fault(source, at, "$$ quotes are not supported here; use '…'", err);
        if (c == ')' && depth == 0)
            return bracket_fault(source, at, "this ')' closes nothing", err);
        if (c == '(' && depth == sizeof open / sizeof *open)
            return bracket_fault(source, at, "brackets are nested too deeply", err);
        if (c == '(')
            open[depth++] = at;
        else if (c == ')')
            depth--;
        at++;
    }
    return depth ? bracket_fault(source, open[depth - 1], "this '(' is not closed", err) : TEND_OK;
}

static tend_status not_per_row(const tend_sql_source *source, tend_error *err) {
    return tend_error_hint(err, TEND_FAIL_AT(err, CONFIG, source->where, "SQL: the expression does not give one value per row"),
                           "an aggregate over all rows needs a window: avg(x) OVER ()");
}

/* An aggregate makes the engine complain about the row number that stands beside it. */
static tend_status translate(tend_status status, const tend_sql_source *source, tend_error *err) {
    if (err && strstr(err->message, TEND_SCAN_ROW))
        return not_per_row(source, err);
    return status;
}

/* Windows may give rows in another order: back to the table's. */
static tend_status in_order(const tend_table *result, int64_t n, const tend_sql_source *source, tend_arena *arena, tend_column *out,
                            tend_error *err) {
    if (result->n_columns != 2)
        return TEND_FAIL_AT(err, CONFIG, source->where, "SQL: expected one expression, found %d", result->n_columns - 1);
    if (result->n_rows != n)
        return not_per_row(source, err);
    const int64_t *row = result->columns[0].ints;
    int64_t *place = TEND_ARRAY(arena, int64_t, n);
    bool moved = false;
    for (int64_t i = 0; i < n; i++) {
        place[row[i]] = i;
        moved = moved || row[i] != i;
    }
    *out = moved ? tend_table_take(result, place, n, arena)->columns[1] : result->columns[1];
    return TEND_OK;
}

tend_status tend_expression_column(tend_duck_session *session, tend_scan *scan, const tend_table *table, const tend_sql_source *source,
                                   tend_arena *arena, tend_column *out, tend_error *err) {
    static const char prefix[] = "SELECT \"" TEND_SCAN_ROW "\", (";
    if (source->size == 0)
        return TEND_FAIL_AT(err, CONFIG, source->where, "SQL: there is no expression");
    TEND_TRY(tend_scan_check_names(table, err));
    TEND_TRY(check_brackets(source, err));
    TEND_AUTO_BUF sql = TEND_BUF_INIT;
    tend_buf_puts(&sql, prefix);
    tend_buf_append(&sql, source->text, source->size);
    tend_buf_puts(&sql, "\n) AS \"value\" FROM tend_scan()");
    TEND_TRY(tend_buf_status(&sql, err));
    tend_sql_source placed = *source;
    placed.prefix = sizeof prefix - 1;
    *scan = (tend_scan){.table = table, .number_rows = true};
    tend_table *result = NULL;
    tend_error inner = TEND_ERROR_INIT;
    tend_status status = tend_statement_table(session, tend_buf_text(&sql), &placed, arena, &result, &inner);
    if (status != TEND_OK) {
        if (err)
            *err = inner;
        return translate(status, source, err);
    }
    return in_order(result, table->n_rows, source, arena, out, err);
}
