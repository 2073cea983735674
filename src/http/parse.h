/* The pure half of HTTP/1.1: bytes to a request head, and the chunked coding. No sockets, no allocation, no state but what is passed
 * in; so it can be fuzzed, and how the bytes were split on their way makes no difference.
 *
 * Strict (RFC 9112): lines end in CRLF; no folded lines; names and methods are tokens; one Host in HTTP/1.1; a length is digits, and
 * stands alone: with Transfer-Encoding it is refused, because two readers of such a message may disagree where it ends.
 */
#ifndef TEND_HTTP_PARSE_H
#define TEND_HTTP_PARSE_H

#include "http/server.h"

enum {
    HTTP_MORE = 0,   /* the bytes so far are sound, and not all */
    HTTP_WHOLE = 200 /* anything else is the status to refuse with */
};

/* Where the head ends. `scanned` (0 at first) remembers how far earlier calls came. Fails with 400, 414 or 431. */
int http_head_scan(const char *at, size_t size, size_t max, size_t *scanned, size_t *out_size, const char **out_reason);

typedef struct http_head {
    tend_http_request *request; /* method, target, path, query, headers, content_type, has_body, content_length are filled */
    tend_http_header *headers;  /* room for max_headers */
    int max_headers;
    int minor; /* HTTP/1.minor; above 1 counts as 1 */
    bool chunked, keep_alive, expects_continue;
} http_head;

/* A whole head, as http_head_scan found it. Fails with 400, 413, 417, 431, 501 or 505; the request is then not to be read. */
int http_head_parse(const char *at, size_t size, http_head *head, const char **out_reason);

/* A chunked body, piece by piece; all zero at first. */
typedef struct http_chunks {
    uint64_t left;  /* of the chunk under way */
    uint32_t extra; /* bytes of extensions and trailers so far: bounded over the whole body */
    uint8_t state, digits;
    bool ended;
} http_chunks;

/* Decodes in place: the body's bytes move to the front of `at`. Returns how many bytes were read (less than size only when `ended`),
 * SIZE_MAX when they are no chunked body. */
size_t http_chunks_decode(http_chunks *chunks, char *at, size_t size, size_t *out_size);

static inline char http_lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c; }
int http_hex_digit(char c); /* -1: none */
bool http_is_token(const char *at, size_t size);
bool http_is_field_text(const char *at, size_t size); /* no control characters but the tab */
bool http_name_is(tend_str name, const char *lower);  /* ASCII case folded */

#endif
