#include "flow/score.h"

#include "base/log.h"
#include "base/thread.h"
#include "data/check.h"
#include "flow/flow.h"
#include "model/explain.h"

#include <math.h>

enum { BATCH_ROWS = 65536, MAX_REASONS = 64 };

typedef struct reason {
    const char *text, *first;
    int64_t rows;
} reason;

typedef struct scoring {
    const tend_score_options *options;
    tend_arena *arena;     /* of the whole call */
    tend_schema *reading;  /* types of the model's inputs, and the names of what is kept */
    tend_schema *checking; /* the rules about single rows, of the inputs only */
    tend_reader *reader;
    tend_writer *writer, *rejects;
    tend_explainer *explainer; /* NULL: not asked for */
    tend_bad_rows bad;
    const char **columns; /* of the data, as they are read; what a rejected row is written with */
    int n_columns;
    reason reasons[MAX_REASONS];
    int n_reasons;
    tend_score_result result;
} scoring;

/* ---- schemas ---- */

static bool is_input(const tend_pipeline *pipeline, const char *name) {
    for (int i = 0; i < tend_pipeline_n_inputs(pipeline); i++) {
        tend_type type;
        if (!strcmp(tend_pipeline_input(pipeline, i, &type), name))
            return true;
    }
    return false;
}

static void make_schemas(scoring *s) {
    const tend_model *m = s->options->model;
    int n = tend_pipeline_n_inputs(m->pipeline), n_keep = s->options->n_keep > 0 ? s->options->n_keep : 0;
    s->reading = TEND_NEW(s->arena, tend_schema);
    *s->reading = (tend_schema){.missing = m->schema->missing, .n_missing = m->schema->n_missing, .min_rows = -1, .max_rows = -1};
    s->reading->fields = TEND_ARRAY(s->arena, tend_field, n + n_keep);
    for (int i = 0; i < n; i++) {
        tend_field *f = &s->reading->fields[s->reading->n_fields++];
        f->name = tend_pipeline_input(m->pipeline, i, &f->type);
        f->has_type = true;
        f->severity = TEND_RULE_QUARANTINE;
    }
    for (int i = 0; i < n_keep; i++)
        if (!is_input(m->pipeline, s->options->keep[i]))
            s->reading->fields[s->reading->n_fields++] = (tend_field){.name = s->options->keep[i], .severity = TEND_RULE_QUARANTINE};
    s->checking = TEND_NEW(s->arena, tend_schema);
    *s->checking = *s->reading;
    s->checking->fields = TEND_ARRAY(s->arena, tend_field, m->schema->n_fields + 1);
    s->checking->n_fields = 0;
    for (int i = 0; i < m->schema->n_fields; i++) {
        const tend_field *f = &m->schema->fields[i];
        if (!is_input(m->pipeline, f->name))
            continue;
        tend_field *copy = &s->checking->fields[s->checking->n_fields++];
        *copy = *f;
        copy->unique = false; /* about the whole table */
        copy->drift_test = NULL;
    }
}

/* ---- reasons ---- */

static void count_reason(scoring *s, const char *text, const char *place) {
    for (int i = 0; i < s->n_reasons; i++)
        if (!strcmp(s->reasons[i].text, text)) {
            s->reasons[i].rows++;
            return;
        }
    if (s->n_reasons < MAX_REASONS)
        s->reasons[s->n_reasons++] = (reason){tend_arena_strdup(s->arena, text), tend_arena_strdup(s->arena, place), 1};
}

static void place_of(const tend_table *table, const tend_quarantined *q, tend_buf *out) {
    tend_buf_clear(out);
    if (q->row >= 0)
        tend_table_where(table, q->row, out);
    else if (q->file)
        tend_buf_printf(out, "%s:%u", q->file, q->line);
}

/* A cell of a rejected row; a row that never became one stands as it is in the first. */
static void add_cell(tend_column_builder *cells, const tend_table *table, const tend_quarantined *q, int column, tend_buf *text) {
    tend_buf_clear(text);
    bool known = q->row >= 0 ? tend_is_valid(&table->columns[column], q->row) : column == 0 && q->text;
    if (!known) {
        tend_column_add_missing(cells);
        return;
    }
    if (q->row >= 0)
        tend_column_format(&table->columns[column], q->row, text);
    else
        tend_buf_puts(text, q->text);
    tend_column_add_string(cells, tend_str_of(tend_buf_text(text)));
}

