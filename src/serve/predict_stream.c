/* POST /models/{name}/predict with CSV or NDJSON: rows are answered as they arrive, in memory that does not depend on how many there are.
 * A row that breaks the schema gets its reason instead of a prediction, and the others go on. */
#include "serve/app.h"
#include "serve/handlers.h"
#include "serve/out.h"
#include "serve/predict.h"
#include "serve/read_csv.h"

#include <math.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

enum { BATCH = 512, MAX_ROW = 16 << 20 };

typedef struct stream {
    serve_answer answer;
    serve_deployment *deployment; /* a reference, as long as the stream */
    bool csv_in, csv_out, headed;
    bool over;     /* it was refused, the rest is not looked at */
    tend_buf rest; /* bytes of a row that is not whole yet */
    tend_buf out;
    uint32_t line;
    int64_t rows; /* answered */
    serve_csv csv;
    const char *reasons[BATCH]; /* of rows that could not become one */
    tend_arena *batch;
} stream;

/* ---- content types ---- */

static tend_str bare_type(tend_str value) {
    const char *semicolon = memchr(value.at ? value.at : "", ';', value.size);
    return tend_str_trim(semicolon ? (tend_str){value.at, (size_t)(semicolon - value.at)} : value);
}

static bool is_type(tend_str type, const char *name) { return type.size == strlen(name) && !strncasecmp(type.at, name, type.size); }

static bool is_ndjson(tend_str type) {
    return is_type(type, "application/x-ndjson") || is_type(type, "application/ndjson") || is_type(type, "application/jsonl") ||
           is_type(type, "application/x-jsonlines");
}

bool serve_is_stream(const serve_call *call) {
    tend_str type = bare_type(call->request->content_type);
    return is_type(type, "text/csv") || is_ndjson(type);
}

bool serve_is_json(const serve_call *call) {
    tend_str type = bare_type(call->request->content_type);
    bool suffix = type.size > 5 && !strncasecmp(type.at + type.size - 5, "+json", 5);
    return !type.size || suffix || is_type(type, "application/json") || is_type(type, "application/x-www-form-urlencoded");
}

static bool answers_csv(const serve_call *call, bool csv_in) {
    tend_str accept = bare_type(tend_http_request_header(call->request, "accept"));
    if (is_type(accept, "text/csv"))
        return true;
    return csv_in && !is_ndjson(accept);
}

/* ---- answers ---- */

static void put_csv_text(tend_buf *out, tend_str s) {
    bool plain = true;
    for (size_t i = 0; i < s.size && plain; i++)
        plain = s.at[i] != ',' && s.at[i] != '"' && s.at[i] != '\n' && s.at[i] != '\r';
    if (plain) {
        tend_buf_append(out, s.at, s.size);
        return;
    }
    tend_buf_putc(out, '"');
    for (size_t i = 0; i < s.size; i++) {
        if (s.at[i] == '"')
            tend_buf_putc(out, '"');
        tend_buf_putc(out, s.at[i]);
    }
    tend_buf_putc(out, '"');
}

static void put_csv_header(const tend_model *m, tend_buf *out) {
    serve_put(out, "id,prediction");
    if (m->task == TEND_TASK_BINARY)
        serve_put(out, ",probability");
    for (int k = 0; m->task == TEND_TASK_MULTICLASS && k < m->n_classes; k++) {
        TEND_AUTO_BUF name = TEND_BUF_INIT;
        tend_buf_printf(&name, "probability_%s", m->classes[k]);
        tend_buf_putc(out, ',');
        put_csv_text(out, (tend_str){tend_buf_text(&name), name.size});
    }
    serve_put(out, ",version,error\n");
}

