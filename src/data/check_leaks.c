/* What makes a model look better than it is, or wastes its effort: columns that give the target away, identifiers,
 * constants, copies of columns and of rows. */
#include "base/dict.h"
#include "data/check_internal.h"
#include "data/check_score.h"
#include "data/name.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#define DEFAULT_LEAK 0.995

enum { MIN_ID_ROWS = 50, FIRST_LOOK = 1000, MAX_CODED_LEVELS = 1000 };

typedef struct leaks {
    const tend_table *table;
    const tend_leak_options *options;
    tend_arena *arena;
    tend_check *out;
    const tend_column **columns; /* features, without the target and what the user dropped or allowed */
    int n;
    const char **drop;
    int n_drop;
} leaks;

static void choose_columns(leaks *l) {
    l->columns = TEND_ARRAY(l->arena, const tend_column *, l->table->n_columns);
    l->drop = TEND_ARRAY(l->arena, const char *, l->table->n_columns);
    for (int i = 0; i < l->table->n_columns; i++) {
        const tend_column *c = &l->table->columns[i];
        bool skip = l->options->target && strcmp(c->name, l->options->target) == 0;
        for (int k = 0; k < l->options->n_ignore && !skip; k++)
            skip = strcmp(c->name, l->options->ignore[k]) == 0;
        if (!skip)
            l->columns[l->n++] = c;
    }
}

static bool is_dropped(const leaks *l, const tend_column *c) {
    for (int i = 0; i < l->n_drop; i++)
        if (strcmp(l->drop[i], c->name) == 0)
            return true;
    return false;
}

static void suggest(leaks *l, const char *name) { l->drop[l->n_drop++] = name; }

static tend_anomaly *push(leaks *l, const char *rule, const char *column, tend_rule_severity severity, const char *message,
                          const char *hint) {
    return check_push(
        l->out, l->arena,
        (tend_anomaly){.rule = rule, .column = column, .severity = severity, .value = NAN, .limit = NAN, .message = message, .hint = hint});
}

/* "features: {drop: [a, "b c"]}" and "data: {allow: [a, "b c"]}" for a list of names. */
static const char *remedy(tend_arena *arena, const char *const *names, int n, const char *keep_when) {
    TEND_AUTO_BUF list = TEND_BUF_INIT;
    for (int i = 0; i < n; i++) {
        tend_buf_puts(&list, i ? ", " : "");
        tend_yaml_scalar(&list, names[i]);
    }
    return tend_arena_printf(arena, "leave %s out with features: {drop: [%s]}, or, %s, keep %s with data: {allow: [%s]}",
                             n == 1 ? "it" : "them", tend_buf_text(&list), keep_when, n == 1 ? "it" : "them", tend_buf_text(&list));
}

/* ---- constants and identifiers ---- */

static bool same_cell(const tend_column *c, int64_t i, int64_t j) {
    if (c->type == TEND_STRING)
        return tend_str_eq(tend_column_str(c, i), tend_column_str(c, j));
    return c->type == TEND_FLOAT ? c->floats[i] == c->floats[j] : c->ints[i] == c->ints[j];
}

static bool is_constant(const tend_column *c) {
    if (c->n_missing > 0)
        return c->n_missing == c->n_rows; /* one value and gaps: the gaps may tell something */
    for (int64_t i = 1; i < c->n_rows; i++)
        if (!same_cell(c, i, 0))
            return false;
    return true;
}

static void find_constants(leaks *l) {
    for (int i = 0; i < l->n && l->table->n_rows > 1; i++) {
        const tend_column *c = l->columns[i];
        if (!is_constant(c))
            continue;
        TEND_AUTO_BUF text = TEND_BUF_INIT;
        tend_buf_printf(&text, "%s: ", c->name);
        if (c->n_missing > 0) {
            tend_buf_puts(&text, "every value is missing");
        } else {
            tend_buf_puts(&text, "every row has the same value, ");
            check_value_text(c, 0, &text);
        }
        push(l, "constant", c->name, TEND_RULE_WARNING, tend_arena_strdup(l->arena, tend_buf_text(&text)),
             remedy(l->arena, &c->name, 1, "if it will vary later"));
        suggest(l, c->name);
    }
}

