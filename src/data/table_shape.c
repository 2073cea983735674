/* Tables from tables: some rows, some columns, one under the other. */
#include "data/table.h"

#include "base/dict.h"
#include "base/log.h"

#include <assert.h>
#include <math.h>

static void set_bit(uint8_t *bits, int64_t i) { bits[i >> 3] |= (uint8_t)(1u << (i & 7)); }

/* The validity of the rows taken; NULL when none of them is missing. */
static const uint8_t *take_valid(const tend_column *c, const int64_t *rows, int64_t n, tend_arena *arena, int64_t *out_missing) {
    *out_missing = 0;
    if (!c->valid)
        return NULL;
    uint8_t *bits = TEND_ARRAY(arena, uint8_t, (n + 7) / 8);
    for (int64_t i = 0; i < n; i++) {
        if (tend_is_valid(c, rows[i]))
            set_bit(bits, i);
        else
            ++*out_missing;
    }
    return *out_missing ? bits : NULL;
}

static void take_strings(const tend_column *c, const int64_t *rows, int64_t n, tend_arena *arena, tend_column *out) {
    int64_t *offsets = TEND_ARRAY(arena, int64_t, n + 1);
    for (int64_t i = 0; i < n; i++)
        offsets[i + 1] = offsets[i] + (c->offsets[rows[i] + 1] - c->offsets[rows[i]]);
    char *bytes = tend_arena_alloc(arena, (size_t)offsets[n]);
    for (int64_t i = 0; i < n; i++) {
        tend_str s = tend_column_str(c, rows[i]);
        if (s.size)
            memcpy(bytes + offsets[i], s.at, s.size);
    }
    out->offsets = offsets;
    out->bytes = bytes;
}

static void take_slots(const tend_column *c, const int64_t *rows, int64_t n, tend_arena *arena, tend_column *out) {
    if (c->type == TEND_FLOAT) {
        double *floats = TEND_ARRAY(arena, double, n);
        for (int64_t i = 0; i < n; i++)
            floats[i] = c->floats[rows[i]];
        out->floats = floats;
        return;
    }
    int64_t *ints = TEND_ARRAY(arena, int64_t, n);
    for (int64_t i = 0; i < n; i++)
        ints[i] = c->ints[rows[i]];
    out->ints = ints;
}

static void take_places(const tend_table *table, const int64_t *rows, int64_t n, tend_arena *arena, tend_table *out) {
    out->files = table->files;
    out->n_files = table->n_files;
    if (table->line) {
        uint32_t *line = TEND_ARRAY(arena, uint32_t, n);
        for (int64_t i = 0; i < n; i++)
            line[i] = table->line[rows[i]];
        out->line = line;
    }
    if (table->part) {
        uint16_t *part = TEND_ARRAY(arena, uint16_t, n);
        for (int64_t i = 0; i < n; i++)
            part[i] = table->part[rows[i]];
        out->part = part;
    }
}

tend_table *tend_table_take(const tend_table *table, const int64_t *rows, int64_t n, tend_arena *arena) {
    tend_table *out = tend_table_new(arena, table->n_columns, n);
    for (int i = 0; i < table->n_columns; i++) {
        const tend_column *c = &table->columns[i];
        tend_column *to = &out->columns[i];
        *to = (tend_column){.name = c->name, .type = c->type, .n_rows = n};
        to->valid = take_valid(c, rows, n, arena, &to->n_missing);
        if (c->type == TEND_STRING)
            take_strings(c, rows, n, arena, to);
        else
            take_slots(c, rows, n, arena, to);
    }
    take_places(table, rows, n, arena, out);
    return out;
}

static void slice_valid(const tend_column *c, int64_t begin, int64_t n, tend_arena *arena, tend_column *out) {
    out->n_missing = 0;
    out->valid = NULL;
    if (!c->valid)
        return;
    for (int64_t i = 0; i < n; i++)
        out->n_missing += !tend_is_valid(c, begin + i);
    if (out->n_missing == 0)
        return;
    if (begin % 8 == 0) {
        out->valid = c->valid + begin / 8;
        return;
    }
    uint8_t *bits = TEND_ARRAY(arena, uint8_t, (n + 7) / 8);
    for (int64_t i = 0; i < n; i++)
        if (tend_is_valid(c, begin + i))
            set_bit(bits, i);
    out->valid = bits;
}

tend_table *tend_table_slice(const tend_table *table, int64_t begin, int64_t n, tend_arena *arena) {
    assert(begin >= 0 && n >= 0 && begin + n <= table->n_rows);
    tend_table *out = tend_table_new(arena, table->n_columns, n);
    for (int i = 0; i < table->n_columns; i++) {
        const tend_column *c = &table->columns[i];
        tend_column *to = &out->columns[i];
        *to = *c;
        to->n_rows = n;
        slice_valid(c, begin, n, arena, to);
        to->ints = c->ints ? c->ints + begin : NULL;
        to->floats = c->floats ? c->floats + begin : NULL;
        to->offsets = c->offsets ? c->offsets + begin : NULL;
    }
    out->line = table->line ? table->line + begin : NULL;
    out->part = table->part ? table->part + begin : NULL;
    out->files = table->files;
    out->n_files = table->n_files;
    return out;
}

tend_status tend_table_select(const tend_table *table, const char *const *names, int n, tend_arena *arena, tend_table **out,
                              tend_error *err) {
    tend_table *selected = tend_table_new(arena, n, table->n_rows);
    for (int i = 0; i < n; i++) {
        const tend_column *column;
        TEND_TRY(tend_table_need(table, names[i], &column, err));
        selected->columns[i] = *column;
    }
    selected->line = table->line;
    selected->part = table->part;
    selected->files = table->files;
    selected->n_files = table->n_files;
    *out = selected;
    return TEND_OK;
}

