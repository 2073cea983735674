/* The chunked coding (RFC 9112, 7.1). Extensions and trailers mean nothing here: they are read over, within bounds, and as strictly as
 * the rest, for a line break that two readers see differently is how one request hides in another. */
#include "http/parse.h"

enum { MAX_DIGITS = 15, MAX_EXTRA = 16 << 10 };

enum { SIZE, SIZE_BLANK, EXTENSION, SIZE_LF, DATA, DATA_CR, DATA_LF, TRAILER_START, TRAILER, TRAILER_LF, END_LF };

int http_hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool take_size_digit(http_chunks *chunks, char c) {
    int digit = http_hex_digit(c);
    if (digit < 0 || ++chunks->digits > MAX_DIGITS)
        return false;
    chunks->left = chunks->left * 16 + (uint64_t)digit;
    return true;
}

/* Behind the size: blanks, then ";" and an extension, or the end of the line. */
static bool take_size_end(http_chunks *chunks, char c) {
    if (chunks->digits == 0)
        return false;
    if (c == '\r')
        chunks->state = SIZE_LF;
    else if (c == ';')
        chunks->state = EXTENSION;
    else if (c == ' ' || c == '\t')
        chunks->state = SIZE_BLANK;
    else
        return false;
    return chunks->state == SIZE_LF || ++chunks->extra <= MAX_EXTRA;
}

/* Any text up to the carriage return. */
static bool take_extra(http_chunks *chunks, char c, uint8_t next) {
    if (c == '\r')
        chunks->state = next;
    else if (!http_is_field_text(&c, 1))
        return false;
    return ++chunks->extra <= MAX_EXTRA;
}

static bool take_line_feed(http_chunks *chunks, char c, uint8_t next) {
    chunks->state = next;
    return c == '\n';
}

/* One byte of what is not data. */
static bool take_framing(http_chunks *chunks, char c) {
    switch (chunks->state) {
    case SIZE: return http_hex_digit(c) >= 0 ? take_size_digit(chunks, c) : take_size_end(chunks, c);
    case SIZE_BLANK: return take_size_end(chunks, c);
    case EXTENSION: return take_extra(chunks, c, SIZE_LF);
    case SIZE_LF: return take_line_feed(chunks, c, chunks->left ? DATA : TRAILER_START);
    case DATA_CR: chunks->state = DATA_LF; return c == '\r';
    case DATA_LF: chunks->digits = 0; return take_line_feed(chunks, c, SIZE);
    case TRAILER_START:
        chunks->state = c == '\r' ? END_LF : TRAILER;
        return c == '\r' || (http_is_token(&c, 1) && ++chunks->extra <= MAX_EXTRA);
    case TRAILER: return take_extra(chunks, c, TRAILER_LF);
    case TRAILER_LF: return take_line_feed(chunks, c, TRAILER_START);
    default: chunks->ended = true; return c == '\n';
    }
}

size_t http_chunks_decode(http_chunks *chunks, char *at, size_t size, size_t *out_size) {
    size_t i = 0, n = 0;
    while (i < size && !chunks->ended) {
        if (chunks->state != DATA) {
            if (!take_framing(chunks, at[i++]))
                return SIZE_MAX;
            continue;
        }
        size_t piece = size - i < chunks->left ? size - i : (size_t)chunks->left;
        memmove(at + n, at + i, piece);
        n += piece;
        i += piece;
        chunks->left -= piece;
        if (!chunks->left)
            chunks->state = DATA_CR;
    }
    *out_size = n;
    return i;
}
