#include "data/csv_text.h"

#include "data/binary.h"

#include <stdlib.h>

enum { WINDOW = 8 << 20, HEAD = 256 << 10 };
#define MAX_WINDOW ((size_t)1 << 30)

/* ---- making text of bytes ---- */

static const unsigned char *first_high(const char *text, size_t size) {
    size_t at = 0;
    for (; size - at >= 8; at += 8) {
        uint64_t v;
        memcpy(&v, text + at, 8);
        if (v & UINT64_C(0x8080808080808080))
            break;
    }
    while (at < size && (unsigned char)text[at] < 0x80)
        at++;
    return at < size ? (const unsigned char *)text + at : NULL;
}

/* UTF-8 or Windows-1252 by the first character beyond ASCII; OPEN when there is none, or it is cut off by the window's end. */
static tend_encoding sniff_encoding(const char *text, size_t size, bool at_end) {
    const unsigned char *p = first_high(text, size);
    if (!p)
        return TEND_ENCODING_OPEN;
    size_t left = (size_t)((const unsigned char *)text + size - p);
    size_t want = *p >= 0xF0 ? 4 : *p >= 0xE0 ? 3 : 2, bad = 0;
    if (left < want && !at_end)
        return TEND_ENCODING_OPEN;
    bool valid = tend_utf8_is_valid((const char *)p, left < want ? left : want, &bad) || bad >= want;
    return valid ? TEND_ENCODING_UTF8 : TEND_ENCODING_LATIN1;
}

static tend_status named_encoding(const char *name, tend_encoding *out, tend_error *err) {
    static const struct {
        const char *name;
        tend_encoding encoding;
    } NAMES[] = {{"utf-8", TEND_ENCODING_UTF8},          {"utf8", TEND_ENCODING_UTF8},     {"ascii", TEND_ENCODING_UTF8},
                 {"latin-1", TEND_ENCODING_LATIN1},      {"latin1", TEND_ENCODING_LATIN1}, {"iso-8859-1", TEND_ENCODING_LATIN1},
                 {"windows-1252", TEND_ENCODING_LATIN1}, {"cp1252", TEND_ENCODING_LATIN1}};
    *out = TEND_ENCODING_OPEN;
    for (size_t i = 0; name && i < sizeof NAMES / sizeof NAMES[0]; i++)
        if (strcmp(name, NAMES[i].name) == 0)
            return *out = NAMES[i].encoding, TEND_OK;
    if (!name)
        return TEND_OK;
    TEND_FAIL(err, UNSUPPORTED, "the encoding '%s' is not known here; utf-8 and latin-1 are", name);
    return tend_error_hint(err, TEND_UNSUPPORTED, "convert the file with: iconv -f %s -t UTF-8", name);
}

static bool has_lone_cr(const char *text, size_t size) { return memchr(text, '\r', size) && !memchr(text, '\n', size); }

tend_csv_aligner tend_csv_aligner_init(char quote) { return (tend_csv_aligner){.quote = quote, .before = '\n'}; }

/* Whether the character is kept; a tab becomes a blank. */
static bool keep_aligned(tend_csv_aligner *a, char *c) {
    bool inside = a->in_quotes;
    if (*c == a->quote && a->quote && (inside || a->before == '\n' || a->before == ' '))
        a->in_quotes = !inside;
    if (inside)
        return true;
    if (*c == '\t')
        *c = ' ';
    return *c != ' ' || (a->before != ' ' && a->before != '\n');
}

size_t tend_csv_collapse(tend_csv_aligner *a, char *text, size_t size) {
    size_t n = 0;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (!keep_aligned(a, &c))
            continue;
        bool ends = !a->in_quotes && (c == '\n' || c == '\r') && n > 0 && text[n - 1] == ' ';
        n -= ends; /* blanks at the end of a line are no field */
        text[n++] = c;
        a->before = c;
    }
    return n;
}

/* In place, on text that was not normalised before; the state goes on from call to call. Returns the new size. */
static size_t normalise(tend_csv_text *t, char *text, size_t size) {
    if (t->lone_cr)
        for (size_t i = 0; i < size; i++)
            text[i] = text[i] == '\r' ? '\n' : text[i];
    return t->aligned ? tend_csv_collapse(&t->aligner, text, size) : size;
}

static void reserve(tend_csv_text *t, size_t capacity) {
    if (capacity <= t->capacity)
        return;
    t->window = tend_realloc(t->window, capacity);
    t->capacity = capacity;
    t->data = t->window;
}

/* The text in memory of our own and at its start, so that it can be changed. */
static void make_own(tend_csv_text *t) {
    if (!t->window) {
        const char *mapped = t->data;
        t->window = tend_malloc(t->size + 1);
        t->capacity = t->size + 1;
        memcpy(t->window, mapped, t->size);
    } else if (t->data != t->window) {
        memmove(t->window, t->data, t->size);
    }
    t->data = t->window;
}

static tend_status decode_latin1(tend_csv_text *t, size_t from, tend_error *err) {
    make_own(t);
    TEND_AUTO_BUF out = TEND_BUF_INIT;
    out.max = SIZE_MAX / 4;
    tend_utf8_from_latin1(&out, t->data + from, t->size - from);
    TEND_TRY(tend_buf_status(&out, err));
    reserve(t, from + out.size + 1);
    if (out.size)
        memcpy(t->window + from, out.data, out.size);
    t->size = from + out.size;
    return TEND_OK;
}

/* ---- loading ---- */

