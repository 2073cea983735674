#include "flow/feedback_file.h"

#include "base/clock.h"
#include "base/dict.h"
#include "flow/flow.h"
#include "flow/prediction_log.h"
#include "store/feedback.h"
#include "store/journal.h"

enum { CHUNK = 1 << 20 }; /* bytes appended at once */

typedef struct reading {
    const tend_feedback_options *options;
    tend_arena *arena, *scratch; /* of the result; of this file */
    tend_feedback_result *result;
    const char *path;
    tend_table *table;
    tend_bad_rows bad; /* in no table */
    const tend_column *id, *target;
    int64_t *rows; /* that are well-formed */
    int64_t n_rows;
    int64_t now;
} reading;

/* ---- faults ---- */

static void add_fault(tend_arena *arena, tend_feedback_fault *faults, int64_t *io_n, const char *where, const char *message,
                      const char *hint) {
    if (*io_n < TEND_FEEDBACK_FAULTS)
        faults[*io_n] =
            (tend_feedback_fault){tend_arena_strdup(arena, where), tend_arena_strdup(arena, message), tend_arena_strdup(arena, hint)};
    *io_n += 1;
}

static void add_invalid(reading *r, int64_t row, const tend_error *why) {
    TEND_AUTO_BUF where = TEND_BUF_INIT;
    tend_table_where(r->table, row, &where);
    add_fault(r->arena, r->result->invalid, &r->result->n_invalid, tend_buf_text(&where), why->message, why->hint);
}

static void add_bad_rows(reading *r) {
    const tend_bad_rows *bad = &r->bad;
    for (int64_t i = 0; i < bad->n; i++) {
        const tend_bad_row *row = &bad->items[i];
        const char *where = tend_arena_printf(r->scratch, "%s:%u", row->file ? row->file : r->path, row->line);
        add_fault(r->arena, r->result->invalid, &r->result->n_invalid, where, row->reason, "");
    }
    r->result->n_read += bad->n_total;
    r->result->n_invalid += bad->n_total - bad->n;
}

/* ---- reading ---- */

/* Everything as text: an id of digits, a class "01" and a number keep the form they were written in. */
static tend_status read_table(reading *r, tend_error *err) {
    const char *target = r->options->model->target;
    tend_field fields[] = {{.name = "id", .type = TEND_STRING, .has_type = true},
                           {.name = "target", .type = TEND_STRING, .has_type = true},
                           {.name = target, .type = TEND_STRING, .has_type = true}};
    tend_schema schema = {
        .fields = fields, .n_fields = strcmp(target, "target") && strcmp(target, "id") ? 3 : 2, .min_rows = -1, .max_rows = -1};
    tend_read_options options = TEND_READ_OPTIONS_INIT;
    options.schema = &schema;
    options.only_named = true;
    TEND_TRY(tend_read_file(tend_formats, r->path, &options, r->scratch, &r->bad, &r->table, NULL, err));
    r->id = tend_table_column(r->table, "id");
    r->target = tend_table_column(r->table, "target");
    if (!r->target && strcmp(target, "id") != 0)
        r->target = tend_table_column(r->table, target);
    if (!r->id)
        return tend_error_hint(err, TEND_FAIL(err, NOT_FOUND, "%s has no column 'id'", r->path),
                               "it holds the ids that the predictions came with");
    if (!r->target)
        return tend_error_hint(err, TEND_FAIL(err, NOT_FOUND, "%s has no column 'target' or '%s'", r->path, target),
                               "it holds what turned out to be true");
    return TEND_OK;
}

static tend_status format_row(const reading *r, int64_t row, tend_buf *out, tend_error *err) {
    const tend_model *m = r->options->model;
    tend_feedback feedback = {
        .id = tend_column_str(r->id, row), .target = tend_column_str(r->target, row), .who = r->options->who, .micros = r->now};
    return tend_feedback_format(&feedback, m->classes, (size_t)m->n_classes, out, err);
}

static void check_rows(reading *r) {
    TEND_AUTO_BUF line = TEND_BUF_INIT;
    r->rows = TEND_ARRAY(r->scratch, int64_t, r->table->n_rows);
    r->result->n_read += r->table->n_rows;
    for (int64_t i = 0; i < r->table->n_rows; i++) {
        tend_error why = TEND_ERROR_INIT;
        tend_buf_clear(&line);
        if (format_row(r, i, &line, &why) == TEND_OK)
            r->rows[r->n_rows++] = i;
        else
            add_invalid(r, i, &why);
    }
}

/* ---- what is known already ---- */

/* The well-formed rows' ids: (place, id). */
static tend_table *given_table(const reading *r) {
    tend_table *given = tend_table_new(r->scratch, 2, r->n_rows);
    tend_column_builder *place = tend_column_builder_new(r->scratch, "place", TEND_INT);
    tend_column_builder *id = tend_column_builder_new(r->scratch, "id", TEND_STRING);
    for (int64_t i = 0; i < r->n_rows; i++) {
        tend_column_add_int(place, i);
        tend_column_add_string(id, tend_column_str(r->id, r->rows[i]));
    }
    tend_column_build(place, &given->columns[0]);
    tend_column_build(id, &given->columns[1]);
    return given;
}

