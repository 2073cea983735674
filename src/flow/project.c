#include "flow/project.h"

#include "base/fs.h"
#include "flow/config.h"
#include "learn/evaluate.h"
#include "stats/metric.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- finding and reading the file ---- */

tend_status tend_project_find(const char *folder, tend_arena *arena, const char **out_folder, tend_error *err) {
    char *absolute = realpath(folder, NULL);
    if (!absolute)
        return TEND_FAIL(err, NOT_FOUND, "%s: no such folder", folder);
    char *at = tend_arena_strdup(arena, absolute);
    free(absolute);
    bool here = true;
    for (;;) {
        if (tend_fs_exists(tend_path_join(arena, at, "tend.yaml"))) {
            /* "." keeps messages short when the project is where we stand */
            *out_folder = here ? tend_arena_strdup(arena, folder) : at;
            return TEND_OK;
        }
        char *slash = strrchr(at, '/');
        if (!slash || slash == at)
            break;
        *slash = '\0';
        here = false;
    }
    tend_status status = TEND_FAIL(err, NOT_FOUND, "no tend.yaml in %s or any folder above", !strcmp(folder, ".") ? "this folder" : folder);
    return tend_error_hint(err, status, "start with: tend init DATA.csv --target COLUMN");
}

/* ---- overrides ---- */

/* Makes the maps on the way to a.b.c and sets the last one. */
static tend_status apply_set(tend_node *root, const char *set, tend_arena *arena, tend_diags *diags, tend_error *err) {
    const char *eq = strchr(set, '=');
    if (!eq || eq == set)
        return TEND_FAIL(err, USAGE, "--set %s: expected KEY=VALUE, such as data.split.seed=7", set);
    char *path = tend_arena_strndup(arena, set, (size_t)(eq - set));
    const char *source = tend_arena_printf(arena, "--set %s", path);
    tend_node *value = NULL;
    if (tend_yaml_parse(eq + 1, strlen(eq + 1), source, diags, &value, err) != TEND_OK)
        return tend_error_wrap(err, err ? err->code : TEND_CONFIG, "in --set %s", set);
    if (!value)
        value = tend_node_new(arena, TEND_NODE_NULL);
    tend_node *at = root;
    for (char *part = path, *dot; part; part = dot) {
        dot = strchr(part, '.');
        if (dot)
            *dot++ = '\0';
        tend_node *child = (tend_node *)(uintptr_t)tend_node_get(at, part);
        if (!dot) {
            child = tend_node_set(arena, at, part, value);
            child->key_span = (tend_span){source, 0, 0, 0};
        } else if (!child || child->kind != TEND_NODE_MAP) {
            child = tend_node_set_map(arena, at, part);
            child->span = child->key_span = (tend_span){source, 0, 0, 0};
        }
        at = child;
    }
    return TEND_OK;
}

/* ---- typed fields ---- */

typedef struct loader {
    tend_project *p;
    tend_arena *arena;
    tend_diags *diags;
} loader;

static const char *text_at(loader *l, const char *path) {
    return tend_node_scalar(tend_keys_value(&tend_project_keys, l->p->config, path, l->arena), NULL);
}

static double number_at(loader *l, const char *path, double fallback) {
    return tend_node_double(tend_keys_value(&tend_project_keys, l->p->config, path, l->arena), fallback);
}

/* A count or a seed. What is out of bounds has been told by its row, and would not fit the integer either. */
static int64_t whole_at(loader *l, const char *path, int64_t fallback) {
    double v = number_at(l, path, (double)fallback);
    return v >= 0 && v <= 9e15 ? (int64_t)v : fallback;
}

static tend_span span_at(loader *l, const char *path) {
    const tend_node *node = tend_node_path(l->p->config, path);
    return node ? node->span : (tend_span){l->p->file, 0, 0, 0};
}

static void fault(loader *l, tend_span span, const char *message) {
    tend_diags_add(l->diags, TEND_SEVERITY_ERROR, TEND_CONFIG, span, "%s", message);
}