static size_t skip_bom(tend_csv_text *t, const char *data, size_t size) {
    t->bom = size >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0;
    return t->bom ? 3 : 0;
}

/* Up to `more` bytes as the source gives them. */
static tend_status fill(tend_csv_text *t, size_t more, tend_error *err) {
    size_t end = t->size + more;
    if (end > MAX_WINDOW)
        return TEND_FAIL_AT(err, LIMIT, ((tend_span){t->path, t->line, 1, 0}), "this row is longer than a gigabyte");
    reserve(t, end);
    while (t->size < end && !t->at_end) {
        size_t n;
        TEND_TRY(tend_source_read(t->source, t->window + t->size, end - t->size, &n, err));
        t->at_end = n == 0;
        t->size += n;
    }
    return TEND_OK;
}

/* The same, decoded and normalised. A run of blanks is never cut in two, since it may end a line. */
static tend_status load(tend_csv_text *t, size_t more, tend_error *err) {
    size_t start = t->size;
    TEND_TRY(fill(t, more, err));
    while (t->aligned && !t->at_end && (t->window[t->size - 1] == ' ' || t->window[t->size - 1] == '\t'))
        TEND_TRY(fill(t, 1, err));
    if (t->encoding == TEND_ENCODING_LATIN1)
        TEND_TRY(decode_latin1(t, start, err));
    t->size = start + normalise(t, t->window + start, t->size - start);
    return TEND_OK;
}

static tend_status load_first(tend_csv_text *t, tend_error *err) {
    t->line = 1;
    t->aligner = tend_csv_aligner_init(t->aligner.quote);
    if (t->whole) {
        TEND_TRY(tend_source_all(t->source, &t->data, &t->size, err));
        t->at_end = true;
    } else {
        t->data = t->window;
        t->size = 0;
        TEND_TRY(load(t, HEAD, err)); /* small files are many, and a large window costs them */
    }
    size_t bom = skip_bom(t, t->data, t->size);
    t->data += bom;
    t->size -= bom;
    return TEND_OK;
}

tend_status tend_csv_text_open(tend_csv_text *t, const char *path, bool whole, const tend_read_options *options, tend_error *err) {
    *t = (tend_csv_text){.path = path, .whole = whole, .options = options};
    TEND_TRY(named_encoding(options->encoding, &t->encoding, err));
    tend_encoding wanted = t->encoding;
    t->encoding = TEND_ENCODING_OPEN; /* nothing is decoded before it was looked at */
    TEND_TRY(tend_source_open(path, &t->source, err));
    TEND_TRY(load_first(t, err));
    size_t head = t->size < HEAD ? t->size : HEAD;
    TEND_TRY(tend_binary_refuse(path, t->data, head, options->header == 0, err));
    t->encoding = wanted = t->bom ? TEND_ENCODING_UTF8 : wanted;
    if (wanted == TEND_ENCODING_LATIN1)
        TEND_TRY(decode_latin1(t, 0, err));
    bool changed;
    TEND_TRY(tend_csv_text_settle(t, head, &changed, err));
    t->lone_cr = has_lone_cr(t->data, t->size < HEAD ? t->size : HEAD);
    if (t->lone_cr) {
        make_own(t);
        t->size = normalise(t, t->window, t->size);
    }
    return TEND_OK;
}

void tend_csv_text_close(tend_csv_text *t) {
    tend_source_close(t->source);
    free(t->window);
    *t = (tend_csv_text){0};
}

tend_status tend_csv_text_more(tend_csv_text *t, tend_error *err) {
    make_own(t); /* what was dropped makes room */
    return load(t, t->size < WINDOW / 2 ? WINDOW - t->size : t->size, err);
}

void tend_csv_text_drop(tend_csv_text *t, size_t n, uint32_t line) {
    t->data += n;
    t->size -= n;
    t->line = line;
}

tend_status tend_csv_text_rewind(tend_csv_text *t, tend_error *err) {
    TEND_TRY(tend_source_rewind(t->source, err));
    t->at_end = false;
    return load_first(t, err);
}

void tend_csv_text_align(tend_csv_text *t, char quote) {
    make_own(t);
    t->aligned = true;
    t->aligner = tend_csv_aligner_init(quote);
    t->size = normalise(t, t->window, t->size);
}

tend_status tend_csv_text_settle(tend_csv_text *t, size_t size, bool *out_changed, tend_error *err) {
    *out_changed = false;
    if (t->encoding != TEND_ENCODING_OPEN)
        return TEND_OK;
    t->encoding = sniff_encoding(t->data, size, t->at_end && size == t->size);
    if (t->encoding != TEND_ENCODING_LATIN1)
        return TEND_OK;
    *out_changed = true;
    return decode_latin1(t, 0, err);
}

tend_status tend_csv_text_fail_nul(const tend_csv_text *t, size_t size, tend_error *err) {
    const char *nul = memchr(t->data, '\0', size);
    size_t at = nul ? (size_t)(nul - t->data) : size, start = 0;
    uint32_t line = t->line;
    for (size_t i = 0; i < at; i++)
        if (t->data[i] == '\n') {
            line++;
            start = i + 1;
        }
    tend_span span = {t->path, line, (uint32_t)(at - start + 1), 1};
    TEND_FAIL_AT(err, DATA, span, "there is a NUL byte here, which no text file has");
    return tend_error_hint(err, TEND_DATA, "if the file is UTF-16: iconv -f UTF-16 -t UTF-8; if bytes were lost, get it anew");
}