static tend_table *rejected_table(const scoring *s, const tend_table *table, const tend_check *check, tend_arena *batch) {
    tend_table *out = tend_table_new(batch, 2 + s->n_columns, check->n_quarantine);
    tend_buf text = TEND_BUF_INIT;
    for (int c = 0; c < out->n_columns; c++) {
        tend_column_builder *cells = tend_column_builder_new(batch, c == 0 ? "reason" : c == 1 ? "place" : s->columns[c - 2], TEND_STRING);
        for (int64_t i = 0; i < check->n_quarantine; i++) {
            const tend_quarantined *q = &check->quarantine[i];
            if (c == 0)
                tend_column_add_string(cells, tend_str_of(q->reason));
            else if (c == 1)
                place_of(table, q, &text), tend_column_add_string(cells, tend_str_of(tend_buf_text(&text)));
            else
                add_cell(cells, table, q, c - 2, &text);
        }
        tend_column_build(cells, &out->columns[c]);
    }
    tend_buf_done(&text);
    return out;
}

static tend_status reject(scoring *s, const tend_table *table, const tend_check *check, tend_arena *batch, tend_error *err) {
    tend_buf place = TEND_BUF_INIT;
    for (int64_t i = 0; i < check->n_quarantine; i++) {
        place_of(table, &check->quarantine[i], &place);
        count_reason(s, check->quarantine[i].reason, tend_buf_text(&place));
        s->result.n_read += check->quarantine[i].row < 0; /* it is in no table */
    }
    tend_buf_done(&place);
    s->result.n_rejected += check->n_quarantine;
    if (!s->rejects || !check->n_quarantine)
        return TEND_OK;
    return s->rejects->write(s->rejects, rejected_table(s, table, check, batch), err);
}

/* ---- the columns ---- */

static void take_columns(scoring *s, const tend_table *table) {
    s->columns = TEND_ARRAY(s->arena, const char *, table->n_columns + 1);
    for (s->n_columns = 0; s->n_columns < table->n_columns; s->n_columns++)
        s->columns[s->n_columns] = tend_arena_strdup(s->arena, table->columns[s->n_columns].name);
}

/* A file without a row: its table, as far as the model knows it. */
static tend_table *no_rows(scoring *s) {
    tend_table *table = tend_table_new(s->arena, s->reading->n_fields, 0);
    for (int i = 0; i < table->n_columns; i++)
        tend_column_build(tend_column_builder_new(s->arena, s->reading->fields[i].name, TEND_STRING), &table->columns[i]);
    return table;
}

static tend_status need_inputs(const scoring *s, const tend_table *table, tend_error *err) {
    const tend_pipeline *pipeline = s->options->model->pipeline;
    for (int i = 0; i < tend_pipeline_n_inputs(pipeline); i++) {
        tend_type type;
        const tend_column *column;
        tend_error absent = TEND_ERROR_INIT;
        const char *name = tend_pipeline_input(pipeline, i, &type);
        if (tend_table_need(table, name, &column, &absent) != TEND_OK)
            return tend_error_hint(
                err, TEND_FAIL(err, NOT_FOUND, "%s has no column '%s', which %s needs", s->options->data, name, s->options->version), "%s",
                absent.hint);
    }
    return TEND_OK;
}

/* ---- one batch ---- */

static tend_column floats_column(tend_arena *arena, const char *name, const double *values, int64_t n, int stride) {
    double *copy = TEND_ARRAY(arena, double, n + 1);
    for (int64_t i = 0; i < n; i++)
        copy[i] = values[i * stride];
    return (tend_column){.name = name, .type = TEND_FLOAT, .n_rows = n, .floats = copy};
}

/* A text column whose rows are few different texts. */
static tend_column texts_column(tend_arena *arena, const char *name, const char *const *texts, const int32_t *which, int64_t n) {
    int64_t *offsets = TEND_ARRAY(arena, int64_t, n + 1), size = 0;
    for (int64_t i = 0; i < n; i++)
        size += (int64_t)strlen(texts[which ? which[i] : 0]);
    char *bytes = TEND_ARRAY(arena, char, size + 1), *at = bytes;
    for (int64_t i = 0; i < n; i++) {
        const char *text = texts[which ? which[i] : 0];
        size_t length = strlen(text);
        memcpy(at, text, length);
        at += length;
        offsets[i + 1] = at - bytes;
    }
    return (tend_column){.name = name, .type = TEND_STRING, .n_rows = n, .offsets = offsets, .bytes = bytes};
}

