#include "data/cell.h"

static const char *const USUAL_MISSING[] = {"", "NA", "N/A", "#N/A", "<NA>", "NaN", "nan", "null", "NULL", "None", "none", "n/a"};

void tend_missing_init(tend_missing *m, const char *const *words, int n, tend_arena *arena) {
    *m = (tend_missing){0};
    if (!words) {
        words = USUAL_MISSING;
        n = (int)(sizeof USUAL_MISSING / sizeof USUAL_MISSING[0]);
    }
    m->words = TEND_ARRAY(arena, tend_str, n);
    for (int i = 0; i < n; i++) {
        tend_str word = tend_str_trim(tend_str_of(words[i]));
        if (word.size == 0) {
            m->empty = true;
            continue;
        }
        m->words[m->n++] = (tend_str){tend_arena_strndup(arena, word.at, word.size), word.size};
        m->first[(unsigned char)word.at[0]] = true;
    }
}

bool tend_missing_has(const tend_missing *m, tend_str s) {
    if (s.size == 0)
        return m->empty;
    if (!m->first[(unsigned char)s.at[0]])
        return false;
    for (int i = 0; i < m->n; i++)
        if (tend_str_eq(m->words[i], s))
            return true;
    return false;
}

size_t tend_cell_undouble(const tend_cell *cell, char *out) {
    char quote = cell->at[-1];
    size_t n = 0;
    for (uint32_t i = 0; i < cell->size; i++) {
        out[n++] = cell->at[i];
        i += cell->at[i] == quote;
    }
    return n;
}
