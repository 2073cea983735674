/* The tree of a document: what YAML and JSON become, with the place of every key and value kept.
 *
 * One tree for tend.yaml, for the JSON documents tend writes and reads, and for requests. Nodes live in an arena
 * and are never freed singly. Maps keep their order; look-ups are linear for small maps and hashed for large ones.
 * Numbers keep their source text, so "08080" is not lost to a conversion. Not thread-safe while being built;
 * read-only use from many threads is fine.
 */
#ifndef TEND_BASE_NODE_H
#define TEND_BASE_NODE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/error.h"
#include "base/text.h"

typedef enum tend_node_kind {
    TEND_NODE_NULL,
    TEND_NODE_BOOL,
    TEND_NODE_INT,
    TEND_NODE_FLOAT,
    TEND_NODE_STRING,
    TEND_NODE_LIST,
    TEND_NODE_MAP
} tend_node_kind;

typedef struct tend_node tend_node;
struct tend_node {
    tend_node_kind kind;
    bool quoted;     /* a string that stood in quotes */
    tend_span span;  /* of the value */
    const char *key; /* when the node is a map's value, else NULL */
    tend_span key_span;
    const char *text; /* scalars: the source text (strings: unescaped), NUL-terminated; NULL for built numbers */
    size_t text_size; /* strings may hold NUL bytes */
    union {
        bool boolean;
        int64_t integer;
        double number;
    };
    tend_node *first, *last, *next; /* children of lists and maps; siblings */
    size_t count;
    void *index; /* private: hash of a large map */
};

const char *tend_node_kind_name(tend_node_kind kind); /* "a number", "a list", … for messages */

/* Reading. All accept NULL and give NULL / the fallback. */
const tend_node *tend_node_get(const tend_node *map, const char *key);
const tend_node *tend_node_at(const tend_node *list, size_t i);
const tend_node *tend_node_path(const tend_node *node, const char *path);  /* "metrics.test.roc_auc", "runs.0.id" */
const char *tend_node_string(const tend_node *node, const char *fallback); /* strings only */
const char *tend_node_scalar(const tend_node *node, const char *fallback); /* any scalar, as its text */
int64_t tend_node_int(const tend_node *node, int64_t fallback);
double tend_node_double(const tend_node *node, double fallback); /* ints too */
bool tend_node_bool(const tend_node *node, bool fallback);
bool tend_node_equal(const tend_node *a, const tend_node *b); /* kinds, values and, in maps, keys in any order */
#define TEND_NODE_EACH(child, parent) for (const tend_node *child = (parent) ? (parent)->first : NULL; child; child = child->next)

/* Building. Strings and keys are copied into the arena. set replaces an existing key in place. */
tend_node *tend_node_new(tend_arena *arena, tend_node_kind kind);
tend_node *tend_node_new_map(tend_arena *arena);
tend_node *tend_node_new_list(tend_arena *arena);
tend_node *tend_node_new_string(tend_arena *arena, const char *text);
tend_node *tend_node_new_int(tend_arena *arena, int64_t v);
tend_node *tend_node_new_double(tend_arena *arena, double v); /* nan and inf become null: JSON has neither */
tend_node *tend_node_new_bool(tend_arena *arena, bool v);
tend_node *tend_node_set(tend_arena *arena, tend_node *map, const char *key, tend_node *value);        /* returns value */
tend_node *tend_node_set_string(tend_arena *arena, tend_node *map, const char *key, const char *text); /* NULL: null */
tend_node *tend_node_set_int(tend_arena *arena, tend_node *map, const char *key, int64_t v);
tend_node *tend_node_set_double(tend_arena *arena, tend_node *map, const char *key, double v);
tend_node *tend_node_set_bool(tend_arena *arena, tend_node *map, const char *key, bool v);
tend_node *tend_node_set_map(tend_arena *arena, tend_node *map, const char *key);
tend_node *tend_node_set_list(tend_arena *arena, tend_node *map, const char *key);
tend_node *tend_node_push(tend_node *list, tend_node *value);        /* returns value */
tend_node *tend_node_copy(tend_arena *arena, const tend_node *node); /* deep */
void tend_node_remove(tend_node *map, const char *key);

/* JSON. Strict RFC 8259: UTF-8, no comments, no trailing commas, duplicate keys and depth > 64 refused; the error
 * carries line, column and what was expected. `file` names the source in spans (copied into the arena). */
tend_status tend_json_parse(const char *text, size_t size, const char *file, tend_arena *arena, tend_node **out_node, tend_error *err);
/* indent 0: one line. Doubles as the shortest text that reads back the same. Deterministic. */
void tend_json_format(const tend_node *node, int indent, tend_buf *out);
void tend_json_escape(tend_buf *out, const char *text, size_t size); /* with the quotes */

/* YAML 1.2 (core schema: true/false/null, decimal ints and floats; everything else a string; yes/no are strings; a
 * number with a leading zero such as 08080 stays a string). Duplicate keys, undefined aliases, depth > 64 and alias
 * expansion beyond 10,000 nodes are errors. Every fault libfyaml can tell goes to `diags`; `*out_node` is NULL then. */
tend_status tend_yaml_parse(const char *text, size_t size, const char *file, tend_diags *diags, tend_node **out_node, tend_error *err);
/* A scalar as YAML would need it: quoted when a plain one would be read as something else. */
void tend_yaml_scalar(tend_buf *out, const char *text);

#endif
