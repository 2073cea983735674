#include "learn/learning_curve.h"

#include <math.h>
#include <stdio.h>

typedef struct points {
    const double *n, *score;
    int k;
} points;

typedef struct fit {
    double a, b, c, error; /* error: sum of squares */
} fit;

static double sum_of_squares(points p, fit f) {
    double sum = 0;
    for (int i = 0; i < p.k; i++) {
        double e = p.score[i] - (f.a - f.b * pow(p.n[i], -f.c));
        sum += e * e;
    }
    return sum;
}

static double mean_score(points p) {
    double sum = 0;
    for (int i = 0; i < p.k; i++)
        sum += p.score[i];
    return sum / p.k;
}

/* a and b by the straight line through (n^-c, score). */
static fit fit_line(points p, double c) {
    double mean_x = 0, mean_y = mean_score(p), xx = 0, xy = 0;
    for (int i = 0; i < p.k; i++)
        mean_x += pow(p.n[i], -c) / p.k;
    for (int i = 0; i < p.k; i++) {
        double dx = pow(p.n[i], -c) - mean_x;
        xx += dx * dx;
        xy += dx * (p.score[i] - mean_y);
    }
    double slope = xx > 0 ? xy / xx : 0;
    return (fit){.a = mean_y - slope * mean_x, .b = -slope, .c = c};
}

/* b alone, when `a` would pass the best value there is. */
static fit fit_slope(points p, double c, double a) {
    double xx = 0, xy = 0;
    for (int i = 0; i < p.k; i++) {
        double x = pow(p.n[i], -c);
        xx += x * x;
        xy += x * (a - p.score[i]);
    }
    return (fit){.a = a, .b = xx > 0 ? xy / xx : 0, .c = c};
}

static fit fit_at(points p, const tend_metric *metric, double c) {
    double sign = metric->greater_is_better ? 1 : -1;
    fit f = fit_line(p, c);
    if (sign * (f.a - metric->best) > 0)
        f = fit_slope(p, c, metric->best);
    if (sign * f.b < 0)
        f = (fit){.a = mean_score(p), .b = 0, .c = c};
    f.error = sum_of_squares(p, f);
    return f;
}

enum { GRID = 79 }; /* c from 0.05 to 2 in steps of 0.025 */

static fit best_fit(points p, const tend_metric *metric) {
    fit best = fit_at(p, metric, 0.05);
    for (int i = 1; i < GRID; i++) {
        fit f = fit_at(p, metric, 0.05 + 0.025 * i);
        if (f.error < best.error)
            best = f;
    }
    return best;
}

static tend_status check(points p, tend_error *err) {
    for (int i = 0; i < p.k; i++) {
        if (!(p.n[i] > 0 && isfinite(p.n[i])))
            return TEND_FAIL(err, INVALID, "point %d of the learning curve has %g rows", i + 1, p.n[i]);
        if (!isfinite(p.score[i]))
            return TEND_FAIL(err, INVALID, "point %d of the learning curve (%g rows) has no score", i + 1, p.n[i]);
    }
    int n_sizes = 0;
    for (int i = 0; i < p.k; i++) {
        bool seen = false;
        for (int j = 0; j < i; j++)
            seen |= p.n[j] == p.n[i];
        n_sizes += !seen;
    }
    if (n_sizes < 3)
        return TEND_FAIL(err, INVALID, "a learning curve needs three sizes or more, not %d", n_sizes);
    return TEND_OK;
}

double tend_learning_curve_at(const tend_learning_curve *curve, double n) { return curve->a - curve->b * pow(n, -curve->c); }

/* The gain from now to there, positive when better. */
static double gain_to(const tend_learning_curve *curve, double then) {
    return curve->metric->greater_is_better ? then - curve->now : curve->now - then;
}

static void decide(tend_learning_curve *curve) {
    double gain = gain_to(curve, curve->doubled);
    if (curve->noise > fmax(gain, curve->worth))
        curve->answer = TEND_DATA_UNCLEAR;
    else
        curve->answer = gain < curve->worth ? TEND_DATA_ENOUGH : TEND_DATA_NOT_ENOUGH;
}

