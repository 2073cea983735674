#include "http/parse.h"

/* RFC 9110, 5.6.2: what a name or a method is made of. */
static const bool IS_TOKEN[256] = {
    ['!'] = 1, ['#'] = 1, ['$'] = 1, ['%'] = 1, ['&'] = 1, ['\''] = 1, ['*'] = 1,         ['+'] = 1,         ['-'] = 1,
    ['.'] = 1, ['^'] = 1, ['_'] = 1, ['`'] = 1, ['|'] = 1, ['~'] = 1,  ['0' ... '9'] = 1, ['A' ... 'Z'] = 1, ['a' ... 'z'] = 1,
};

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool http_name_is(tend_str name, const char *want) {
    for (size_t i = 0; i < name.size; i++)
        if (http_lower(name.at[i]) != want[i]) /* a shorter `want` ends in a NUL, which no name holds */
            return false;
    return want[name.size] == '\0';
}

bool http_is_token(const char *at, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (!IS_TOKEN[(unsigned char)at[i]])
            return false;
    return size > 0;
}

static bool is_control(char c) { return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7F; }

/* Eight bytes at a time: a word that may hold a control character (or a tab) is looked at byte by byte. The test is the well-known one
 * for "a byte less than n": (w - n…) & ~w & 0x80…. */
bool http_is_field_text(const char *at, size_t size) {
    const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
    for (; size >= 8; at += 8, size -= 8) {
        uint64_t w;
        memcpy(&w, at, sizeof w);
        uint64_t del = w ^ (ones * 0x7F);
        if ((((w - ones * 0x20) & ~w) | ((del - ones) & ~del)) & highs)
            for (int i = 0; i < 8; i++)
                if (is_control(at[i]))
                    return false;
    }
    for (size_t i = 0; i < size; i++)
        if (is_control(at[i]))
            return false;
    return true;
}

static int refuse(int status, const char *reason, const char **out_reason) {
    *out_reason = reason;
    return status;
}

int http_head_scan(const char *at, size_t size, size_t max, size_t *scanned, size_t *out_size, const char **out_reason) {
    if (size && !IS_TOKEN[(unsigned char)*at])
        return refuse(400, "the request does not begin with a method", out_reason);
    size_t end = size < max ? size : max;
    const char *line_feed;
    while (*scanned < end && (line_feed = memchr(at + *scanned, '\n', end - *scanned))) {
        size_t i = (size_t)(line_feed - at);
        *scanned = i + 1;
        if (i == 0 || at[i - 1] != '\r')
            return refuse(400, "a line ends without a carriage return", out_reason);
        if (i >= 3 && at[i - 2] == '\n') {
            *out_size = i + 1;
            return HTTP_WHOLE;
        }
    }
    *scanned = end;
    if (size <= max)
        return HTTP_MORE;
    if (!memchr(at, '\n', end))
        return refuse(414, "the request line is too long", out_reason);
    return refuse(431, "the headers are too large", out_reason);
}

static tend_http_method method_of(const char *at, size_t size) {
    for (int i = 0; i < TEND_HTTP_OTHER; i++)
        if (tend_str_is((tend_str){at, size}, tend_http_method_name((tend_http_method)i)))
            return (tend_http_method)i;
    return TEND_HTTP_OTHER;
}

/* Skips "http://authority"; NULL when it is neither http nor https, or names nobody. */
static const char *skip_authority(const char *at, const char *end) {
    size_t size = (size_t)(end - at);
    size_t scheme = size >= 7 && http_name_is((tend_str){at, 7}, "http://") ? 7 : 8;
    if (scheme == 8 && !(size >= 8 && http_name_is((tend_str){at, 8}, "https://")))
        return NULL;
    const char *start = at + scheme;
    for (at = start; at < end && *at != '/' && *at != '?'; at++)
        if (*at == '@')
            return NULL;
    return at > start ? at : NULL;
}

