/* From tend.yaml and a table to a fitted pipeline. */
#include "base/rng.h"
#include "base/thread.h"
#include "feature/plan.h"

static void take_target(tend_plan *plan) {
    int target = plan->options->target ? tend_table_find(plan->table, plan->options->target) : -1;
    if (target >= 0)
        plan->taken[target] = true;
}

static void each_arm(tend_pipeline *p, void (*visit)(void *ctx, tend_arm *arm), void *ctx) {
    for (int f = 0; f < p->n_features; f++)
        for (int b = 0; b < p->features[f].n_branches; b++)
            for (int a = 0; a < p->features[f].branches[b].n_arms; a++)
                visit(ctx, &p->features[f].branches[b].arms[a]);
}

static void mark_used(void *ctx, tend_arm *arm) { ((int *)ctx)[arm->input] = 1; }
static void to_input(void *ctx, tend_arm *arm) { arm->input = ((int *)ctx)[arm->input]; }

/* The columns that are read become the inputs, in the table's order; arms then name inputs. */
static void number_inputs(tend_plan *plan) {
    tend_pipeline *p = plan->pipeline;
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    int *number = TEND_ARRAY(scratch, int, plan->table->n_columns);
    each_arm(p, mark_used, number);
    p->inputs = TEND_ARRAY(p->arena, tend_input, plan->table->n_columns);
    for (int c = 0; c < plan->table->n_columns; c++) {
        if (!number[c])
            continue;
        const tend_column *column = &plan->table->columns[c];
        p->inputs[p->n_inputs] = (tend_input){tend_arena_strdup(p->arena, column->name), column->type};
        number[c] = p->n_inputs++;
    }
    each_arm(p, to_input, number);
}

static bool looks_at_target(const tend_pipeline *p) {
    for (int f = 0; f < p->n_features; f++)
        for (int b = 0; b < p->features[f].n_branches; b++) {
            const tend_branch *branch = &p->features[f].branches[b];
            if (branch->stages[branch->n_stages - 1].transform->fit_folds)
                return true;
        }
    return false;
}

/* The plan, with every fault in diags; an unfitted pipeline. */
static tend_status resolve(const tend_table *table, const tend_pipeline_options *options, tend_diags *diags, tend_arena *arena,
                           tend_pipeline **out, tend_error *err) {
    tend_pipeline *p = TEND_NEW(arena, tend_pipeline);
    p->arena = arena;
    tend_plan plan = {.pipeline = p, .table = table, .options = options, .diags = diags};
    plan.taken = TEND_ARRAY(arena, bool, table->n_columns);
    size_t before = diags->n_errors;
    take_target(&plan);
    tend_plan_declared(&plan, options->features);
    tend_plan_infer_rest(&plan);
    if (diags->n_errors > before)
        return tend_diags_status(diags, err);
    number_inputs(&plan);
    *out = p;
    return TEND_OK;
}

static tend_status check_rows(const tend_table *table, const tend_pipeline_options *options, tend_error *err) {
    for (int64_t i = 0; options->rows && i < options->n_rows; i++)
        if (options->rows[i] < 0 || options->rows[i] >= table->n_rows)
            return TEND_FAIL(err, INVALID, "training row %lld of a table of %lld", (long long)options->rows[i], (long long)table->n_rows);
    return TEND_OK;
}

tend_status tend_pipeline_check(const tend_table *table, const tend_pipeline_options *options, tend_diags *diags, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *ignored;
    TEND_TRY(check_rows(table, options, err));
    return resolve(table, options, diags, arena, &ignored, err);
}

typedef struct fitting {
    tend_pipeline *pipeline;
    const tend_source *source;
    const tend_pipeline_options *options;
    const double *y;
    tend_arena **arenas; /* per feature: fitted state */
} fitting;

/* Each stage is fitted on what the stages before it give for the training rows. */
static void fit_stages(tend_stage *stages, int n, bool last_too, const tend_fit *fit, tend_run *run, tend_values *values) {
    for (int s = 0; s < n; s++) {
        const tend_transform *transform = stages[s].transform;
        tend_stage_coerce(&stages[s], values);
        if (transform->fit)
            transform->fit(&stages[s], fit, values);
        if (transform->apply && (last_too || s + 1 < n))
            transform->apply(&stages[s], run, values);
    }
}