tend_status tend_learning_curve_fit(const double *n, const double *score, int k, const tend_metric *metric, double worth,
                                    tend_learning_curve *out, tend_error *err) {
    points p = {n, score, k};
    TEND_TRY(check(p, err));
    fit f = best_fit(p, metric);
    *out = (tend_learning_curve){.metric = metric, .a = f.a, .b = f.b, .c = f.c, .noise = sqrt(f.error / k)};
    for (int i = 0; i < k; i++)
        out->n = fmax(out->n, n[i]);
    out->now = tend_learning_curve_at(out, out->n);
    out->doubled = tend_learning_curve_at(out, 2 * out->n);
    out->tenfold = tend_learning_curve_at(out, 10 * out->n);
    out->worth = worth > 0 ? worth : 0.005 * fabs(out->now);
    decide(out);
    return TEND_OK;
}

static const char *ending(const tend_learning_curve *curve, tend_arena *arena) {
    switch (curve->answer) {
    case TEND_DATA_ENOUGH: return "the data is enough";
    case TEND_DATA_NOT_ENOUGH: return "more data is worth having";
    case TEND_DATA_UNCLEAR:
        return tend_arena_printf(arena, "but the scores lie about %.2g off that curve, too far to rely on it", curve->noise);
    }
    return "";
}

const char *tend_learning_curve_sentence(const tend_learning_curve *curve, tend_arena *arena) {
    const char *name = curve->metric->name;
    double twice = gain_to(curve, curve->doubled), tenfold = gain_to(curve, curve->tenfold);
    if (curve->b == 0)
        return tend_arena_printf(arena, "More data has not improved %s so far (%.4g at %.0f rows)%s%s.", name, curve->now, curve->n,
                                 curve->answer == TEND_DATA_UNCLEAR ? ", " : ": ", ending(curve, arena));
    const char *doubled = curve->metric->greater_is_better ? tend_arena_printf(arena, "add about %.2g %s", twice, name)
                                                           : tend_arena_printf(arena, "take about %.2g off %s", twice, name);
    return tend_arena_printf(arena, "Doubling the data should %s (%.4g to %.4g), ten times the data about %.2g%s%s.", doubled, curve->now,
                             curve->doubled, tenfold, curve->answer == TEND_DATA_UNCLEAR ? ", " : ": ", ending(curve, arena));
}

static void push_forecast(tend_arena *arena, tend_node *list, double rows, double score) {
    tend_node *node = tend_node_push(list, tend_node_new_map(arena));
    tend_node_set_double(arena, node, "rows", rows);
    tend_node_set_double(arena, node, "score", score);
}

tend_node *tend_learning_curve_to_node(const tend_learning_curve *curve, const double *n, const double *score, int k, tend_arena *arena) {
    static const char *const ANSWERS[] = {"yes", "no", "unclear"};
    tend_node *node = tend_node_new_map(arena);
    tend_node_set_string(arena, node, "metric", curve->metric->name);
    tend_node *list = tend_node_set_list(arena, node, "points");
    for (int i = 0; i < k; i++) {
        tend_node *pair = tend_node_push(list, tend_node_new_list(arena));
        tend_node_push(pair, tend_node_new_double(arena, n[i]));
        tend_node_push(pair, tend_node_new_double(arena, score[i]));
    }
    tend_node *fitted = tend_node_set_map(arena, node, "fit");
    tend_node_set_double(arena, fitted, "a", curve->a);
    tend_node_set_double(arena, fitted, "b", curve->b);
    tend_node_set_double(arena, fitted, "c", curve->c);
    tend_node_set_double(arena, fitted, "noise", curve->noise);
    tend_node *forecast = tend_node_set_list(arena, node, "forecast");
    push_forecast(arena, forecast, curve->n, curve->now);
    push_forecast(arena, forecast, 2 * curve->n, curve->doubled);
    push_forecast(arena, forecast, 10 * curve->n, curve->tenfold);
    tend_node_set_string(arena, node, "enough", ANSWERS[curve->answer]);
    tend_node_set_string(arena, node, "sentence", tend_learning_curve_sentence(curve, arena));
    return node;
}
