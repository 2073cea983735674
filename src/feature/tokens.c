#include "feature/tokens.h"

#include <stdlib.h>

/* Reads one code point of several bytes; a broken byte is U+FFFD of size 1. */
static uint32_t next_code(tend_str s, size_t *at) {
    const unsigned char *p = (const unsigned char *)s.at + *at;
    size_t left = s.size - *at;
    size_t size = (p[0] >> 5) == 6 ? 2 : (p[0] >> 4) == 14 ? 3 : (p[0] >> 3) == 30 ? 4 : 0;
    uint32_t code = size == 2 ? p[0] & 0x1fu : size == 3 ? p[0] & 0xfu : p[0] & 7u;
    bool broken = size == 0 || size > left;
    for (size_t i = 1; !broken && i < size; i++) {
        broken = (p[i] & 0xc0) != 0x80;
        code = code << 6 | (p[i] & 0x3fu);
    }
    *at += broken ? 1 : size;
    return broken ? 0xfffd : code;
}

/* Code points from U+0080 on that are not part of a word, sorted. */
static const struct {
    uint32_t from, to;
} not_word[] = {
    {0x80, 0xa9},        {0xab, 0xb1},     {0xb4, 0xb4},     {0xb6, 0xb8},     {0xbb, 0xbb},     {0xbf, 0xbf},       {0xd7, 0xd7},
    {0xf7, 0xf7},        {0x2c2, 0x2c5},   {0x2d2, 0x2df},   {0x2e5, 0x2eb},   {0x300, 0x36f},   {0x37e, 0x37e},     {0x387, 0x387},
    {0x483, 0x489},      {0x55a, 0x55f},   {0x589, 0x5cf},   {0x5f3, 0x61f},   {0x64b, 0x65f},   {0x66a, 0x66d},     {0x6d4, 0x6d4},
    {0x964, 0x965},      {0x2000, 0x206f}, {0x20a0, 0x20ff}, {0x2100, 0x2101}, {0x2103, 0x2106}, {0x2114, 0x2114},   {0x2116, 0x2118},
    {0x211e, 0x2123},    {0x2190, 0x245f}, {0x2500, 0x2775}, {0x2794, 0x2bff}, {0x2e00, 0x2e7f}, {0x3000, 0x3004},   {0x3008, 0x3020},
    {0x3030, 0x3030},    {0x303d, 0x3040}, {0x3099, 0x309c}, {0x30a0, 0x30a0}, {0x30fb, 0x30fb}, {0xd800, 0xf8ff},   {0xfe00, 0xfe6f},
    {0xfeff, 0xff0f},    {0xff1a, 0xff20}, {0xff3b, 0xff40}, {0xff5b, 0xff65}, {0xffe0, 0xffff}, {0x1f000, 0x1f0ff}, {0x1f10d, 0x1faff},
    {0xe0000, 0x10ffff},
};

static bool is_word_code(uint32_t code) {
    if (code < 0x80)
        return (code >= '0' && code <= '9') || ((code | 0x20) >= 'a' && (code | 0x20) <= 'z') || code == '_';
    size_t low = 0, high = sizeof not_word / sizeof *not_word;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (code > not_word[middle].to)
            low = middle + 1;
        else
            high = middle;
    }
    return low == sizeof not_word / sizeof *not_word || code < not_word[low].from;
}

static bool within(uint32_t code, uint32_t from, uint32_t to) { return code >= from && code <= to; }

/* Latin Extended: upper and lower case alternate; in some stretches the upper case is the odd one.
 */
static uint32_t lower_latin(uint32_t code) {
    if (code == 0x130)
        return 'i';
    if (code == 0x178)
        return 0xff;
    bool odd_upper = within(code, 0x139, 0x148) || within(code, 0x179, 0x17e);
    bool paired = odd_upper || within(code, 0x100, 0x137) || within(code, 0x14a, 0x177) || within(code, 0x1e00, 0x1e95) ||
                  within(code, 0x1ea0, 0x1eff);
    return paired && (code & 1) == odd_upper ? code + 1 : code;
}

