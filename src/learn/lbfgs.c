#include "learn/lbfgs.h"

#include "base/thread.h"

#include <math.h>

#define MEMORY     12
#define LINE_STEPS 30

typedef struct state {
    const tend_lbfgs *problem;
    int n;
    double *x, *gradient;
    double *next_x, *next_gradient, *direction;
    double *s[MEMORY], *y[MEMORY]; /* the last steps and changes of the gradient, newest at (count - 1) % MEMORY */
    double rho[MEMORY];
    int count;
} state;

static double dot(const double *a, const double *b, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static double largest(const double *v, int n) {
    double most = 0;
    for (int i = 0; i < n; i++)
        most = fmax(most, fabs(v[i]));
    return most;
}

static void add_scaled(double *v, double factor, const double *w, int n) {
    for (int i = 0; i < n; i++)
        v[i] += factor * w[i];
}

/* direction = -H gradient by the two loops over the memory. */
static void find_direction(state *st) {
    double alpha[MEMORY];
    int n = st->n, oldest = st->count > MEMORY ? st->count - MEMORY : 0;
    double *d = st->direction;
    for (int i = 0; i < n; i++)
        d[i] = -st->gradient[i];
    for (int i = st->count - 1; i >= oldest; i--) {
        int m = i % MEMORY;
        alpha[m] = st->rho[m] * dot(st->s[m], d, n);
        add_scaled(d, -alpha[m], st->y[m], n);
    }
    if (st->count > 0) {
        int m = (st->count - 1) % MEMORY;
        double scale = 1 / (st->rho[m] * dot(st->y[m], st->y[m], n));
        for (int i = 0; i < n; i++)
            d[i] *= scale;
    }
    for (int i = oldest; i < st->count; i++) {
        int m = i % MEMORY;
        add_scaled(d, alpha[m] - st->rho[m] * dot(st->y[m], d, n), st->s[m], n);
    }
}

static double slope_at(state *st, double t) {
    for (int i = 0; i < st->n; i++)
        st->next_x[i] = st->x[i] + t * st->direction[i];
    st->problem->gradient(st->problem->ctx, st->next_x, st->next_gradient);
    return dot(st->next_gradient, st->direction, st->n);
}

/* A step after which the slope along the direction has risen to between 9/10 of what it was and a
 * little above zero. The root is bracketed and closed in on by the secant, kept away from the
 * bracket's ends. */
static bool search_line(state *st) {
    double start = dot(st->gradient, st->direction, st->n);
    if (!(start < 0))
        return false;
    double low = 0, low_slope = start, high = 0, high_slope = 0;
    double t = st->count > 0 ? 1 : 1 / (1 + sqrt(-start));
    for (int i = 0; i < LINE_STEPS; i++) {
        double slope = slope_at(st, t);
        if (slope >= 0.9 * start && slope <= -0.1 * start)
            return true;
        if (slope < 0) {
            low = t;
            low_slope = slope;
        } else {
            high = t;
            high_slope = slope;
        }
        if (high == 0) {
            t *= 4;
            continue;
        }
        double width = high - low, guess = low - low_slope * width / (high_slope - low_slope);
        t = fmin(fmax(guess, low + 0.05 * width), high - 0.05 * width);
    }
    return false;
}

static void remember(state *st) {
    int n = st->n, m = st->count % MEMORY;
    for (int i = 0; i < n; i++) {
        st->s[m][i] = st->next_x[i] - st->x[i];
        st->y[m][i] = st->next_gradient[i] - st->gradient[i];
    }
    double curvature = dot(st->s[m], st->y[m], n);
    if (curvature > 1e-300) {
        st->rho[m] = 1 / curvature;
        st->count++;
    }
    memcpy(st->x, st->next_x, (size_t)n * sizeof *st->x);
    memcpy(st->gradient, st->next_gradient, (size_t)n * sizeof *st->gradient);
}

static void allocate(state *st, tend_arena *arena) {
    double **parts[] = {&st->gradient, &st->next_x, &st->next_gradient, &st->direction};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        *parts[i] = TEND_ARRAY(arena, double, st->n);
    for (int m = 0; m < MEMORY; m++) {
        st->s[m] = TEND_ARRAY(arena, double, st->n);
        st->y[m] = TEND_ARRAY(arena, double, st->n);
    }
}

int tend_lbfgs_minimise(const tend_lbfgs *problem, double *x, bool *out_converged) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    state st = {.problem = problem, .n = problem->n, .x = x};
    allocate(&st, arena);
    problem->gradient(problem->ctx, x, st.gradient);
    int iteration = 0;
    while (largest(st.gradient, st.n) > problem->tolerance && iteration < problem->max_iterations && !tend_cancel_requested()) {
        find_direction(&st);
        bool moved = search_line(&st);
        if (!moved && st.count == 0)
            break;
        if (moved)
            remember(&st);
        else
            st.count = 0; /* start over along the gradient */
        iteration++;
    }
    *out_converged = largest(st.gradient, st.n) <= problem->tolerance;
    return iteration;
}