static const char **texts_at(loader *l, const char *path, int *out_n) {
    const tend_node *list = tend_node_path(l->p->config, path);
    *out_n = 0;
    if (!list || list->kind != TEND_NODE_LIST)
        return NULL;
    const char **out = TEND_ARRAY(l->arena, const char *, list->count + 1);
    TEND_NODE_EACH(item, list) {
        const char *text = tend_node_scalar(item, NULL);
        if (text)
            out[(*out_n)++] = text;
        else
            fault(l, item->span, tend_arena_printf(l->arena, "%s: expected text, found %s", path, tend_node_kind_name(item->kind)));
    }
    return out;
}

static void load_metric(loader *l) {
    tend_project *p = l->p;
    p->metric = text_at(l, "problem.metric");
    if (!p->metric || tend_metric_find(p->metric))
        return;
    const char *names[128];
    size_t n = 0;
    for (int i = 0; i < tend_n_metrics && n < 128; i++)
        names[n++] = tend_metrics[i].name;
    tend_error *e =
        tend_diags_add(l->diags, TEND_SEVERITY_ERROR, TEND_CONFIG, span_at(l, "problem.metric"), "unknown metric '%s'", p->metric);
    const char *near = tend_text_nearest(p->metric, names, n);
    if (near)
        tend_error_hint(e, TEND_CONFIG, "did you mean '%s'?", near);
    else
        tend_error_hint(e, TEND_CONFIG, "`tend help metrics` lists them");
}

static void load_deadline(loader *l) {
    tend_project *p = l->p;
    p->deadline = text_at(l, "problem.deadline");
    int y, m, d, used = 0;
    if (p->deadline &&
        (sscanf(p->deadline, "%4d-%2d-%2d%n", &y, &m, &d, &used) != 3 || p->deadline[used] || m < 1 || m > 12 || d < 1 || d > 31))
        fault(l, span_at(l, "problem.deadline"),
              tend_arena_printf(l->arena, "problem.deadline is '%s', expected a date such as 2027-03-31", p->deadline));
}

static void load_decide(loader *l) {
    tend_project *p = l->p;
    const tend_node *node = tend_keys_value(&tend_project_keys, p->config, "problem.decide", l->arena);
    p->decide = tend_node_scalar(node, "0.5");
    p->threshold = tend_node_double(node, NAN);
    if (!isnan(p->threshold) && !(p->threshold > 0 && p->threshold < 1))
        fault(l, span_at(l, "problem.decide"), "problem.decide must be a probability between 0 and 1, or the name of a metric");
    if (isnan(p->threshold)) {
        const tend_metric *metric = tend_metric_find(p->decide);
        if (!metric || !(metric->tasks & TEND_METRIC_BINARY))
            fault(l, span_at(l, "problem.decide"),
                  tend_arena_printf(l->arena,
                                    "problem.decide is '%s', expected a probability such as 0.5 or a metric of decisions such as f1",
                                    p->decide));
    }
}

static void load_problem(loader *l) {
    tend_project *p = l->p;
    p->question = text_at(l, "problem.question");
    p->target = text_at(l, "problem.target");
    p->target_span = span_at(l, "problem.target");
    if (!p->target)
        fault(l, span_at(l, "problem"), "problem.target is missing: which column is to be predicted?");
    const char *task = text_at(l, "problem.task");
    p->has_task = task && tend_task_parse(task, &p->task);
    p->positive = text_at(l, "problem.positive");
    load_metric(l);
    p->goal = number_at(l, "problem.goal", NAN);
    p->has_goal = !isnan(p->goal);
    load_deadline(l);
    p->baseline = text_at(l, "problem.baseline");
    p->baseline_span = span_at(l, "problem.baseline");
    p->min_gain = number_at(l, "problem.min_gain", 0);
    load_decide(l);
    p->max_latency_ms = NAN;
    p->max_model_size = -1;
    const char *latency = text_at(l, "problem.limits.latency_p99"), *size = text_at(l, "problem.limits.model_size");
    if (latency)
        tend_key_duration(latency, &p->max_latency_ms);
    if (size)
        tend_key_size(size, &p->max_model_size);
}

static void load_separator(loader *l, const tend_node *node, tend_source *s) {
    const char *text = tend_node_string(tend_node_get(node, "separator"), NULL);
    if (!text)
        return;
    if (!strcmp(text, "tab"))
        s->separator = '\t';
    else if (strlen(text) == 1)
        s->separator = text[0];
    else
        fault(l, tend_node_get(node, "separator")->span, "separator must be one character, or \"tab\"");
}

