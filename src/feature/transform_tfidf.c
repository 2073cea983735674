/* tfidf: how often each term of a vocabulary stands in the text, weighted by how rare the term is,
 * at length 1.
 *
 * As scikit-learn's TfidfVectorizer with its defaults (smooth_idf, L2): the weight of a term is
 * ln((1 + n) / (1 + df)) + 1 for n training texts of which df have it; a row is divided by its
 * Euclidean length. The vocabulary is the max_features terms with the highest total count, ties in
 * alphabetical order. Missing reads as an empty text. State: the terms, sorted, and their weights.
 */
#include "feature/levels.h"
#include "feature/numeric.h"
#include "feature/tokens.h"
#include "feature/transform.h"

#include <math.h>

enum { MAX_FEATURES, NGRAMS, STOP_WORDS };

static const tend_arg_spec tfidf_args[] = {
    {"max_features", TEND_ARG_INT, 100, 1, 10000, NULL, NULL, "the size of the vocabulary: the terms with the highest count"},
    {"ngrams", TEND_ARG_RANGE, 1, 1, 5, NULL, "[1, 1]", "the shortest and the longest term, in words"},
    {"stop_words", TEND_ARG_CHOICE, 0, 0, 0, "english|none", NULL, "words that are left out before terms are made"},
};

typedef struct grams {
    int shortest, longest;
    bool without_stop_words;
} grams;

static grams grams_of(const tend_stage *stage) {
    const tend_arg *range = &stage->args[NGRAMS];
    return (grams){(int)range->number, (int)range->upper, stage->args[STOP_WORDS].number == 0};
}

/* Calls visit for every term of the text, in order of length, then of place. */
static void each_term(tend_tokens *tokens, tend_str text, const grams *g, void (*visit)(void *ctx, tend_str term), void *ctx) {
    if (!text.at)
        return;
    tend_tokens_read(tokens, text, g->without_stop_words);
    for (int size = g->shortest; size <= g->longest; size++)
        for (int first = 0; first + size <= tokens->n; first++)
            visit(ctx, tend_tokens_gram(tokens, first, size));
}

/* Counting the terms of all texts. */
typedef struct term_count {
    int64_t n, n_texts, last_text;
} term_count;

typedef struct vocabulary {
    tend_dict *terms;
    term_count *counts;
    size_t capacity;
    tend_arena *arena;
    int64_t text; /* counts from 1 */
} vocabulary;

static void count_term(void *ctx, tend_str term) {
    vocabulary *v = ctx;
    size_t id = (size_t)tend_dict_add(v->terms, term.at, term.size, NULL);
    if (id >= v->capacity) {
        size_t item = sizeof *v->counts, more = v->capacity ? 2 * v->capacity : 1024;
        v->counts = tend_arena_grow(v->arena, v->counts, v->capacity * item, more * item);
        v->capacity = more;
    }
    term_count *c = &v->counts[id];
    c->n++;
    c->n_texts += c->last_text != v->text;
    c->last_text = v->text;
}

static void keep_terms(tend_stage *stage, const tend_fit *fit, vocabulary *v, int64_t n_texts) {
    tend_levels terms = {.n = (int)tend_dict_count(v->terms), .dict = v->terms};
    terms.items = TEND_ARRAY(v->arena, tend_level_count, terms.n);
    for (int t = 0; t < terms.n; t++)
        terms.items[t] = (tend_level_count){tend_dict_key(v->terms, t), v->counts[t].n};
    tend_levels_keep(&terms, (int)stage->args[MAX_FEATURES].number, 1);
    tend_stage_levels(stage, fit->arena);
    tend_stage_numbers(stage, fit->arena, terms.n);
    for (int t = 0; t < terms.n; t++) {
        tend_str text = terms.items[t].text;
        int64_t df = v->counts[tend_dict_find(v->terms, text.at, text.size)].n_texts;
        tend_dict_add(stage->levels, text.at, text.size, NULL);
        stage->numbers[t] = tend_log_exact((1 + (double)n_texts) / (1 + (double)df)) + 1;
    }
}

static void fit_tfidf(tend_stage *stage, const tend_fit *fit, const tend_values *values) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    TEND_AUTO(tend_dict) *terms = tend_dict_new();
    vocabulary v = {.terms = terms, .arena = scratch};
    tend_tokens tokens;
    tend_tokens_init(&tokens);
    grams g = grams_of(stage);
    for (int64_t i = 0; i < values->n; i++) {
        v.text = i + 1;
        each_term(&tokens, values->texts[i], &g, count_term, &v);
    }
    tend_tokens_done(&tokens);
    keep_terms(stage, fit, &v, values->n);
}

typedef struct weighing {
    const tend_stage *stage;
    float *out;
} weighing;

static void weigh_term(void *ctx, tend_str term) {
    weighing *w = ctx;
    int64_t id = tend_stage_level(w->stage, term);
    if (id >= 0)
        w->out[id]++;
}

/* The counts in `out` become weights; all zeros stay zeros. */
static void scale_to_one(const tend_stage *stage, float *out) {
    double squares = 0;
    for (int t = 0; t < stage->n_numbers; t++) {
        double weight = (double)out[t] * stage->numbers[t];
        squares += weight * weight;
    }
    double length = squares > 0 ? sqrt(squares) : 1;
    for (int t = 0; t < stage->n_numbers; t++)
        out[t] = tend_float_of((double)out[t] * stage->numbers[t] / length);
}

static void emit_tfidf(const tend_stage *stage, tend_run *run, const tend_values *v, float *out) {
    tend_tokens tokens;
    tend_tokens_init(&tokens);
    grams g = grams_of(stage);
    g.without_stop_words &= g.longest > 1; /* as single words they are not in the vocabulary anyway */
    for (int64_t i = 0; i < v->n; i++, out += run->stride) {
        memset(out, 0, (size_t)stage->n_numbers * sizeof *out);
        weighing w = {stage, out};
        each_term(&tokens, v->texts[i], &g, weigh_term, &w);
        scale_to_one(stage, out);
    }
    tend_tokens_done(&tokens);
}

static int tfidf_width(const tend_stage *stage) { return stage->n_numbers; }

static void name_tfidf(const tend_stage *stage, int i, tend_buf *out) {
    tend_str term = tend_dict_key(stage->levels, i);
    tend_buf_puts(out, ":tfidf(");
    tend_buf_append(out, term.at, term.size);
    tend_buf_putc(out, ')');
}

static bool check_tfidf(const tend_stage *stage) {
    for (int t = 0; t < stage->n_numbers; t++)
        if (!isfinite(stage->numbers[t]))
            return false;
    return stage->levels && stage->n_numbers == tend_stage_n_levels(stage);
}

const tend_transform tend_transform_tfidf = {
    .name = "tfidf",
    .help = "One output per term of the training texts (words of two or more characters, lower "
            "case): how often it stands in the text, weighted by how rare it is (smooth idf), "
            "each row at Euclidean length 1.",
    .takes = TEND_TAKES_TEXT,
    .gives = TEND_GIVES_OUTPUTS,
    .args = tfidf_args,
    .n_args = sizeof tfidf_args / sizeof *tfidf_args,
    .fit = fit_tfidf,
    .width = tfidf_width,
    .emit = emit_tfidf,
    .name_output = name_tfidf,
    .check = check_tfidf,
};