static void put_csv_row(const stream *s, int64_t row, const char *reason, tend_buf *out) {
    const tend_model *m = s->answer.version->loaded;
    const tend_predictions *p = s->answer.predictions;
    int scores = m->task == TEND_TASK_MULTICLASS ? m->n_classes : m->task == TEND_TASK_BINARY;
    if (reason) {
        for (int i = 0; i < 2 + scores; i++)
            tend_buf_putc(out, ',');
    } else {
        tend_buf_putc(out, ',');
        if (m->task == TEND_TASK_REGRESSION)
            serve_put_double(out, p->score[row]);
        else
            put_csv_text(out, tend_str_of(m->classes[p->class_index[row]]));
        for (int k = 0; k < scores; k++) {
            tend_buf_putc(out, ',');
            serve_put_double(out, m->task == TEND_TASK_BINARY ? p->score[row] : p->scores[row * m->n_classes + k]);
        }
        tend_buf_putc(out, ',');
    }
    serve_put(out, s->answer.version->version);
    tend_buf_putc(out, ',');
    if (reason)
        put_csv_text(out, tend_str_of(reason));
    tend_buf_putc(out, '\n');
}

static void put_id(const stream *s, int64_t row, tend_buf *out) {
    serve_put(out, s->answer.id);
    if (s->rows + row) {
        tend_buf_putc(out, '.');
        serve_put_int(out, s->rows + row);
    }
}

static void put_json_row(stream *s, int64_t row, const char *reason, tend_buf *out) {
    serve_put(out, "{\"id\":\"");
    put_id(s, row, out);
    tend_buf_putc(out, '"');
    if (reason) {
        serve_put(out, ",\"error\":");
        serve_put_string(out, tend_str_of(reason));
    } else {
        serve_outcome_json(s->answer.version->loaded, s->answer.predictions, row, out);
        if (s->answer.explain)
            serve_put_explanation(&s->answer, row, out);
    }
    serve_put(out, ",\"version\":");
    if (s->answer.version->number)
        serve_put_int(out, s->answer.version->number);
    else
        serve_put_string(out, tend_str_of(s->answer.version->version));
    serve_put(out, "}\n");
}

/* ---- batches ---- */

/* All that is wrong with a row, in one sentence. NULL: nothing. */
static const char *reason_of(const stream *s, int64_t row) {
    if (s->reasons[row])
        return s->reasons[row];
    if (!tend_rows_is_bad(s->answer.rows, row))
        return NULL;
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    const tend_input_fault *faults = tend_rows_faults(s->answer.rows);
    for (int i = 0; i < tend_rows_n_faults(s->answer.rows); i++)
        if (faults[i].row == row && faults[i].severity != TEND_RULE_WARNING)
            tend_buf_printf(&text, "%s%s: expected %s, found %s", text.size ? "; " : "",
                            tend_inputs_name(s->answer.version->inputs, faults[i].input), faults[i].expected,
                            faults[i].found ? faults[i].found : "nothing");
    return text.size ? tend_arena_strdup(s->batch, tend_buf_text(&text)) : "the row breaks the schema";
}

static void begin_batch(stream *s) {
    tend_rows_clear(s->answer.rows);
    tend_arena_clear(s->batch);
    memset(s->reasons, 0, sizeof s->reasons);
    s->answer.reading.odd = NULL;
    s->answer.reading.last = NULL;
    s->answer.reading.n_odd = 0;
}

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* As serve_predict has it for a whole request: JSON has no infinity. */
static void fail_infinite(stream *s) {
    for (int64_t row = 0; row < s->answer.predictions->n; row++)
        if (!isfinite(s->answer.predictions->score[row]) && !tend_rows_is_bad(s->answer.rows, row)) {
            tend_rows_fail(s->answer.rows, row);
            s->reasons[row] = SERVE_NOT_FINITE;
        }
}

static bool end_batch(serve_call *call, stream *s) {
    tend_error err = TEND_ERROR_INIT;
    if (s->csv_out && !s->headed)
        put_csv_header(s->answer.version->loaded, &s->out);
    s->headed = true;
    int64_t n = tend_rows_count(s->answer.rows);
    if (!n)
        return true;
    if (tend_rows_predict(s->answer.rows, &s->answer.predictions, &err) != TEND_OK) {
        if (!tend_http_has_begun(call->x)) /* else it is too late for a word, and the stream is cut */
            serve_refuse_error(call, &err);
        return false;
    }
    fail_infinite(s);
    for (int64_t row = 0; row < n; row++) {
        const char *reason = reason_of(s, row);
        if (s->csv_out) {
            put_id(s, row, &s->out);
            put_csv_row(s, row, reason, &s->out);
        } else {
            put_json_row(s, row, reason, &s->out);
        }
    }
    s->answer.first = s->rows;
    serve_end(call, &s->answer);
    s->rows += n;
    return true;
}

