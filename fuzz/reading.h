/* What must hold for any file that a reader gets: an error with a message, or a sound table, and the same one in batches. */
#ifndef TEND_FUZZ_READING_H
#define TEND_FUZZ_READING_H

#include "target.h"

#include "data/reader.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static void check_table(const tend_table *table) {
    for (int i = 0; i < table->n_columns; i++) {
        const tend_column *c = &table->columns[i];
        int64_t missing = 0;
        FUZZ_CHECK(c->n_rows == table->n_rows && tend_utf8_is_valid(c->name, strlen(c->name), NULL));
        for (int64_t row = 0; row < c->n_rows; row++) {
            bool valid = tend_is_valid(c, row);
            missing += !valid;
            if (c->type == TEND_STRING)
                FUZZ_CHECK(c->offsets[row] <= c->offsets[row + 1]);
            else if (c->type != TEND_FLOAT)
                FUZZ_CHECK(valid || c->ints[row] == 0);
            else
                FUZZ_CHECK(__builtin_isnan(c->floats[row]) == !valid && !__builtin_isinf(c->floats[row]));
        }
        FUZZ_CHECK(missing == c->n_missing);
    }
}

static void check_error(const tend_error *err) {
    FUZZ_CHECK(err->message[0] && tend_utf8_is_valid(err->message, strlen(err->message), NULL));
    FUZZ_CHECK(err->code != TEND_OK && err->code != TEND_BUG);
}

static tend_status read_batches(const tend_format *format, const char *path, tend_arena *arena, tend_table **out, int64_t *out_bad,
                                tend_error *err) {
    enum { MAX_TABLES = 4096 };
    tend_table *tables[MAX_TABLES], *table = NULL;
    int n = 0;
    tend_read_options options = TEND_READ_OPTIONS_INIT;
    options.batch_rows = 3;
    tend_bad_rows bad;
    tend_bad_rows_init(&bad, arena);
    tend_reader *reader;
    TEND_TRY(format->open(path, &options, &bad, &reader, err));
    tend_status status;
    while ((status = reader->next(reader, arena, &table, err)) == TEND_OK && table && n < MAX_TABLES)
        tables[n++] = table;
    reader->close(reader);
    *out = NULL;
    *out_bad = bad.n_total;
    if (status == TEND_OK && n > 0 && n < MAX_TABLES)
        return tend_table_concat(tables, n, arena, out, err);
    return status;
}

static void check_reading(const tend_format *format, const uint8_t *data, size_t size) {
    char path[64];
    int fd = memfd_create("fuzz", 0);
    FUZZ_CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const tend_format *const formats[] = {format, NULL};
    tend_read_options options = TEND_READ_OPTIONS_INIT;
    options.format = format->name;
    tend_bad_rows bad;
    tend_bad_rows_init(&bad, arena);
    tend_table *whole = NULL, *batches = NULL;
    tend_node *notes;
    tend_error err = TEND_ERROR_INIT, batch_err = TEND_ERROR_INIT;
    int64_t n_bad = 0;
    tend_status status = tend_read_file(formats, path, &options, arena, &bad, &whole, &notes, &err);
    tend_status batch_status = read_batches(format, path, arena, &batches, &n_bad, &batch_err);
    close(fd);
    if (status != TEND_OK) {
        check_error(&err);
        return;
    }
    check_table(whole);
    FUZZ_CHECK(batch_status == TEND_OK && n_bad == bad.n_total);
    if (!batches) {
        FUZZ_CHECK(whole->n_rows == 0 || whole->n_rows > 3 * 4000);
        return;
    }
    tend_digest a = tend_table_digest(whole), b = tend_table_digest(batches);
    FUZZ_CHECK(tend_digest_eq(&a, &b));
}

#endif
