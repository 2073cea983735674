/* What becomes of a column that is not declared: decided from its values in the training rows, with
 * a reason in words. */
#include "base/thread.h"
#include "feature/levels.h"
#include "feature/plan.h"

#include <math.h>
#include <stdio.h>

enum { FEW_LEVELS = 64, TFIDF_TERMS = 100, ID_ROWS = 50, ID_TEXT_ROWS = 20 };

typedef enum use { USE_NOTHING, USE_NUMBER, USE_ONE_HOT, USE_TARGET, USE_TFIDF, USE_DATE } use;

typedef struct finding {
    use use;
    int min_count; /* USE_ONE_HOT */
    char why[240];
} finding;

#define FOUND(out, what, ...) ((out)->use = (what), (void)snprintf((out)->why, sizeof(out)->why, __VA_ARGS__))

/* One value everywhere, or none at all. */
static bool is_constant(const tend_values *v, finding *out) {
    int64_t first = -1, n_missing = 0;
    for (int64_t i = 0; i < v->n; i++) {
        if (tend_values_missing(v, i)) {
            n_missing++;
            continue;
        }
        if (first < 0)
            first = i;
        bool same = v->kind == TEND_VALUE_NUMBER ? v->numbers[i] == v->numbers[first]
                    : v->kind == TEND_VALUE_TEXT ? tend_str_eq(v->texts[i], v->texts[first])
                                                 : v->times[i] == v->times[first];
        if (!same)
            return false;
    }
    if (v->n == 0 || (first >= 0 && n_missing > 0))
        return false;
    FOUND(out, USE_NOTHING, first < 0 ? "only missing values in the training rows" : "one value only in the training rows");
    return true;
}

static bool looks_like_id_name(const char *name) {
    size_t n = strlen(name);
    char a = n > 1 ? name[n - 2] : '\0', b = n ? name[n - 1] : '\0', before = n > 2 ? name[n - 3] : '_';
    bool id = (a == 'i' || a == 'I') && (b == 'd' || b == 'D');
    bool separate = before == '_' || before == '-' || before == ' ' || before == '.' || (a == 'I' && before >= 'a' && before <= 'z');
    return id && separate;
}

/* Whole numbers that are all different, and either count the rows or are called an id. */
static bool is_numbering(const tend_values *v, const char *name, finding *out) {
    if (v->n < ID_ROWS)
        return false;
    double low = (double)INFINITY, high = -(double)INFINITY;
    for (int64_t i = 0; i < v->n; i++) {
        double x = v->numbers[i];
        if (!isfinite(x) || x != floor(x))
            return false;
        low = x < low ? x : low;
        high = x > high ? x : high;
    }
    bool dense = high - low < 3 * (double)v->n, named = looks_like_id_name(name);
    if (!dense && !named)
        return false;
    TEND_AUTO(tend_dict) *seen = tend_dict_new();
    for (int64_t i = 0; i < v->n; i++) {
        bool is_new;
        tend_dict_add(seen, &v->numbers[i], sizeof v->numbers[i], &is_new);
        if (!is_new)
            return false;
    }
    FOUND(out, USE_NOTHING, "an identifier: every row has a number of its own%s", dense ? ", one after the other" : "");
    return true;
}

static void find_number(const tend_values *v, const tend_column *column, finding *out) {
    if (column->type == TEND_INT && is_numbering(v, column->name, out))
        return;
    bool has_missing = false;
    for (int64_t i = 0; i < v->n && !has_missing; i++)
        has_missing = tend_values_missing(v, i);
    FOUND(out, USE_NUMBER, column->type == TEND_BOOL ? "true and false as 1 and 0%s" : "a number%s",
          has_missing ? "; missing values stay missing" : "");
}

static double words_per_text(const tend_values *v, int64_t n_present) {
    double words = 0;
    for (int64_t i = 0; i < v->n; i++) {
        bool inside = false;
        for (size_t b = 0; b < v->texts[i].size; b++) {
            bool blank = v->texts[i].at[b] == ' ' || v->texts[i].at[b] == '\t' || v->texts[i].at[b] == '\n';
            words += !blank && !inside;
            inside = !blank;
        }
    }
    return n_present ? words / (double)n_present : 0;
}

/* Levels with very few rows tell little about themselves: one in a hundred rows, between 2 and 10.
 */
static int rare_below(int64_t n_rows) { return n_rows < 200 ? 2 : n_rows > 1000 ? 10 : (int)(n_rows / 100); }

