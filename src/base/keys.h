/* Configuration keys as rows: a table says which keys a document has, what each may hold, what it is when it is not given, and what it
 * means. The same rows refuse what is wrong (all faults at once, each with the nearest right word), fill in defaults, and write the
 * reference and the JSON Schema. tend.yaml is one such table; the server's options are another.
 */
#ifndef TEND_BASE_KEYS_H
#define TEND_BASE_KEYS_H

#include "base/diag.h"
#include "base/node.h"

enum {
    TEND_KEY_STRING = 1,
    TEND_KEY_INT = 2,
    TEND_KEY_NUMBER = 4, /* ints too */
    TEND_KEY_BOOL = 8,
    TEND_KEY_LIST = 16,
    TEND_KEY_MAP = 32,
    TEND_KEY_ANY = 64,      /* looked into by the room that owns it */
    TEND_KEY_SIZE = 128,    /* "20MB" */
    TEND_KEY_DURATION = 256 /* "5ms" */
};

typedef struct tend_key {
    const char *path; /* "data.split.test"; "*" stands for a name of the user's */
    unsigned types;
    const char *fallback; /* as text; NULL: none */
    const char *choices;  /* "random|time|group|rows"; NULL: any */
    double min, max;      /* numbers; both 0: unbounded */
    const char *help;
} tend_key;

typedef struct tend_key_table {
    const tend_key *rows; /* a map comes before its members */
    int n;
    const char *const *later; /* top-level keys that tend's design names but this version does not have: said plainly; NULL-terminated */
} tend_key_table;

/* The row for a concrete path, wildcards applied; NULL: unknown. */
const tend_key *tend_key_find(const tend_key_table *table, const char *path);
/* Every fault of the document: unknown keys with the nearest right word, wrong types, bounds, choices. */
void tend_keys_check(const tend_key_table *table, const tend_node *root, tend_arena *arena, tend_diags *diags);
/* The value at a path or, when it is absent, the fallback of its row as a node (NULL when there is none). */
const tend_node *tend_keys_value(const tend_key_table *table, const tend_node *root, const char *path, tend_arena *arena);
/* "5ms", "2s", "90d" in milliseconds; "20MB", "1GiB" in bytes. */
bool tend_key_duration(const char *text, double *out_ms);
bool tend_key_size(const char *text, int64_t *out_bytes);

#endif
