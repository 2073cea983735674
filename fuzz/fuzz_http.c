#include "target.h"

#include "base/arena.h"
#include "http/parse.h"

#include <stdlib.h>

/* The first byte says how the rest is cut into pieces; whatever it says, a request and its chunked body must come out the same. */

enum { MAX_HEADER = 512, MAX_HEADERS = 16 };

/* The size of the next piece: 1 … 16 bytes by a small generator, or all at once for 0. */
static size_t piece(uint32_t *state, size_t left) {
    if (*state == 0)
        return left;
    *state = *state * 1664525u + 1013904223u;
    size_t n = 1 + (*state >> 28);
    *state |= 1;
    return n < left ? n : left;
}

/* Scans as bytes arrive; the head's end when it is whole. */
static int scan(const char *at, size_t size, uint32_t cut, size_t *out_size) {
    size_t scanned = 0, have = 0;
    const char *reason = NULL;
    int status = HTTP_MORE;
    do {
        have += piece(&cut, size - have);
        /* A copy of what is there, so that reading past it is found. */
        char *bytes = memcpy(tend_malloc(have), at, have);
        status = http_head_scan(bytes, have, MAX_HEADER, &scanned, out_size, &reason);
        free(bytes);
    } while (status == HTTP_MORE && have < size);
    FUZZ_CHECK(status == HTTP_MORE || status == HTTP_WHOLE || (reason && *reason));
    return status;
}

static size_t dechunk(const char *at, size_t size, uint32_t cut, char *out, bool *out_ended) {
    http_chunks chunks = {0};
    size_t total = 0;
    for (size_t i = 0; i < size && !chunks.ended;) {
        size_t n = piece(&cut, size - i), got = 0;
        char *bytes = memcpy(tend_malloc(n), at + i, n);
        size_t used = http_chunks_decode(&chunks, bytes, n, &got);
        if (used != SIZE_MAX) {
            FUZZ_CHECK(used <= n && got <= used && (used == n || chunks.ended));
            memcpy(out + total, bytes, got);
            total += got;
            i += used;
        }
        free(bytes);
        if (used == SIZE_MAX)
            return SIZE_MAX;
    }
    *out_ended = chunks.ended;
    return total;
}

static void check_slice(tend_str slice, const char *at, size_t size) {
    bool is_inside = (uintptr_t)slice.at >= (uintptr_t)at && (uintptr_t)slice.at + slice.size <= (uintptr_t)at + size;
    FUZZ_CHECK(is_inside || slice.size == 0 || tend_str_is(slice, "/"));
}

static bool check_head(const char *at, size_t size) {
    tend_http_header headers[MAX_HEADERS];
    tend_http_request request = {0};
    http_head head = {.request = &request, .headers = headers, .max_headers = MAX_HEADERS};
    const char *reason = NULL;
    int status = http_head_parse(at, size, &head, &reason);
    if (status != HTTP_WHOLE) {
        FUZZ_CHECK(status >= 400 && status <= 505 && reason);
        return false;
    }
    check_slice(request.target, at, size);
    check_slice(request.path, at, size);
    check_slice(request.query, at, size);
    check_slice(request.content_type, at, size);
    FUZZ_CHECK(request.path.size > 0 && request.n_headers <= MAX_HEADERS);
    FUZZ_CHECK(head.chunked == (request.content_length == UINT64_MAX));
    FUZZ_CHECK(!(head.chunked && tend_http_request_header(&request, "content-length").at));
    for (int i = 0; i < request.n_headers; i++) {
        check_slice(headers[i].name, at, size);
        FUZZ_CHECK(http_is_token(headers[i].name.at, headers[i].name.size));
        FUZZ_CHECK(!memchr(headers[i].value.at, '\r', headers[i].value.size) && !memchr(headers[i].value.at, '\n', headers[i].value.size));
    }
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_str decoded;
    if (tend_http_decode(request.path, arena, &decoded))
        FUZZ_CHECK(decoded.size <= request.path.size && !memchr(decoded.at, '\0', decoded.size));
    tend_http_request_query(&request, "a", arena, &decoded);
    return head.chunked;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0)
        return 0;
    uint32_t cut = data[0] * 2654435761u | 1;
    const char *at = (const char *)data + 1;
    size--;
    size_t whole = 0, cut_size = 0;
    int status = scan(at, size, 0, &whole);
    FUZZ_CHECK(scan(at, size, cut, &cut_size) == status && whole == cut_size);
    bool has_chunks = false;
    if (status == HTTP_WHOLE) {
        char *head = memcpy(tend_malloc(whole), at, whole);
        has_chunks = check_head(head, whole);
        free(head);
    }
    if (!has_chunks) /* then all of it is tried as a body, so that bodies are reached soon */
        whole = 0;
    char *a = tend_malloc(size), *b = tend_malloc(size);
    bool a_ended = false, b_ended = false;
    size_t n = dechunk(at + whole, size - whole, 0, a, &a_ended);
    FUZZ_CHECK(dechunk(at + whole, size - whole, cut, b, &b_ended) == n && a_ended == b_ended);
    FUZZ_CHECK(n == SIZE_MAX || memcmp(a, b, n) == 0);
    free(a);
    free(b);
    return 0;
}
