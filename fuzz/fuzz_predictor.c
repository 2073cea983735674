#include "rows.h"

#include "model/model.h"

enum { ROWS = 5, MOST_NUMBERS = 100000 };

static void check_scores(const tend_predictor *p, const double *scores, size_t n) {
    bool shares = p->link != TEND_LINK_IDENTITY && p->link != TEND_LINK_EXP;
    for (size_t i = 0; shares && i < n; i++)
        FUZZ_CHECK(isnan(scores[i]) || (scores[i] >= 0 && scores[i] <= 1));
}

static void check_predict(const tend_predictor *p) {
    size_t n_in = ROWS * (size_t)p->n_features, n_out = ROWS * (size_t)p->n_groups;
    if (n_in > MOST_NUMBERS || n_out > MOST_NUMBERS)
        return;
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    float *x = TEND_ARRAY(arena, float, n_in), *margins = TEND_ARRAY(arena, float, n_out);
    double *scores = TEND_ARRAY(arena, double, n_out);
    for (size_t i = 0; i < n_in; i++)
        x[i] = odd_float(i, NULL, 0);
    tend_predictor_margins(p, x, ROWS, margins);
    tend_predictor_scores(p, margins, ROWS, scores);
    check_scores(p, scores, n_out);
}

/* A bundle's predictor, trees or linear: what loads predicts, and comes back from its own bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    TEND_AUTO(tend_predictor) *predictor = NULL, *again = NULL;
    tend_error err = TEND_ERROR_INIT;
    if (tend_predictor_load(data, size, &predictor, &err) != TEND_OK) {
        FUZZ_CHECK(err.message[0] && (err.code == TEND_CORRUPT || err.code == TEND_UNSUPPORTED || err.code == TEND_LIMIT));
        return 0;
    }
    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    tend_predictor_save(predictor, &bytes);
    FUZZ_CHECK(bytes.size == size);
    FUZZ_CHECK(tend_predictor_load(bytes.data, bytes.size, &again, &err) == TEND_OK);
    FUZZ_CHECK(again->n_features == predictor->n_features && again->n_groups == predictor->n_groups);
    check_predict(predictor);
    return 0;
}