/* RFC 9112, 3.2: "/path?query", "http://host/path?query", or "*" of OPTIONS. */
static bool parse_target(const char *at, const char *end, tend_http_request *request) {
    for (const char *p = at; p < end; p++)
        if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7F || *p == '#')
            return false;
    request->target = (tend_str){at, (size_t)(end - at)};
    if (request->method == TEND_HTTP_OPTIONS && tend_str_is(request->target, "*")) {
        request->path = request->target;
        return true;
    }
    if (at < end && *at != '/' && !(at = skip_authority(at, end)))
        return false;
    if (at == end && !request->target.size)
        return false;
    const char *question = memchr(at, '?', (size_t)(end - at));
    const char *path_end = question ? question : end;
    request->path = path_end > at ? (tend_str){at, (size_t)(path_end - at)} : TEND_STR("/");
    request->query = question ? (tend_str){question + 1, (size_t)(end - question - 1)} : TEND_STR("");
    return true;
}

/* "GET /path HTTP/1.1", without its CRLF. */
static int parse_request_line(const char *at, const char *end, http_head *head, const char **out_reason) {
    const char *space = memchr(at, ' ', (size_t)(end - at));
    if (!space || !http_is_token(at, (size_t)(space - at)))
        return refuse(400, "the request line is not 'METHOD target HTTP/1.1'", out_reason);
    head->request->method = method_of(at, (size_t)(space - at));
    const char *target = space + 1;
    const char *version = memchr(target, ' ', (size_t)(end - target));
    if (!version || end - version != 9 || memcmp(version, " HTTP/", 6) != 0 || !is_digit(version[6]) || version[7] != '.' ||
        !is_digit(version[8]))
        return refuse(400, "the request line is not 'METHOD target HTTP/1.1'", out_reason);
    if (version[6] != '1')
        return refuse(505, "only HTTP/1.1 and HTTP/1.0 are spoken here", out_reason);
    head->minor = version[8] == '0' ? 0 : 1;
    if (!parse_target(target, version, head->request))
        return refuse(400, "the request target is not a path", out_reason);
    return HTTP_WHOLE;
}

/* What the fields say about the message itself, while they are read. */
typedef struct framing {
    bool has_host, has_length, close, keep_alive;
} framing;

static bool parse_length(tend_str value, uint64_t *out) {
    uint64_t n = 0;
    for (size_t i = 0; i < value.size; i++) {
        if (!is_digit(value.at[i]))
            return false;
        /* Beyond any limit it stays so: the digits are checked to the end all the same. */
        n = n > (INT64_MAX - 9) / 10 ? INT64_MAX : n * 10 + (uint64_t)(value.at[i] - '0');
    }
    *out = n;
    return value.size > 0;
}

static int take_length(tend_str value, http_head *head, framing *facts, const char **out_reason) {
    uint64_t length = 0;
    if (!parse_length(value, &length))
        return refuse(400, "Content-Length is not a number", out_reason);
    if (facts->has_length && length != head->request->content_length)
        return refuse(400, "two values of Content-Length differ", out_reason);
    if (length >= INT64_MAX)
        return refuse(413, "the body is too large", out_reason);
    facts->has_length = true;
    head->request->content_length = length;
    return HTTP_WHOLE;
}

static int take_coding(tend_str value, http_head *head, const char **out_reason) {
    if (head->chunked || !value.size)
        return refuse(400, "Transfer-Encoding is given twice or empty", out_reason);
    if (!http_name_is(value, "chunked"))
        return refuse(501, "the only transfer coding here is chunked", out_reason);
    head->chunked = true;
    return HTTP_WHOLE;
}

/* RFC 9110, 7.2 and RFC 3986, 3.2.2: what host and port are made of; nothing that could hide a second address. */
static bool is_host(tend_str value) {
    static const bool IN_HOST[256] = {
        ['!'] = 1, ['$'] = 1, ['%'] = 1, ['&'] = 1, ['\''] = 1,        ['('] = 1,         [')'] = 1,
        ['*'] = 1, ['+'] = 1, ['-'] = 1, ['.'] = 1, ['_'] = 1,         ['~'] = 1,         [':'] = 1,
        [';'] = 1, ['='] = 1, ['['] = 1, [']'] = 1, ['0' ... '9'] = 1, ['A' ... 'Z'] = 1, ['a' ... 'z'] = 1,
    };
    for (size_t i = 0; i < value.size; i++)
        if (!IN_HOST[(unsigned char)value.at[i]])
            return false;
    return true;
}

