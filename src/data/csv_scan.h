/* The structure of CSV text: where rows and fields begin and end, and nothing about what they mean.
 *
 * Two passes share one rule: a quote opens a quoted field only at the field's start (after a separator, a line break, or blanks
 * behind these when blanks are trimmed); anywhere else it is an ordinary character. The first pass cuts the text into pieces
 * of whole rows, so that the second can split the pieces into fields on several threads with the same result as on one.
 */
#ifndef TEND_DATA_CSV_SCAN_H
#define TEND_DATA_CSV_SCAN_H

#include "base/error.h"
#include "data/cell.h"

#define TEND_CSV_MAX_COLUMNS 100000
#define TEND_CSV_MAX_FIELD   ((size_t)16 << 20)

typedef struct tend_csv_dialect {
    char separator, quote; /* quote 0: there is none */
    bool trim;             /* blanks around fields do not belong to them */
    int n_columns;         /* 0: not known yet */
    int min_fields;        /* rows may leave out their last, always empty, fields down to this many */
    bool extra_empty;      /* rows end with one more separator */
} tend_csv_dialect;

/* ---- marks: bit i of word k says whether byte 64*k + i is one of three characters ---- */

enum { TEND_CSV_BLOCK = 64, TEND_CSV_WINDOW = 64 }; /* bytes per word, words per window */
enum { TEND_CSV_SAW_NUL = 1, TEND_CSV_SAW_HIGH = 2 };

/* n_words whole blocks of 64 bytes. Returns what else was seen (TEND_CSV_SAW_…). */
typedef unsigned (*tend_csv_mark_fn)(const char *text, size_t n_words, const char marks[3], uint64_t *words);
unsigned tend_csv_mark_portable(const char *text, size_t n_words, const char marks[3], uint64_t *words);
tend_csv_mark_fn tend_csv_mark_best(void); /* the fastest that this machine has; all give the same */
const char *tend_csv_mark_name(void);      /* "avx2" */

/* A walk over the marks of a text. */
typedef struct tend_csv_marks {
    const char *text;
    size_t size;
    char marks[3];
    tend_csv_mark_fn fn;
    uint64_t words[TEND_CSV_WINDOW];
    size_t base; /* of words[0] in the text */
    size_t n_words, next_word;
    uint64_t word; /* what is left of the current word */
    size_t word_base;
    unsigned seen; /* since the start */
} tend_csv_marks;

void tend_csv_marks_init(tend_csv_marks *m, const char *text, size_t size, size_t from, const char marks[3]);
bool tend_csv_marks_refill(tend_csv_marks *m); /* loads the next non-empty word; false at the end */
/* The place of the next mark, or `size` at the end. */
static inline size_t tend_csv_next(tend_csv_marks *m) {
    if (!m->word && !tend_csv_marks_refill(m))
        return m->size;
    size_t at = m->word_base + (size_t)__builtin_ctzll(m->word);
    m->word &= m->word - 1;
    return at;
}

/* ---- first pass ---- */

/* A place where a row starts. */
typedef struct tend_csv_cut {
    size_t offset;
    int64_t row; /* rows before it */
    uint32_t line;
} tend_csv_cut;

typedef struct tend_csv_cuts {
    tend_csv_cut *items; /* n + 1: the last is the end of the last whole row */
    size_t n;
    unsigned seen;     /* TEND_CSV_SAW_… in the text up to the end */
    size_t open_quote; /* the text ends within quotes that opened here; SIZE_MAX: it does not */
    uint32_t open_line;
} tend_csv_cuts;

/* Cuts text[0, size) into pieces of about piece_size bytes and a multiple of 64 rows (the last may have fewer), and stops after
 * max_rows rows. Without `at_end` a row must end in a line break to count. Free with tend_csv_cuts_done. */
void tend_csv_cut_rows(const char *text, size_t size, const tend_csv_dialect *dialect, uint32_t first_line, bool at_end, size_t piece_size,
                       int64_t max_rows, tend_csv_cuts *out);
void tend_csv_cuts_done(tend_csv_cuts *cuts);

/* ---- second pass ---- */

typedef enum tend_csv_fault {
    TEND_CSV_FINE,
    TEND_CSV_RAGGED,  /* the number of fields is wrong */
    TEND_CSV_GARBAGE, /* text behind a closing quote */
    TEND_CSV_OPEN,    /* a quote that is never closed */
    TEND_CSV_LONG,    /* a field beyond TEND_CSV_MAX_FIELD */
} tend_csv_fault;

typedef struct tend_csv_row {
    size_t begin, end; /* in the text, without the line break */
    uint32_t line;
    int n_fields; /* as found; the cells are n_columns when the row is fine */
    bool blank;   /* nothing at all */
    bool stray;   /* a cell has TEND_CELL_STRAY */
    tend_csv_fault fault;
    size_t fault_at; /* of GARBAGE, OPEN, LONG */
    uint32_t fault_line;
} tend_csv_row;

typedef struct tend_csv_lexer {
    tend_csv_marks marks;
    const tend_csv_dialect *dialect;
    size_t at; /* of the next row */
    uint32_t line;
} tend_csv_lexer;

void tend_csv_lexer_init(tend_csv_lexer *lexer, const char *text, size_t size, size_t from, uint32_t line, const tend_csv_dialect *dialect);
/* The next row into cells[0, capacity) (further fields are counted, not kept). False at the end. */
bool tend_csv_lexer_row(tend_csv_lexer *lexer, tend_cell *cells, int capacity, tend_csv_row *out);
/* Makes the cells fit the dialect's columns, or notes the fault. */
void tend_csv_fit(const tend_csv_dialect *dialect, tend_cell *cells, tend_csv_row *row);

#endif