/* A row with a reason instead of values. */
static void add_reason(stream *s, const char *reason) {
    tend_rows_begin(s->answer.rows);
    tend_rows_fail(s->answer.rows, tend_rows_count(s->answer.rows) - 1);
    s->reasons[tend_rows_count(s->answer.rows) - 1] = reason;
}

/* ---- CSV ---- */

static bool read_header(serve_call *call, stream *s, tend_csv_lexer *lexer) {
    serve_fault *faults;
    if (!serve_csv_read_header(&s->csv, lexer, s->answer.version->inputs, call->arena)) {
        serve_refuse(call, 400, "line 1: expected a header with the names of the columns");
        return false;
    }
    int n = serve_csv_absent(&s->csv, s->answer.version->inputs, call->arena, &faults);
    if (n)
        serve_refuse_faults(call, 422, "the header lacks columns that the model reads", faults, n, n);
    return !n;
}

static void add_csv_row(stream *s, const tend_csv_row *row) {
    const char *fault = serve_csv_fault(&s->csv, row, s->batch);
    if (fault)
        add_reason(s, fault);
    else
        serve_csv_fill(&s->csv, row, s->answer.rows, s->batch);
}

/* Answers the whole rows at the start of text; returns how many bytes they were, or SIZE_MAX when it was refused. */
static size_t answer_csv(serve_call *call, stream *s, const char *text, size_t size, bool last) {
    tend_csv_cuts cuts;
    tend_csv_lexer lexer;
    tend_csv_row row;
    size_t mark = s->csv.inputs ? 0 : serve_csv_init(&s->csv, text, size);
    text += mark;
    size -= mark;
    tend_csv_cut_rows(text, size, &s->csv.dialect, s->line, last, SIZE_MAX, INT64_MAX, &cuts);
    size_t whole = last ? size : cuts.items[cuts.n].offset;
    tend_csv_cuts_done(&cuts);
    if (!whole)
        return 0;
    tend_csv_lexer_init(&lexer, text, whole, 0, s->line, &s->csv.dialect);
    if (!s->csv.inputs && !read_header(call, s, &lexer))
        return SIZE_MAX;
    for (bool more = true; more;) {
        begin_batch(s);
        while (tend_rows_count(s->answer.rows) < BATCH && (more = serve_csv_next(&s->csv, &lexer, &row)))
            add_csv_row(s, &row);
        if (!end_batch(call, s))
            return SIZE_MAX;
    }
    s->line = lexer.line;
    return mark + whole;
}

/* ---- NDJSON ---- */