static void find_text(const tend_values *v, tend_arena *scratch, finding *out) {
    tend_levels levels;
    tend_levels_count(v, scratch, &levels);
    int64_t present = v->n - levels.n_missing;
    double words = words_per_text(v, present);
    char n[32];
    tend_text_thousands(levels.n, n);
    bool mostly_distinct = 2 * (int64_t)levels.n > present;
    bool all_distinct = (double)levels.n >= 0.98 * (double)present;
    /* Two words that (almost) never come back are a person's name rather than a text; "ford pinto" comes back. */
    bool wordy = words >= 3 || (words >= 2 && !all_distinct);
    if (wordy && mostly_distinct && levels.n > FEW_LEVELS / 2) {
        FOUND(out, USE_TFIDF, "free text: %.1f words on average, %s different texts", words, n);
    } else if (present >= ID_TEXT_ROWS && all_distinct) {
        FOUND(out, USE_NOTHING, "an identifier: (almost) every row has a text of its own");
    } else if (levels.n <= FEW_LEVELS) {
        out->min_count = rare_below(v->n);
        FOUND(out, USE_ONE_HOT, "a category of %s levels%s", n, levels.n_missing ? ", and missing as one more" : "");
    } else {
        FOUND(out, USE_TARGET, "a category of %s levels: too many for an output each", n);
    }
}

static void find_use(const tend_plan *plan, const tend_column *column, finding *out) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    const int64_t *rows = plan->options->rows;
    tend_values v = {.arena = scratch, .n = rows ? plan->options->n_rows : plan->table->n_rows};
    tend_values_read(&v, column, column->type, rows, 0);
    if (is_constant(&v, out))
        return;
    if (v.kind == TEND_VALUE_NUMBER)
        find_number(&v, column, out);
    else if (v.kind == TEND_VALUE_TEXT)
        find_text(&v, scratch, out);
    else
        FOUND(out, USE_DATE, "a date: its parts that vary, and its age at the newest training date");
}

static void add_inferred(tend_plan *plan, tend_feature *feature, int column, const tend_transform *transform, const char *arg,
                         double value) {
    tend_stage *stage = tend_stage_new(transform, plan->pipeline->arena);
    const tend_arg_spec *spec = arg ? tend_arg_find(transform, arg) : NULL;
    if (spec)
        stage->args[spec - transform->args] = (tend_arg){.given = true, .number = value, .upper = value};
    tend_chain chain = {.stages = stage, .n_stages = 1};
    tend_plan_branch(plan, feature, &column, 1, &chain, plan->table->columns[column].name);
}

static void add_found(tend_plan *plan, tend_feature *feature, int column, const finding *found) {
    const char *name = plan->table->columns[column].name;
    if (found->use == USE_NOTHING && !feature) {
        tend_plan_drop(plan, name, found->why);
        return;
    }
    if (!feature)
        feature = tend_plan_feature(plan, name, true, found->why);
    switch (found->use) {
    case USE_ONE_HOT: add_inferred(plan, feature, column, &tend_transform_one_hot, "min_count", found->min_count); break;
    case USE_TFIDF: add_inferred(plan, feature, column, &tend_transform_tfidf, "max_features", TFIDF_TERMS); break;
    case USE_TARGET:
        add_inferred(plan, feature, column, &tend_transform_target_encode, NULL, 0);
        add_inferred(plan, feature, column, &tend_transform_frequency, NULL, 0);
        break;
    case USE_DATE:
        add_inferred(plan, feature, column, &tend_transform_date_parts, NULL, 0);
        add_inferred(plan, feature, column, &tend_transform_age, NULL, 0);
        break;
    case USE_NOTHING: /* asked for by name: completed by type */
    case USE_NUMBER: {
        tend_chain chain = {.n_stages = 0};
        tend_plan_branch(plan, feature, &column, 1, &chain, name);
        break;
    }
    }
}

void tend_plan_infer_column(tend_plan *plan, tend_feature *feature, int column) {
    finding found = {0};
    find_use(plan, &plan->table->columns[column], &found);
    add_found(plan, feature, column, &found);
}

typedef struct look {
    const tend_plan *plan;
    finding *found;
} look;

static void look_at(void *ctx, size_t column) {
    look *l = ctx;
    if (!l->plan->taken[column])
        find_use(l->plan, &l->plan->table->columns[column], &l->found[column]);
}

void tend_plan_infer_rest(tend_plan *plan) {
    int n = plan->table->n_columns;
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    look l = {plan, TEND_ARRAY(scratch, finding, n)};
    if (!plan->rest_drop)
        tend_parallel_for((size_t)n, 0, look_at, &l);
    for (int c = 0; c < n; c++) {
        if (plan->taken[c])
            continue;
        if (plan->rest_drop)
            tend_plan_drop(plan, plan->table->columns[c].name, "not declared in tend.yaml (rest: drop)");
        else
            add_found(plan, NULL, c, &l.found[c]);
    }
}
