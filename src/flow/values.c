/* The values that steps share, made from the objects of the steps before when first asked for. */
#include "flow/state.h"
#include "stats/metric.h"

#include <math.h>

static tend_status load_table(tend_flow *flow, tend_step_id step, tend_table **slot, const tend_table **out, tend_error *err) {
    if (!*slot) {
        char *data;
        size_t size;
        TEND_TRY(tend_flow_load(flow, step, "table", &data, &size, err));
        TEND_TRY(tend_table_load(data, size, flow->arena, slot, err));
    }
    *out = *slot;
    return TEND_OK;
}

tend_status tend_flow_raw(tend_flow *flow, const tend_table **out, tend_error *err) {
    return load_table(flow, TEND_STEP_ACQUIRE, &flow->raw, out, err);
}

tend_status tend_flow_table(tend_flow *flow, const tend_table **out, tend_error *err) {
    return load_table(flow, TEND_STEP_VALIDATE, &flow->table, out, err);
}

tend_status tend_flow_target(tend_flow *flow, const tend_target **out, tend_error *err) {
    if (!flow->target) {
        const tend_project *p = flow->project;
        const tend_table *table;
        TEND_TRY(tend_flow_table(flow, &table, err));
        tend_target_options options = {.column = p->target,
                                       .has_task = p->has_task,
                                       .task = p->task,
                                       .positive = p->positive,
                                       .span = p->target_span,
                                       .positive_span = p->target_span};
        const tend_node *positive = tend_node_path(p->config, "problem.positive");
        if (positive)
            options.positive_span = positive->span;
        tend_target *target = TEND_NEW(flow->arena, tend_target);
        TEND_TRY(tend_target_make(table, &options, flow->arena, target, err));
        flow->target = target;
    }
    *out = flow->target;
    return TEND_OK;
}

tend_status tend_flow_split(tend_flow *flow, const tend_split **out, tend_error *err) {
    if (!flow->split) {
        char *data;
        size_t size;
        TEND_TRY(tend_flow_load(flow, TEND_STEP_SPLIT, "split", &data, &size, err));
        tend_cursor c = tend_cursor_init(data, size);
        tend_split *split = TEND_NEW(flow->arena, tend_split);
        split->n_train = (int64_t)tend_cursor_u64(&c);
        split->n_test = (int64_t)tend_cursor_u64(&c);
        if (c.failed || (uint64_t)split->n_train + (uint64_t)split->n_test != (size - 16) / 8)
            return TEND_FAIL(err, CORRUPT, "the stored split is not what tend writes");
        split->train = TEND_ARRAY(flow->arena, int64_t, split->n_train + 1);
        split->test = TEND_ARRAY(flow->arena, int64_t, split->n_test + 1);
        for (int64_t i = 0; i < split->n_train; i++)
            split->train[i] = (int64_t)tend_cursor_u64(&c);
        for (int64_t i = 0; i < split->n_test; i++)
            split->test[i] = (int64_t)tend_cursor_u64(&c);
        flow->split = split;
    }
    *out = flow->split;
    return TEND_OK;
}

tend_status tend_flow_pipeline(tend_flow *flow, const tend_pipeline **out, tend_error *err) {
    if (!flow->pipeline) {
        char *data;
        size_t size;
        TEND_TRY(tend_flow_load(flow, TEND_STEP_PREPARE, "pipeline", &data, &size, err));
        TEND_TRY(tend_pipeline_load(data, size, &flow->pipeline, err));
    }
    *out = flow->pipeline;
    return TEND_OK;
}

void tend_flow_pipeline_options(tend_flow *flow, const tend_target *target, const tend_split *split, tend_pipeline_options *out) {
    *out = (tend_pipeline_options){.features = flow->project->features,
                                   .target = flow->project->target,
                                   .task = target->task,
                                   .n_classes = target->n_classes,
                                   .y = target->y,
                                   .rows = split->train,
                                   .n_rows = split->n_train,
                                   .seed = flow->project->seed};
}

tend_status tend_flow_x_train(tend_flow *flow, const float **out, tend_error *err) {
    if (!flow->x_train) {
        const tend_table *table;
        const tend_target *target;
        const tend_split *split;
        const tend_pipeline *pipeline;
        TEND_TRY(tend_flow_table(flow, &table, err));
        TEND_TRY(tend_flow_target(flow, &target, err));
        TEND_TRY(tend_flow_split(flow, &split, err));
        TEND_TRY(tend_flow_pipeline(flow, &pipeline, err));
        tend_pipeline_options options;
        tend_flow_pipeline_options(flow, target, split, &options);
        float *x = TEND_ARRAY(flow->arena, float, (size_t)split->n_train *(size_t)tend_pipeline_width(pipeline) + 1);
        TEND_TRY(tend_pipeline_apply_training(pipeline, table, &options, x, err));
        flow->x_train = x;
    }
    *out = flow->x_train;
    return TEND_OK;
}

tend_status tend_flow_x_test(tend_flow *flow, const float **out, tend_error *err) {
    if (!flow->x_test) {
        const tend_table *table;
        const tend_split *split;
        const tend_pipeline *pipeline;
        TEND_TRY(tend_flow_table(flow, &table, err));
        TEND_TRY(tend_flow_split(flow, &split, err));
        TEND_TRY(tend_flow_pipeline(flow, &pipeline, err));
        float *x = TEND_ARRAY(flow->arena, float, (size_t)split->n_test *(size_t)tend_pipeline_width(pipeline) + 1);
        TEND_TRY(tend_pipeline_apply_rows(pipeline, table, split->test, split->n_test, x, err));
        flow->x_test = x;
    }
    *out = flow->x_test;
    return TEND_OK;
}

tend_status tend_flow_predictor(tend_flow *flow, const tend_predictor **out, tend_error *err) {
    if (!flow->predictor) {
        char *data;
        size_t size;
        TEND_TRY(tend_flow_load(flow, TEND_STEP_TRAIN, "predictor", &data, &size, err));
        TEND_TRY(tend_predictor_load(data, size, &flow->predictor, err));
    }
    *out = flow->predictor;
    return TEND_OK;
}

void tend_flow_forget_values(tend_flow *flow) {
    tend_pipeline_free(flow->pipeline);
    tend_predictor_free(flow->predictor);
    flow->pipeline = NULL;
    flow->predictor = NULL;
    flow->raw = flow->table = NULL;
    flow->target = NULL;
    flow->split = NULL;
    flow->x_train = flow->x_test = NULL;
}

double *tend_flow_y(tend_flow *flow, const tend_target *target, const int64_t *rows, int64_t n) {
    double *y = TEND_ARRAY(flow->arena, double, n + 1);
    for (int64_t i = 0; i < n; i++)
        y[i] = target->y[rows[i]];
    return y;
}

const char *tend_flow_metric(const tend_flow *flow, const tend_target *target) {
    return flow->project->metric ? flow->project->metric : tend_metric_default(target->n_classes);
}