static uint32_t lower(uint32_t code) {
    if (code < 0x80)
        return within(code, 'A', 'Z') ? code + 32 : code;
    if (within(code, 0xc0, 0xde) || within(code, 0x391, 0x3ab) || within(code, 0x410, 0x42f) || within(code, 0xff21, 0xff3a))
        return code == 0xd7 ? code : code + 32;
    if (within(code, 0x400, 0x40f))
        return code + 80;
    if (within(code, 0x460, 0x481) || within(code, 0x48a, 0x4bf) || within(code, 0x4d0, 0x52f))
        return code | 1;
    if (within(code, 0x531, 0x556))
        return code + 48;
    if (within(code, 0x388, 0x38a))
        return code + 37;
    if (code == 0x386 || code == 0x38c)
        return code == 0x386 ? 0x3ac : 0x3cc;
    if (within(code, 0x38e, 0x38f))
        return code + 63;
    return lower_latin(code);
}

static char *put_code(char *out, uint32_t code) {
    if (code < 0x80) {
        *out++ = (char)code;
    } else if (code < 0x800) {
        *out++ = (char)(0xc0 | code >> 6);
        *out++ = (char)(0x80 | (code & 0x3f));
    } else {
        bool four = code >= 0x10000;
        *out++ = (char)(four ? 0xf0 | code >> 18 : 0xe0 | code >> 12);
        if (four)
            *out++ = (char)(0x80 | (code >> 12 & 0x3f));
        *out++ = (char)(0x80 | (code >> 6 & 0x3f));
        *out++ = (char)(0x80 | (code & 0x3f));
    }
    return out;
}

void tend_tokens_init(tend_tokens *tokens) {
    *tokens = (tend_tokens){.capacity = 64, .room = 1024};
    tokens->starts = tend_malloc((size_t)tokens->capacity * sizeof *tokens->starts);
    tokens->text = tend_malloc(tokens->room);
}

void tend_tokens_done(tend_tokens *tokens) {
    free(tokens->text);
    free(tokens->starts);
}

/* Lower case takes at most twice the bytes, and a blank follows each word. */
static void make_room(tend_tokens *t, size_t text_size) {
    size_t needed = 2 * text_size + 16;
    if (needed <= t->room)
        return;
    t->text = tend_realloc(t->text, needed);
    t->room = needed;
}

/* Ends the word that stands at the end of the text: kept, or taken back when it is too short or a
 * stop word. */
static void end_word(tend_tokens *t, int length, bool without_stop_words) {
    size_t start = t->starts[t->n];
    tend_str word = {t->text + start, t->size - start};
    if (length < 2 || (without_stop_words && tend_is_stop_word(word))) {
        t->size = start;
        return;
    }
    t->text[t->size++] = ' ';
    if (++t->n == t->capacity) {
        t->capacity *= 2;
        t->starts = tend_realloc(t->starts, (size_t)t->capacity * sizeof *t->starts);
    }
    t->starts[t->n] = t->size;
}

void tend_tokens_read(tend_tokens *t, tend_str text, bool without_stop_words) {
    make_room(t, text.size);
    t->n = 0;
    t->size = 0;
    t->starts[0] = 0;
    int length = 0; /* of the word being read, in characters; more than 2 need no count */
    for (size_t at = 0; at < text.size;) {
        uint32_t code = (unsigned char)text.at[at];
        if (code < 0x80)
            at++;
        else
            code = next_code(text, &at);
        if (is_word_code(code)) {
            t->size = (size_t)(put_code(t->text + t->size, lower(code)) - t->text);
            length += length < 2;
        } else if (length) {
            end_word(t, length, without_stop_words);
            length = 0;
        }
    }
    if (length)
        end_word(t, length, without_stop_words);
}

tend_str tend_tokens_gram(const tend_tokens *t, int first, int size) {
    size_t start = t->starts[first];
    return (tend_str){t->text + start, t->starts[first + size] - start - 1};
}
