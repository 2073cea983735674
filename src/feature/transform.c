#include "feature/transform.h"

#include <float.h>

const tend_transform *const tend_transforms[] = {
    &tend_transform_passthrough,
    &tend_transform_drop,
    &tend_transform_impute,
    &tend_transform_standardize,
    &tend_transform_robust_scale,
    &tend_transform_min_max_scale,
    &tend_transform_log1p,
    &tend_transform_quantile_bin,
    &tend_transform_uniform_bin,
    &tend_transform_one_hot,
    &tend_transform_ordinal,
    &tend_transform_frequency,
    &tend_transform_hash,
    &tend_transform_target_encode,
    &tend_transform_cross,
    &tend_transform_date_parts,
    &tend_transform_age,
    &tend_transform_tfidf,
    NULL,
};

const tend_transform *tend_transform_find(const char *name) {
    for (const tend_transform *const *t = tend_transforms; *t; t++)
        if (strcmp((*t)->name, name) == 0)
            return *t;
    return NULL;
}

const char *tend_transform_nearest(const char *name) {
    const char *names[sizeof tend_transforms / sizeof(void *)];
    size_t n = 0;
    for (; tend_transforms[n]; n++)
        names[n] = tend_transforms[n]->name;
    return tend_text_nearest(name, names, n);
}

const tend_arg_spec *tend_arg_find(const tend_transform *transform, const char *name) {
    for (int i = 0; i < transform->n_args; i++)
        if (strcmp(transform->args[i].name, name) == 0)
            return &transform->args[i];
    return NULL;
}

void tend_stage_init(tend_stage *stage, const tend_transform *transform, tend_arena *arena) {
    *stage = (tend_stage){.transform = transform, .indicator = -1};
    stage->args = TEND_ARRAY(arena, tend_arg, transform->n_args);
    for (int i = 0; i < transform->n_args; i++) {
        stage->args[i].number = transform->args[i].fallback;
        stage->args[i].upper = transform->args[i].fallback;
    }
}

tend_stage *tend_stage_new(const tend_transform *transform, tend_arena *arena) {
    tend_stage *stage = TEND_NEW(arena, tend_stage);
    tend_stage_init(stage, transform, arena);
    return stage;
}

bool tend_stage_accepts(const tend_stage *stage, tend_value_kind kind, tend_value_kind *out_kind) {
    unsigned takes = stage->transform->takes;
    if (takes & TEND_TAKES(kind))
        *out_kind = kind;
    else if (kind == TEND_VALUE_NUMBER && takes == TEND_TAKES_TEXT)
        *out_kind = TEND_VALUE_TEXT;
    else
        return false;
    return true;
}

tend_value_kind tend_stage_gives(const tend_stage *stage) {
    switch (stage->transform->gives) {
    case TEND_GIVES_SAME: return stage->kind;
    case TEND_GIVES_TEXT: return TEND_VALUE_TEXT;
    case TEND_GIVES_NUMBER:
    case TEND_GIVES_OUTPUTS: break;
    }
    return TEND_VALUE_NUMBER;
}

int tend_stage_width(const tend_stage *stage) { return stage->transform->gives == TEND_GIVES_OUTPUTS ? stage->transform->width(stage) : 1; }

void tend_stage_numbers(tend_stage *stage, tend_arena *arena, int n) {
    stage->numbers = TEND_ARRAY(arena, double, n);
    stage->n_numbers = n;
}

static void free_levels(void *dict) { tend_dict_free(dict); }

void tend_stage_levels(tend_stage *stage, tend_arena *arena) {
    stage->levels = tend_dict_new();
    tend_arena_defer(arena, free_levels, stage->levels);
}

int tend_choice_index(const char *choices, const char *word) {
    size_t size = strlen(word);
    int index = 0;
    for (const char *at = choices; at && *at; index++) {
        size_t length = strcspn(at, "|");
        if (length == size && memcmp(at, word, size) == 0)
            return index;
        at += length + (at[length] == '|');
    }
    return -1;
}

const char *tend_choice_word(const char *choices, int index, char out[48]) {
    const char *at = choices;
    for (int i = 0; i < index && at && *at; i++) {
        at += strcspn(at, "|");
        at += *at == '|';
    }
    size_t length = at ? strcspn(at, "|") : 0;
    if (index < 0 || !length || length >= 48)
        return NULL;
    memcpy(out, at, length);
    out[length] = '\0';
    return out;
}

float tend_float_of(double v) {
    const double most = (double)FLT_MAX;
    if (v > most)
        return FLT_MAX;
    return v < -most ? -FLT_MAX : (float)v; /* NaN fails both comparisons and stays NaN */
}
