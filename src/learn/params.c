/* train.learners of tend.yaml held against the learner table. */
#include "feature/transform.h"
#include "learn/params.h"

int tend_param_index(const tend_learner *learner, const char *name) {
    for (int i = 0; i < learner->n_params; i++)
        if (strcmp(learner->params[i].name, name) == 0)
            return i;
    return -1;
}

double *tend_params_default(const tend_learner *learner, tend_arena *arena) {
    double *params = TEND_ARRAY(arena, double, learner->n_params);
    for (int i = 0; i < learner->n_params; i++)
        params[i] = learner->params[i].fallback;
    return params;
}

static tend_node *param_node(const tend_param_spec *spec, double value, tend_arena *arena) {
    if (spec->type == TEND_PARAM_INT)
        return tend_node_new_int(arena, (int64_t)value);
    if (spec->type == TEND_PARAM_BOOL)
        return tend_node_new_bool(arena, value != 0);
    if (spec->type == TEND_PARAM_REAL)
        return tend_node_new_double(arena, value);
    char word[48];
    return tend_node_new_string(arena, tend_choice_word(spec->choices, (int)value, word));
}

tend_node *tend_params_to_node(const tend_learner *learner, const double *params, tend_arena *arena) {
    tend_node *map = tend_node_new_map(arena);
    for (int i = 0; i < learner->n_params; i++)
        tend_node_set(arena, map, learner->params[i].name, param_node(&learner->params[i], params[i], arena));
    return map;
}

/* The index of a word among choices separated by bars; 0 when it is none of them. */
static double choice_index(const char *choices, const char *word) {
    size_t size = strlen(word);
    int index = 0;
    for (const char *at = choices; *at; at += strcspn(at, "|"), at += *at == '|', index++)
        if (strcspn(at, "|") == size && !strncmp(at, word, size))
            return index;
    return 0;
}

double *tend_params_from_node(const tend_learner *learner, const tend_node *node, tend_arena *arena) {
    double *params = TEND_ARRAY(arena, double, learner->n_params + 1);
    for (int i = 0; i < learner->n_params; i++) {
        const tend_param_spec *spec = &learner->params[i];
        const tend_node *value = tend_node_get(node, spec->name);
        if (value && value->kind == TEND_NODE_BOOL)
            params[i] = value->boolean;
        else if (value && value->kind == TEND_NODE_STRING)
            params[i] = choice_index(spec->choices, value->text);
        else
            params[i] = tend_node_double(value, spec->fallback);
    }
    return params;
}

typedef struct parser {
    tend_task task;
    tend_arena *arena;
    tend_diags *diags;
    const tend_learner *learner;
} parser;

static tend_error *fault(parser *p, tend_span span, const char *message) {
    return tend_diags_add(p->diags, TEND_SEVERITY_ERROR, TEND_CONFIG, span, "%s", message);
}

static void number_text(double v, char out[32]) { tend_text_format_double(v, out); }

static bool parse_number(parser *p, const tend_param_spec *spec, const tend_node *node, double *out) {
    bool whole = spec->type == TEND_PARAM_INT;
    if (node->kind != TEND_NODE_INT && (whole || node->kind != TEND_NODE_FLOAT)) {
        fault(p, node->span,
              tend_arena_printf(p->arena, "%s.%s must be a %snumber, found %s", p->learner->name, spec->name, whole ? "whole " : "",
                                tend_node_kind_name(node->kind)));
        return false;
    }
    double v = tend_node_double(node, 0);
    if (v >= spec->min && v <= spec->max) {
        *out = v;
        return true;
    }
    char min[32], max[32], found[32];
    number_text(spec->min, min);
    number_text(spec->max, max);
    number_text(v, found);
    fault(p, node->span,
          tend_arena_printf(p->arena, "%s.%s must be from %s to %s, found %s", p->learner->name, spec->name, min, max, found));
    return false;
}

static const char *nearest_choice(parser *p, const char *choices, const char *text) {
    const char *words[16];
    char word[48];
    size_t n = 0;
    while (n < sizeof words / sizeof *words && tend_choice_word(choices, (int)n, word))
        words[n++] = tend_arena_strdup(p->arena, word);
    return tend_text_nearest(text, words, n);
}

static bool parse_choice(parser *p, const tend_param_spec *spec, const tend_node *node, double *out) {
    const char *text = tend_node_scalar(node, "");
    int index = tend_choice_index(spec->choices, text);
    if (index >= 0) {
        *out = index;
        return true;
    }
    tend_error *diag =
        fault(p, node->span,
              tend_arena_printf(p->arena, "%s.%s must be one of %s, found '%s'", p->learner->name, spec->name, spec->choices, text));
    const char *near = nearest_choice(p, spec->choices, text);
    if (near)
        tend_error_hint(diag, TEND_CONFIG, "did you mean '%s'?", near);
    return false;
}

static bool parse_bool(parser *p, const tend_param_spec *spec, const tend_node *node, double *out) {
    if (node->kind == TEND_NODE_BOOL) {
        *out = node->boolean;
        return true;
    }
    fault(p, node->span,
          tend_arena_printf(p->arena, "%s.%s must be true or false, found %s", p->learner->name, spec->name,
                            tend_node_kind_name(node->kind)));
    return false;
}

static bool parse_value(parser *p, const tend_param_spec *spec, const tend_node *node, double *out) {
    switch (spec->type) {
    case TEND_PARAM_BOOL: return parse_bool(p, spec, node, out);
    case TEND_PARAM_CHOICE: return parse_choice(p, spec, node, out);
    case TEND_PARAM_INT:
    case TEND_PARAM_REAL: return parse_number(p, spec, node, out);
    }
    return false;
}

