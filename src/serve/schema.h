/* A version's rows and answers as JSON Schema (2020-12, as OpenAPI 3.1 has it). What the schema says is what the server holds a request
 * against: expectations of severity `warning` are no part of it and stand in the descriptions. */
#ifndef TEND_SERVE_SCHEMA_H
#define TEND_SERVE_SCHEMA_H

#include "serve/version.h"

/* One row. */
tend_node *serve_schema_row(const serve_version *version, tend_arena *arena);
/* The answer to one row; several: to a list. */
tend_node *serve_schema_answer(const serve_version *version, bool several, tend_arena *arena);
/* A shell-style pattern as a regular expression over the whole text. */
char *serve_schema_pattern(const char *glob, tend_arena *arena);

#endif
