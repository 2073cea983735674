/* What an application asks about a request. */
#include "http/parse.h"

const char *tend_http_method_name(tend_http_method method) {
    static const char *const NAMES[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "OTHER"};
    return NAMES[method];
}

static bool same_name(tend_str name, const char *want, size_t size) {
    if (name.size != size)
        return false;
    for (size_t i = 0; i < size; i++)
        if (http_lower(name.at[i]) != http_lower(want[i]))
            return false;
    return true;
}

tend_str tend_http_request_header(const tend_http_request *request, const char *name) {
    size_t size = strlen(name);
    for (int i = 0; i < request->n_headers; i++)
        if (same_name(request->headers[i].name, name, size))
            return request->headers[i].value;
    return (tend_str){NULL, 0};
}

static bool decode(tend_str encoded, bool plus_is_blank, tend_arena *arena, tend_str *out) {
    char *text = tend_arena_alloc(arena, encoded.size + 1);
    size_t n = 0;
    for (size_t i = 0; i < encoded.size; i++) {
        char c = encoded.at[i];
        if (c == '%') {
            int high = i + 2 < encoded.size ? http_hex_digit(encoded.at[i + 1]) : -1;
            int low = high >= 0 ? http_hex_digit(encoded.at[i + 2]) : -1;
            if (low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_blank) {
            c = ' ';
        }
        if (c == '\0')
            return false;
        text[n++] = c;
    }
    *out = (tend_str){text, n};
    return true;
}

bool tend_http_decode(tend_str encoded, tend_arena *arena, tend_str *out) { return decode(encoded, false, arena, out); }

bool tend_http_request_query(const tend_http_request *request, const char *name, tend_arena *arena, tend_str *out) {
    tend_str query = request->query;
    for (size_t i = 0; i < query.size;) {
        const char *ampersand = memchr(query.at + i, '&', query.size - i);
        size_t end = ampersand ? (size_t)(ampersand - query.at) : query.size;
        tend_str pair = {query.at + i, end - i};
        const char *equals = memchr(pair.at, '=', pair.size);
        size_t name_size = equals ? (size_t)(equals - pair.at) : pair.size;
        tend_str key;
        if (decode((tend_str){pair.at, name_size}, true, arena, &key) && tend_str_is(key, name)) {
            size_t value_at = equals ? name_size + 1 : name_size;
            return decode((tend_str){pair.at + value_at, pair.size - value_at}, true, arena, out);
        }
        i = end + 1;
    }
    return false;
}
