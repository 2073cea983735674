/* The plan: how an ensemble is laid out so that 512 rows walk a tree together. Private to the
 * predictor.
 *
 * 1. Columns. Histogram-trained ensembles split each feature at few distinct thresholds. The sorted
 * thresholds of a feature (cuts), 255 at a time, make a column; bin(x) = number of cuts <= x is a
 * byte, and x < cut[k] is exactly bin(x) <= k. More than 255 cuts are several columns: each is
 * exact for its own cuts. A categorical set is a column of its own with one cut: bin = membership.
 * 2. Masks. A block of 512 rows is answered for each distinct split (column, k, default direction)
 * once: one bit per row, set when the row goes right. Trees share splits, so there are far fewer
 * masks than nodes. They are made from the bits of the bins (planes): with the bins' bit planes
 * b7..b0, T(k) over j+1 bits  =  b_j | T(k) over j bits            for k <  2^j - 1 b_j for k ==
 * 2^j - 1 b_j & T(k - 2^j) over j bits      for k >= 2^j is the mask of bin > k, one operation per
 * mask. A missing value has bin 0 (left everywhere); for a split that sends it right the mask is
 * ORed with the plane of missing values. The mask of a categorical set is the union of the masks of
 * its categories (trees_categories.c).
 * 3. Trees. Up to eight levels a bushy tree is a full binary tree of masks, shallower leaves
 * repeated under an always-left mask. The number of the leaf is found bit by bit: a leaf's bit j
 * below a split with mask m is (left & ~m) | (right & m), for all rows at once; no branch, no
 * gather. Then the leaf numbers' planes are transposed to bytes and the leaf values looked up and
 * added. Small trees of another shape are a list of such operations (trees_program.c).
 * 4. Deeper trees answer their first six levels this way and go on row by row over nodes of 4 or 8
 * bytes whose walk has no branches either (bin > k is added to the index of the left child).
 * 5. One row, or a few: the bins as bytes, then the same nodes, several trees interleaved; with
 * AVX-512 64 trees at a time, split by split (trees_lanes.h).
 *
 * Trees are summed per group in their order, starting from the base margin: never reordered. */
#ifndef TEND_MODEL_TREES_PLAN_H
#define TEND_MODEL_TREES_PLAN_H

#include "model/trees.h"

#include <string.h>

enum {
    TEND_TREE_ROWS = 512,                /* rows of a block: one mask is 64 bytes */
    TEND_TREE_MASK = TEND_TREE_ROWS / 8, /* bytes of a mask */
    TEND_TREE_CUTS = 255,                /* of a column */
    TEND_TREE_PLANES = 8,                /* bits of a bin; and of a leaf number */
    TEND_TREE_FULL = 8,                  /* trees up to this depth are laid out in full */
    TEND_TREE_TOP = 6,                   /* levels of a full subtree; of a deep tree's beginning */
    TEND_TREE_MASKS = 8192,              /* of a chunk: they must stay in the second-level cache */
    TEND_TREE_LANES = 64,                /* trees that one row answers together */
    TEND_TREE_NONE = 0xffff,
};

typedef struct tree_column {
    uint32_t feature;
    uint32_t set;       /* of a categorical column, else UINT32_MAX */
    uint32_t cuts;      /* first of its cuts in plan->cuts: 2^planes or 16, whichever is more, padded
                           with NaN */
    uint32_t pivots;    /* 16 cuts, every 16th from number 16 on, padded with NaN; when there are more
                           than 16 cuts */
    uint16_t n_cuts;    /* 1 to 255 */
    uint16_t planes;    /* bits that bins 0..n_cuts need */
    uint16_t byte_left; /* places in a row's bytes: missing = 0 and missing = 255; NONE when no
                           split asks */
    uint16_t byte_right;
} tree_column;

/* A categorical feature in a block: masks of its missing values, its known categories, and of each
 * category. */
enum { TREE_CATEGORY_MISSING, TREE_CATEGORY_KNOWN, TREE_CATEGORY_FIRST };
typedef struct tree_category {
    uint32_t feature;
    uint32_t n;     /* categories that have masks; 0: too many */
    uint32_t masks; /* first of its masks */
} tree_category;

/* What column n_numeric + i asks. */
typedef struct tree_set {
    uint32_t set, category;
    uint32_t n_members;
    bool inverted;           /* `members` are the known categories that are not in the set */
    const uint16_t *members; /* NULL when the feature has too many categories */
} tree_set;

