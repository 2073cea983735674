/* Universal Binary JSON (ubjson.org, draft 12), as much of it as model files use: a small reader
 * that turns bytes into a tree of values. Big-endian numbers, sized and typed containers. Typed
 * arrays stay where they are in the bytes. Memory is bounded by a small multiple of the input's
 * size; depth is limited. */
#ifndef TEND_MODEL_TREES_UBJ_H
#define TEND_MODEL_TREES_UBJ_H

#include "base/arena.h"
#include "base/error.h"

typedef enum tend_ubj_kind {
    TEND_UBJ_NULL,
    TEND_UBJ_BOOL,
    TEND_UBJ_INT,
    TEND_UBJ_REAL,
    TEND_UBJ_STRING,
    TEND_UBJ_ARRAY,  /* children linked by `next` */
    TEND_UBJ_OBJECT, /* the same, each with a key */
    TEND_UBJ_TYPED,  /* array of one number type: count, type, bytes */
} tend_ubj_kind;

typedef struct tend_ubj {
    tend_ubj_kind kind;
    char type;       /* TYPED: the element's marker, one of i U I l L d D */
    size_t at;       /* offset of the value in the input */
    const char *key; /* in an object; not NUL-terminated */
    size_t key_size;
    struct tend_ubj *first, *next;
    size_t count;         /* children, elements, or bytes of a string */
    const uint8_t *bytes; /* STRING, TYPED: borrowed from the input */
    int64_t integer;      /* INT, BOOL */
    double real;          /* REAL */
} tend_ubj;

tend_status tend_ubj_parse(const void *bytes, size_t size, tend_arena *arena, tend_ubj **out, tend_error *err) TEND_MUST_USE;
/* The member `key` of an object; NULL when `object` is NULL, not an object, or has none. */
const tend_ubj *tend_ubj_get(const tend_ubj *object, const char *key);
/* Element i of a TYPED array (i < count), as written. A number out of the type's range is the
 * caller's to check. */
double tend_ubj_real(const tend_ubj *array, size_t i);
int64_t tend_ubj_int(const tend_ubj *array, size_t i); /* 0 for the floating types */

#endif
