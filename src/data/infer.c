#include "data/infer.h"

#include "data/number.h"

#include <assert.h>
#include <stdio.h>

static const char *const KIND_WORDS[] = {
#define X(name, words) words,
    TEND_KINDS(X)
#undef X
};

const char *const tend_like_missing[] = {"?",       "??",      "-",       "--",      "---", ".",   "Unknown",
                                         "unknown", "UNKNOWN", "missing", "Missing", "NA",  "N/A", "na"};

static int like_missing(tend_str s) {
    if (s.size == 0 || s.size > 7)
        return -1;
    for (int i = 0; i < TEND_LIKE_MISSING_COUNT; i++)
        if (s.at[0] == tend_like_missing[i][0] && tend_str_is(s, tend_like_missing[i]))
            return i;
    return -1;
}

static bool is_bool(tend_str s) {
    if (s.size != 4 && s.size != 5)
        return false;
    return tend_str_is(s, "true") || tend_str_is(s, "false") || tend_str_is(s, "True") || tend_str_is(s, "False") ||
           tend_str_is(s, "TRUE") || tend_str_is(s, "FALSE");
}

static bool is_digits(tend_str s) {
    size_t sign = s.size && (s.at[0] == '-' || s.at[0] == '+');
    for (size_t i = sign; i < s.size; i++)
        if (s.at[i] < '0' || s.at[i] > '9')
            return false;
    return s.size > sign;
}

static tend_kind kind_of(tend_str s, unsigned *forms, bool *time, int *like) {
    int64_t i;
    double d;
    if (is_digits(s)) {
        if (tend_number_is_code(s))
            return TEND_KIND_CODE;
        return tend_number_int(s, &i) ? TEND_KIND_INT : TEND_KIND_HUGE;
    }
    if (tend_number_double(s, &d))
        return TEND_KIND_FLOAT;
    if (tend_number_is_infinite(s))
        return TEND_KIND_INFINITE;
    if (is_bool(s))
        return TEND_KIND_BOOL;
    if ((*forms = tend_date_forms(s, time)) != 0)
        return TEND_KIND_DATE;
    return (*like = like_missing(s)) >= 0 ? TEND_KIND_LIKE_MISSING : TEND_KIND_TEXT;
}

tend_kind tend_kind_of(tend_str s) {
    unsigned forms;
    bool time;
    int like;
    return kind_of(s, &forms, &time, &like);
}

static void add_date(tend_kinds *k, unsigned forms, bool time, uint32_t line) {
    int i = 0;
    while (i < k->n_dates && (k->dates[i].forms != forms || k->dates[i].time != time))
        i++;
    if (i == TEND_DATE_SETS)
        i--; /* more mixtures than anyone writes: the last stands for the rest */
    if (i == k->n_dates) {
        k->dates[i].forms = forms;
        k->dates[i].time = time;
        k->dates[i].line = line;
        k->n_dates++;
    }
    k->dates[i].count++;
}

void tend_kinds_add(tend_kinds *k, tend_str s, uint32_t line) {
    unsigned forms = 0;
    bool time = false;
    int like = -1;
    tend_kind kind = kind_of(s, &forms, &time, &like);
    k->n++;
    if (k->count[kind]++ == 0) {
        k->line[kind] = line;
        size_t n = s.size < sizeof k->first[kind] - 1 ? s.size : sizeof k->first[kind] - 1;
        memcpy(k->first[kind], s.at, n);
        while (n > 0 && !tend_utf8_is_valid(k->first[kind], n, NULL))
            n--;
        k->first[kind][n] = '\0';
    }
    if (kind == TEND_KIND_DATE)
        add_date(k, forms, time, line);
    if (like >= 0)
        k->like_missing[like]++;
}

/* ---- deciding ---- */

static int64_t numbers(const tend_kinds *k) { return k->count[TEND_KIND_INT] + k->count[TEND_KIND_FLOAT]; }

/* The forms that every date of the column can have. */
static unsigned common_forms(const tend_kinds *k) {
    unsigned forms = k->n_dates ? ~0u : 0;
    for (int i = 0; i < k->n_dates; i++)
        forms &= k->dates[i].forms;
    return forms;
}

static bool is_single(unsigned forms) { return forms && (forms & (forms - 1)) == 0; }