typedef struct id_facts {
    int64_t present, repeats;
    bool rising;      /* strictly, in row order */
    int64_t min, max; /* integers */
    double words;     /* per text, on average */
} id_facts;

static void count_repeat(void *ctx, int64_t place, int64_t earliest) {
    (void)place;
    (void)earliest;
    ++*(int64_t *)ctx;
}

static int64_t word_count(tend_str s) {
    int64_t n = 0;
    for (size_t i = 0; i < s.size; i++)
        n += s.at[i] != ' ' && (i == 0 || s.at[i - 1] == ' ');
    return n;
}

static id_facts facts_of(const tend_column *c) {
    id_facts f = {.present = c->n_rows - c->n_missing, .rising = true, .min = INT64_MAX, .max = INT64_MIN};
    int64_t last = INT64_MIN;
    check_repeated_rows(&c, 1, NULL, c->n_rows, false, count_repeat, &f.repeats);
    for (int64_t i = 0; i < c->n_rows; i++) {
        if (!tend_is_valid(c, i))
            continue;
        if (c->type == TEND_STRING) {
            f.words += (double)word_count(tend_column_str(c, i)) / (double)f.present;
            continue;
        }
        f.rising &= c->ints[i] > last;
        last = c->ints[i];
        f.min = last < f.min ? last : f.min;
        f.max = last > f.max ? last : f.max;
    }
    return f;
}

static int digits_of(int64_t v) {
    int n = 1;
    for (; v >= 10; v /= 10)
        n++;
    return n;
}

/* Codes of one width, such as account numbers: a quantity that never repeats varies in its number of digits. */
static bool is_coded(const id_facts *f) {
    return f->present >= 1000 && f->min > 0 && digits_of(f->min) >= 5 && digits_of(f->min) == digits_of(f->max);
}

/* Most columns repeat themselves at once: no need to index them whole. */
static bool repeats_early(const tend_column *c) {
    int64_t repeats = 0;
    check_repeated_rows(&c, 1, NULL, c->n_rows < FIRST_LOOK ? c->n_rows : FIRST_LOOK, false, count_repeat, &repeats);
    return repeats > FIRST_LOOK / 100;
}

static bool is_identifier(const tend_column *c) {
    if ((c->type != TEND_INT && c->type != TEND_STRING) || c->n_rows - c->n_missing <= MIN_ID_ROWS || repeats_early(c))
        return false;
    id_facts f = facts_of(c);
    if (c->type == TEND_STRING)
        return f.repeats * 1000 <= f.present && f.words <= 3;
    bool nearly = f.repeats * 1000 <= f.present && tend_name_is_id(c->name);
    return nearly || (f.repeats == 0 && (f.rising || f.max - f.min == f.present - 1 || is_coded(&f)));
}

static void find_identifiers(leaks *l) {
    for (int i = 0; i < l->n; i++) {
        const tend_column *c = l->columns[i];
        if (is_dropped(l, c) || !is_identifier(c))
            continue;
        push(l, "identifier", c->name, TEND_RULE_WARNING,
             tend_arena_printf(l->arena, "%s: (nearly) every row has a value of its own: an identifier, from which nothing can be learned",
                               c->name),
             remedy(l->arena, &c->name, 1, "if it is a measurement"));
        suggest(l, c->name);
    }
}

/* ---- columns that give the target away ---- */

