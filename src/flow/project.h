/* A project: tend.yaml, read, completed with defaults and checked.
 *
 * Every key is a row of one table (config.c): the same rows refuse unknown keys (with the nearest right word), check types, bounds and
 * choices, supply defaults, make the JSON Schema that editors use and the annotated reference in docs/. All faults are
 * reported at once. `--set a.b=c` replaces a key before the check and names itself as the source.
 */
#ifndef TEND_FLOW_PROJECT_H
#define TEND_FLOW_PROJECT_H

#include "base/diag.h"
#include "base/node.h"
#include "data/schema.h"
#include "feature/pipeline.h"
#include "learn/learner.h"
#include "learn/split.h"

typedef struct tend_source {
    const char *name;
    const char **from; /* n_from paths, patterns or folders, relative to the project */
    int n_from;
    const char *format; /* NULL: by name and content */
    char separator;
    int header; /* -1: sniffed */
    const char *encoding;
    tend_span span;
} tend_source;

typedef struct tend_project {
    const char *folder, *file; /* the project's folder and the path of its tend.yaml */
    const char *state;         /* where .tend, report/ and tend.lock go: the folder, but for a reproduction */
    const char *const *sets;   /* the overrides, as given */
    int n_sets;
    const char *text;        /* tend.yaml as it stands */
    const tend_node *config; /* with overrides, without defaults */
    tend_arena *arena;

    const char *name;
    /* problem */
    const char *question, *target, *positive, *metric, *baseline, *deadline;
    tend_span target_span, baseline_span;
    bool has_task, has_goal;
    tend_task task;
    double goal, min_gain, threshold; /* threshold NaN: chosen on the validation rows (see `decide`) */
    const char *decide;               /* "0.5", a number, or a metric to maximise: "f1" … */
    double max_latency_ms;            /* limits; NaN: none */
    int64_t max_model_size;           /* -1: none */
    /* data */
    tend_source *sources;
    int n_sources;
    const char *select;
    tend_span select_span;
    const char *duplicates; /* "keep", "warn", "drop": whole-row duplicates */
    const char **allow;     /* columns that may look like leaks */
    int n_allow;
    const char *on_bad; /* "quarantine" (default) or "stop": rows the reader cannot read */
    tend_schema *schema;
    tend_split_kind split_by;
    double test_share;
    const char *split_column, *split_stratify, *split_file;
    uint64_t seed;
    /* features: the node itself, parsed by the feature room */
    const tend_node *features;
    /* train */
    tend_trial_spec *trials; /* parsed once the task is known; see tend_project_trials */
    const tend_node *learners;
    int folds;          /* 0: one validation part */
    double valid_share; /* of the training rows */
    bool refit;         /* fit the best again on training and validation rows */
    int threads;
    /* evaluate */
    const tend_node *slices, *gates;
    int64_t min_slice;
    int replicates;
} tend_project;

/* The folder of the project that `folder` belongs to: itself, or the nearest above it with a tend.yaml. */
tend_status tend_project_find(const char *folder, tend_arena *arena, const char **out_folder, tend_error *err) TEND_MUST_USE;
/* `folder` is searched upward for tend.yaml. `sets` are n_sets texts "a.b=value". On CONFIG errors `diags` has all of them. */
tend_status tend_project_load(const char *folder, const char *const *sets, int n_sets, tend_arena *arena, tend_diags *diags,
                              tend_project **out, tend_error *err) TEND_MUST_USE;
/* The same from a text: what a recorded run was configured with. `file` names it in messages. */
tend_status tend_project_parse(const char *folder, const char *file, const char *text, const char *const *sets, int n_sets,
                               tend_arena *arena, tend_diags *diags, tend_project **out, tend_error *err) TEND_MUST_USE;
/* The JSON Schema of tend.yaml, from the same rows. */
tend_node *tend_project_json_schema(tend_arena *arena);
/* The reference page of the keys, in Markdown. */
void tend_project_reference(tend_buf *out);
/* The value at a path with defaults applied, as canonical JSON: what a step's key is made of. */
void tend_project_fingerprint(const tend_project *project, const char *path, tend_buf *out);

#endif