static void take_connection(tend_str value, framing *facts) {
    for (size_t i = 0; i < value.size;) {
        const char *comma = memchr(value.at + i, ',', value.size - i);
        size_t end = comma ? (size_t)(comma - value.at) : value.size;
        tend_str word = tend_str_trim((tend_str){value.at + i, end - i});
        if (http_name_is(word, "close"))
            facts->close = true;
        else if (http_name_is(word, "keep-alive"))
            facts->keep_alive = true;
        i = end + 1;
    }
}

/* The few fields that are the server's business; told apart by length first. */
static int take_field(const tend_http_header *field, http_head *head, framing *facts, const char **out_reason) {
    tend_str value = field->value;
    switch (field->name.size) {
    case 4:
        if (!http_name_is(field->name, "host"))
            break;
        if (facts->has_host || !is_host(value))
            return refuse(400, "Host is given twice or is not a host name", out_reason);
        facts->has_host = true;
        break;
    case 6:
        if (!http_name_is(field->name, "expect"))
            break;
        if (!http_name_is(value, "100-continue"))
            return refuse(417, "the only expectation here is 100-continue", out_reason);
        head->expects_continue = head->minor > 0;
        break;
    case 10:
        if (http_name_is(field->name, "connection"))
            take_connection(value, facts);
        break;
    case 12:
        if (http_name_is(field->name, "content-type") && !head->request->content_type.size)
            head->request->content_type = value;
        break;
    case 14:
        if (http_name_is(field->name, "content-length"))
            return take_length(value, head, facts, out_reason);
        break;
    case 17:
        if (http_name_is(field->name, "transfer-encoding"))
            return take_coding(value, head, out_reason);
        break;
    default: break;
    }
    return HTTP_WHOLE;
}

/* "Name: value", without its CRLF. */
static bool parse_field(const char *at, const char *end, tend_http_header *out) {
    const char *p = at;
    while (p < end && IS_TOKEN[(unsigned char)*p])
        p++;
    if (p == at || p == end || *p != ':')
        return false;
    out->name = (tend_str){at, (size_t)(p - at)};
    for (p++; p < end && (*p == ' ' || *p == '\t'); p++)
        ;
    while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    out->value = (tend_str){p, (size_t)(end - p)};
    return http_is_field_text(p, (size_t)(end - p));
}

static int check_framing(http_head *head, const framing *facts, const char **out_reason) {
    if (head->minor > 0 && !facts->has_host)
        return refuse(400, "HTTP/1.1 wants a Host header", out_reason);
    if (head->chunked && (facts->has_length || head->minor == 0))
        return refuse(400, "Transfer-Encoding stands beside Content-Length or in HTTP/1.0", out_reason);
    if (head->chunked)
        head->request->content_length = UINT64_MAX;
    head->request->has_body = head->request->content_length > 0;
    head->keep_alive = !facts->close && (head->minor > 0 || facts->keep_alive);
    return HTTP_WHOLE;
}

int http_head_parse(const char *at, size_t size, http_head *head, const char **out_reason) {
    const char *end = at + size - 2; /* the empty line that ends it */
    const char *line_end = memchr(at, '\n', size);
    tend_http_request *request = head->request;
    framing facts = {0};
    request->query = request->content_type = TEND_STR("");
    request->headers = head->headers;
    request->n_headers = 0;
    request->content_length = 0;
    head->chunked = head->expects_continue = false;
    int status = parse_request_line(at, line_end - 1, head, out_reason);
    for (at = line_end + 1; status == HTTP_WHOLE && at < end; at = line_end + 1) {
        line_end = memchr(at, '\n', (size_t)(end - at));
        if (request->n_headers == head->max_headers)
            return refuse(431, "there are too many headers", out_reason);
        tend_http_header *field = &head->headers[request->n_headers++];
        if (!parse_field(at, line_end - 1, field))
            return refuse(400, *at == ' ' || *at == '\t' ? "a header is folded" : "a header is not 'Name: value'", out_reason);
        status = take_field(field, head, &facts, out_reason);
    }
    return status == HTTP_WHOLE ? check_framing(head, &facts, out_reason) : status;
}