static void push_leaks(leaks *l, const score_target *t, const char **names, const double *scores, int n, double limit) {
    TEND_AUTO_BUF text = TEND_BUF_INIT, columns = TEND_BUF_INIT;
    double most = 0;
    if (n == 1)
        tend_buf_printf(&text, "%s: this column alone predicts the target \"%s\" (%s %.4f)", names[0], l->options->target, score_name(t),
                        scores[0]);
    else
        tend_buf_printf(&text, "%d columns each predict the target \"%s\" alone:", n, l->options->target);
    for (int i = 0; i < n; i++) {
        if (n > 1)
            tend_buf_printf(&text, "%s \"%s\" (%s %.4f)", i ? "," : "", names[i], score_name(t), scores[i]);
        tend_buf_printf(&columns, "%s%s", i ? ", " : "", names[i]);
        most = fmax(most, scores[i]);
        suggest(l, names[i]);
    }
    tend_buf_puts(&text, "; most likely made from the target, or known only after it");
    tend_anomaly *a = push(l, "leak.target", tend_arena_strdup(l->arena, tend_buf_text(&columns)), TEND_RULE_ERROR,
                           tend_arena_strdup(l->arena, tend_buf_text(&text)),
                           remedy(l->arena, names, n, "if the value is really known when a prediction is made"));
    a->value = most;
    a->limit = limit;
}

static tend_status find_leaks(leaks *l, tend_error *err) {
    const tend_column *target = NULL;
    score_target t;
    double limit = l->options->leak_above > 0 ? l->options->leak_above : DEFAULT_LEAK;
    TEND_TRY(tend_table_need(l->table, l->options->target, &target, err));
    if (!score_target_init(&t, target, l->options->seed, l->arena))
        return TEND_OK;
    const char **names = TEND_ARRAY(l->arena, const char *, l->n);
    double *scores = TEND_ARRAY(l->arena, double, l->n);
    int n = 0;
    for (int i = 0; i < l->n; i++) {
        double score = is_dropped(l, l->columns[i]) ? 0 : score_column(&t, l->columns[i]);
        if (!(score >= limit))
            continue;
        names[n] = l->columns[i]->name;
        scores[n++] = score;
    }
    if (n > 0)
        push_leaks(l, &t, names, scores, n, limit);
    return TEND_OK;
}

/* ---- pairs of columns that make up the target ---- */

typedef struct pair_search {
    leaks *leaks;
    const tend_column **columns; /* that are not found to be a leak or useless already */
} pair_search;

static void on_pair(void *ctx, int i, int k, char sign) {
    pair_search *search = ctx;
    leaks *l = search->leaks;
    const char *names[] = {search->columns[i]->name, search->columns[k]->name};
    if (is_dropped(l, search->columns[i]) || is_dropped(l, search->columns[k]))
        return; /* in a pair that was named before */
    push(l, "leak.sum", tend_arena_printf(l->arena, "%s, %s", names[0], names[1]), TEND_RULE_ERROR,
         tend_arena_printf(l->arena, "%s %c %s is the target \"%s\" in every row; most likely its parts, known no sooner than it", names[0],
                           sign, names[1], l->options->target),
         remedy(l->arena, names, 2, "if both values are really known when a prediction is made"));
    suggest(l, names[0]);
    suggest(l, names[1]);
}

static tend_status find_sums(leaks *l, tend_error *err) {
    const tend_column *target = NULL;
    TEND_TRY(tend_table_need(l->table, l->options->target, &target, err));
    pair_search search = {l, TEND_ARRAY(l->arena, const tend_column *, l->n)};
    int n = 0;
    for (int i = 0; i < l->n; i++)
        if (!is_dropped(l, l->columns[i]))
            search.columns[n++] = l->columns[i];
    check_sums(target, search.columns, n, on_pair, &search);
    return TEND_OK;
}

/* ---- copies of columns ---- */

#define COLLINEAR   0.999
#define PAIR_BUDGET 5e7 /* rows times pairs of the first look */

static bool is_quantity(const tend_column *c) { return c->type != TEND_STRING; }

/* Pearson's correlation over every `stride`-th row in which both have a value; NaN below 20 such rows. */
static double correlation(const tend_column *a, const tend_column *b, int64_t stride) {
    double ma = 0, mb = 0, saa = 0, sbb = 0, sab = 0, n = 0;
    for (int64_t i = 0; i < a->n_rows; i += stride) {
        double x = tend_column_double(a, i), y = tend_column_double(b, i);
        if (!isfinite(x) || !isfinite(y))
            continue;
        n++;
        double dx = x - ma, dy = y - mb;
        ma += dx / n;
        mb += dy / n;
        saa += dx * (x - ma);
        sbb += dy * (y - mb);
        sab += dx * (y - mb);
    }
    return n >= 20 && saa > 0 && sbb > 0 ? sab / sqrt(saa * sbb) : (double)NAN;
}

