/* Heads and chunks: what is sound, and what is refused with which status. Cases after RFC 9110 and RFC 9112. */
#include "support/suite.h"

#include "http/parse.h"

enum { MAX_HEADER = 1024, MAX_HEADERS = 8 };

typedef struct parsed {
    tend_http_request request;
    tend_http_header headers[MAX_HEADERS];
    http_head head;
    const char *reason;
} parsed;

static int parse(const char *text, parsed *out) {
    *out = (parsed){.head = {.request = &out->request, .headers = out->headers, .max_headers = MAX_HEADERS}};
    size_t scanned = 0, size = 0;
    int status = http_head_scan(text, strlen(text), MAX_HEADER, &scanned, &size, &out->reason);
    return status == HTTP_WHOLE ? http_head_parse(text, size, &out->head, &out->reason) : status;
}

#define H "Host: h\r\n"

TEST(reads_a_head) {
    parsed p;
    ASSERT_EQ(
        parse("POST /a%20b/c?x=1&y HTTP/1.1\r\nHost: example.org:8080\r\nContent-Type: application/json\r\nContent-Length: 0012\r\nX: \t v "
              "w \r\nEmpty:\r\n\r\n",
              &p),
        HTTP_WHOLE);
    ASSERT_EQ(p.request.method, TEND_HTTP_POST);
    ASSERT_TRUE(tend_str_is(p.request.target, "/a%20b/c?x=1&y"));
    ASSERT_TRUE(tend_str_is(p.request.path, "/a%20b/c"));
    ASSERT_TRUE(tend_str_is(p.request.query, "x=1&y"));
    ASSERT_TRUE(tend_str_is(p.request.content_type, "application/json"));
    ASSERT_EQ(p.request.content_length, 12);
    ASSERT_TRUE(p.request.has_body);
    ASSERT_TRUE(p.head.keep_alive);
    ASSERT_EQ(p.request.n_headers, 5);
    ASSERT_TRUE(tend_str_is(tend_http_request_header(&p.request, "x"), "v w"));
    ASSERT_NOT_NULL(tend_http_request_header(&p.request, "EMPTY").at);
    ASSERT_EQ(tend_http_request_header(&p.request, "empty").size, 0);
    ASSERT_NULL(tend_http_request_header(&p.request, "absent").at);
}

TEST(knows_the_forms_of_a_target) {
    static const struct {
        const char *line, *path, *query;
    } CASES[] = {
        {"GET / HTTP/1.1\r\n", "/", ""},
        {"GET /? HTTP/1.1\r\n", "/", ""},
        {"GET http://h HTTP/1.1\r\n", "/", ""},
        {"GET HTTP://h:80/a?b?c HTTP/1.1\r\n", "/a", "b?c"},
        {"GET https://[::1]?q HTTP/1.1\r\n", "/", "q"},
        {"OPTIONS * HTTP/1.1\r\n", "*", ""},
        {"BREW /pot HTTP/1.9\r\n", "/pot", ""},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        char text[256];
        snprintf(text, sizeof text, "%s" H "\r\n", CASES[i].line);
        parsed p;
        ASSERT_EQ(parse(text, &p), HTTP_WHOLE);
        ASSERT_TRUE(tend_str_is(p.request.path, CASES[i].path));
        ASSERT_TRUE(tend_str_is(p.request.query, CASES[i].query));
        ASSERT_FALSE(p.request.has_body);
    }
}