static bool same_time(const tend_kinds *k) {
    for (int i = 1; i < k->n_dates; i++)
        if (k->dates[i].time != k->dates[0].time)
            return false;
    return true;
}

/* Whether more values could make something else of what is a text now. */
static bool may_change(const tend_kinds *k) {
    int64_t plain = k->count[TEND_KIND_TEXT];
    return plain * 2 <= k->n;
}

tend_plan tend_kinds_decide(const tend_kinds *k) {
    tend_plan plan = {.type = TEND_STRING, .open = may_change(k)};
    int64_t n_numbers = numbers(k), n_infinite = k->count[TEND_KIND_INFINITE];
    if (k->n == 0)
        return plan;
    if (k->count[TEND_KIND_BOOL] == k->n) {
        plan.type = TEND_BOOL;
    } else if (n_numbers > 0 && n_numbers + n_infinite == k->n) {
        plan.type = n_infinite + k->count[TEND_KIND_FLOAT] > 0 ? TEND_FLOAT : TEND_INT;
    } else if (k->count[TEND_KIND_DATE] == k->n && is_single(common_forms(k)) && same_time(k)) {
        plan.type = k->dates[0].time ? TEND_TIMESTAMP : TEND_DATE;
        plan.form = (tend_date_form)__builtin_ctz(common_forms(k));
    } else {
        return plan;
    }
    plan.open = false;
    return plan;
}

/* How many of the dates can have this form, and which form most can. */
static int64_t count_form(const tend_kinds *k, int form, unsigned without) {
    int64_t n = 0;
    for (int i = 0; i < k->n_dates; i++)
        if ((k->dates[i].forms >> form & 1) && !(k->dates[i].forms & without))
            n += k->dates[i].count;
    return n;
}

static int best_form(const tend_kinds *k, unsigned without, int64_t *out_n, bool *out_tie) {
    int best = -1;
    *out_n = 0;
    *out_tie = false;
    for (int form = 0; form < TEND_DATE_FORM_COUNT; form++) {
        int64_t n = count_form(k, form, without);
        if (n > *out_n) {
            best = form;
            *out_n = n;
            *out_tie = false;
        } else if (n > 0 && n == *out_n) {
            *out_tie = true;
        }
    }
    return best;
}

bool tend_kinds_date_form(const tend_kinds *k, tend_date_form *out) {
    int64_t n;
    bool tie;
    int best = best_form(k, 0, &n, &tie);
    *out = best < 0 ? TEND_DATE_ISO : (tend_date_form)best;
    /* ISO dates are always read beside the column's form, so only the others can be in doubt. */
    if (best == TEND_DATE_ISO && n < k->count[TEND_KIND_DATE]) {
        best = best_form(k, 1u << TEND_DATE_ISO, &n, &tie);
        *out = best < 0 ? TEND_DATE_ISO : (tend_date_form)best;
    }
    return !tie;
}

/* ---- notes ---- */

static tend_node *section(tend_arena *arena, tend_node *notes, const char *key) {
    const tend_node *there = tend_node_get(notes, key);
    if (!there)
        return tend_node_set_map(arena, notes, key);
    tend_node *child = notes->first;
    while (child != there)
        child = child->next;
    return child;
}

static void note_column(tend_arena *arena, tend_node *notes, const char *name, const char *sentence) {
    tend_node_set_string(arena, section(arena, notes, "columns"), name, sentence);
}

static void note_like_missing(const tend_kinds *k, const char *name, tend_arena *arena, tend_node *notes) {
    for (int i = 0; i < TEND_LIKE_MISSING_COUNT; i++)
        if (k->like_missing[i] > 0) {
            tend_node *all = section(arena, notes, "missing_like");
            tend_node_set_int(arena, section(arena, all, tend_like_missing[i]), name, k->like_missing[i]);
        }
}

