/* The keys of tend.yaml as rows, and the walk that holds a document against them. Private to the flow room. */
#ifndef TEND_FLOW_CONFIG_H
#define TEND_FLOW_CONFIG_H

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

extern const tend_key tend_keys[];
extern const int tend_n_keys;

const tend_key *tend_key_find(const char *path); /* the row for a concrete path, wildcards applied; NULL: unknown */
/* Every fault of the document: unknown keys with the nearest right word, wrong types, bounds, choices. */
void tend_config_check(const tend_node *root, tend_arena *arena, tend_diags *diags);
/* The value at a path or, when it is absent, the fallback of its row as a node (NULL when there is none). */
const tend_node *tend_config_value(const tend_node *root, const char *path, tend_arena *arena);
/* "5ms", "2s" in milliseconds; "20MB", "1GiB" in bytes. */
bool tend_config_duration(const char *text, double *out_ms);
bool tend_config_size(const char *text, int64_t *out_bytes);

#endif