static void push_collinear(leaks *l, const tend_column *a, const tend_column *b, double r) {
    tend_anomaly *anomaly =
        push(l, "collinear", b->name, TEND_RULE_WARNING,
             isnan(r) ? tend_arena_printf(l->arena, "%s: says the same as %s, level by level", b->name, a->name)
                      : tend_arena_printf(l->arena, "%s: moves with %s in lockstep (correlation %.4f)", b->name, a->name, r),
             tend_arena_printf(l->arena, "one of the two is enough; linear models and importances suffer from both"));
    anomaly->value = r;
}

static void find_collinear(leaks *l) {
    double pairs = 0.5 * l->n * (l->n - 1);
    int64_t rows = l->table->n_rows, quick = (int64_t)((double)rows * pairs / PAIR_BUDGET) + 1, careful = rows / SCORE_MAX_ROWS + 1;
    if (rows / quick < 1000)
        quick = rows / 1000 + 1;
    for (int i = 0; i < l->n; i++)
        for (int k = 0; k < i; k++) {
            const tend_column *a = l->columns[k], *b = l->columns[i];
            if (!is_quantity(a) || !is_quantity(b) || is_dropped(l, a) || is_dropped(l, b))
                continue;
            double r = correlation(a, b, quick);
            if (fabs(r) >= COLLINEAR && quick > careful)
                r = correlation(a, b, careful);
            if (fabs(r) >= COLLINEAR) {
                push_collinear(l, a, b, r);
                break; /* one partner is enough to know */
            }
        }
}

/* Two columns say the same when their levels first appear in the same order everywhere: a hash of the codes tells. 0: not a
 * column of levels, or of so many that they are nearly one per row. */
static uint64_t level_fingerprint(const tend_column *c) {
    TEND_AUTO(tend_dict) *levels = tend_dict_new();
    uint64_t hash = 1;
    if (c->type != TEND_STRING && c->type != TEND_INT)
        return 0;
    for (int64_t i = 0; i < c->n_rows; i++) {
        int64_t code = -1;
        if (tend_is_valid(c, i)) {
            tend_str s = c->type == TEND_STRING ? tend_column_str(c, i) : (tend_str){(const char *)&c->ints[i], sizeof c->ints[i]};
            code = tend_dict_add(levels, s.at, s.size, NULL);
        }
        if (code >= MAX_CODED_LEVELS)
            return 0;
        hash = tend_hash64(&code, sizeof code, hash);
    }
    int64_t n = tend_dict_count(levels);
    return n < 2 || 2 * n > c->n_rows ? 0 : hash;
}

static void find_same_levels(leaks *l) {
    uint64_t *prints = TEND_ARRAY(l->arena, uint64_t, l->n);
    for (int i = 0; i < l->n; i++) {
        prints[i] = is_dropped(l, l->columns[i]) ? 0 : level_fingerprint(l->columns[i]);
        for (int k = 0; k < i && prints[i]; k++) {
            bool text = l->columns[i]->type == TEND_STRING || l->columns[k]->type == TEND_STRING; /* numbers had their turn above */
            if (prints[k] == prints[i] && text) {
                push_collinear(l, l->columns[k], l->columns[i], (double)NAN);
                break;
            }
        }
    }
}

/* ---- copies of rows ---- */

typedef struct repeats {
    int64_t n, first, earlier;
} repeats;

static void on_repeat(void *ctx, int64_t place, int64_t earliest) {
    repeats *r = ctx;
    if (r->n++ == 0) {
        r->first = place;
        r->earlier = earliest;
    }
}

