/* prepare: the features, fitted on the training rows; and the profile of those rows, which is the reference for drift. */
#include "base/log.h"
#include "flow/state.h"

static tend_status fit(tend_flow *flow, const tend_table *table, const tend_target *target, const tend_split *split, tend_error *err) {
    tend_pipeline_options options;
    tend_flow_pipeline_options(flow, target, split, &options);
    tend_diags diags;
    tend_diags_init(&diags, flow->arena);
    tend_status status = tend_pipeline_fit(table, &options, &diags, &flow->pipeline, err);
    for (const tend_diag *d = diags.first; d; d = d->next)
        if (d->severity != TEND_SEVERITY_ERROR || diags.n_errors > 1)
            tend_log(TEND_LOG_WARNING, "%s%s%s", d->error.message, *d->error.hint ? "; " : "", d->error.hint);
    return status;
}

static tend_status emit_profile(tend_flow *flow, tend_step_record *record, const tend_table *table, const tend_split *split,
                                tend_error *err) {
    TEND_AUTO(tend_profile) *profile = tend_profile_new();
    TEND_TRY(tend_profile_add(profile, table, split->train, split->n_train, err));
    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    tend_profile_save(profile, &bytes);
    return tend_flow_emit(flow, record, "profile", tend_buf_text(&bytes), bytes.size, err);
}

tend_status tend_step_prepare(tend_flow *flow, tend_step_record *record, tend_error *err) {
    const tend_table *table;
    const tend_target *target;
    const tend_split *split;
    TEND_TRY(tend_flow_table(flow, &table, err));
    TEND_TRY(tend_flow_target(flow, &target, err));
    TEND_TRY(tend_flow_split(flow, &split, err));
    TEND_TRY(fit(flow, table, target, split, err));
    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    tend_pipeline_save(flow->pipeline, &bytes);
    TEND_TRY(tend_flow_emit(flow, record, "pipeline", tend_buf_text(&bytes), bytes.size, err));
    tend_node *features = tend_pipeline_to_node(flow->pipeline, flow->arena);
    TEND_TRY(tend_flow_emit_json(flow, record, "features", features, err));
    TEND_TRY(emit_profile(flow, record, table, split, err));
    const tend_node *list = tend_node_get(features, "features"), *dropped = tend_node_get(features, "dropped");
    tend_flow_summary(flow, record, "%d features from %d columns (%d dropped), %d in the matrix", list ? (int)list->count : 0,
                      tend_pipeline_n_inputs(flow->pipeline), dropped ? (int)dropped->count : 0, tend_pipeline_width(flow->pipeline));
    return TEND_OK;
}