/* Dates that do not agree on one form. */
static void note_dates(const tend_kinds *k, const char *name, tend_arena *arena, tend_node *notes) {
    unsigned common = common_forms(k);
    int64_t n_first, n_second;
    bool tie;
    int first = best_form(k, 0, &n_first, &tie);
    if (common && !is_single(common)) {
        const char *a = tend_date_form_name((tend_date_form)__builtin_ctz(common));
        const char *b = tend_date_form_name((tend_date_form)__builtin_ctz(common & (common - 1)));
        note_column(arena, notes, name,
                    tend_arena_printf(arena, "every value could be %s or %s: kept as text (write dates as yyyy-mm-dd)", a, b));
        return;
    }
    if (common) {
        note_column(arena, notes, name, "some values have a time of day and some do not: kept as text");
        return;
    }
    int second = best_form(k, 1u << first, &n_second, &tie);
    uint32_t line = 0;
    for (int i = 0; i < k->n_dates; i++)
        if (!(k->dates[i].forms >> first & 1) && (line == 0 || k->dates[i].line < line))
            line = k->dates[i].line;
    note_column(arena, notes, name,
                tend_arena_printf(arena, "%lld values as %s, %lld as %s (first: line %u): kept as text", (long long)n_first,
                                  tend_date_form_name((tend_date_form)first), (long long)n_second,
                                  second < 0 ? "another form" : tend_date_form_name((tend_date_form)second), line));
}

/* The kind of the first value that is none of `fine`. */
static int first_misfit(const tend_kinds *k, unsigned fine) {
    int found = -1;
    for (int kind = 0; kind < TEND_KIND_COUNT; kind++)
        if (!(fine >> kind & 1) && k->count[kind] > 0 && (found < 0 || k->line[kind] < k->line[found]))
            found = kind;
    return found;
}

static void note_nearly(const tend_kinds *k, int64_t n_fine, unsigned fine, const char *one, const char *what, const char *name,
                        tend_arena *arena, tend_node *notes) {
    int misfit = first_misfit(k, fine);
    assert(misfit >= 0);
    int64_t n = k->n - n_fine;
    note_column(arena, notes, name,
                tend_arena_printf(arena, "%lld of %lld values %s not %s%s (first: '%s' at line %u): kept as text", (long long)n,
                                  (long long)k->n, n == 1 ? "is" : "are", n == 1 ? "a " : "", n == 1 ? one : what, k->first[misfit],
                                  k->line[misfit]));
}

static void note_text(const tend_kinds *k, const char *name, tend_arena *arena, tend_node *notes) {
    const unsigned number_kinds = 1u << TEND_KIND_INT | 1u << TEND_KIND_FLOAT | 1u << TEND_KIND_INFINITE;
    int64_t n_numbers = numbers(k) + k->count[TEND_KIND_INFINITE], n_dates = k->count[TEND_KIND_DATE];
    int64_t n_codes = k->count[TEND_KIND_CODE], n_huge = k->count[TEND_KIND_HUGE], n_like = k->count[TEND_KIND_LIKE_MISSING];
    int special = n_codes ? TEND_KIND_CODE : TEND_KIND_HUGE;
    if (k->n == 0)
        note_column(arena, notes, name, "has no values");
    else if (n_dates == k->n)
        note_dates(k, name, arena, notes);
    else if ((n_codes || n_huge) && numbers(k) + n_codes + n_huge + n_like == k->n)
        note_column(
            arena, notes, name,
            tend_arena_printf(arena, "has %s ('%s' at line %u): kept as text", KIND_WORDS[special], k->first[special], k->line[special]));
    else if (k->count[TEND_KIND_INFINITE] == k->n)
        note_column(arena, notes, name, "every value is infinite: kept as text");
    else if (n_numbers > 0 && (n_numbers + n_like == k->n || n_numbers * 100 > k->n * 95))
        note_nearly(k, n_numbers, number_kinds, "number", "numbers", name, arena, notes);
    else if (n_dates > 0 && (n_dates + n_like == k->n || n_dates * 100 > k->n * 95))
        note_nearly(k, n_dates, 1u << TEND_KIND_DATE, "date", "dates", name, arena, notes);
}

void tend_kinds_note(const tend_kinds *k, const tend_plan *plan, const char *name, tend_arena *arena, tend_node *notes) {
    note_like_missing(k, name, arena, notes);
    bool is_date = plan->type == TEND_DATE || plan->type == TEND_TIMESTAMP;
    if (is_date && plan->form != TEND_DATE_ISO)
        tend_node_set_string(arena, section(arena, notes, "dates"), name, tend_date_form_name(plan->form));
    if (plan->type == TEND_STRING && !plan->declared)
        note_text(k, name, arena, notes);
}
