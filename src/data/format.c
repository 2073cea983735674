/* Which format a file has, a whole file as one table, and the list of what could not be read. */
#include "data/reader.h"

#include "base/fs.h"
#include "base/text.h"
#include "data/source.h"

#include <strings.h>

enum { MAX_BAD_ROWS = 100000, FOUND_SIZE = 200 };

void tend_bad_rows_init(tend_bad_rows *bad, tend_arena *arena) { *bad = (tend_bad_rows){.arena = arena}; }

/* Cut where a character ends; bytes that are no UTF-8 become question marks, since the text goes into reports. */
static const char *printable(const char *text, tend_arena *arena) {
    size_t size = strnlen(text, FOUND_SIZE), bad_at = 0;
    char *copy = tend_arena_strndup(arena, text, size);
    while (!tend_utf8_is_valid(copy, size, &bad_at)) {
        if (size == FOUND_SIZE && size - bad_at < 4) {
            copy[bad_at] = '\0';
            break;
        }
        copy[bad_at] = '?';
    }
    return copy;
}

void tend_bad_rows_add(tend_bad_rows *bad, tend_bad_row row) {
    bad->n_total++;
    if (bad->n == MAX_BAD_ROWS)
        return;
    if (bad->n == bad->capacity) {
        int64_t capacity = bad->capacity ? 2 * bad->capacity : 16;
        bad->items =
            tend_arena_grow(bad->arena, bad->items, (size_t)bad->capacity * sizeof *bad->items, (size_t)capacity * sizeof *bad->items);
        bad->capacity = capacity;
    }
    row.found = row.found ? printable(row.found, bad->arena) : NULL;
    row.reason = tend_arena_strdup(bad->arena, row.reason ? row.reason : "");
    bad->items[bad->n++] = row;
}

/* "data/x.csv.gz" without what only says how it is packed. */
static size_t unpacked_size(const char *path) {
    size_t size = strlen(path);
    if (tend_text_has_suffix(path, ".gz"))
        return size - 3;
    return tend_text_has_suffix(path, ".zst") ? size - 4 : size;
}

static bool has_suffix_of(const tend_format *format, const char *path, size_t size) {
    for (const char *at = format->suffixes; *at;) {
        size_t n = strcspn(at, " ");
        if (n > 0 && size > n && strncasecmp(path + size - n, at, n) == 0)
            return true;
        at += n;
        at += strspn(at, " ");
    }
    return false;
}

static void list_formats(const tend_format *const *formats, tend_buf *out) {
    for (size_t i = 0; formats[i]; i++)
        tend_buf_printf(out, "%s%s (%s)", i ? ", " : "", formats[i]->name, formats[i]->suffixes);
}

static tend_status find_named(const tend_format *const *formats, const char *name, const tend_format **out, tend_error *err) {
    for (size_t i = 0; formats[i]; i++)
        if (strcmp(formats[i]->name, name) == 0)
            return *out = formats[i], TEND_OK;
    TEND_AUTO_BUF list = TEND_BUF_INIT;
    list_formats(formats, &list);
    TEND_FAIL(err, UNSUPPORTED, "there is no format '%s'", name);
    return tend_error_hint(err, TEND_UNSUPPORTED, "the formats are %s", tend_buf_text(&list));
}

/* The name of the format that the first bytes of a file tell; NULL when it cannot be read (then opening it tells why). */
static const char *sniff_format(const char *path) {
    tend_source *source;
    char head[512];
    size_t n = 0, at = 0;
    if (!tend_fs_exists(path) || tend_fs_is_dir(path) || tend_source_open(path, &source, NULL) != TEND_OK)
        return NULL;
    tend_status status = tend_source_read(source, head, sizeof head, &n, NULL);
    tend_source_close(source);
    if (status != TEND_OK)
        return NULL;
    if (n >= 4 && memcmp(head, "PAR1", 4) == 0)
        return "parquet";
    at = n >= 3 && memcmp(head, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (at < n && strchr(" \t\r\n", head[at]))
        at++;
    return at < n && (head[at] == '[' || head[at] == '{') ? "json" : "csv";
}

const tend_format *tend_format_by_name(const tend_format *const *formats, const char *path) {
    size_t size = unpacked_size(path);
    for (size_t i = 0; formats[i]; i++)
        if (has_suffix_of(formats[i], path, size))
            return formats[i];
    return NULL;
}

tend_status tend_format_find(const tend_format *const *formats, const char *path, const char *name, const tend_format **out,
                             tend_error *err) {
    if (name)
        return find_named(formats, name, out, err);
    *out = tend_format_by_name(formats, path);
    if (*out)
        return TEND_OK;
    const char *sniffed = sniff_format(path);
    if (sniffed)
        return find_named(formats, sniffed, out, err);
    TEND_AUTO_BUF list = TEND_BUF_INIT;
    list_formats(formats, &list);
    TEND_FAIL(err, UNSUPPORTED, "'%s' does not say by its name what format it has", path);
    return tend_error_hint(err, TEND_UNSUPPORTED, "name the format, or rename the file; the formats are %s", tend_buf_text(&list));
}

tend_status tend_read_file(const tend_format *const *formats, const char *path, const tend_read_options *options, tend_arena *arena,
                           tend_bad_rows *bad, tend_table **out, tend_node **out_notes, tend_error *err) {
    const tend_format *format;
    tend_read_options whole = options ? *options : TEND_READ_OPTIONS_INIT;
    whole.batch_rows = 0;
    TEND_TRY(tend_format_find(formats, path, whole.format, &format, err));
    tend_reader *reader;
    TEND_TRY(format->open(path, &whole, bad, &reader, err));
    tend_table *table = NULL;
    tend_status status = reader->next(reader, arena, &table, err);
    if (status == TEND_OK && out_notes)
        *out_notes = tend_node_copy(arena, reader->notes);
    reader->close(reader);
    if (status == TEND_OK)
        *out = table;
    return status;
}
