#include "base/text.h"

/* Bytes of the well-formed UTF-8 sequence at `p` (Unicode 15, table 3-7), or 0. */
static size_t sequence_size(const unsigned char *p, size_t left) {
    unsigned char lead = p[0];
    if (lead < 0x80)
        return 1;
    size_t size = lead >= 0xC2 && lead < 0xE0 ? 2 : (lead & 0xF0) == 0xE0 ? 3 : lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
    if (size == 0 || size > left)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    bool overlong = (lead == 0xE0 && p[1] < 0xA0) || (lead == 0xF0 && p[1] < 0x90);
    bool surrogate = lead == 0xED && p[1] >= 0xA0;
    bool too_large = lead == 0xF4 && p[1] >= 0x90;
    return overlong || surrogate || too_large ? 0 : size;
}

/* Eight ASCII bytes at once: most text is nothing else. */
static size_t ascii_run(const unsigned char *p, size_t left) {
    size_t n = 0;
    for (; left - n >= 8; n += 8) {
        uint64_t word;
        memcpy(&word, p + n, sizeof word);
        if (word & UINT64_C(0x8080808080808080))
            break;
    }
    while (n < left && p[n] < 0x80)
        n++;
    return n;
}

bool tend_utf8_is_valid(const char *text, size_t size, size_t *out_bad_at) {
    const unsigned char *p = (const unsigned char *)text;
    size_t at = 0;
    while ((at += size > at ? ascii_run(p + at, size - at) : 0) < size) {
        size_t n = sequence_size(p + at, size - at);
        if (n == 0) {
            if (out_bad_at)
                *out_bad_at = at;
            return false;
        }
        at += n;
    }
    return true;
}

typedef struct range {
    uint32_t first, last;
} range;

/* Combining marks, joiners and variation selectors: no column of their own. */
static const range ZERO_WIDTH[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F},   {0x093C, 0x093C},   {0x094D, 0x094D},
    {0x0E31, 0x0E31}, {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},   {0x200B, 0x200F},   {0x2060, 0x2064},
    {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0x1F3FB, 0x1F3FF}, {0xE0100, 0xE01EF},
};
/* East Asian wide and full-width characters, and emoji. */
static const range DOUBLE_WIDTH[] = {
    {0x1100, 0x115F}, {0x231A, 0x231B},   {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},
    {0xA000, 0xA4CF}, {0xA960, 0xA97F},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},
    {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD},
};

static bool in_ranges(uint32_t c, const range *ranges, size_t n) {
    for (size_t i = 0; i < n && ranges[i].first <= c; i++)
        if (c <= ranges[i].last)
            return true;
    return false;
}

static uint32_t decode(const unsigned char *p, size_t size) {
    static const unsigned char lead_mask[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t c = p[0] & lead_mask[size];
    for (size_t i = 1; i < size; i++)
        c = c << 6 | (p[i] & 0x3F);
    return c;
}

size_t tend_utf8_width(const char *text) {
    const unsigned char *p = (const unsigned char *)text;
    size_t left = strlen(text), width = 0;
    while (left) {
        size_t size = sequence_size(p, left);
        uint32_t c = size ? decode(p, size) : 0xFFFD;
        size = size ? size : 1;
        if (in_ranges(c, DOUBLE_WIDTH, sizeof DOUBLE_WIDTH / sizeof *DOUBLE_WIDTH) &&
            !in_ranges(c, ZERO_WIDTH, sizeof ZERO_WIDTH / sizeof *ZERO_WIDTH))
            width += 2;
        else if (c >= 0x20 && !in_ranges(c, ZERO_WIDTH, sizeof ZERO_WIDTH / sizeof *ZERO_WIDTH))
            width += 1;
        p += size;
        left -= size;
    }
    return width;
}

/* Windows-1252 differs from Latin-1 in 0x80..0x9F; its five unused places stay control characters,
 * as browsers do. */
static const uint16_t WINDOWS_1252[32] = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
    0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
};

void tend_utf8_from_latin1(tend_buf *out, const char *text, size_t size) {
    const unsigned char *p = (const unsigned char *)text;
    for (size_t i = 0; i < size;) {
        size_t plain = ascii_run(p + i, size - i);
        tend_buf_append(out, p + i, plain);
        i += plain;
        if (i == size)
            break;
        uint32_t c = p[i] < 0xA0 ? WINDOWS_1252[p[i] - 0x80] : p[i];
        unsigned char bytes[3] = {(unsigned char)(0xE0 | c >> 12), (unsigned char)(0x80 | (c >> 6 & 0x3F)),
                                  (unsigned char)(0x80 | (c & 0x3F))};
        if (c < 0x800)
            bytes[1] = (unsigned char)(0xC0 | c >> 6);
        tend_buf_append(out, c < 0x800 ? bytes + 1 : bytes, c < 0x800 ? 2 : 3);
        i++;
    }
}
