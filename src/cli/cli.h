/* The command line: commands and options as rows, and what every command is given.
 *
 * A command parses nothing itself: it gets its options and arguments checked, calls the library and renders. The rows make the usage, the
 * help, the man pages, the shell completion and the reference in docs/guide. Private to the cli room.
 */
#ifndef TEND_CLI_CLI_H
#define TEND_CLI_CLI_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/node.h"

#include <stdio.h>

typedef struct cli_option {
    const char *name;  /* without the dashes */
    char letter;       /* 0: none */
    const char *value; /* what stands for its value in help ("FILE"); NULL: a flag */
    const char *help;
} cli_option;

enum { CLI_MAX_SETS = 64, CLI_MAX_OPTIONS = 12 };

typedef struct cli_command cli_command;

typedef struct cli {
    const cli_command *command;
    tend_arena *arena;
    tend_diags diags;
    const char **args; /* positional */
    int n_args;
    const char *values[CLI_MAX_OPTIONS]; /* per option of the command: its value, "" for a flag that is set, NULL when absent */
    const char *folder;                  /* -C */
    const char *sets[CLI_MAX_SETS];
    int n_sets;
    bool json, quiet, verbose, color, terminal; /* terminal: stderr is one, so progress may move */
    const char *line;                           /* the command line as typed, for records */
    const char *home;                           /* the project's folder, once it was loaded */
    int exit_status;                            /* of a command that succeeded: 0, or 1 for a well-formed no */
} cli;

enum { CLI_ANY = -1, CLI_VERBATIM = -2 };

struct cli_command {
    const char *name;       /* "run", "models promote" */
    const char *args;       /* "[STEP…]" */
    const char *summary;    /* one line */
    const char *details;    /* a paragraph or more for --help; may be NULL */
    int min_args, max_args; /* max CLI_ANY, or CLI_VERBATIM: every word behind the command is an argument, options too */
    tend_status (*run)(cli *c, tend_error *err);
    cli_option options[CLI_MAX_OPTIONS]; /* ends with an empty row */
};

extern const cli_command cli_commands[];
extern const int cli_n_commands;
extern const cli_option cli_global_options[]; /* ends with an empty row */

const char *cli_value(const cli *c, const char *option); /* NULL: absent */
bool cli_flag(const cli *c, const char *option);
/* An option's value as a whole number in [min, max]. */
tend_status cli_int(const cli *c, const char *option, int64_t fallback, int64_t min, int64_t max, int64_t *out, tend_error *err);
/* Finds the command and fills c from the words; USAGE faults name the nearest right word. */
tend_status cli_parse(cli *c, int argc, char **argv, tend_error *err);
void cli_usage(FILE *out, const cli_command *command); /* NULL: the overview */
void cli_topic_words(tend_buf *out);                   /* what `tend help` knows besides commands, separated by blanks */

/* The project of this folder, with --set applied. */
struct tend_project;
tend_status cli_project(cli *c, struct tend_project **out, tend_error *err);
struct tend_store;
/* Where its store is, or will be; also when tend.yaml is faulty: then with a warning. */
tend_status cli_store_folder(cli *c, const char **out, tend_error *err);
/* Its store. NOT_FOUND with what to do when there is none yet. */
tend_status cli_store(cli *c, bool write, struct tend_store **out, tend_error *err);

/* ---- rendering ---- */
enum { CLI_PLAIN, CLI_BOLD, CLI_DIM, CLI_GREEN, CLI_YELLOW, CLI_RED, CLI_BLUE };
const char *cli_paint(const cli *c, int style); /* the escape sequence, or "" */
void cli_print_json(const tend_node *node);     /* one document on stdout */
void cli_print_error(const cli *c, const tend_error *error);
void cli_print_diags(const cli *c, const tend_diags *diags);
/* What a reader found odd in columns: {"columns": {"age": "1 of 60 values is not a number …"}}. */
void cli_print_notes(const cli *c, const tend_node *notes);
/* A table: cells row by row; columns are padded, numbers (cells that look like one) aligned right. */
typedef struct cli_table {
    const char *const *head;
    int n_columns;
    const char **cells;
    int n_rows, capacity;
} cli_table;
void cli_table_row(cli *c, cli_table *table, ...); /* n_columns strings */
void cli_table_print(const cli *c, const cli_table *table);
struct tend_table;
/* Rows of data as such a table, at most `limit` of them; how many there were is said when there are more. */
void cli_table_print_rows(cli *c, const struct tend_table *rows, int64_t limit);
/* The rows as a list of maps. */
tend_node *cli_table_node(cli *c, const struct tend_table *rows);
/* Into a file, in the format that its name tells. */
tend_status cli_table_write(const struct tend_table *rows, const char *path, tend_error *err);
void cli_progress_install(cli *c);
void cli_progress_clear(void); /* takes the moving line away before other output */

/* ---- commands ---- */
tend_status cmd_init(cli *c, tend_error *err);
tend_status cmd_run(cli *c, tend_error *err);
tend_status cmd_status(cli *c, tend_error *err);
tend_status cmd_diff(cli *c, tend_error *err);
tend_status cmd_reproduce(cli *c, tend_error *err);
tend_status cmd_profile(cli *c, tend_error *err);
tend_status cmd_check(cli *c, tend_error *err);
tend_status cmd_runs_list(cli *c, tend_error *err);
tend_status cmd_runs_show(cli *c, tend_error *err);
tend_status cmd_runs_compare(cli *c, tend_error *err);
tend_status cmd_snapshots_list(cli *c, tend_error *err);
tend_status cmd_snapshots_name(cli *c, tend_error *err);
tend_status cmd_snapshots_export(cli *c, tend_error *err);
tend_status cmd_report(cli *c, tend_error *err);
tend_status cmd_models_list(cli *c, tend_error *err);
tend_status cmd_models_show(cli *c, tend_error *err);
tend_status cmd_models_promote(cli *c, tend_error *err);
tend_status cmd_models_rollback(cli *c, tend_error *err);
tend_status cmd_models_stage(cli *c, tend_error *err);
tend_status cmd_models_export(cli *c, tend_error *err);
tend_status cmd_models_import(cli *c, tend_error *err);
tend_status cmd_models_verify(cli *c, tend_error *err);
tend_status cmd_predict(cli *c, tend_error *err);
tend_status cmd_feedback(cli *c, tend_error *err);
tend_status cmd_predictions(cli *c, tend_error *err);
tend_status cmd_doctor(cli *c, tend_error *err);
tend_status cmd_serve(cli *c, tend_error *err);
tend_status cmd_gc(cli *c, tend_error *err);
tend_status cmd_completion(cli *c, tend_error *err);
tend_status cmd_help(cli *c, tend_error *err);

#endif
