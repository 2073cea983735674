/* problem: what is asked. Checked when tend.yaml was loaded; kept as a document for the report and the model card. */
#include "flow/state.h"

#include <math.h>

tend_status tend_step_problem(tend_flow *flow, tend_step_record *record, tend_error *err) {
    const tend_project *p = flow->project;
    tend_arena *arena = flow->arena;
    tend_node *doc = tend_node_new_map(arena);
    tend_node_set_string(arena, doc, "name", p->name);
    tend_node_set_string(arena, doc, "question", p->question);
    tend_node_set_string(arena, doc, "target", p->target);
    tend_node_set_string(arena, doc, "metric", p->metric);
    tend_node_set_double(arena, doc, "goal", p->goal);
    tend_node_set_string(arena, doc, "deadline", p->deadline);
    tend_node_set_string(arena, doc, "baseline", p->baseline);
    tend_node_set_double(arena, doc, "min_gain", p->min_gain);
    const tend_node *limits = tend_node_path(p->config, "problem.limits");
    if (limits)
        tend_node_set(arena, doc, "limits", tend_node_copy(arena, limits));
    tend_flow_summary(flow, record, "predict %s%s%s", p->target, p->metric ? " by " : "", p->metric ? p->metric : "");
    return tend_flow_emit_json(flow, record, "problem", doc, err);
}