/* ---- one under the other ---- */

/* A column that holds nothing at all takes the other's type: a file in which a column is empty must not turn dates into text. */
static tend_type join_types(const tend_column *a, tend_type type, bool empty) {
    if (empty || a->type == type)
        return a->type;
    if (a->n_missing == a->n_rows)
        return type;
    bool numbers = (a->type == TEND_INT || a->type == TEND_FLOAT) && (type == TEND_INT || type == TEND_FLOAT);
    return numbers ? TEND_FLOAT : TEND_STRING;
}

static tend_type joined_type(tend_table *const *tables, int n, const char *name) {
    tend_type type = TEND_STRING;
    bool empty = true, seen = false;
    for (int i = 0; i < n; i++) {
        const tend_column *c = tend_table_column(tables[i], name);
        if (!c)
            continue;
        type = seen ? join_types(c, type, empty) : c->type;
        seen = true;
        empty = empty && c->n_missing == c->n_rows;
    }
    return type;
}

static void append_missing(tend_column_builder *b, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        tend_column_add_missing(b);
}

static void append_column(tend_column_builder *b, tend_type type, const tend_column *c) {
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    for (int64_t i = 0; i < c->n_rows; i++) {
        if (!tend_is_valid(c, i)) {
            tend_column_add_missing(b);
        } else if (type == TEND_FLOAT) {
            tend_column_add_double(b, tend_column_double(c, i));
        } else if (type != TEND_STRING) {
            tend_column_add_int(b, c->ints[i]);
        } else {
            tend_buf_clear(&text);
            tend_column_format(c, i, &text);
            tend_column_add_string(b, (tend_str){tend_buf_text(&text), text.size});
        }
    }
}

static void warn_absent(const tend_table *table, int index, const char *name) {
    const char *file = table->n_files > 0 ? table->files[0] : NULL;
    if (file)
        tend_log(TEND_LOG_WARNING, "%s has no column '%s': its rows are missing there", file, name);
    else
        tend_log(TEND_LOG_WARNING, "table %d has no column '%s': its rows are missing there", index + 1, name);
}

static void concat_column(tend_table *const *tables, int n, const char *name, tend_arena *arena, tend_column *out) {
    tend_type type = joined_type(tables, n, name);
    tend_column_builder *b = tend_column_builder_new(arena, name, type);
    for (int i = 0; i < n; i++) {
        const tend_column *c = tend_table_column(tables[i], name);
        if (c) {
            append_column(b, type, c);
        } else {
            warn_absent(tables[i], i, name);
            append_missing(b, tables[i]->n_rows);
        }
    }
    tend_column_build(b, out);
}

/* Every name, in the first table's order; further names of later tables follow. */
static const char **union_names(tend_table *const *tables, int n, tend_arena *arena, int *out_n) {
    size_t total = 0;
    for (int i = 0; i < n; i++)
        total += (size_t)tables[i]->n_columns;
    const char **names = TEND_ARRAY(arena, const char *, total + 1);
    TEND_AUTO(tend_dict) *seen = tend_dict_new();
    int count = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < tables[i]->n_columns; j++) {
            const char *name = tables[i]->columns[j].name;
            bool is_new;
            tend_dict_add(seen, name, strlen(name), &is_new);
            if (is_new)
                names[count++] = name;
        }
    *out_n = count;
    return names;
}

/* Places are kept only when every part has them: half of them would mislead. */
static tend_status concat_places(tend_table *const *tables, int n, tend_arena *arena, tend_table *out, tend_error *err) {
    int n_files = 0;
    for (int i = 0; i < n; i++) {
        if (!tables[i]->line)
            return TEND_OK;
        n_files += tables[i]->n_files;
    }
    if (n_files > UINT16_MAX)
        return TEND_FAIL(err, LIMIT, "%d files are more than one table can keep apart (%d)", n_files, UINT16_MAX);
    const char **files = TEND_ARRAY(arena, const char *, n_files);
    uint32_t *line = TEND_ARRAY(arena, uint32_t, out->n_rows);
    uint16_t *part = TEND_ARRAY(arena, uint16_t, out->n_rows);
    int64_t row = 0;
    int file = 0;
    for (int i = 0; i < n; i++) {
        for (int64_t r = 0; r < tables[i]->n_rows; r++, row++) {
            line[row] = tables[i]->line[r];
            part[row] = (uint16_t)(file + (tables[i]->part ? tables[i]->part[r] : 0));
        }
        for (int f = 0; f < tables[i]->n_files; f++)
            files[file++] = tend_arena_strdup(arena, tables[i]->files[f]);
    }
    *out = (tend_table){out->n_rows, out->n_columns, out->columns, line, part, files, n_files};
    return TEND_OK;
}

tend_status tend_table_concat(tend_table *const *tables, int n, tend_arena *arena, tend_table **out, tend_error *err) {
    int64_t n_rows = 0;
    for (int i = 0; i < n; i++)
        n_rows += tables[i]->n_rows;
    int n_columns = 0;
    const char **names = union_names(tables, n, arena, &n_columns);
    tend_table *joined = tend_table_new(arena, n_columns, n_rows);
    for (int i = 0; i < n_columns; i++)
        concat_column(tables, n, names[i], arena, &joined->columns[i]);
    TEND_TRY(concat_places(tables, n, arena, joined, err));
    *out = joined;
    return TEND_OK;
}
