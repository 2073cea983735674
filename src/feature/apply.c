/* Applying a fitted pipeline: the same loops for a batch, for the training matrix and for one row.
 * Rows go through in chunks that stay in the cache; chunks do not depend on each other, so their
 * order and their threads do not matter. */
#include "base/thread.h"
#include "feature/plan.h"

enum { CHUNK = 256, TASK = 4096 };

void tend_stage_coerce(const tend_stage *stage, tend_values *values) {
    if (stage->kind == TEND_VALUE_TEXT && values->kind == TEND_VALUE_NUMBER)
        tend_values_to_text(values);
}

static void run_stages(const tend_stage *stages, int n, tend_run *run, tend_values *values) {
    for (int s = 0; s < n; s++) {
        tend_stage_coerce(&stages[s], values);
        if (stages[s].transform->apply)
            stages[s].transform->apply(&stages[s], run, values);
    }
}

void tend_arm_read(const tend_pipeline *pipeline, const tend_arm *arm, const tend_source *source, tend_run *run, tend_values *out) {
    const tend_column *column = &source->table->columns[source->column[arm->input]];
    tend_values_read(out, column, pipeline->inputs[arm->input].type, source->rows, source->begin);
    run_stages(arm->stages, arm->n_stages, run, out);
}

void tend_join_texts(const tend_str *parts, int n_arms, tend_values *out) {
    static const tend_str missing = {"(missing)", 9};
    TEND_AUTO_BUF joined = TEND_BUF_INIT;
    int64_t n = out->n;
    tend_values_use(out, TEND_VALUE_TEXT);
    for (int64_t i = 0; i < n; i++) {
        tend_buf_clear(&joined);
        for (int a = 0; a < n_arms; a++) {
            tend_str part = parts[a * n + i].at ? parts[a * n + i] : missing;
            if (a)
                tend_buf_putc(&joined, '|');
            tend_buf_append(&joined, part.at, part.size);
        }
        out->texts[i] = (tend_str){tend_arena_strndup(out->arena, tend_buf_text(&joined), joined.size), joined.size};
    }
}

static void read_joined(const tend_pipeline *pipeline, const tend_branch *branch, const tend_source *source, tend_run *run,
                        tend_values *out) {
    tend_str *parts = TEND_ARRAY(out->arena, tend_str, tend_mul_or_die((size_t)branch->n_arms, (size_t)out->n));
    for (int a = 0; a < branch->n_arms; a++) {
        tend_arm_read(pipeline, &branch->arms[a], source, run, out);
        tend_values_to_text(out);
        for (int64_t i = 0; i < out->n; i++)
            parts[a * out->n + i] = out->texts[i];
    }
    tend_join_texts(parts, branch->n_arms, out);
}

void tend_branch_read(const tend_pipeline *pipeline, const tend_branch *branch, const tend_source *source, tend_run *run,
                      tend_values *out) {
    if (branch->n_arms > 1)
        read_joined(pipeline, branch, source, run, out);
    else
        tend_arm_read(pipeline, &branch->arms[0], source, run, out);
    run_stages(branch->stages, branch->n_stages - 1, run, out);
    tend_stage_coerce(&branch->stages[branch->n_stages - 1], out);
}

static void emit_branch(const tend_branch *branch, tend_run *run, tend_values *values) {
    const tend_stage *last = &branch->stages[branch->n_stages - 1];
    float *out = run->out + branch->n_indicators;
    if (last->transform->emit) {
        last->transform->emit(last, run, values, out);
        return;
    }
    last->transform->apply(last, run, values);
    for (int64_t i = 0; i < values->n; i++, out += run->stride)
        *out = tend_float_of(values->numbers[i]);
}

/* One chunk of rows through every branch. The buffers of the values serve all branches. */
static void apply_chunk(const tend_pipeline *p, const tend_source *source, float *out, tend_run *run) {
    tend_values values = {.arena = run->scratch, .n = source->n};
    for (int f = 0; f < p->n_features; f++)
        for (int b = 0; b < p->features[f].n_branches; b++) {
            const tend_branch *branch = &p->features[f].branches[b];
            run->out = out + branch->first;
            tend_branch_read(p, branch, source, run, &values);
            emit_branch(branch, run, &values);
        }
}

/* The source's rows, chunk by chunk. `fold`, when not NULL, is per row of the source. */
static void apply_source(const tend_pipeline *p, const tend_source *source, const uint8_t *fold, double *const *without_fold, float *out,
                         tend_arena *scratch) {
    for (int64_t at = 0; at < source->n; at += CHUNK) {
        tend_source chunk = *source;
        chunk.n = source->n - at < CHUNK ? source->n - at : CHUNK;
        chunk.begin = source->begin + at;
        chunk.rows = source->rows ? source->rows + at : NULL;
        tend_run run = {.scratch = scratch, .stride = (size_t)p->width, .without_fold = without_fold};
        run.fold = fold ? fold + at : NULL;
        tend_arena_clear(scratch);
        apply_chunk(p, &chunk, out + at * p->width, &run);
    }
}

static tend_status bind_input(const tend_input *input, const tend_table *table, int *out, tend_error *err) {
    const tend_column *column;
    TEND_TRY(tend_table_need(table, input->name, &column, err));
    if (!tend_values_can_read(column, input->type))
        return TEND_FAIL(err, INVALID, "column '%s' is of type %s; the model was trained on %s", input->name, tend_type_name(column->type),
                         tend_type_name(input->type));
    *out = (int)(column - table->columns);
    return TEND_OK;
}

tend_status tend_pipeline_bind(const tend_pipeline *p, const tend_table *table, tend_arena *arena, tend_binding *out, tend_error *err) {
    int *column = TEND_ARRAY(arena, int, p->n_inputs);
    for (int i = 0; i < p->n_inputs; i++)
        TEND_TRY(bind_input(&p->inputs[i], table, &column[i], err));
    out->column = column;
    return TEND_OK;
}

