#include "serve/base64.h"

static int digit(char c) {
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool serve_base64_decode(tend_str text, tend_arena *arena, tend_str *out) {
    size_t n = text.size;
    for (int i = 0; i < 2 && n && n % 4 == (size_t)(i ? 3 : 0) && text.at[n - 1] == '='; i++)
        n--;
    if (n % 4 == 1)
        return false;
    char *room = tend_arena_alloc(arena, n / 4 * 3 + 3), *end = room;
    unsigned bits = 0;
    for (size_t i = 0; i < n; i++) {
        int v = digit(text.at[i]);
        if (v < 0)
            return false;
        bits = bits << 6 | (unsigned)v;
        if (i % 4)
            *end++ = (char)(bits >> (6 - 2 * (i % 4)) & 0xFF);
    }
    *out = (tend_str){room, (size_t)(end - room)};
    return true;
}
