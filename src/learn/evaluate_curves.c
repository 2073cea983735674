/* The curves of a binary model: ROC, precision-recall, gain, calibration; thinned so that a
 * document is small whatever the rows. */
#include "learn/evaluate_parts.h"
#include "stats/metric_ranking.h"

#include <math.h>
#include <stdlib.h>

/* What is above each threshold, from the strictest down: one step per different score. */
typedef struct steps {
    double *positives, *negatives; /* summed up */
    int64_t n;
    double all_positives, all_negatives;
} steps;

static steps count_steps(const tend_scored *s, tend_arena *scratch) {
    int32_t *order = tend_scored_order(s);
    tend_ranking ranking = tend_ranking_of(s, 1, order);
    steps out = {.positives = TEND_ARRAY(scratch, double, s->n + 1), .negatives = TEND_ARRAY(scratch, double, s->n + 1)};
    for (tend_tie tie; tend_ranking_next(&ranking, &tie);) {
        out.all_positives += tie.positives;
        out.all_negatives += tie.negatives;
        out.positives[out.n] = out.all_positives;
        out.negatives[out.n] = out.all_negatives;
        out.n++;
    }
    free(order);
    return out;
}

/* Thinning: of all points left out, the one farthest from the line through its kept neighbours is
 * taken in, until there are enough (Douglas & Peucker 1973, by count instead of by tolerance). */

typedef struct gap {
    int64_t begin, end; /* kept points; those between are left out */
    int64_t farthest;
    double distance;
} gap;

static gap gap_between(const tend_point *points, int64_t begin, int64_t end) {
    gap g = {.begin = begin, .end = end, .farthest = -1, .distance = 0};
    double dx = points[end].x - points[begin].x, dy = points[end].y - points[begin].y;
    for (int64_t i = begin + 1; i < end; i++) {
        double px = points[i].x - points[begin].x, py = points[i].y - points[begin].y;
        /* Twice the area over the base; over the distance itself where the ends meet. */
        double base = hypot(dx, dy);
        double distance = base > 0 ? fabs(dx * py - dy * px) / base : hypot(px, py);
        if (distance > g.distance + 1e-12) {
            g.distance = distance;
            g.farthest = i;
        }
    }
    return g;
}

static int compare_gaps(const void *a, const void *b) {
    const gap *x = a, *y = b;
    return (x->begin > y->begin) - (x->begin < y->begin);
}

static int widest(const gap *gaps, int n) {
    int best = 0;
    for (int i = 1; i < n; i++)
        if (gaps[i].distance > gaps[best].distance)
            best = i;
    return best;
}

int64_t tend_curve_thin(tend_point *points, int64_t n) {
    if (n <= 2)
        return n;
    gap gaps[TEND_CURVE_POINTS_MAX] = {gap_between(points, 0, n - 1)};
    int n_gaps = 1;
    while (n_gaps + 1 < TEND_CURVE_POINTS_MAX) {
        gap *g = &gaps[widest(gaps, n_gaps)];
        if (g->farthest < 0)
            break;
        int64_t middle = g->farthest, end = g->end;
        *g = gap_between(points, g->begin, middle);
        gaps[n_gaps++] = gap_between(points, middle, end);
    }
    qsort(gaps, (size_t)n_gaps, sizeof *gaps, compare_gaps);
    for (int i = 0; i < n_gaps; i++)
        points[i + 1] = points[gaps[i].end];
    return n_gaps + 1;
}

static tend_node *points_to_node(tend_arena *arena, tend_point *points, int64_t n) {
    tend_node *list = tend_node_new_list(arena);
    n = tend_curve_thin(points, n);
    for (int64_t i = 0; i < n; i++) {
        tend_node *pair = tend_node_push(list, tend_node_new_list(arena));
        tend_node_push(pair, tend_node_new_double(arena, points[i].x));
        tend_node_push(pair, tend_node_new_double(arena, points[i].y));
    }
    return list;
}

static tend_node *roc_curve(const steps *s, tend_point *points, tend_arena *arena) {
    points[0] = (tend_point){0, 0};
    for (int64_t i = 0; i < s->n; i++)
        points[i + 1] = (tend_point){s->negatives[i] / s->all_negatives, s->positives[i] / s->all_positives};
    return points_to_node(arena, points, s->n + 1);
}

/* Recall rises from 0; the first point carries the precision of the strictest threshold. */
static tend_node *pr_curve(const steps *s, tend_point *points, tend_arena *arena) {
    int64_t n = 0;
    for (int64_t i = 0; i < s->n; i++) {
        double chosen = s->positives[i] + s->negatives[i];
        if (!(chosen > 0))
            continue;
        tend_point p = {s->positives[i] / s->all_positives, s->positives[i] / chosen};
        if (n == 0)
            points[n++] = (tend_point){0, p.y};
        points[n++] = p;
    }
    return points_to_node(arena, points, n);
}

static tend_node *gain_curve(const steps *s, tend_point *points, tend_arena *arena) {
    double all = s->all_positives + s->all_negatives;
    points[0] = (tend_point){0, 0};
    for (int64_t i = 0; i < s->n; i++)
        points[i + 1] = (tend_point){(s->positives[i] + s->negatives[i]) / all, s->positives[i] / s->all_positives};
    return points_to_node(arena, points, s->n + 1);
}

/* Wilson's score interval (1927) at 95 %. */
static void set_wilson(tend_arena *arena, tend_node *node, double share, double n) {
    const double z2 = 1.959963984540054 * 1.959963984540054;
    double middle = (share + z2 / (2 * n)) / (1 + z2 / n);
    double half = sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n);
    tend_node_set_double(arena, node, "low", fmax(0, middle - half));
    tend_node_set_double(arena, node, "high", fmin(1, middle + half));
}

static tend_node *calibration(const tend_scored *s, tend_arena *arena) {
    tend_node *list = tend_node_new_list(arena);
    tend_calibration_bin bins[TEND_CALIBRATION_BINS];
    if (!tend_calibration_bins(s, bins))
        return list;
    for (int b = 0; b < TEND_CALIBRATION_BINS; b++) {
        double n = bins[b].weight;
        if (!(n > 0))
            continue;
        tend_node *node = tend_node_push(list, tend_node_new_map(arena));
        tend_node_set_double(arena, node, "mean_score", bins[b].score / n);
        tend_node_set_double(arena, node, "observed", bins[b].positives / n);
        set_wilson(arena, node, bins[b].positives / n, n);
        tend_node_set_double(arena, node, "n", n);
    }
    return list;
}

tend_node *tend_evaluate_curves(const tend_evaluation *e) {
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    steps s = count_steps(e->scored, scratch);
    tend_point *points = TEND_ARRAY(scratch, tend_point, s.n + 2);
    tend_node *node = tend_node_new_map(e->arena);
    if (s.all_positives > 0) {
        if (s.all_negatives > 0)
            tend_node_set(e->arena, node, "roc", roc_curve(&s, points, e->arena));
        tend_node_set(e->arena, node, "pr", pr_curve(&s, points, e->arena));
        tend_node_set(e->arena, node, "gain", gain_curve(&s, points, e->arena));
    }
    tend_node_set(e->arena, node, "calibration", calibration(e->scored, e->arena));
    return node;
}