static const char *odd_reason(const stream *s, const serve_odd_key *odd) {
    const char *near = odd->twice ? NULL : tend_inputs_nearest(s->answer.version->inputs, tend_str_of(odd->name));
    return tend_arena_printf(s->batch, odd->twice ? "%s: given twice%s%s%s" : "%s: an unknown column%s%s%s", odd->name,
                             near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static void add_json_row(stream *s, const char *line, size_t size) {
    tend_json_pull pull = tend_json_pull_init(line, size, s->batch);
    int64_t before = tend_rows_count(s->answer.rows);
    serve_reading *reading = &s->answer.reading;
    reading->odd = NULL;
    reading->last = NULL;
    if (!serve_read_row(reading, &pull) || !tend_json_pull_end(&pull)) {
        if (tend_rows_count(s->answer.rows) == before)
            tend_rows_begin(s->answer.rows);
        tend_rows_fail(s->answer.rows, before);
        s->reasons[before] = tend_arena_printf(s->batch, "line %u, column %zu: %s", s->line, tend_json_pull_offset(&pull) + 1, pull.fault);
    } else if (reading->odd) {
        tend_rows_fail(s->answer.rows, before);
        s->reasons[before] = odd_reason(s, reading->odd);
    }
}

static size_t answer_ndjson(serve_call *call, stream *s, const char *text, size_t size, bool last) {
    size_t at = 0;
    for (bool more = true; more;) {
        begin_batch(s);
        while (more && tend_rows_count(s->answer.rows) < BATCH) {
            const char *end = memchr(text + at, '\n', size - at);
            more = end || (last && at < size);
            if (!more)
                break;
            size_t length = end ? (size_t)(end - text) - at : size - at;
            tend_str line = tend_str_trim((tend_str){text + at, length});
            if (line.size)
                add_json_row(s, line.at, line.size);
            s->line++;
            at += length + (end != NULL);
        }
        if (!end_batch(call, s))
            return SIZE_MAX;
    }
    return at;
}

/* ---- the stream ---- */

static void free_stream(void *ctx) {
    stream *s = ctx;
    tend_buf_done(&s->rest);
    tend_buf_done(&s->out);
    tend_arena_free(s->batch);
    serve_deployment_unref(s->deployment);
}

static stream *begin_stream(serve_call *call) {
    stream *s = TEND_NEW(call->arena, stream);
    s->deployment = serve_deployment_ref(serve_service_deployment(call->service, call->lane));
    s->batch = tend_arena_new();
    s->line = 1;
    s->csv_in = is_type(bare_type(call->request->content_type), "text/csv");
    s->csv_out = answers_csv(call, s->csv_in);
    call->deployment = s->deployment;
    call->stream = s;
    tend_arena_defer(call->arena, free_stream, s);
    s->over = !serve_begin(call, &s->answer);
    s->answer.reading.arena = s->batch;
    s->answer.reading.max_rows = 0;
    return s;
}

static void send_out(serve_call *call, stream *s) {
    if (!s->out.size)
        return;
    if (!tend_http_has_begun(call->x))
        tend_http_begin_stream(call->x, 200, s->csv_out ? "text/csv; charset=utf-8" : "application/x-ndjson");
    tend_http_write(call->x, (tend_str){s->out.data, s->out.size});
    tend_buf_clear(&s->out);
}

static void answer_bytes(serve_call *call, stream *s, tend_str bytes, bool last) {
    const char *text = bytes.at;
    size_t size = bytes.size;
    bool completes = last || (size && memchr(text, '\n', size)); /* else a long row is not looked through again for each piece */
    if (s->rest.size) {
        tend_buf_append(&s->rest, bytes.at, bytes.size);
        text = s->rest.data;
        size = s->rest.size;
    }
    s->answer.began_ns = now_ns();
    size_t done = !completes ? 0 : s->csv_in ? answer_csv(call, s, text, size, last) : answer_ndjson(call, s, text, size, last);
    if (done == SIZE_MAX) {
        s->over = true;
        if (tend_http_has_begun(call->x))
            tend_http_abort(call->x);
        return;
    }
    if (size - done > MAX_ROW) {
        s->over = true;
        if (tend_http_has_begun(call->x))
            tend_http_abort(call->x);
        else
            serve_refuse(call, 413, "a row of more than 16 MB");
        return;
    }
    if (text == s->rest.data) {
        memmove(s->rest.data, s->rest.data + done, size - done);
        s->rest.size = size - done;
    } else if (size > done) {
        tend_buf_append(&s->rest, text + done, size - done);
    }
    send_out(call, s);
}

void serve_chunk_predict(serve_call *call, tend_str bytes, bool last) {
    stream *s = call->stream ? call->stream : begin_stream(call);
    if (s->over)
        return;
    answer_bytes(call, s, bytes, last);
    if (!last || s->over)
        return;
    if (s->csv_in && !s->csv.inputs) {
        serve_refuse(call, 400, "the body is empty: expected a header with the names of the columns");
        return;
    }
    if (!tend_http_has_begun(call->x))
        tend_http_begin_stream(call->x, 200, s->csv_out ? "text/csv; charset=utf-8" : "application/x-ndjson");
    tend_http_finish(call->x);
}

void serve_abandon_predict(serve_call *call) { call->stream = NULL; /* the exchange's arena frees it */ }
