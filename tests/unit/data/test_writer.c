#include "unit/data/reading.h"

#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

static const char *const NAMES[] = {"out.csv", "out.json", "out.ndjson", "out.csv.gz", "out.json.zst", "out.ndjson.gz"};

static const char *path_in(const char *name) {
    static char path[300];
    snprintf(path, sizeof path, "%s/%s", suite_scratch(), name);
    return path;
}

static tend_status write_tables(const char *path, tend_table *const *tables, int n, tend_error *err) {
    const tend_format *format;
    tend_writer *writer;
    TEND_TRY(tend_format_find(FORMATS, path, NULL, &format, err));
    TEND_TRY(format->create(path, &writer, err));
    tend_status status = TEND_OK;
    for (int i = 0; status == TEND_OK && i < n; i++)
        status = writer->write(writer, tables[i], err);
    if (status == TEND_OK)
        status = writer->finish(writer, err);
    writer->close(writer);
    return status;
}

static const char *contents(reading *r, const char *path) {
    char *data;
    size_t size;
    ASSERT_OK(tend_fs_read(path, 0, r->arena, &data, &size, &r->err), &r->err);
    return data;
}

static const char TEXT[] = "b,i,f,s,d,t\ntrue,1,0.1,plain,2020-02-29,2020-01-01T10:00:00Z\n"
                           "false,-5,1e+30,\"a,b\",1969-12-31,1969-12-31T23:59:59.250000Z\n"
                           ",,,,,\nfalse,0,-2.5,\"say \"\"hi\"\"\n twice\",1970-01-01,1970-01-01T00:00:00Z\n";

TEST(csv_text) {
    reading r = read_csv(TEXT);
    ASSERT_SHAPE(r, 4, 6);
    const char *path = path_in("out.csv");
    ASSERT_OK(write_tables(path, &r.table, 1, &r.err), &r.err);
    ASSERT_STR_EQ(contents(&r, path), TEXT);
    reading_done(&r);
}

TEST(json_text) {
    reading r = read_csv("a,s,d\n1.5,\"x\"\"y\",2020-01-01\n,,\n");
    const char *path = path_in("out.json");
    ASSERT_OK(write_tables(path, &r.table, 1, &r.err), &r.err);
    ASSERT_STR_EQ(contents(&r, path), "[\n{\"a\": 1.5, \"s\": \"x\\\"y\", \"d\": \"2020-01-01\"},\n"
                                      "{\"a\": null, \"s\": null, \"d\": null}\n]\n");
    path = path_in("out.ndjson");
    ASSERT_OK(write_tables(path, &r.table, 1, &r.err), &r.err);
    ASSERT_STR_EQ(contents(&r, path), "{\"a\": 1.5, \"s\": \"x\\\"y\", \"d\": \"2020-01-01\"}\n"
                                      "{\"a\": null, \"s\": null, \"d\": null}\n");
    reading_done(&r);
}

TEST(what_is_written_reads_back_the_same) {
    reading r = read_csv(TEXT);
    tend_digest want = tend_table_digest(r.table);
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        const char *path = path_in(NAMES[i]);
        ASSERT_OK(write_tables(path, &r.table, 1, &r.err), &r.err);
        reading back = read_path(path, NULL);
        ASSERT_READ(back);
        tend_digest got = tend_table_digest(back.table);
        ASSERT_TRUE(tend_digest_eq(&want, &got));
        reading_done(&back);
    }
    reading_done(&r);
}

TEST(several_tables_in_one_file) {
    reading r = read_csv(TEXT);
    tend_table *parts[] = {tend_table_slice(r.table, 0, 1, r.arena), tend_table_slice(r.table, 1, 3, r.arena)};
    tend_digest want = tend_table_digest(r.table);
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        const char *path = path_in(NAMES[i]);
        ASSERT_OK(write_tables(path, parts, 2, &r.err), &r.err);
        reading back = read_path(path, NULL);
        ASSERT_READ(back);
        tend_digest got = tend_table_digest(back.table);
        ASSERT_TRUE(tend_digest_eq(&want, &got));
        reading_done(&back);
    }
    const char *name = "i";
    ASSERT_OK(tend_table_select(r.table, &name, 1, r.arena, &parts[1], &r.err), &r.err);
    ASSERT_FAILS(write_tables(path_in("mixed.csv"), parts, 2, &r.err), &r.err, BUG, "different columns");
    reading_done(&r);
}