static tend_status add_contributions(scoring *s, const tend_table *good, const tend_predictions *p, tend_arena *arena, tend_column *out,
                                     tend_error *err) {
    double *base, *values;
    TEND_TRY(tend_explain_table(s->explainer, good, p->class_index, arena, &base, &values, err));
    *out++ = floats_column(arena, "contribution_base", base, p->n, 1);
    int parts = tend_explainer_n_parts(s->explainer);
    for (int i = 0; i < parts; i++)
        *out++ = floats_column(arena, tend_arena_printf(s->arena, "contribution_%s", tend_explainer_part(s->explainer, i)), values + i,
                               p->n, parts);
    return TEND_OK;
}

static tend_status output_table(scoring *s, const tend_table *good, const tend_predictions *p, tend_arena *arena, tend_table **out,
                                tend_error *err) {
    const tend_model *m = s->options->model;
    int kept = s->options->n_keep < 0 ? good->n_columns : s->options->n_keep;
    int scores = m->task == TEND_TASK_MULTICLASS ? m->n_classes : m->task == TEND_TASK_BINARY ? 1 : 0;
    int contributions = s->explainer ? 1 + tend_explainer_n_parts(s->explainer) : 0;
    tend_table *t = tend_table_new(arena, kept + 2 + scores + contributions, p->n);
    int c = 0;
    for (int i = 0; i < kept; i++) {
        const tend_column *from = &good->columns[i];
        if (s->options->n_keep >= 0)
            TEND_TRY(tend_table_need(good, s->options->keep[i], &from, err));
        t->columns[c++] = *from;
    }
    t->columns[c++] = m->task == TEND_TASK_REGRESSION ? floats_column(arena, "prediction", p->score, p->n, 1)
                                                      : texts_column(arena, "prediction", m->classes, p->class_index, p->n);
    if (m->task == TEND_TASK_BINARY)
        t->columns[c++] = floats_column(arena, "probability", p->score, p->n, 1);
    for (int k = 0; m->task == TEND_TASK_MULTICLASS && k < m->n_classes; k++)
        t->columns[c++] =
            floats_column(arena, tend_arena_printf(s->arena, "probability_%s", m->classes[k]), p->scores + k, p->n, m->n_classes);
    t->columns[c++] = texts_column(arena, "model", &s->options->version, NULL, p->n);
    if (s->explainer)
        TEND_TRY(add_contributions(s, good, p, arena, t->columns + c, err));
    *out = t;
    return TEND_OK;
}

static tend_table *good_rows(const tend_table *table, const tend_check *check, tend_arena *arena) {
    int64_t *rows = TEND_ARRAY(arena, int64_t, table->n_rows + 1), n = 0;
    for (int64_t i = 0; i < table->n_rows; i++)
        if (!check->bad_row || !check->bad_row[i])
            rows[n++] = i;
    return n == table->n_rows ? (tend_table *)(uintptr_t)table : tend_table_take(table, rows, n, arena);
}

static tend_status score_batch(scoring *s, const tend_table *table, tend_arena *batch, tend_error *err) {
    tend_check check = {0};
    tend_check_options options = {.bad = &s->bad};
    TEND_TRY(tend_check_table(table, s->checking, &options, batch, &check, err));
    for (int i = 0; i < check.n_anomalies; i++)
        if (check.anomalies[i].severity == TEND_RULE_WARNING)
            s->result.n_warned += check.anomalies[i].n_rows;
    TEND_TRY(reject(s, table, &check, batch, err));
    const tend_table *good = good_rows(table, &check, batch);
    tend_predictions p;
    tend_table *out;
    TEND_TRY(tend_model_predict(s->options->model, good, batch, &p, err));
    TEND_TRY(output_table(s, good, &p, batch, &out, err));
    s->result.n_read += table->n_rows;
    s->result.n_predicted += p.n;
    return s->writer->write(s->writer, out, err);
}

/* No rows: a header, or what the format has for no rows. */
static tend_status write_nothing(scoring *s, tend_error *err) {
    tend_table *none = no_rows(s), *out;
    take_columns(s, none);
    tend_predictions p = {0};
    TEND_TRY(output_table(s, none, &p, s->arena, &out, err));
    return s->writer->write(s->writer, out, err);
}