static void add_path(loader *l, tend_source *s, const tend_node *node) {
    const char *path = tend_node_scalar(node, NULL);
    if (!path) {
        fault(l, node->span,
              tend_arena_printf(l->arena, "data.sources.%s: expected a path, found %s", s->name, tend_node_kind_name(node->kind)));
    } else if (strstr(path, "://") || !strncmp(path, "sqlite:", 7)) {
        tend_diags_add(l->diags, TEND_SEVERITY_ERROR, TEND_UNSUPPORTED, node->span,
                       "data.sources.%s: this version of tend reads files and folders, not '%s'", s->name, path);
    } else {
        s->from[s->n_from++] = path;
    }
}

static void load_paths(loader *l, tend_source *s, const tend_node *from) {
    s->from = TEND_ARRAY(l->arena, const char *, (from ? from->count : 0) + 1);
    if (from && from->kind == TEND_NODE_LIST) {
        TEND_NODE_EACH(item, from)
            add_path(l, s, item);
    } else if (from) {
        add_path(l, s, from);
    } else {
        fault(l, s->span, tend_arena_printf(l->arena, "data.sources.%s has no `from`", s->name));
    }
}

static void load_sources(loader *l) {
    tend_project *p = l->p;
    const tend_node *map = tend_node_path(p->config, "data.sources");
    if (!map || map->kind != TEND_NODE_MAP || !map->count) {
        fault(l, map ? map->span : span_at(l, "data"), "data.sources is missing: where does the data come from?");
        return;
    }
    p->sources = TEND_ARRAY(l->arena, tend_source, map->count);
    TEND_NODE_EACH(node, map) {
        tend_source *s = &p->sources[p->n_sources++];
        bool is_map = node->kind == TEND_NODE_MAP;
        const tend_node *header = is_map ? tend_node_get(node, "header") : NULL;
        *s = (tend_source){.name = node->key, .span = node->span, .header = header ? tend_node_bool(header, true) : -1};
        if (is_map) {
            s->format = tend_node_string(tend_node_get(node, "format"), NULL);
            s->encoding = tend_node_string(tend_node_get(node, "encoding"), NULL);
            load_separator(l, node, s);
        }
        load_paths(l, s, is_map ? tend_node_get(node, "from") : node);
    }
    p->select = text_at(l, "data.select");
    p->select_span = span_at(l, "data.select");
    if (p->n_sources > 1 && !p->select)
        fault(l, map->span, "several sources need data.select: the SQL that joins them into one table");
}

static void load_split(loader *l) {
    static const char *const kinds[] = {"random", "time", "group", "rows"};
    tend_project *p = l->p;
    const char *by = text_at(l, "data.split.by");
    for (int i = 0; i < 4; i++)
        if (!strcmp(by, kinds[i]))
            p->split_by = (tend_split_kind)i;
    p->test_share = number_at(l, "data.split.test", 0.2);
    p->split_column = text_at(l, "data.split.column");
    p->split_stratify = text_at(l, "data.split.stratify");
    p->split_file = text_at(l, "data.split.file");
    p->seed = (uint64_t)whole_at(l, "data.split.seed", 42);
    if ((p->split_by == TEND_SPLIT_TIME || p->split_by == TEND_SPLIT_GROUP) && !p->split_column)
        fault(l, span_at(l, "data.split"), tend_arena_printf(l->arena, "data.split.by: %s needs data.split.column", by));
    if (p->split_by == TEND_SPLIT_ROWS && !p->split_file)
        fault(l, span_at(l, "data.split"), "data.split.by: rows needs data.split.file");
}

static void load_data(loader *l) {
    tend_project *p = l->p;
    load_sources(l);
    p->on_bad = text_at(l, "data.bad_rows");
    p->duplicates = text_at(l, "data.duplicates");
    p->allow = texts_at(l, "data.allow", &p->n_allow);
    p->schema = tend_schema_parse(tend_node_path(p->config, "data.missing"), tend_node_path(p->config, "data.expect"), l->arena, l->diags);
    load_split(l);
}