/* A split that some tree of the chunk asks for; the masks of a chunk are numbered from 1 in this
 * order, and mask 0 is empty (everything goes left). */
typedef struct tree_split {
    uint8_t cut;
    uint8_t missing_right;
} tree_split;

typedef struct tree_split_run { /* consecutive splits of one column */
    uint32_t column, n;
} tree_split_run;

/* A run of trees whose masks are made together. */
typedef struct tree_chunk {
    uint32_t first_tree, n_trees;
    uint32_t first_run, n_runs, first_split, n_splits;
} tree_chunk;

/* An operation on slots (trees_program.c): out = (left & ~mask) | (right & mask). Byte offsets of
 * slots. */
enum { TREE_SLOT_ZEROS, TREE_SLOT_ONES, TREE_SLOT_PLANES, TREE_SLOTS = 256 };
typedef struct tree_op {
    uint16_t split; /* of the tree, in order from the left: its mask is refs[split] */
    uint16_t left, right, out;
} tree_op;

typedef struct tree_entry {
    uint32_t group;
    uint32_t depth;
    uint32_t levels;          /* bits of a leaf number: of the full layout, of the program, or six when deep */
    uint32_t refs;            /* into plan->refs. Full: levels - 6 top levels breadth-first, then subtrees of
                                 six levels each */
    uint32_t leaves;          /* into plan->leaves: 2^levels floats, at least 64; a deep tree: into plan->exits */
    uint32_t deep;            /* further levels to walk below the top six; 0: the leaf value is known */
    uint32_t root;            /* its first node */
    uint32_t n_ops, n_splits; /* of a program, else 0 */
    const tree_op *ops;
} tree_entry;

/* A node of the walk. A leaf is its own child and its `cut` is beyond every byte. */
typedef struct tree_node {
    uint32_t child; /* left, relative to the tree's first node; right is child + 1 */
    uint16_t byte;  /* which of the row's bytes */
    uint16_t cut;   /* go right when the byte is > cut */
} tree_node;

struct tend_tree_plan {
    const tend_trees *trees;
    tend_arena *arena;
    tend_tree_path path;
    const struct tree_kernel *kernel;
    uint32_t n_columns, n_bytes, n_chunks, n_trees, n_groups;
    uint32_t n_numeric; /* columns; those of sets follow */
    uint32_t n_categories, n_category_masks;
    uint32_t max_masks; /* of a chunk, with mask 0 */
    bool any_deep;
    bool plain; /* too many sets for bytes: single rows and deep levels walk the canonical form */
    tree_category *categories;
    tree_set *sets;
    tree_column *columns; /* by feature */
    float *cuts;
    tree_chunk *chunks;
    tree_split_run *runs;
    tree_split *splits;
    tree_entry *entries; /* by group, else in order */
    uint32_t *refs;      /* byte offsets of masks */
    float *leaves;
    uint32_t *exits;  /* 64 nodes for each deep tree, relative to its first */
    tree_node *nodes; /* all trees', as in the canonical form; or */
    uint32_t *narrow; /* byte, cut, child (16 bits) from the lowest: when rows have at most 256
                         bytes and trees 2^16 nodes */
    bool flat;        /* narrow, and all trees together have at most 2^16 nodes: children count from the first tree's
                         root, not from their own tree's */

    struct tree_lanes *lanes; /* the layout for one row and 64 trees, or NULL */
    size_t scratch_size;
    _Atomic(void *) lent[8]; /* scratch for callers that bring none */
};

/* A block's working memory, carved from the caller's scratch. */
typedef struct tree_block {
    const float *x;      /* the rows */
    size_t n, stride;    /* 1 to 512 rows, stride floats apart */
    uint8_t *masks;      /* [max_masks][64] */
    float *sums;         /* [n_groups][512], in the kernel's own order of rows */
    uint64_t *planes;    /* [n_numeric][8][8] */
    uint64_t *missing;   /* [n_numeric][8] */
    uint8_t *categories; /* [n_category_masks][64] */
    uint8_t *bytes;      /* [512][n_bytes], when the plan has deep trees; also one row's bytes */
    uint8_t *slots;      /* [256][64] of programs */
    uint8_t *numbers;    /* [4][512] leaf numbers */
    float *tile;         /* [16][64] values of some features */
} tree_block;

