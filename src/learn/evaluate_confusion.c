/* The confusion matrix, in rows, whatever their weights. */
#include "learn/evaluate_parts.h"

#include <stdlib.h>

enum { CLASSES_MAX = 30 };

/* Which line of the matrix each class has: its own for the most frequent classes, in class order,
 * and the last for all others. */
typedef struct lines {
    int *line;   /* per class */
    int n_lines; /* with "(other)" */
    int n_named;
} lines;

typedef struct support {
    int64_t rows;
    int class_index;
} support;

static int compare_support(const void *a, const void *b) {
    const support *x = a, *y = b;
    if (x->rows != y->rows)
        return x->rows < y->rows ? 1 : -1;
    return x->class_index - y->class_index;
}

static lines choose_lines(const tend_scored *s, tend_arena *scratch) {
    support *by_rows = TEND_ARRAY(scratch, support, s->n_classes);
    for (int k = 0; k < s->n_classes; k++)
        by_rows[k].class_index = k;
    for (int64_t i = 0; i < s->n; i++)
        by_rows[(int64_t)s->y[i]].rows++;
    qsort(by_rows, (size_t)s->n_classes, sizeof *by_rows, compare_support);
    lines l = {.line = TEND_ARRAY(scratch, int, s->n_classes)};
    l.n_named = s->n_classes < CLASSES_MAX ? s->n_classes : CLASSES_MAX;
    l.n_lines = l.n_named + (s->n_classes > l.n_named);
    for (int i = 0; i < s->n_classes; i++)
        l.line[by_rows[i].class_index] = i < l.n_named ? 0 : l.n_named;
    for (int k = 0, at = 0; k < s->n_classes; k++)
        if (l.line[k] == 0)
            l.line[k] = at++;
    return l;
}

static tend_node *class_names(const tend_evaluation *e, const lines *l) {
    tend_node *list = tend_node_new_list(e->arena);
    for (int k = 0; k < e->scored->n_classes; k++) {
        if (l->line[k] == l->n_named)
            continue;
        const char *name = e->options->classes ? e->options->classes[k] : tend_arena_printf(e->arena, "%d", k);
        tend_node_push(list, tend_node_new_string(e->arena, name));
    }
    if (l->n_lines > l->n_named)
        tend_node_push(list, tend_node_new_string(e->arena, "(other)"));
    return list;
}

tend_node *tend_evaluate_confusion(const tend_evaluation *e) {
    const tend_scored *s = e->scored;
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    lines l = choose_lines(s, scratch);
    int64_t *counts = TEND_ARRAY(scratch, int64_t, l.n_lines * l.n_lines);
    for (int64_t i = 0; i < s->n; i++)
        counts[l.line[(int64_t)s->y[i]] * l.n_lines + l.line[s->decided[i]]]++;
    tend_node *node = tend_node_new_map(e->arena);
    tend_node_set(e->arena, node, "classes", class_names(e, &l));
    tend_node *matrix = tend_node_set_list(e->arena, node, "counts");
    for (int i = 0; i < l.n_lines; i++) {
        tend_node *line = tend_node_push(matrix, tend_node_new_list(e->arena));
        for (int j = 0; j < l.n_lines; j++)
            tend_node_push(line, tend_node_new_int(e->arena, counts[i * l.n_lines + j]));
    }
    return node;
}
