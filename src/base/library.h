/* Large libraries that are loaded at run time, on first use, because most commands never need them:
 * the SQL engine, the training library. Their headers give the types, dlopen gives the functions:
 *
 *     #define SQL_FUNCTIONS(X) X(duckdb_open) X(duckdb_close)
 *     #define X(name) __typeof__(&name) name;
 *     static struct { SQL_FUNCTIONS(X) } sql;
 *     #undef X
 */
#ifndef TEND_BASE_LIBRARY_H
#define TEND_BASE_LIBRARY_H

#include "base/error.h"

typedef struct tend_library_spec {
    const char *title;            /* "the SQL engine (DuckDB)" */
    const char *variable;         /* environment variable that names the file or its folder; looked at first */
    const char *const *names;     /* file names, best first, NULL-terminated: "libduckdb.so" */
    const char *const *functions; /* NULL-terminated; each must be there */
    const char *remedy;           /* the hint when it cannot be found */
} tend_library_spec;

/* Loads the library and fills functions[i] with the address of spec->functions[i]. Looked for in
 * this order: the environment variable, the program's own folder, ../lib/tend beside it (the
 * build puts links there), the system's folders. It stays loaded until the process ends. UNSUPPORTED, with
 * what was tried and the remedy, when there is none or one that lacks a function; then nothing is
 * filled. Not thread-safe. */
tend_status tend_library_load(const tend_library_spec *spec, void **functions, tend_error *err) TEND_MUST_USE;

#endif