/* Per well-formed row: is the id in the log; the target that stands, as text. */
static tend_status look_up(const reading *r, tend_table **out, tend_error *err) {
    tend_prediction_query query = TEND_PREDICTION_QUERY_INIT;
    query.store = r->options->store;
    query.model = r->options->name;
    query.given = given_table(r);
    query.sql = "SELECT l.id IS NOT NULL AS known, CAST(f.target AS VARCHAR) AS target FROM given g "
                "LEFT JOIN (SELECT DISTINCT id FROM prediction_log WHERE id IN (SELECT id FROM given)) l ON g.id = l.id "
                "LEFT JOIN feedback f ON g.id = f.id ORDER BY g.place";
    return tend_predictions_query(&query, r->scratch, out, err);
}

static bool same_target(const reading *r, tend_str a, tend_str b) {
    double x, y;
    if (r->options->model->n_classes)
        return tend_str_eq(a, b);
    return tend_text_parse_double(a, false, &x) && tend_text_parse_double(b, false, &y) && !(x < y) && !(x > y);
}

/* ---- appending ---- */

static tend_status append(tend_journal *journal, tend_buf *lines, int64_t *io_n, tend_error *err) {
    bool kept = *io_n == 0 || tend_journal_append(journal, lines->data, lines->size, *io_n);
    tend_buf_clear(lines);
    *io_n = 0;
    if (kept)
        return TEND_OK;
    tend_journal_counts counts;
    tend_journal_count(journal, &counts);
    return TEND_FAIL(err, IO, "the feedback was not kept: %s", counts.problem);
}

static void add_unknown(reading *r, int64_t row) {
    TEND_AUTO_BUF where = TEND_BUF_INIT;
    tend_table_where(r->table, row, &where);
    tend_str id = tend_column_str(r->id, row);
    add_fault(r->arena, r->result->unknown, &r->result->n_unknown, tend_buf_text(&where), tend_arena_strndup(r->scratch, id.at, id.size),
              "");
}

/* The number of the last row of each known id, so that of several rows the last one stands, now and when the file is given again. */
static int64_t *find_last_rows(const reading *r, const tend_table *known, tend_dict *ids) {
    int64_t *last = TEND_ARRAY(r->scratch, int64_t, r->n_rows);
    for (int64_t i = 0; i < r->n_rows; i++)
        if (known->columns[0].ints[i]) {
            tend_str id = tend_column_str(r->id, r->rows[i]);
            last[tend_dict_add(ids, id.at, id.size, NULL)] = i;
        }
    return last;
}

/* Counts the row; true when it says what is not known yet. */
static bool is_news(reading *r, const tend_table *known, int64_t i, const tend_dict *ids, const int64_t *last) {
    const tend_column *before = &known->columns[1];
    tend_str id = tend_column_str(r->id, r->rows[i]);
    int64_t *count = &r->result->n_new;
    if (!known->columns[0].ints[i]) {
        add_unknown(r, r->rows[i]);
        return false;
    }
    if (last[tend_dict_find(ids, id.at, id.size)] != i)
        count = &r->result->n_repeated;
    else if (tend_is_valid(before, i))
        count = same_target(r, tend_column_str(before, i), tend_column_str(r->target, r->rows[i])) ? &r->result->n_unchanged
                                                                                                   : &r->result->n_changed;
    *count += 1;
    return count == &r->result->n_new || count == &r->result->n_changed;
}

static tend_status append_rows(reading *r, const tend_table *known, tend_journal *journal, tend_error *err) {
    TEND_AUTO(tend_dict) *ids = tend_dict_new();
    TEND_AUTO_BUF lines = TEND_BUF_INIT;
    const int64_t *last = find_last_rows(r, known, ids);
    int64_t n = 0;
    for (int64_t i = 0; i < r->n_rows; i++) {
        if (!is_news(r, known, i, ids, last))
            continue;
        TEND_TRY(format_row(r, r->rows[i], &lines, err));
        n++;
        if (lines.size >= CHUNK)
            TEND_TRY(append(journal, &lines, &n, err));
    }
    return append(journal, &lines, &n, err);
}

tend_status tend_feedback_file(const tend_feedback_options *options, const char *path, tend_arena *arena, tend_feedback_result *io,
                               tend_error *err) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    reading r = {.options = options, .arena = arena, .scratch = scratch, .result = io, .path = path, .now = tend_clock_micros()};
    tend_table *known;
    tend_bad_rows_init(&r.bad, scratch);
    TEND_TRY(read_table(&r, err));
    check_rows(&r);
    add_bad_rows(&r);
    TEND_TRY(look_up(&r, &known, err));
    tend_journal_options journal_options = TEND_JOURNAL_OPTIONS_INIT;
    journal_options.folder = tend_feedback_folder(options->store, options->name, scratch);
    TEND_AUTO(tend_journal) *journal = NULL;
    TEND_TRY(tend_journal_open(&journal_options, &journal, err));
    TEND_TRY(append_rows(&r, known, journal, err));
    tend_journal_maintain(journal); /* packs what earlier calls left */
    return TEND_OK;
}
