#include "data/profile.h"

#include "data/profile_internal.h"

#include <stdlib.h>

tend_profile *tend_profile_new(void) {
    tend_profile *profile = tend_calloc(1, sizeof *profile);
    profile->arena = tend_arena_new();
    return profile;
}

void tend_profile_free(tend_profile *profile) {
    if (!profile)
        return;
    for (int i = 0; i < profile->n_columns; i++)
        profile_column_done(&profile->columns[i]);
    tend_arena_free(profile->arena);
    free(profile);
}

int64_t tend_profile_rows(const tend_profile *profile) { return profile->rows; }

static tend_status need_sketches(const tend_profile *profile, tend_error *err) {
    if (profile->summary)
        return TEND_FAIL(err, UNSUPPORTED, "this profile was read from JSON: it has a summary only, and cannot be added to or merged");
    return TEND_OK;
}

static void fix_columns(tend_profile *profile, const tend_table *table) {
    profile->n_columns = table->n_columns;
    profile->columns = TEND_ARRAY(profile->arena, profile_column, table->n_columns);
    for (int i = 0; i < table->n_columns; i++)
        profile_column_init(&profile->columns[i], tend_arena_strdup(profile->arena, table->columns[i].name), table->columns[i].type);
}

static bool is_number(tend_type type) { return type == TEND_INT || type == TEND_FLOAT; }

static tend_status check_type(const char *name, tend_type ours, tend_type theirs, tend_error *err) {
    if (ours == theirs || (is_number(ours) && is_number(theirs)))
        return TEND_OK;
    return TEND_FAIL(err, INVALID, "column '%s' is of type %s, but the profile has it as %s", name, tend_type_name(theirs),
                     tend_type_name(ours));
}

static tend_status check_table(const tend_profile *profile, const tend_table *table, tend_error *err) {
    for (int i = 0; i < profile->n_columns; i++) {
        const tend_column *column = NULL;
        TEND_TRY(tend_table_need(table, profile->columns[i].name, &column, err));
        TEND_TRY(check_type(column->name, profile->columns[i].type, column->type, err));
    }
    if (table->n_columns != profile->n_columns)
        return TEND_FAIL(err, INVALID, "the table has %d columns, but the profile has %d", table->n_columns, profile->n_columns);
    return TEND_OK;
}

tend_status tend_profile_add(tend_profile *profile, const tend_table *table, const int64_t *rows, int64_t n, tend_error *err) {
    TEND_TRY(need_sketches(profile, err));
    if (profile->n_columns == 0)
        fix_columns(profile, table);
    else
        TEND_TRY(check_table(profile, table, err));
    for (int i = 0; i < profile->n_columns; i++) {
        profile_column *c = &profile->columns[i];
        const tend_column *column = tend_table_column(table, c->name);
        if (column->type != c->type)
            profile_column_widen(c);
        profile_column_add(c, column, rows, n);
    }
    profile->rows += n;
    return TEND_OK;
}

static const profile_column *find_column(const tend_profile *profile, const char *name) {
    for (int i = 0; i < profile->n_columns; i++)
        if (strcmp(profile->columns[i].name, name) == 0)
            return &profile->columns[i];
    return NULL;
}

static tend_status check_profile(const tend_profile *into, const tend_profile *other, tend_error *err) {
    for (int i = 0; i < into->n_columns; i++) {
        const profile_column *c = find_column(other, into->columns[i].name);
        if (!c)
            return TEND_FAIL(err, INVALID, "the other profile has no column '%s'", into->columns[i].name);
        TEND_TRY(check_type(c->name, into->columns[i].type, c->type, err));
    }
    if (other->n_columns != into->n_columns)
        return TEND_FAIL(err, INVALID, "the profiles have %d and %d columns", into->n_columns, other->n_columns);
    return TEND_OK;
}

tend_status tend_profile_merge(tend_profile *into, const tend_profile *other, tend_error *err) {
    TEND_TRY(need_sketches(into, err));
    TEND_TRY(need_sketches(other, err));
    if (other->n_columns == 0)
        return TEND_OK;
    if (into->n_columns == 0) { /* an empty profile takes the other's columns */
        into->n_columns = other->n_columns;
        into->columns = TEND_ARRAY(into->arena, profile_column, other->n_columns);
        for (int i = 0; i < other->n_columns; i++)
            profile_column_init(&into->columns[i], tend_arena_strdup(into->arena, other->columns[i].name), other->columns[i].type);
    }
    TEND_TRY(check_profile(into, other, err));
    for (int i = 0; i < into->n_columns; i++) {
        profile_column *c = &into->columns[i];
        const profile_column *theirs = find_column(other, c->name);
        if (theirs->type != c->type)
            profile_column_widen(c);
        profile_column_merge(c, theirs);
    }
    into->rows += other->rows;
    return TEND_OK;
}