static void check_for_task(loader *l, tend_task task, tend_diags *diags) {
    int n;
    if (l->p->gates)
        tend_gates_check(l->p->gates, task, diags);
    if (l->p->learners)
        TEND_IGNORE(tend_trials_parse(l->p->learners, task, l->arena, diags, &l->p->trials, &n, NULL));
}

/* Learners and gates that are wrong whatever the data says are told now. Without problem.task it is the data that says which task this is:
 * what is told then are the faults for the task that fits best. */
static void check_learning(loader *l) {
    if (l->p->has_task) {
        check_for_task(l, l->p->task, l->diags);
        return;
    }
    static const tend_task tasks[] = {TEND_TASK_BINARY, TEND_TASK_MULTICLASS, TEND_TASK_REGRESSION};
    tend_diags best, now;
    for (size_t i = 0; i < sizeof(tasks) / sizeof(tasks[0]); i++) {
        tend_diags_init(&now, l->arena);
        check_for_task(l, tasks[i], &now);
        if (!i || now.n_errors < best.n_errors)
            best = now;
    }
    for (const tend_diag *d = best.first; d; d = d->next)
        tend_diags_push(l->diags, d->severity, &d->error);
}

static void load_rest(loader *l) {
    tend_project *p = l->p;
    p->features = tend_node_get(p->config, "features");
    p->learners = tend_node_path(p->config, "train.learners");
    p->folds = (int)whole_at(l, "train.folds", 0);
    if (p->folds == 1)
        fault(l, span_at(l, "train.folds"), "train.folds must be 0 (one validation part) or at least 2");
    p->valid_share = number_at(l, "train.validation", 0.2);
    p->refit = tend_node_bool(tend_keys_value(&tend_project_keys, p->config, "train.refit", l->arena), true);
    p->threads = (int)whole_at(l, "train.threads", 0);
    p->slices = tend_node_path(p->config, "evaluate.slices");
    p->gates = tend_node_path(p->config, "evaluate.gates");
    p->min_slice = whole_at(l, "evaluate.min_slice", 30);
    p->replicates = (int)whole_at(l, "evaluate.replicates", 500);
    check_learning(l);
}

tend_status tend_project_parse(const char *folder, const char *file, const char *text, const char *const *sets, int n_sets,
                               tend_arena *arena, tend_diags *diags, tend_project **out, tend_error *err) {
    tend_project *p = TEND_NEW(arena, tend_project);
    *p = (tend_project){.arena = arena, .folder = folder, .file = file, .state = folder, .text = text, .sets = sets, .n_sets = n_sets};
    tend_node *root = NULL;
    TEND_TRY(tend_yaml_parse(text, strlen(text), file, diags, &root, err));
    if (!root || root->kind == TEND_NODE_NULL)
        return tend_error_hint(err, TEND_FAIL_AT(err, CONFIG, ((tend_span){file, 0, 0, 0}), "%s is empty", file),
                               "`tend init DATA.csv --target COLUMN --force` writes one");
    if (root->kind == TEND_NODE_MAP)
        for (int i = 0; i < n_sets; i++)
            TEND_TRY(apply_set(root, sets[i], arena, diags, err));
    p->config = root;
    tend_keys_check(&tend_project_keys, root, arena, diags);
    loader l = {p, arena, diags};
    if (root->kind == TEND_NODE_MAP) {
        p->name = text_at(&l, "name");
        if (!p->name)
            fault(&l, (tend_span){file, 0, 0, 0}, "name is missing: how is the project called?");
        load_problem(&l);
        load_data(&l);
        load_rest(&l);
    }
    TEND_TRY(tend_diags_status(diags, err));
    *out = p;
    return TEND_OK;
}

tend_status tend_project_load(const char *folder, const char *const *sets, int n_sets, tend_arena *arena, tend_diags *diags,
                              tend_project **out, tend_error *err) {
    const char *found;
    char *text;
    size_t size;
    TEND_TRY(tend_project_find(folder, arena, &found, err));
    const char *file = !strcmp(found, ".") ? "tend.yaml" : tend_path_join(arena, found, "tend.yaml");
    TEND_TRY(tend_fs_read(file, 16u << 20, arena, &text, &size, err));
    return tend_project_parse(found, file, text, sets, n_sets, arena, diags, out, err);
}