static void unknown_param(parser *p, const tend_node *node) {
    const tend_learner *learner = p->learner;
    const char **names = TEND_ARRAY(p->arena, const char *, learner->n_params);
    TEND_AUTO_BUF list = TEND_BUF_INIT;
    for (int i = 0; i < learner->n_params; i++) {
        names[i] = learner->params[i].name;
        tend_buf_printf(&list, "%s%s", i ? ", " : "", names[i]);
    }
    tend_error *diag =
        fault(p, node->key_span, tend_arena_printf(p->arena, "the learner '%s' has no parameter '%s'", learner->name, node->key));
    const char *near = tend_text_nearest(node->key, names, (size_t)learner->n_params);
    if (near)
        tend_error_hint(diag, TEND_CONFIG, "did you mean '%s'?", near);
    else
        tend_error_hint(diag, TEND_CONFIG, "it has %s", tend_buf_text(&list));
}

static void parse_param(parser *p, const tend_node *node, double *params) {
    int i = tend_param_index(p->learner, node->key);
    if (i < 0) {
        unknown_param(p, node);
        return;
    }
    const tend_param_spec *spec = &p->learner->params[i];
    if (spec->tasks && !(spec->tasks & 1U << p->task)) {
        fault(p, node->key_span,
              tend_arena_printf(p->arena, "%s.%s has no meaning for a %s problem", p->learner->name, spec->name, tend_task_name(p->task)));
        return;
    }
    parse_value(p, spec, node, &params[i]);
}

static void unknown_learner(parser *p, tend_span span, const char *name) {
    const char *names[32];
    size_t n = 0;
    TEND_AUTO_BUF list = TEND_BUF_INIT;
    for (const tend_learner *const *l = tend_learners; *l && n < 32; l++)
        if ((*l)->tasks & 1U << p->task) {
            tend_buf_printf(&list, "%s%s", n ? ", " : "", (*l)->name);
            names[n++] = (*l)->name;
        }
    tend_error *diag = fault(p, span, tend_arena_printf(p->arena, "there is no learner '%s'", name));
    const char *near = tend_text_nearest(name, names, n);
    if (near)
        tend_error_hint(diag, TEND_CONFIG, "did you mean '%s'?", near);
    else
        tend_error_hint(diag, TEND_CONFIG, "for a %s problem there are %s", tend_task_name(p->task), tend_buf_text(&list));
}

/* The learner that does the same for the other kind of target. */
static const char *counterpart(const char *name, tend_task task) {
    if (task == TEND_TASK_REGRESSION)
        return "ridge";
    return strcmp(name, "ridge") == 0 || strcmp(name, "lasso") == 0 ? "logistic" : "xgboost";
}

static void wrong_task(parser *p, tend_span span) {
    bool numbers = p->task == TEND_TASK_REGRESSION;
    tend_error *diag = fault(p, span,
                             tend_arena_printf(p->arena, "'%s' predicts %s; this is a %s problem", p->learner->name,
                                               numbers ? "classes" : "numbers", tend_task_name(p->task)));
    tend_error_hint(diag, TEND_CONFIG, "did you mean '%s'?", counterpart(p->learner->name, p->task));
}

static bool parse_entry(parser *p, const tend_node *entry, tend_trial_spec *out) {
    bool map = entry->kind == TEND_NODE_MAP && entry->count == 1;
    if (!map && entry->kind != TEND_NODE_STRING) {
        fault(p, entry->span, "a learner is a name, or one name with its parameters: {xgboost: {max_depth: 4}}");
        return false;
    }
    const char *name = map ? entry->first->key : entry->text;
    tend_span span = map ? entry->first->key_span : entry->span;
    p->learner = tend_learner_find(name);
    if (!p->learner) {
        unknown_learner(p, span, name);
        return false;
    }
    if (!(p->learner->tasks & 1U << p->task)) {
        wrong_task(p, span);
        return false;
    }
    *out = (tend_trial_spec){.learner = p->learner, .params = tend_params_default(p->learner, p->arena), .span = span};
    const tend_node *params = map ? entry->first : NULL;
    if (params && params->kind != TEND_NODE_MAP && params->kind != TEND_NODE_NULL)
        fault(p, params->span,
              tend_arena_printf(p->arena, "the parameters of '%s' must be a map, found %s", name, tend_node_kind_name(params->kind)));
    else
        TEND_NODE_EACH(child, params)
            parse_param(p, child, out->params);
    const char *reason = p->learner->refuse ? p->learner->refuse(p->task, out->params) : NULL;
    if (reason)
        fault(p, span, reason);
    return true;
}

tend_status tend_trials_parse(const tend_node *learners, tend_task task, tend_arena *arena, tend_diags *diags, tend_trial_spec **out,
                              int *out_n, tend_error *err) {
    parser p = {.task = task, .arena = arena, .diags = diags};
    size_t errors = diags->n_errors;
    bool list = learners && learners->kind == TEND_NODE_LIST;
    const tend_node *entry = list ? learners->first : learners;
    tend_trial_spec *specs = TEND_ARRAY(arena, tend_trial_spec, list ? learners->count : 1);
    int n = 0;
    for (; entry; entry = list ? entry->next : NULL)
        n += parse_entry(&p, entry, &specs[n]);
    if (list && learners->count == 0)
        fault(&p, learners->span, "no learner is named");
    if (diags->n_errors > errors)
        return tend_diags_status(diags, err);
    *out = specs;
    *out_n = n;
    return TEND_OK;
}