tend_status tend_pipeline_apply(const tend_pipeline *p, const tend_table *table, const tend_binding *binding, int64_t begin, int64_t n,
                                float *out, tend_arena *scratch, tend_error *err) {
    if (begin < 0 || n < 0 || begin > table->n_rows - n)
        return TEND_FAIL(err, INVALID, "rows %lld to %lld of a table of %lld", (long long)begin, (long long)begin + (long long)n,
                         (long long)table->n_rows);
    tend_source source = {.table = table, .column = binding->column, .begin = begin, .n = n};
    apply_source(p, &source, NULL, NULL, out, scratch);
    return TEND_OK;
}

typedef struct tasks {
    const tend_pipeline *pipeline;
    tend_source source;
    const uint8_t *fold;
    double *const *without_fold;
    float *out;
} tasks;

static void run_task(void *ctx, size_t i) {
    const tasks *t = ctx;
    int64_t at = (int64_t)i * TASK;
    tend_source part = t->source;
    part.rows += at;
    part.n = t->source.n - at < TASK ? t->source.n - at : TASK;
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    apply_source(t->pipeline, &part, t->fold ? t->fold + at : NULL, t->without_fold, t->out + at * t->pipeline->width, scratch);
}

static tend_status check_rows(const tend_table *table, const int64_t *rows, int64_t n, tend_error *err) {
    for (int64_t i = 0; i < n; i++)
        if (rows[i] < 0 || rows[i] >= table->n_rows)
            return TEND_FAIL(err, INVALID, "row %lld of a table of %lld", (long long)rows[i], (long long)table->n_rows);
    return TEND_OK;
}

static tend_status bind_rows(const tend_pipeline *p, const tend_table *table, const int64_t *rows, int64_t n, tend_arena *arena,
                             tend_source *out, tend_error *err) {
    tend_binding binding;
    TEND_TRY(tend_pipeline_bind(p, table, arena, &binding, err));
    TEND_TRY(check_rows(table, rows, n, err));
    *out = (tend_source){.table = table, .column = binding.column, .rows = rows, .n = n};
    return TEND_OK;
}

tend_status tend_pipeline_apply_rows(const tend_pipeline *p, const tend_table *table, const int64_t *rows, int64_t n, float *out,
                                     tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tasks t = {.pipeline = p, .out = out};
    TEND_TRY(bind_rows(p, table, rows, n, arena, &t.source, err));
    tend_parallel_for((size_t)((n + TASK - 1) / TASK), 0, run_task, &t);
    return TEND_OK;
}

/* The state that each stage which looks at the target has without each fold; one task per feature.
 */
typedef struct fold_work {
    const tend_pipeline *pipeline;
    const tend_source *source;
    const tend_pipeline_options *options;
    const double *y;
    const uint8_t *fold;
    double **without_fold;
    tend_arena **arenas; /* per feature */
} fold_work;

static void fit_feature_folds(void *ctx, size_t f) {
    fold_work *w = ctx;
    const tend_feature *feature = &w->pipeline->features[f];
    for (int b = 0; b < feature->n_branches; b++) {
        const tend_branch *branch = &feature->branches[b];
        const tend_stage *last = &branch->stages[branch->n_stages - 1];
        if (!last->transform->fit_folds)
            continue;
        TEND_AUTO(tend_arena) *scratch = tend_arena_new();
        tend_values values = {.arena = scratch, .n = w->source->n};
        tend_run run = {.scratch = scratch};
        tend_branch_read(w->pipeline, branch, w->source, &run, &values);
        tend_fit fit = {w->arenas[f], w->options->task, w->options->n_classes, w->y};
        w->without_fold[last->id] = last->transform->fit_folds(last, &fit, &values, w->fold);
    }
}

static void free_arena(void *arena) { tend_arena_free(arena); }

static double **fit_folds(fold_work *w, tend_arena *arena) {
    size_t n = (size_t)w->pipeline->n_features;
    w->without_fold = TEND_ARRAY(arena, double *, w->pipeline->n_stages);
    w->arenas = TEND_ARRAY(arena, tend_arena *, n);
    for (size_t f = 0; f < n; f++) {
        w->arenas[f] = tend_arena_new();
        tend_arena_defer(arena, free_arena, w->arenas[f]);
    }
    tend_parallel_for(n, 0, fit_feature_folds, w);
    return w->without_fold;
}

static int64_t *all_rows(int64_t n, tend_arena *arena) {
    int64_t *rows = TEND_ARRAY(arena, int64_t, n);
    for (int64_t i = 0; i < n; i++)
        rows[i] = i;
    return rows;
}

tend_status tend_pipeline_apply_training(const tend_pipeline *p, const tend_table *table, const tend_pipeline_options *options, float *out,
                                         tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    int64_t n = options->rows ? options->n_rows : table->n_rows;
    const int64_t *rows = options->rows ? options->rows : all_rows(n, arena);
    tasks t = {.pipeline = p, .out = out};
    TEND_TRY(bind_rows(p, table, rows, n, arena, &t.source, err));
    if (options->y) {
        double *y = TEND_ARRAY(arena, double, n);
        for (int64_t i = 0; i < n; i++)
            y[i] = options->y[rows[i]];
        fold_work w = {p, &t.source, options, y, tend_feature_folds(n, options->seed, arena), NULL, NULL};
        t.without_fold = fit_folds(&w, arena);
        t.fold = w.fold;
    }
    tend_parallel_for((size_t)((n + TASK - 1) / TASK), 0, run_task, &t);
    return TEND_OK;
}