static tend_status score_all(scoring *s, tend_error *err) {
    TEND_AUTO(tend_arena) *batch = tend_arena_new();
    for (;;) {
        if (tend_cancel_requested())
            return TEND_FAIL(err, CANCELLED, "stopped after %lld rows; no output was left behind", (long long)s->result.n_read);
        tend_arena_clear(batch);
        tend_bad_rows_init(&s->bad, batch);
        tend_table *table = NULL;
        TEND_TRY(s->reader->next(s->reader, batch, &table, err));
        if (!table)
            break;
        if (!s->columns) {
            take_columns(s, table);
            TEND_TRY(need_inputs(s, table, err));
        }
        TEND_TRY(score_batch(s, table, batch, err));
        tend_progress("predict", s->result.n_read, 0, "rows");
    }
    if (!s->columns)
        TEND_TRY(write_nothing(s, err));
    /* Rows that stood behind the last batch and entered no table. */
    if (s->bad.n) {
        tend_table *none = tend_table_new(batch, 0, 0);
        tend_check check = {0};
        TEND_TRY(tend_check_table(none, &(tend_schema){.min_rows = -1, .max_rows = -1}, &(tend_check_options){.bad = &s->bad}, batch,
                                  &check, err));
        TEND_TRY(reject(s, none, &check, batch, err));
    }
    TEND_TRY(s->writer->finish(s->writer, err));
    return s->rejects ? s->rejects->finish(s->rejects, err) : TEND_OK;
}

static tend_status open_files(scoring *s, bool only_named, tend_error *err) {
    const tend_score_options *o = s->options;
    const tend_format *in, *out;
    TEND_TRY(tend_format_find(tend_formats, o->data, NULL, &in, err));
    TEND_TRY(tend_format_find(tend_formats, o->output && strcmp(o->output, "-") ? o->output : "-.csv", NULL, &out, err));
    if (!out->create)
        return TEND_FAIL(err, UNSUPPORTED, "%s cannot be written as %s", o->output, out->name);
    tend_read_options read = TEND_READ_OPTIONS_INIT;
    read.schema = s->reading;
    read.missing = s->reading->missing;
    read.n_missing = s->reading->n_missing;
    read.only_named = only_named;
    read.batch_rows = o->batch_rows ? o->batch_rows : BATCH_ROWS;
    tend_bad_rows_init(&s->bad, s->arena);
    TEND_TRY(in->open(o->data, &read, &s->bad, &s->reader, err));
    if (o->rejected)
        TEND_TRY(tend_format_csv.create(o->rejected, &s->rejects, err));
    return out->create(o->output ? o->output : "-", &s->writer, err);
}

static void list_reasons(scoring *s) {
    s->result.reasons = tend_node_new_list(s->arena);
    for (int k = 0; k < s->n_reasons; k++) {
        reason *most = &s->reasons[0];
        for (int i = 1; i < s->n_reasons; i++)
            if (s->reasons[i].rows > most->rows)
                most = &s->reasons[i];
        tend_node *item = tend_node_push(s->result.reasons, tend_node_new_map(s->arena));
        tend_node_set_string(s->arena, item, "reason", most->text);
        tend_node_set_int(s->arena, item, "rows", most->rows);
        tend_node_set_string(s->arena, item, "first", most->first);
        most->rows = -1;
    }
}

static tend_status attempt(scoring *s, bool only_named, tend_error *err) {
    *s = (scoring){.options = s->options, .arena = s->arena, .explainer = s->explainer};
    make_schemas(s);
    tend_status status = open_files(s, only_named, err);
    if (status == TEND_OK)
        status = score_all(s, err);
    if (s->reader)
        s->reader->close(s->reader);
    if (s->writer)
        s->writer->close(s->writer);
    if (s->rejects)
        s->rejects->close(s->rejects);
    return status;
}

tend_status tend_score_file(const tend_score_options *options, tend_arena *arena, tend_score_result *out, tend_error *err) {
    TEND_AUTO(tend_explainer) *explainer = options->explain ? tend_explainer_new(options->model) : NULL;
    scoring s = {.options = options, .arena = arena, .explainer = explainer};
    bool only_named = options->n_keep >= 0 && !options->rejected; /* rejected rows are written whole */
    tend_status status = attempt(&s, only_named, err);
    /* Which name was meant instead of one that is missing, only all columns can tell. */
    if (status == TEND_NOT_FOUND && only_named && s.result.n_read == 0)
        status = attempt(&s, false, err);
    list_reasons(&s);
    if (status == TEND_OK)
        *out = s.result;
    return status;
}
