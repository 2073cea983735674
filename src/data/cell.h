/* A cell: one field of a row as text, where it stands in memory. And the texts that mean "nothing here". */
#ifndef TEND_DATA_CELL_H
#define TEND_DATA_CELL_H

#include "base/text.h"

enum {
    TEND_CELL_QUOTED = 1,  /* stood in quotes: blanks belong to it */
    TEND_CELL_DOUBLED = 2, /* holds doubled quotes */
    TEND_CELL_STRAY = 4,   /* an unquoted cell with a quote in it */
};

typedef struct tend_cell {
    const char *at;
    uint32_t size, flags;
} tend_cell;

static inline tend_str tend_cell_str(const tend_cell *c) { return (tend_str){c->at, c->size}; }

/* The text of a DOUBLED cell with each doubled quote as one (the quote is the cell's own, found just before it). Room for its size; returns
 * the length. */
size_t tend_cell_undouble(const tend_cell *cell, char *out);

/* The texts that are read as missing. */
typedef struct tend_missing {
    bool first[256]; /* first bytes of the words; a quick no */
    tend_str *words;
    int n;
    bool empty; /* the empty text is one of them */
} tend_missing;

/* `words` NULL: "", NA, N/A, #N/A, <NA>, NaN, nan, null, NULL, None, none, n/a (what pandas reads as missing, without the relics
 * of C runtimes). */
void tend_missing_init(tend_missing *missing, const char *const *words, int n, tend_arena *arena);
static inline bool tend_missing_maybe(const tend_missing *m, tend_str s) { return s.size == 0 || m->first[(unsigned char)s.at[0]]; }
bool tend_missing_has(const tend_missing *missing, tend_str s);

#endif