void tend_project_fingerprint(const tend_project *project, const char *path, tend_buf *out) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    const tend_node *value = tend_keys_value(&tend_project_keys, project->config, path, scratch);
    tend_buf_puts(out, path);
    tend_buf_putc(out, '=');
    if (value)
        tend_json_format(value, 0, out);
    tend_buf_putc(out, '\n');
}

/* ---- what the rows give besides: the JSON Schema and the reference page ---- */

static tend_node *schema_types(unsigned types, tend_arena *arena) {
    static const struct {
        unsigned bit;
        const char *word;
    } words[] = {{TEND_KEY_STRING | TEND_KEY_SIZE | TEND_KEY_DURATION, "string"},
                 {TEND_KEY_INT, "integer"},
                 {TEND_KEY_NUMBER, "number"},
                 {TEND_KEY_BOOL, "boolean"},
                 {TEND_KEY_LIST, "array"},
                 {TEND_KEY_MAP, "object"}};
    tend_node *list = tend_node_new_list(arena);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (types & words[i].bit)
            tend_node_push(list, tend_node_new_string(arena, words[i].word));
    return list;
}

static tend_node *schema_of_row(const tend_key *row, tend_arena *arena) {
    tend_node *node = tend_node_new_map(arena);
    tend_node_set_string(arena, node, "description", row->help);
    if (!(row->types & TEND_KEY_ANY))
        tend_node_set(arena, node, "type", schema_types(row->types, arena));
    if (row->choices) {
        tend_node *list = tend_node_set_list(arena, node, "enum");
        for (const char *at = row->choices; *at; at += strcspn(at, "|"), at += *at == '|')
            tend_node_push(list, tend_node_new_string(arena, tend_arena_strndup(arena, at, strcspn(at, "|"))));
    }
    if (row->min != 0 || row->max != 0) {
        tend_node_set_double(arena, node, "minimum", row->min);
        tend_node_set_double(arena, node, "maximum", row->max);
    }
    if (row->types & TEND_KEY_MAP) {
        tend_node_set_map(arena, node, "properties");
        tend_node_set_bool(arena, node, "additionalProperties", false);
    }
    return node;
}

tend_node *tend_project_json_schema(tend_arena *arena) {
    tend_node *root = tend_node_new_map(arena);
    tend_node_set_string(arena, root, "$schema", "https://json-schema.org/draft/2020-12/schema");
    tend_node_set_string(arena, root, "title", "tend.yaml");
    tend_node_set_string(arena, root, "type", "object");
    tend_node_set_map(arena, root, "properties");
    tend_node_set_bool(arena, root, "additionalProperties", false);
    for (int i = 0; i < tend_project_keys.n; i++) {
        tend_node *at = root;
        const char *part = tend_project_keys.rows[i].path;
        for (const char *dot; (dot = strchr(part, '.')) && at; part = dot + 1) {
            const char *name = tend_arena_strndup(arena, part, (size_t)(dot - part));
            const tend_node *next =
                !strcmp(name, "*") ? tend_node_get(at, "additionalProperties") : tend_node_get(tend_node_get(at, "properties"), name);
            at = (tend_node *)(uintptr_t)next;
        }
        tend_node *row = schema_of_row(&tend_project_keys.rows[i], arena);
        if (!strcmp(part, "*"))
            tend_node_set(arena, at, "additionalProperties", row);
        else
            tend_node_set(arena, (tend_node *)(uintptr_t)tend_node_get(at, "properties"), part, row);
    }
    return root;
}

void tend_project_reference(tend_buf *out) {
    tend_buf_puts(out, "| key | default | meaning |\n|---|---|---|\n");
    for (int i = 0; i < tend_project_keys.n; i++) {
        const tend_key *row = &tend_project_keys.rows[i];
        tend_buf_printf(out, "| `%s` | %s | %s", row->path, row->fallback ? row->fallback : "", row->help);
        if (row->choices) {
            tend_buf_puts(out, " (");
            for (const char *c = row->choices; *c; c++)
                tend_buf_puts(out, *c == '|' ? ", " : (char[]){*c, 0});
            tend_buf_putc(out, ')');
        }
        tend_buf_puts(out, " |\n");
    }
}
