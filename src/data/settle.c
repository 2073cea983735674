#include "data/settle.h"

void tend_settle_missing(const tend_read_options *options, tend_arena *arena, tend_missing *out) {
    const tend_schema *schema = options->schema;
    if (options->missing)
        tend_missing_init(out, options->missing, options->n_missing, arena);
    else if (schema && schema->missing)
        tend_missing_init(out, schema->missing, schema->n_missing, arena);
    else
        tend_missing_init(out, NULL, 0, arena);
}

static const tend_field *declared_field(const tend_schema *schema, const char *name) {
    const tend_field *field = schema ? tend_schema_find(schema, name) : NULL;
    return field && field->has_type ? field : NULL;
}

bool tend_settle_is_declared(const tend_schema *schema, const char *const *names, int n) {
    for (int i = 0; i < n; i++)
        if (!declared_field(schema, names[i]))
            return false;
    return true;
}

static bool is_date(tend_type type) { return type == TEND_DATE || type == TEND_TIMESTAMP; }

bool tend_settle_is_known(const tend_schema *schema, const char *name) {
    const tend_field *field = declared_field(schema, name);
    return field && !is_date(field->type);
}

tend_plan tend_settle_plan(const tend_kinds *kinds, const tend_schema *schema, const char *name, bool all) {
    const tend_field *field = declared_field(schema, name);
    if (!field) {
        tend_plan plan = tend_kinds_decide(kinds);
        plan.open = plan.open && !all;
        return plan;
    }
    tend_plan plan = {.type = field->type, .declared = true};
    bool only_iso = true;
    for (int i = 0; i < kinds->n_dates; i++)
        only_iso &= kinds->dates[i].forms & 1u << TEND_DATE_ISO;
    if (!is_date(field->type) || (only_iso && kinds->n_dates > 0))
        return plan;
    if (all)
        tend_kinds_date_form(kinds, &plan.form);
    else /* how dates are written is told by all of them */
        plan = (tend_plan){.type = TEND_STRING, .declared = true, .open = true};
    return plan;
}

/* Texts that look like missing values, without looking at what else the column has. */
static void count_like_missing(const tend_column *c, tend_kinds *kinds) {
    bool first[256] = {false};
    size_t sizes[TEND_LIKE_MISSING_COUNT];
    for (int k = 0; k < TEND_LIKE_MISSING_COUNT; k++) {
        first[(unsigned char)tend_like_missing[k][0]] = true;
        sizes[k] = strlen(tend_like_missing[k]);
    }
    for (int64_t i = 0; i < c->n_rows; i++) {
        tend_str s = tend_column_str(c, i);
        if (s.size == 0 || s.size > 8 || !first[(unsigned char)s.at[0]])
            continue;
        for (int k = 0; k < TEND_LIKE_MISSING_COUNT; k++)
            kinds->like_missing[k] += s.size == sizes[k] && memcmp(s.at, tend_like_missing[k], s.size) == 0;
    }
}

static void tell_faults(const tend_table *table, const tend_cell_faults *faults, tend_bad_rows *bad, const char *path, const char *name) {
    if (!bad)
        return;
    for (int64_t k = 0; k < faults->n; k++) {
        const tend_cell_fault *f = &faults->items[k];
        tend_bad_rows_add(bad, (tend_bad_row){.file = path,
                                              .line = table->line ? table->line[f->row] : 0,
                                              .row = f->row,
                                              .column = name,
                                              .found = f->found,
                                              .reason = f->reason});
    }
    bad->n_total += faults->n_total - faults->n;
}

static tend_plan plan_for_text(const tend_kinds *kinds, const tend_field *field) {
    if (!field)
        return tend_kinds_decide(kinds);
    tend_plan plan = {.type = field->type, .declared = true};
    if (is_date(field->type) && !tend_kinds_date_form(kinds, &plan.form))
        plan.form = TEND_DATE_ISO; /* 01/02/2012 in every row: nobody can tell, so each is a bad cell */
    return plan;
}

/* The column made of its text as the plan says; false when a value does not fit after all. */
static bool remake(tend_table *table, int column, const tend_plan *plan, const tend_missing *missing, tend_bad_rows *bad, const char *path,
                   const char *name, tend_arena *arena) {
    tend_cell_faults faults = {0};
    tend_column made;
    bool fits = tend_convert_column(&table->columns[column], *plan, missing, column, &faults, arena, &made);
    if (fits) {
        table->columns[column] = made;
        tell_faults(table, &faults, bad, path, name);
    }
    tend_cell_faults_done(&faults);
    return fits;
}

void tend_settle_column(tend_table *table, int column, const tend_plan *read_as, const tend_schema *schema, const tend_missing *missing,
                        tend_bad_rows *bad, const char *path, const char *name, tend_arena *arena, tend_node *notes) {
    const tend_field *field = declared_field(schema, name);
    tend_plan plan = *read_as;
    tend_kinds kinds = {0};
    if (read_as->open) {
        tend_kinds_of_column(&table->columns[column], table->line, missing, &kinds);
        plan = plan_for_text(&kinds, field);
        if (plan.type != TEND_STRING && !remake(table, column, &plan, missing, bad, path, name, arena))
            plan.type = TEND_STRING;
    } else if (read_as->type == TEND_STRING && !field) {
        count_like_missing(&table->columns[column], &kinds);
        kinds.n = table->columns[column].n_rows - table->columns[column].n_missing;
    }
    if (table->n_rows > 0)
        tend_kinds_note(&kinds, &plan, name, arena, notes);
}
