/* Reading UBJSON. Recursive over containers, with the depth limited; every read is checked against
 * the end. */
#include "model/trees_ubj.h"

#define MAX_DEPTH 64

typedef struct reader {
    const uint8_t *data;
    size_t size, at;
    int depth;
    tend_arena *arena;
    tend_error *err;
} reader;

static tend_status read_value(reader *r, char marker, tend_ubj *out);

static tend_status cut_short(reader *r) {
    return TEND_FAIL(r->err, CORRUPT, "UBJSON ends in the middle of a value (at byte %zu of %zu)", r->at, r->size);
}

static tend_status take(reader *r, size_t n, const uint8_t **out) {
    if (n > r->size - r->at)
        return cut_short(r);
    *out = r->data + r->at;
    r->at += n;
    return TEND_OK;
}

/* The next marker; no-ops between values are skipped. */
static tend_status take_marker(reader *r, char *out) {
    const uint8_t *p = NULL;
    do
        TEND_TRY(take(r, 1, &p));
    while (*p == 'N');
    *out = (char)*p;
    return TEND_OK;
}

static size_t type_size(char type) {
    switch (type) {
    case 'i':
    case 'U': return 1;
    case 'I': return 2;
    case 'l':
    case 'd': return 4;
    case 'L':
    case 'D': return 8;
    default: return 0;
    }
}

static uint64_t big_endian(const uint8_t *p, size_t n) {
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | p[i];
    return v;
}

static int64_t decode_int(char type, const uint8_t *p) {
    switch (type) {
    case 'i': return (int8_t)*p;
    case 'U': return *p;
    case 'I': return (int16_t)big_endian(p, 2);
    case 'l': return (int32_t)big_endian(p, 4);
    case 'L': return (int64_t)big_endian(p, 8);
    default: return 0;
    }
}

static double decode_real(char type, const uint8_t *p) {
    if (type == 'd') {
        uint32_t bits = (uint32_t)big_endian(p, 4);
        float v;
        memcpy(&v, &bits, sizeof v);
        return (double)v;
    }
    if (type == 'D') {
        uint64_t bits = big_endian(p, 8);
        double v;
        memcpy(&v, &bits, sizeof v);
        return v;
    }
    return (double)decode_int(type, p);
}

/* A length: an integer of any type, not negative. */
static tend_status take_length(reader *r, size_t *out) {
    char type = 0;
    TEND_TRY(take_marker(r, &type));
    const uint8_t *p = NULL;
    size_t size = type == 'd' || type == 'D' ? 0 : type_size(type);
    if (size == 0)
        return TEND_FAIL(r->err, CORRUPT, "UBJSON expects a length at byte %zu, found marker 0x%02x", r->at - 1, (unsigned char)type);
    TEND_TRY(take(r, size, &p));
    int64_t n = decode_int(type, p);
    if (n < 0)
        return TEND_FAIL(r->err, CORRUPT, "UBJSON has a negative length (%lld) at byte %zu", (long long)n, r->at);
    *out = (size_t)n;
    return TEND_OK;
}

/* The optional "$type" and "#count" after a container's opening bracket. */
typedef struct header {
    char type; /* 0: each value brings its own */
    bool sized;
    size_t count;
} header;

static tend_status take_header(reader *r, header *out) {
    *out = (header){0};
    if (r->at < r->size && r->data[r->at] == '$') {
        r->at++;
        TEND_TRY(take_marker(r, &out->type));
        if (type_size(out->type) == 0)
            return TEND_FAIL(r->err, UNSUPPORTED, "UBJSON container of type 0x%02x at byte %zu", (unsigned char)out->type, r->at - 1);
    }
    if (r->at < r->size && r->data[r->at] == '#') {
        r->at++;
        out->sized = true;
        TEND_TRY(take_length(r, &out->count));
    } else if (out->type) {
        return TEND_FAIL(r->err, CORRUPT, "UBJSON container with a type but no count at byte %zu", r->at);
    }
    return TEND_OK;
}

static tend_status read_typed(reader *r, const header *h, tend_ubj *out) {
    size_t size = type_size(h->type);
    if (h->count > (r->size - r->at) / size)
        return cut_short(r);
    *out =
        (tend_ubj){.kind = TEND_UBJ_TYPED, .type = h->type, .at = out->at, .count = h->count, .key = out->key, .key_size = out->key_size};
    return take(r, h->count * size, &out->bytes);
}

