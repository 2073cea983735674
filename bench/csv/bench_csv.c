/* CSV to columns: tend's reader against DuckDB's, on the same file in the same run.
 *
 *     ninja bench_csv && ./bench/csv/bench_csv [rows] [file]
 *
 * The file has 14 columns: 8 floats (4 with 17 digits, 4 with 3 decimals), 3 integers, 3 categories. DuckDB makes a table in
 * memory, `CREATE TABLE t AS SELECT * FROM read_csv_auto(…)`; tend makes a tend_table, types inferred from every value. Each is
 * run in turn, and the best of seven counts.
 */
#include "base/clock.h"
#include "base/fs.h"
#include "base/rng.h"
#include "data/reader.h"

#include <duckdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { ROUNDS = 7 };
static const tend_format *const FORMATS[] = {&tend_format_csv, NULL};

static void die(const char *what, const char *why) {
    fprintf(stderr, "bench_csv: %s: %s\n", what, why ? why : "?");
    exit(1);
}

static void put_row(FILE *f, tend_rng *rng) {
    static const char *const COLORS[] = {"red", "green", "blue", "yellow"};
    static const char *const CITIES[] = {"Amsterdam", "Berlin", "Lisbon", "Madrid", "Oslo", "Paris", "Rome", "Vienna"};
    static const char *const GRADES[] = {"A", "B", "C"};
    for (int i = 0; i < 4; i++)
        fprintf(f, "%.17g,", tend_rng_normal(rng) * 100);
    for (int i = 0; i < 4; i++)
        fprintf(f, "%.3f,", tend_rng_uniform(rng) * 1000);
    fprintf(f, "%d,%d,%lld,", (int)tend_rng_below(rng, 100), (int)tend_rng_below(rng, 1000000),
            (long long)tend_rng_below(rng, 10000000000));
    fprintf(f, "%s,%s,%s\n", COLORS[tend_rng_below(rng, 4)], CITIES[tend_rng_below(rng, 8)], GRADES[tend_rng_below(rng, 3)]);
}

static void make_file(const char *path, int64_t rows) {
    FILE *f = fopen(path, "w");
    if (!f)
        die(path, "cannot be written");
    tend_rng rng;
    tend_rng_init(&rng, 42, "bench");
    fprintf(f, "f1,f2,f3,f4,d1,d2,d3,d4,i1,i2,i3,color,city,grade\n");
    for (int64_t i = 0; i < rows; i++)
        put_row(f, &rng);
    if (fclose(f) != 0)
        die(path, "cannot be written");
}

static double time_tend(const char *path, int threads, int64_t *out_rows) {
    tend_read_options options = TEND_READ_OPTIONS_INIT;
    options.threads = threads;
    tend_error err = TEND_ERROR_INIT;
    tend_bad_rows bad;
    tend_table *table;
    double start = tend_clock_seconds();
    tend_arena *arena = tend_arena_new();
    tend_bad_rows_init(&bad, arena);
    if (tend_read_file(FORMATS, path, &options, arena, &bad, &table, NULL, &err) != TEND_OK)
        die(path, err.message);
    double seconds = tend_clock_seconds() - start;
    *out_rows = table->n_rows;
    tend_arena_free(arena);
    return seconds;
}

static void query(duckdb_connection connection, const char *sql) {
    duckdb_result result;
    if (duckdb_query(connection, sql, &result) != DuckDBSuccess)
        die(sql, duckdb_result_error(&result));
    duckdb_destroy_result(&result);
}

static double time_duckdb(const char *path, int threads) {
    duckdb_database database;
    duckdb_connection connection;
    char sql[1024];
    if (duckdb_open(NULL, &database) != DuckDBSuccess || duckdb_connect(database, &connection) != DuckDBSuccess)
        die("duckdb", "cannot be opened");
    snprintf(sql, sizeof sql, "SET threads = %d", threads);
    query(connection, sql);
    snprintf(sql, sizeof sql, "CREATE TABLE t AS SELECT * FROM read_csv_auto('%s')", path);
    double start = tend_clock_seconds();
    query(connection, sql);
    double seconds = tend_clock_seconds() - start;
    duckdb_disconnect(&connection);
    duckdb_close(&database);
    return seconds;
}

static void compare(const char *path, int threads, double megabytes) {
    double best_tend = 1e9, best_duckdb = 1e9;
    int64_t rows = 0;
    for (int i = 0; i < ROUNDS; i++) {
        double t = time_tend(path, threads, &rows), d = time_duckdb(path, threads);
        best_tend = t < best_tend ? t : best_tend;
        best_duckdb = d < best_duckdb ? d : best_duckdb;
    }
    printf("%d thread%s  tend %.3f s (%.0f MB/s)  duckdb %.3f s (%.0f MB/s)  ratio %.2f  (%lld rows)\n", threads, threads == 1 ? " " : "s",
           best_tend, megabytes / best_tend, best_duckdb, megabytes / best_duckdb, best_duckdb / best_tend, (long long)rows);
}

int main(int argc, char **argv) {
    int64_t rows = argc > 1 ? atoll(argv[1]) : 1000000;
    const char *path = argc > 2 ? argv[2] : "bench_csv.tmp.csv";
    if (argc <= 2)
        make_file(path, rows);
    struct stat st;
    if (stat(path, &st) != 0)
        die(path, "is not there");
    double megabytes = (double)st.st_size / 1e6;
    printf("%s: %.1f MB; duckdb %s\n", path, megabytes, duckdb_library_version());
    compare(path, 1, megabytes);
    compare(path, 2, megabytes);
    if (argc <= 2)
        remove(path);
    return 0;
}