TEST(knows_every_method) {
    static const char *const NAMES[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get"};
    for (int i = 0; i < 9; i++) {
        char text[64];
        snprintf(text, sizeof text, "%s / HTTP/1.1\r\n" H "\r\n", NAMES[i]);
        parsed p;
        ASSERT_EQ(parse(text, &p), HTTP_WHOLE);
        ASSERT_EQ(p.request.method, i < TEND_HTTP_OTHER ? i : TEND_HTTP_OTHER);
    }
}

TEST(decides_who_keeps_the_connection) {
    static const struct {
        const char *text;
        bool keep, expects, chunked;
    } CASES[] = {
        {"GET / HTTP/1.1\r\n" H "Connection: close\r\n\r\n", false, false, false},
        {"GET / HTTP/1.1\r\n" H "Connection: upgrade ,\tClose\r\n\r\n", false, false, false},
        {"GET / HTTP/1.1\r\n" H "Connection: closed\r\n\r\n", true, false, false},
        {"GET / HTTP/1.0\r\n\r\n", false, false, false},
        {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true, false, false},
        {"GET / HTTP/1.0\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n", false, false, false},
        {"PUT / HTTP/1.1\r\n" H "Expect: 100-Continue\r\nTransfer-Encoding: Chunked\r\n\r\n", true, true, true},
        {"PUT / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n", false, false, false},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        parsed p;
        ASSERT_EQ(parse(CASES[i].text, &p), HTTP_WHOLE);
        ASSERT_EQ(p.head.keep_alive, CASES[i].keep);
        ASSERT_EQ(p.head.expects_continue, CASES[i].expects);
        ASSERT_EQ(p.head.chunked, CASES[i].chunked);
    }
}

TEST(refuses_what_is_not_http) {
    static const struct {
        int status;
        const char *text;
    } CASES[] = {
        {400, "\x16\x03\x01"},
        {400, " GET / HTTP/1.1\r\n" H "\r\n"},
        {400, "GET / HTTP/1.1\n" H "\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: h\n\r\n"},
        {400, "GET / HTTP/1.1\r\n" H "\n"},
        {400, "GET\r\n" H "\r\n"},
        {400, "GET /\r\n" H "\r\n"},
        {400, "GET  / HTTP/1.1\r\n" H "\r\n"},
        {400, "GET /a b HTTP/1.1\r\n" H "\r\n"},
        {400, "GET /a\tb HTTP/1.1\r\n" H "\r\n"},
        {400, "GET /\xC3\xA4 HTTP/1.1\r\n" H "\r\n"},
        {400, "GET /#f HTTP/1.1\r\n" H "\r\n"},
        {400, "GET a HTTP/1.1\r\n" H "\r\n"},
        {400, "GET * HTTP/1.1\r\n" H "\r\n"},
        {400, "GET ftp://h/ HTTP/1.1\r\n" H "\r\n"},
        {400, "GET http:///a HTTP/1.1\r\n" H "\r\n"},
        {400, "GET http://user@h/ HTTP/1.1\r\n" H "\r\n"},
        {400, "CONNECT h:443 HTTP/1.1\r\n" H "\r\n"},
        {400, "GET / HTTP/1.1 \r\n" H "\r\n"},
        {400, "GET / http/1.1\r\n" H "\r\n"},
        {400, "GET / HTTP/1.10\r\n" H "\r\n"},
        {400, "G(T / HTTP/1.1\r\n" H "\r\n"},
        {505, "GET / HTTP/2.0\r\n" H "\r\n"},
        {505, "GET / HTTP/0.9\r\n" H "\r\n"},
        {400, "GET / HTTP/1.1\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\n" H H "\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\n" H " folded: 1\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\n" H "A: 1\r\n folded\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\n" H "A : 1\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\n" H "A\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\n" H ": 1\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\n" H "A: 1\r2\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\n" H "A: 12345678\x01\r\n\r\n"},
        {400, "GET / HTTP/1.1\r\n" H "A: 123456789\x7F\r\n\r\n"},
        {400, "POST / HTTP/1.1\r\n" H "Content-Length: +1\r\n\r\n"},
        {400, "POST / HTTP/1.1\r\n" H "Content-Length: -1\r\n\r\n"},
        {400, "POST / HTTP/1.1\r\n" H "Content-Length: 0x1\r\n\r\n"},
        {400, "POST / HTTP/1.1\r\n" H "Content-Length: 1, 1\r\n\r\n"},
        {400, "POST / HTTP/1.1\r\n" H "Content-Length:\r\n\r\n"},
        {400, "POST / HTTP/1.1\r\n" H "Content-Length: 1\r\nContent-Length: 2\r\n\r\n"},
        {413, "POST / HTTP/1.1\r\n" H "Content-Length: 9223372036854775807\r\n\r\n"},
        {413, "POST / HTTP/1.1\r\n" H "Content-Length: 99999999999999999999999999\r\n\r\n"},
        {400, "POST / HTTP/1.1\r\n" H "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {400, "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n"},
        {400, "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {400, "POST / HTTP/1.1\r\n" H "Transfer-Encoding:\r\n\r\n"},
        {501, "POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n\r\n"},
        {501, "POST / HTTP/1.1\r\n" H "Transfer-Encoding: identity\r\n\r\n"},
        {400, "POST / HTTP/1.1\r\n" H "Transfer-Encoding: \x0b"
              "chunked\r\n\r\n"},
        {400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
        {417, "POST / HTTP/1.1\r\n" H "Expect: tea\r\n\r\n"},
        {431, "GET / HTTP/1.1\r\n" H "a:1\r\na:1\r\na:1\r\na:1\r\na:1\r\na:1\r\na:1\r\na:1\r\n\r\n"},
        {HTTP_MORE, ""},
        {HTTP_MORE, "GET / HTTP/1.1\r\n" H "\r"},
        {HTTP_WHOLE, "POST / HTTP/1.1\r\n" H "Content-Length: 1\r\nContent-Length: 1\r\n\r\n"},
        {HTTP_WHOLE, "GET / HTTP/1.1\r\n" H "A: tab\there \xC3\xA4\r\n\r\n"},
        {HTTP_WHOLE, "GET / HTTP/1.1\r\nHost:\r\n\r\n"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        parsed p;
        int status = parse(CASES[i].text, &p);
        if (status != CASES[i].status)
            fprintf(stderr, "%s", CASES[i].text);
        ASSERT_EQ(status, CASES[i].status);
        ASSERT_TRUE(status < 400 || p.reason);
    }
}

TEST(bounds_heads) {
    char text[2 * MAX_HEADER + 100];
    parsed p;
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = '\0';
    ASSERT_EQ(parse(text, &p), 414);
    memcpy(text, "GET / HTTP/1.1\r\nA: ", 19);
    ASSERT_EQ(parse(text, &p), 431);
    /* Exactly as large as may be, and one byte more. */
    for (int extra = 0; extra < 2; extra++) {
        size_t size = MAX_HEADER + (size_t)extra;
        memset(text, 'a', size);
        memcpy(text, "GET / HTTP/1.1\r\n" H "A: ", 28);
        memcpy(text + size - 4, "\r\n\r\n", 5);
        ASSERT_EQ(parse(text, &p), extra ? 431 : HTTP_WHOLE);
    }
}

/* ---- chunks ---- */

/* The body, "!" when it is none, "…" when it is not whole; fed in pieces of `step`. */
static const char *dechunk(const char *text, size_t step, char out[256]) {
    http_chunks chunks = {0};
    size_t size = strlen(text), total = 0;
    for (size_t at = 0; at < size && !chunks.ended;) {
        char piece[256];
        size_t n = size - at < step ? size - at : step, got = 0;
        memcpy(piece, text + at, n);
        size_t used = http_chunks_decode(&chunks, piece, n, &got);
        if (used == SIZE_MAX)
            return "!";
        memcpy(out + total, piece, got);
        total += got;
        at += used;
        if (chunks.ended)
            ASSERT_EQ(at, size);
    }
    out[total] = '\0';
    return chunks.ended ? out : "...";
}

TEST(decodes_chunks) {
    static const struct {
        const char *text, *body;
    } CASES[] = {
        {"0\r\n\r\n", ""},
        {"5\r\nhello\r\n0\r\n\r\n", "hello"},
        {"5\r\nhello\r\n006\r\n world\r\n000\r\n\r\n", "hello world"},
        {"A\r\n0123456789\r\na;x=\"y\";z\r\nabcdefghij\r\n0 \t;e\r\nTrailer: t\r\nB:\r\n\r\n", "0123456789abcdefghij"},
        {"5\r\nhel", "..."},
        {"0\r\n", "..."},
        {"", "..."},
        {"\r\n", "!"},
        {";a\r\n", "!"},
        {"g\r\n", "!"},
        {"-1\r\n", "!"},
        {"0x5\r\nhello\r\n", "!"},
        {" 5\r\nhello\r\n", "!"},
        {"5\nhello\r\n0\r\n\r\n", "!"},
        {"5\r\nhello0\r\n\r\n", "!"},
        {"5\r\nhello\n0\r\n\r\n", "!"},
        {"5\r\nhello\r\r\n", "!"},
        {"5;a\nb\r\nhello\r\n", "!"},
        {"5;a\rb\r\nhello\r\n", "!"},
        {"5;\x01\r\nhello\r\n", "!"},
        {"5 5\r\nhello\r\n", "!"},
        {"0\r\nA: b\n\r\n", "!"},
        {"0\r\n folded\r\n\r\n", "!"},
        {"0\r\n\rx", "!"},
        {"1000000000000000\r\n", "!"},
        {"FFFFFFFFFFFFFFFFF\r\n", "!"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        for (size_t step = 1; step < 60; step += step < 8 ? 1 : 17) {
            char out[256];
            ASSERT_STR_EQ(dechunk(CASES[i].text, step, out), CASES[i].body);
        }
}

TEST(bounds_what_chunks_say_beside_the_body) {
    http_chunks chunks = {0};
    char piece[64];
    size_t got, fed = 0, used = 0;
    while (used != SIZE_MAX && fed < 100000) {
        memcpy(piece, "1;extension\r\nx\r\n", 16);
        used = http_chunks_decode(&chunks, piece, 16, &got);
        fed += 16;
    }
    ASSERT_TRUE(fed < 40000);
}

/* ---- what is asked about a request ---- */

TEST(decodes_percent) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_str out;
    ASSERT_TRUE(tend_http_decode(TEND_STR("a%20b+%C3%A4%7e"), arena, &out));
    ASSERT_TRUE(tend_str_is(out, "a b+\xC3\xA4~"));
    ASSERT_TRUE(tend_http_decode(TEND_STR(""), arena, &out));
    ASSERT_EQ(out.size, 0);
    ASSERT_FALSE(tend_http_decode(TEND_STR("%"), arena, &out));
    ASSERT_FALSE(tend_http_decode(TEND_STR("%2"), arena, &out));
    ASSERT_FALSE(tend_http_decode(TEND_STR("%2g"), arena, &out));
    ASSERT_FALSE(tend_http_decode(TEND_STR("a%00"), arena, &out));
}

TEST(finds_values_of_a_query) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_http_request request = {.query = TEND_STR("a=1&b&c=x%3D+y&&d%65=2&bad=%zz&a=3")};
    tend_str out;
    ASSERT_TRUE(tend_http_request_query(&request, "a", arena, &out));
    ASSERT_TRUE(tend_str_is(out, "1"));
    ASSERT_TRUE(tend_http_request_query(&request, "b", arena, &out));
    ASSERT_EQ(out.size, 0);
    ASSERT_TRUE(tend_http_request_query(&request, "c", arena, &out));
    ASSERT_TRUE(tend_str_is(out, "x= y"));
    ASSERT_TRUE(tend_http_request_query(&request, "de", arena, &out));
    ASSERT_FALSE(tend_http_request_query(&request, "bad", arena, &out));
    ASSERT_FALSE(tend_http_request_query(&request, "z", arena, &out));
}