static tend_status read_key(reader *r, tend_ubj *out) {
    const uint8_t *key = NULL;
    TEND_TRY(take_length(r, &out->key_size));
    TEND_TRY(take(r, out->key_size, &key));
    out->key = (const char *)key;
    return TEND_OK;
}

static bool at_end(const reader *r, const header *h, size_t count, char close) {
    return h->sized ? count == h->count : r->at < r->size && r->data[r->at] == (uint8_t)close;
}

static tend_status read_members(reader *r, char close, tend_ubj *out) {
    header h;
    TEND_TRY(take_header(r, &h));
    if (h.type && out->kind == TEND_UBJ_ARRAY)
        return read_typed(r, &h, out);
    tend_ubj **tail = &out->first;
    for (; !at_end(r, &h, out->count, close); out->count++) {
        if (r->at >= r->size)
            return cut_short(r);
        tend_ubj *member = TEND_NEW(r->arena, tend_ubj);
        if (out->kind == TEND_UBJ_OBJECT)
            TEND_TRY(read_key(r, member));
        char marker = h.type;
        if (!marker)
            TEND_TRY(take_marker(r, &marker));
        TEND_TRY(read_value(r, marker, member));
        *tail = member;
        tail = &member->next;
    }
    if (!h.sized)
        r->at++;
    return TEND_OK;
}

static tend_status read_container(reader *r, char marker, tend_ubj *out) {
    if (++r->depth > MAX_DEPTH)
        return TEND_FAIL(r->err, LIMIT, "UBJSON is nested more than %d deep at byte %zu", MAX_DEPTH, r->at);
    out->kind = marker == '[' ? TEND_UBJ_ARRAY : TEND_UBJ_OBJECT;
    TEND_TRY(read_members(r, marker == '[' ? ']' : '}', out));
    r->depth--;
    return TEND_OK;
}

static tend_status read_string(reader *r, char marker, tend_ubj *out) {
    out->kind = TEND_UBJ_STRING;
    out->count = 1;
    if (marker != 'C')
        TEND_TRY(take_length(r, &out->count));
    return take(r, out->count, &out->bytes);
}

static tend_status read_number(reader *r, char marker, tend_ubj *out) {
    const uint8_t *p = NULL;
    TEND_TRY(take(r, type_size(marker), &p));
    out->kind = marker == 'd' || marker == 'D' ? TEND_UBJ_REAL : TEND_UBJ_INT;
    out->integer = decode_int(marker, p);
    out->real = decode_real(marker, p);
    return TEND_OK;
}

static tend_status read_value(reader *r, char marker, tend_ubj *out) {
    out->at = r->at;
    switch (marker) {
    case 'Z': out->kind = TEND_UBJ_NULL; return TEND_OK;
    case 'T':
    case 'F':
        out->kind = TEND_UBJ_BOOL;
        out->integer = marker == 'T';
        return TEND_OK;
    case 'S':
    case 'H':
    case 'C': return read_string(r, marker, out);
    case '[':
    case '{': return read_container(r, marker, out);
    default:
        if (type_size(marker))
            return read_number(r, marker, out);
        return TEND_FAIL(r->err, CORRUPT, "UBJSON has no value of type 0x%02x (at byte %zu)", (unsigned char)marker, r->at - 1);
    }
}

tend_status tend_ubj_parse(const void *bytes, size_t size, tend_arena *arena, tend_ubj **out, tend_error *err) {
    reader r = {.data = bytes, .size = size, .arena = arena, .err = err};
    tend_ubj *root = TEND_NEW(arena, tend_ubj);
    char marker = 0;
    TEND_TRY(take_marker(&r, &marker));
    TEND_TRY(read_value(&r, marker, root));
    *out = root;
    return TEND_OK;
}

const tend_ubj *tend_ubj_get(const tend_ubj *object, const char *key) {
    if (!object || object->kind != TEND_UBJ_OBJECT)
        return NULL;
    size_t size = strlen(key);
    for (const tend_ubj *m = object->first; m; m = m->next)
        if (m->key_size == size && memcmp(m->key, key, size) == 0)
            return m;
    return NULL;
}

double tend_ubj_real(const tend_ubj *array, size_t i) { return decode_real(array->type, array->bytes + i * type_size(array->type)); }

int64_t tend_ubj_int(const tend_ubj *array, size_t i) { return decode_int(array->type, array->bytes + i * type_size(array->type)); }