TEST(one_column_with_missing_values) {
    reading r = read_csv("a\n1\n\n3\n");
    const char *path = path_in("out.csv");
    ASSERT_OK(write_tables(path, &r.table, 1, &r.err), &r.err);
    ASSERT_STR_EQ(contents(&r, path), "a\n1\n\"\"\n3\n");
    reading back = read_path(path, NULL);
    ASSERT_SHAPE(back, 3, 1);
    ASSERT_STR_EQ(cell(&back, "a", 1), "(missing)");
    reading_done(&back);
    reading_done(&r);
}

TEST(a_table_without_rows) {
    reading r = read_csv("a,b\n");
    ASSERT_OK(write_tables(path_in("out.csv"), &r.table, 1, &r.err), &r.err);
    ASSERT_STR_EQ(contents(&r, path_in("out.csv")), "a,b\n");
    ASSERT_OK(write_tables(path_in("out.json"), &r.table, 1, &r.err), &r.err);
    ASSERT_STR_EQ(contents(&r, path_in("out.json")), "[]\n");
    ASSERT_OK(write_tables(path_in("none.json"), NULL, 0, &r.err), &r.err);
    ASSERT_STR_EQ(contents(&r, path_in("none.json")), "[]\n");
    reading_done(&r);
}

static int count_files(const char *folder) {
    int n = 0;
    DIR *d = opendir(folder);
    assert_non_null(d);
    while (readdir(d))
        n++;
    closedir(d);
    return n - 2; /* . and .. */
}

TEST(closed_without_finish_leaves_nothing) {
    reading r = read_csv(TEXT);
    int before = count_files(suite_scratch());
    tend_writer *writer;
    ASSERT_OK(tend_format_csv.create(path_in("half.csv"), &writer, &r.err), &r.err);
    ASSERT_OK(writer->write(writer, r.table, &r.err), &r.err);
    writer->close(writer);
    ASSERT_EQ(count_files(suite_scratch()), before);
    reading_done(&r);
}

/* Each call that can fail, failing once: an error with the reason, the old file untouched, nothing left behind. */
TEST(a_full_disk_leaves_the_old_file) {
    reading r = read_csv(TEXT);
    const char *path = path_in("kept.csv");
    ASSERT_OK(tend_fs_write(path, "old\n", 4, 0644, &r.err), &r.err);
    int before = count_files(suite_scratch());
    static const char *const CALLS[] = {"open", "write", "fsync", "rename"};
    for (size_t i = 0; i < 4; i++) {
        tend_fs_fail_at(CALLS[i], 1, ENOSPC);
        ASSERT_FAILS(write_tables(path, &r.table, 1, &r.err), &r.err, IO, "the disk is full");
        tend_fs_fail_at(CALLS[i], 0, 0);
        ASSERT_STR_EQ(contents(&r, path), "old\n");
        ASSERT_EQ(count_files(suite_scratch()), before);
    }
    ASSERT_OK(write_tables(path, &r.table, 1, &r.err), &r.err);
    ASSERT_STR_EQ(contents(&r, path), TEXT);
    reading_done(&r);
}

TEST(folders_that_cannot_be_written) {
    reading r = read_csv(TEXT);
    ASSERT_FAILS(write_tables("/proc/none/out.csv", &r.table, 1, &r.err), &r.err, NOT_FOUND, "/proc/none");
    ASSERT_FAILS(write_tables(path_in("out.xyz"), &r.table, 1, &r.err), &r.err, UNSUPPORTED, "format");
    ASSERT_OK(write_tables(path_in("new/folder/out.csv"), &r.table, 1, &r.err), &r.err);
    reading_done(&r);
}

TEST(standard_output) {
    reading r = read_csv("a,b\n1,2\n");
    const char *path = path_in("captured");
    fflush(stdout);
    int saved = dup(STDOUT_FILENO);
    FILE *f = fopen(path, "w");
    dup2(fileno(f), STDOUT_FILENO);
    tend_writer *writer;
    tend_status status = tend_format_csv.create("-", &writer, &r.err);
    if (status == TEND_OK)
        status = writer->write(writer, r.table, &r.err);
    if (status == TEND_OK)
        status = writer->finish(writer, &r.err);
    writer->close(writer);
    dup2(saved, STDOUT_FILENO);
    close(saved);
    fclose(f);
    ASSERT_OK(status, &r.err);
    ASSERT_STR_EQ(contents(&r, path), "a,b\n1,2\n");
    reading_done(&r);
}
