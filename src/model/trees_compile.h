/* The steps of compiling a plan, in order: columns (trees_columns.c), then chunks and layouts
 * (trees_compile.c). */
#ifndef TEND_MODEL_TREES_COMPILE_H
#define TEND_MODEL_TREES_COMPILE_H

#include "model/trees_plan.h"

/* What a split asks: column * 512 + cut * 2 + missing_right; of the set columns, which come last,
 * each has just two numbers. So a mask for each question can be found by its number. A leaf has
 * TREE_LEAF. */
#define TREE_LEAF UINT64_MAX
typedef struct tree_compiler {
    tend_tree_plan *plan;
    const tend_trees *trees;
    tend_arena *arena; /* temporary */
    tend_error *err;
    uint64_t *question; /* [n_nodes] */
} tree_compiler;

static inline uint64_t tree_set_questions(const tend_tree_plan *plan) { return plan->n_numeric * 512ULL; }
static inline uint64_t tree_questions(const tend_tree_plan *plan) {
    return tree_set_questions(plan) + 2ULL * (plan->n_columns - plan->n_numeric);
}
static inline uint32_t tree_question_column(const tend_tree_plan *plan, uint64_t question) {
    uint64_t sets = tree_set_questions(plan);
    return (uint32_t)(question < sets ? question >> 9 : plan->n_numeric + ((question - sets) >> 1));
}
static inline uint8_t tree_question_cut(const tend_tree_plan *plan, uint64_t question) {
    return question < tree_set_questions(plan) ? (uint8_t)(question >> 1) : 0;
}
static inline bool tree_question_missing_right(uint64_t question) { return question & 1; }

/* Fills plan->columns, cuts, n_bytes and question. */
tend_status tend_tree_compile_columns(tree_compiler *c) TEND_MUST_USE;
/* Fills plan->categories and sets. */
void tend_tree_compile_categories(tree_compiler *c);
/* Lays a tree out as a program if that takes at most `most_ops` operations. */
bool tend_tree_compile_program(tree_compiler *c, uint32_t tree, tree_entry *entry, size_t most_ops);
/* The questions of its splits and the nodes of its leaves, in the program's order. */
void tend_tree_list_program(const tree_compiler *c, const tree_entry *entry, uint64_t *questions, uint32_t *ends);

#endif