static const tend_column **all_columns(const tend_table *table, tend_arena *arena) {
    const tend_column **columns = TEND_ARRAY(arena, const tend_column *, table->n_columns);
    for (int i = 0; i < table->n_columns; i++)
        columns[i] = &table->columns[i];
    return columns;
}

static void find_duplicates(leaks *l) {
    repeats r = {0};
    check_repeated_rows(all_columns(l->table, l->arena), l->table->n_columns, NULL, l->table->n_rows, true, on_repeat, &r);
    if (r.n == 0)
        return;
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    check_count_text(r.n, l->table->n_rows, &text);
    tend_buf_printf(&text, " %s an earlier row in every column (first: ", r.n == 1 ? "repeats" : "repeat");
    tend_table_where(l->table, r.first, &text);
    tend_buf_puts(&text, ", already at ");
    tend_table_where(l->table, r.earlier, &text);
    tend_buf_putc(&text, ')');
    push(l, "duplicate_rows", NULL, TEND_RULE_WARNING, tend_arena_strdup(l->arena, tend_buf_text(&text)),
         "copies of one observation are left out by data: {duplicates: drop}; equal observations may stay")
        ->n_rows = r.n;
}

tend_status tend_check_leaks(const tend_table *table, const tend_leak_options *options, tend_arena *arena, tend_check *out,
                             const char ***suggest_drop, int *n_drop, tend_error *err) {
    tend_check result = *out;
    leaks l = {.table = table, .options = options, .arena = arena, .out = &result};
    choose_columns(&l);
    find_constants(&l);
    find_identifiers(&l);
    if (options->target)
        TEND_TRY(find_leaks(&l, err));
    if (options->target)
        TEND_TRY(find_sums(&l, err));
    find_collinear(&l);
    find_same_levels(&l);
    find_duplicates(&l);
    *out = result;
    *suggest_drop = l.drop;
    *n_drop = l.n_drop;
    return TEND_OK;
}

/* ---- rows on both sides of a split ---- */

typedef struct overlap {
    int64_t n_train, n, test_place, train_place;
} overlap;

static void on_overlap(void *ctx, int64_t place, int64_t earliest) {
    overlap *o = ctx;
    if (place < o->n_train || earliest >= o->n_train)
        return;
    if (o->n++ == 0) {
        o->test_place = place;
        o->train_place = earliest;
    }
}

tend_status tend_check_overlap(const tend_table *table, const int64_t *train, int64_t n_train, const int64_t *test, int64_t n_test,
                               tend_arena *arena, tend_check *out, tend_error *err) {
    (void)err;
    overlap o = {.n_train = n_train};
    int64_t *rows = tend_malloc(sizeof *rows * (size_t)(n_train + n_test + 1));
    for (int64_t i = 0; i < n_train + n_test; i++)
        rows[i] = i < n_train ? train[i] : test[i - n_train];
    check_repeated_rows(all_columns(table, arena), table->n_columns, rows, n_train + n_test, true, on_overlap, &o);
    if (o.n > 0) {
        char a[32], b[32];
        TEND_AUTO_BUF text = TEND_BUF_INIT;
        tend_buf_printf(&text, "%s of %s test rows (%.2f%%) %s in the training rows, too (first: ", tend_text_thousands(o.n, a),
                        tend_text_thousands(n_test, b), 100 * (double)o.n / (double)n_test, o.n == 1 ? "stands" : "stand");
        tend_table_where(table, rows[o.test_place], &text);
        tend_buf_puts(&text, ", the same as ");
        tend_table_where(table, rows[o.train_place], &text);
        tend_buf_putc(&text, ')');
        check_push(out, arena,
                   (tend_anomaly){.rule = "leak.overlap",
                                  .severity = TEND_RULE_WARNING,
                                  .n_rows = o.n,
                                  .value = (double)o.n / (double)n_test,
                                  .limit = 0,
                                  .message = tend_arena_strdup(arena, tend_buf_text(&text)),
                                  .hint = "the test looks easier than it is; remove copies before the split, or split by group"});
    }
    free(rows);
    return TEND_OK;
}
