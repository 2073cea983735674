/* What a column is, judged from all its values as text: counts of what they look like, the decision, and the words for what a
 * user should know about it.
 */
#ifndef TEND_DATA_INFER_H
#define TEND_DATA_INFER_H

#include "base/node.h"
#include "data/cell.h"
#include "data/date.h"
#include "data/table.h"

/* kind, what values of it are called */
#define TEND_KINDS(X)                                       \
    X(BOOL, "true or false")                                \
    X(INT, "whole numbers")                                 \
    X(FLOAT, "numbers")                                     \
    X(INFINITE, "infinities")                               \
    X(CODE, "codes with leading zeros")                     \
    X(HUGE, "whole numbers beyond 64 bits")                 \
    X(DATE, "dates")                                        \
    X(LIKE_MISSING, "texts that look like a missing value") \
    X(TEXT, "texts")

typedef enum tend_kind {
#define X(name, words) TEND_KIND_##name,
    TEND_KINDS(X)
#undef X
        TEND_KIND_COUNT
} tend_kind;

/* Texts that often stand for "nothing here", but are read as missing only when the user says so. */
extern const char *const tend_like_missing[];
enum { TEND_LIKE_MISSING_COUNT = 14, TEND_DATE_SETS = 12 };

typedef struct tend_kinds {
    int64_t n; /* values that are not missing */
    int64_t count[TEND_KIND_COUNT];
    uint32_t line[TEND_KIND_COUNT];  /* of the first */
    char first[TEND_KIND_COUNT][48]; /* the first, cut */
    int64_t like_missing[TEND_LIKE_MISSING_COUNT];
    struct {
        unsigned forms; /* of tend_date_forms */
        bool time;
        int64_t count;
        uint32_t line;
    } dates[TEND_DATE_SETS]; /* the different sets of forms met */
    int n_dates;
} tend_kinds;

/* `s` without blanks around it, not missing. */
tend_kind tend_kind_of(tend_str s);
void tend_kinds_add(tend_kinds *kinds, tend_str s, uint32_t line);

/* How to read a column. */
typedef struct tend_plan {
    tend_type type;
    tend_date_form form; /* DATE and TIMESTAMP */
    bool declared;       /* the type comes from the schema: what does not fit is a bad cell */
    bool open;           /* decided from a sample that more values could change */
    bool skip;           /* nobody wants it: it does not become a column */
} tend_plan;

tend_plan tend_kinds_decide(const tend_kinds *kinds);
/* The form of a declared date column: the only one possible, else the most frequent. False: two are equally possible. */
bool tend_kinds_date_form(const tend_kinds *kinds, tend_date_form *out);
/* Adds to the reader's notes: columns: {name: sentence}, missing_like: {text: {name: count}}, dates: {name: form}. */
void tend_kinds_note(const tend_kinds *kinds, const tend_plan *plan, const char *name, tend_arena *arena, tend_node *notes);

#endif