struct tree_compiler;
typedef struct tree_kernel {
    /* At compile time; both may be NULL: reorders 64 leaf values for the kernel's look-up; further
     * layouts. */
    void (*arrange)(float leaves[TEND_TREE_LANES]);
    void (*compile)(struct tree_compiler *c);
    /* Rows to planes, missing and (deep plans) bytes of the numeric columns. */
    void (*bin)(const tend_tree_plan *plan, tree_block *block);
    void (*masks)(const tend_tree_plan *plan, const tree_chunk *chunk, tree_block *block);
    void (*sum)(const tend_tree_plan *plan, const tree_chunk *chunk, tree_block *block);
    void (*row)(const tend_tree_plan *plan, const float *x, uint8_t *bytes, float *out);
    /* Where row r's sum stands in sums, and its leaf number in numbers; NULL: at r. */
    const uint16_t *sum_at, *number_at;
    size_t few; /* up to this many rows go one by one */
} tree_kernel;

extern const tree_kernel tend_tree_kernel_portable;
#if defined(__x86_64__)
extern const tree_kernel tend_tree_kernel_avx2, tend_tree_kernel_avx512;
#endif

/* An 8 x 8 matrix of bits: byte i bit j to byte j bit i (Hacker's Delight 7-3, in three swaps). */
static inline uint64_t tend_tree_transpose8(uint64_t m) {
    uint64_t t = (m ^ (m >> 7)) & 0x00aa00aa00aa00aaULL;
    m ^= t ^ (t << 7);
    t = (m ^ (m >> 14)) & 0x0000cccc0000ccccULL;
    m ^= t ^ (t << 14);
    t = (m ^ (m >> 28)) & 0x00000000f0f0f0f0ULL;
    return m ^ t ^ (t << 28);
}

/* A bin into a row's bytes, in the variants that splits ask for. */
static inline void tend_tree_put_bytes(const tree_column *column, uint32_t bin, bool missing, uint8_t *bytes) {
    if (column->byte_left != TEND_TREE_NONE)
        bytes[column->byte_left] = (uint8_t)bin;
    if (column->byte_right != TEND_TREE_NONE)
        bytes[column->byte_right] = (uint8_t)(missing ? 255 : bin);
}

/* F(0), F(1), ... F(511) */
#define TREE_ROWS8(F, r) F(r), F((r) + 1), F((r) + 2), F((r) + 3), F((r) + 4), F((r) + 5), F((r) + 6), F((r) + 7)
#define TREE_ROWS64(F, r)                                                                                                \
    TREE_ROWS8(F, r), TREE_ROWS8(F, (r) + 8), TREE_ROWS8(F, (r) + 16), TREE_ROWS8(F, (r) + 24), TREE_ROWS8(F, (r) + 32), \
        TREE_ROWS8(F, (r) + 40), TREE_ROWS8(F, (r) + 48), TREE_ROWS8(F, (r) + 56)
#define TREE_ROWS512(F)                                                                                                        \
    TREE_ROWS64(F, 0), TREE_ROWS64(F, 64), TREE_ROWS64(F, 128), TREE_ROWS64(F, 192), TREE_ROWS64(F, 256), TREE_ROWS64(F, 320), \
        TREE_ROWS64(F, 384), TREE_ROWS64(F, 448)

/* trees_bin.c: what all kernels share. */
uint32_t tend_tree_bin(const tend_tree_plan *plan, const tree_column *column, float x);
void tend_tree_row_bytes(const tend_tree_plan *plan, const float *x, uint8_t *bytes);
/* Planes (and bytes) of a column from the bins and missing bits of the block's rows. */
void tend_tree_column_planes(const tend_tree_plan *plan, uint32_t column, const uint8_t bins[TEND_TREE_ROWS], tree_block *block);
/* A column's bins of up to 64 rows (and which are missing) into the rows' bytes. */
void tend_tree_column_bytes(const tend_tree_plan *plan, uint32_t column, const uint8_t *bins, uint64_t missing, size_t rows,
                            uint8_t *bytes);
void tend_tree_bin_block(const tend_tree_plan *plan, tree_block *block);
/* trees_categories.c */
void tend_tree_bin_categories(const tend_tree_plan *plan, tree_block *block);
void tend_tree_set_mask_direct(const tend_tree_plan *plan, const tree_set *set, const tree_block *block, uint8_t *out);
/* trees_walk.c */
void tend_tree_walk_row(const tend_tree_plan *plan, const uint8_t *bytes, float *out);
/* Adds a deep tree's leaf values, from the leaf numbers of its first six levels. */
void tend_tree_walk_deep(const tend_tree_plan *plan, const tree_entry *tree, const uint8_t *numbers, tree_block *block);
/* trees_predict.c */
size_t tend_tree_block_size(const tend_tree_plan *plan);

#endif
