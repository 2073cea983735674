#include "data/binary.h"

#include "base/text.h"

/* magic bytes, their number, what they mean, and what to do */
static const struct {
    const char *magic;
    size_t size;
    const char *what, *hint;
} KINDS[] = {
    {"\x89PNG\r\n", 6, "a PNG image", NULL},
    {"\xFF\xD8\xFF", 3, "a JPEG image", NULL},
    {"GIF8", 4, "a GIF image", NULL},
    {"\x7F"
     "ELF",
     4, "a program (ELF)", NULL},
    {"PAR1", 4, "a Parquet file", "name it .parquet, or give its format as parquet"},
    {"ARROW1", 6, "an Arrow file", "convert it to Parquet or CSV"},
    {"PK\x03\x04", 4, "a zip archive or a spreadsheet (.xlsx)", "unpack it, or save the sheet as CSV"},
    {"\xD0\xCF\x11\xE0", 4, "an old spreadsheet (.xls)", "save the sheet as CSV"},
    {"\x1F\x8B", 2, "a gzip file within a packed file", "unpack it once"},
    {"\x28\xB5\x2F\xFD", 4, "a zstd file within a packed file", "unpack it once"},
    {"BZh", 3, "a bzip2 archive", "unpack it with bunzip2; .gz and .zst are read as they are"},
    {"\xFD"
     "7zXZ",
     5, "an xz archive", "unpack it with unxz; .gz and .zst are read as they are"},
    {"7z\xBC\xAF", 4, "a 7z archive", "unpack it"},
    {"%PDF", 4, "a PDF document", NULL},
    {"SQLite format 3", 15, "an SQLite database", "name it as a source with sqlite:FILE?table=NAME"},
    {"\x89HDF", 4, "an HDF5 file", "convert it to Parquet or CSV"},
    {"\x93NUMPY", 6, "a NumPy array", "convert it to CSV"},
    {"TENDTBL\n", 8, "a table file of tend", NULL},
    {"<!DOCTYPE", 9, "a web page", "was an error page downloaded instead of the data?"},
    {"<!doctype", 9, "a web page", "was an error page downloaded instead of the data?"},
    {"<html", 5, "a web page", "was an error page downloaded instead of the data?"},
};

static tend_status fail_kind(const char *path, const char *what, const char *hint, tend_error *err) {
    TEND_FAIL_AT(err, DATA, ((tend_span){path, 0, 0, 0}), "this is no table in text form: it looks like %s", what);
    return hint ? tend_error_hint(err, TEND_DATA, "%s", hint) : TEND_DATA;
}

static tend_status fail_empty(const char *path, const char *why, tend_error *err) {
    return TEND_FAIL_AT(err, DATA, ((tend_span){path, 0, 0, 0}), "the file is empty%s", why);
}

static bool is_control(unsigned char c) { return c < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != 0; }

tend_status tend_binary_refuse(const char *path, const char *head, size_t size, bool blank_is_fine, tend_error *err) {
    if (size == 0)
        return fail_empty(path, "", err);
    if (size >= 2 && (memcmp(head, "\xFF\xFE", 2) == 0 || memcmp(head, "\xFE\xFF", 2) == 0)) {
        TEND_FAIL_AT(err, DATA, ((tend_span){path, 0, 0, 0}), "the file is UTF-16 text; tables are read as UTF-8 or latin-1");
        return tend_error_hint(err, TEND_DATA, "iconv -f UTF-16 -t UTF-8 %s > utf8.csv", path);
    }
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++)
        if (size >= KINDS[i].size && memcmp(head, KINDS[i].magic, KINDS[i].size) == 0)
            return fail_kind(path, KINDS[i].what, KINDS[i].hint, err);
    size_t n_control = 0, n_blank = 0, n_nul = 0;
    for (size_t i = 0; i < size; i++) {
        n_control += is_control((unsigned char)head[i]);
        n_nul += head[i] == 0;
        n_blank += head[i] == '\n' || head[i] == '\r' || head[i] == ' ' || head[i] == '\t';
    }
    if (n_blank == size && !blank_is_fine)
        return fail_empty(path, ": it has nothing but blanks and line breaks", err);
    if (n_control * 50 > size)
        return fail_kind(path, "binary data", NULL, err);
    if (n_nul * 10 > size * 3)
        return fail_kind(path, "UTF-16 text without a mark, or binary data", "for UTF-16: iconv -f UTF-16LE -t UTF-8", err);
    return TEND_OK;
}