static void fit_arms(const fitting *w, tend_branch *branch, const tend_fit *fit, tend_run *run, tend_values *values) {
    tend_str *parts = NULL;
    int64_t n = values->n;
    if (branch->n_arms > 1)
        parts = TEND_ARRAY(run->scratch, tend_str, tend_mul_or_die((size_t)branch->n_arms, (size_t)n));
    for (int a = 0; a < branch->n_arms; a++) {
        tend_arm *arm = &branch->arms[a];
        const tend_column *column = &w->source->table->columns[w->source->column[arm->input]];
        tend_values_read(values, column, w->pipeline->inputs[arm->input].type, w->source->rows, w->source->begin);
        fit_stages(arm->stages, arm->n_stages, true, fit, run, values);
        if (!parts)
            return;
        tend_values_to_text(values);
        memcpy(parts + a * n, values->texts, (size_t)n * sizeof *parts);
    }
    tend_join_texts(parts, branch->n_arms, values);
}

static void fit_feature(void *ctx, size_t f) {
    fitting *w = ctx;
    tend_feature *feature = &w->pipeline->features[f];
    tend_fit fit = {w->arenas[f], w->options->task, w->options->n_classes, w->y};
    for (int b = 0; b < feature->n_branches; b++) {
        TEND_AUTO(tend_arena) *scratch = tend_arena_new();
        tend_values values = {.arena = scratch, .n = w->source->n};
        tend_run run = {.scratch = scratch};
        tend_branch *branch = &feature->branches[b];
        fit_arms(w, branch, &fit, &run, &values);
        fit_stages(branch->stages, branch->n_stages, false, &fit, &run, &values);
    }
}

static void free_arena(void *arena) { tend_arena_free(arena); }

void tend_pipeline_fit_stages(tend_pipeline *p, const tend_source *source, const tend_pipeline_options *options, const double *y) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    fitting w = {p, source, options, y, TEND_ARRAY(scratch, tend_arena *, p->n_features)};
    for (int f = 0; f < p->n_features; f++) {
        w.arenas[f] = tend_arena_new(); /* one per feature: arenas are not shared between threads */
        tend_arena_defer(p->arena, free_arena, w.arenas[f]);
    }
    tend_parallel_for((size_t)p->n_features, 0, fit_feature, &w);
}

uint8_t *tend_feature_folds(int64_t n, uint64_t seed, tend_arena *arena) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    int64_t *order = TEND_ARRAY(scratch, int64_t, n);
    uint8_t *fold = TEND_ARRAY(arena, uint8_t, n);
    for (int64_t i = 0; i < n; i++)
        order[i] = i;
    tend_rng rng;
    tend_rng_init(&rng, seed, "feature folds");
    tend_rng_shuffle(&rng, order, (size_t)n);
    for (int64_t i = 0; i < n; i++)
        fold[order[i]] = (uint8_t)(i % TEND_FEATURE_FOLDS);
    return fold;
}

static tend_status fit_resolved(tend_pipeline *p, const tend_table *table, const tend_pipeline_options *options, tend_error *err) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    if (looks_at_target(p) && !options->y)
        return TEND_FAIL(err, CONFIG, "target_encode needs a target to learn from");
    tend_binding binding;
    TEND_TRY(tend_pipeline_bind(p, table, scratch, &binding, err));
    tend_source source = {.table = table, .column = binding.column, .rows = options->rows};
    source.n = options->rows ? options->n_rows : table->n_rows;
    double *y = options->y ? TEND_ARRAY(scratch, double, source.n) : NULL;
    for (int64_t i = 0; y && i < source.n; i++)
        y[i] = options->y[options->rows ? options->rows[i] : i];
    tend_pipeline_fit_stages(p, &source, options, y);
    TEND_TRY(tend_pipeline_layout(p, err));
    if (!p->width)
        return TEND_FAIL(err, CONFIG, "no feature remains: of %d columns all are dropped or give no output", table->n_columns);
    return TEND_OK;
}

tend_status tend_pipeline_fit(const tend_table *table, const tend_pipeline_options *options, tend_diags *diags, tend_pipeline **out,
                              tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_pipeline *p;
    TEND_TRY(check_rows(table, options, err));
    TEND_TRY(resolve(table, options, diags, arena, &p, err));
    TEND_TRY(fit_resolved(p, table, options, err));
    arena = NULL; /* the pipeline owns it now */
    *out = p;
    return TEND_OK;
}
