/* tend doctor, gc, completion, help. */
#include "cli/cli.h"

#include "engine/engine.h"
#include "flow/flow.h"
#include "flow/project.h"
#include "flow/version.h"
#include "learn/learner.h"
#include "stats/metric.h"
#include "store/audit.h"
#include "store/gc.h"
#include "feature/transform.h"

#include <math.h>

/* ---- doctor ---- */

typedef struct finding {
    cli *c;
    tend_node *list;
    bool sick;
} finding;

static void tell(finding *f, const char *what, tend_status status, const char *message) {
    tend_node *item = tend_node_push(f->list, tend_node_new_map(f->c->arena));
    tend_node_set_string(f->c->arena, item, "what", what);
    tend_node_set_bool(f->c->arena, item, "ok", status == TEND_OK);
    tend_node_set_string(f->c->arena, item, "message", message);
    f->sick = f->sick || status != TEND_OK;
    if (!f->c->quiet)
        printf("%s%s%s %-16s %s\n", cli_paint(f->c, status == TEND_OK ? CLI_GREEN : CLI_RED), status == TEND_OK ? "✓" : "✗",
               cli_paint(f->c, CLI_PLAIN), what, message);
}

static void check_libraries(finding *f) {
    tend_error err = TEND_ERROR_INIT;
    tell(f, "tend", TEND_OK, TEND_VERSION);
    tend_engine *engine = NULL;
    tend_status status = tend_engine_open(&engine, &err);
    tell(f, "SQL (DuckDB)", status, status == TEND_OK ? tend_engine_version() : err.message);
    tend_engine_free(engine);
    const tend_learner *xgboost = tend_learner_find("xgboost");
    const char *version = xgboost && xgboost->version ? xgboost->version() : NULL;
    tell(f, "XGBoost", version ? TEND_OK : TEND_UNSUPPORTED,
         version ? version : "cannot be loaded: install libxgboost, or set TEND_XGBOOST");
}

static void check_project(finding *f) {
    tend_error err = TEND_ERROR_INIT;
    tend_project *project;
    tend_status status = cli_project(f->c, &project, &err);
    if (status == TEND_NOT_FOUND) {
        tell(f, "project", TEND_OK, "none here");
        return;
    }
    tell(f, "tend.yaml", status,
         status == TEND_OK ? "well-formed" : tend_arena_printf(f->c->arena, "%s (`tend status` names the place)", err.message));
    if (status != TEND_OK && tend_project_find(".", f->c->arena, &f->c->home, &err) != TEND_OK)
        return;
    tend_store *store = NULL;
    status = cli_store(f->c, false, &store, &err);
    if (status == TEND_NOT_FOUND) {
        tell(f, "store", TEND_OK, "none yet: `tend run` makes it");
        return;
    }
    tell(f, "store", status, status == TEND_OK ? "opens" : err.message);
    if (status != TEND_OK)
        return;
    status = tend_store_verify(store, &err);
    tell(f, "database, audit", status, status == TEND_OK ? "every page and every row of the trail is whole" : err.message);
    tend_object *objects;
    size_t n, bad = 0;
    status = tend_objects_list(tend_store_objects(store), f->c->arena, &objects, &n, &err);
    uint64_t bytes = 0;
    for (size_t i = 0; status == TEND_OK && i < n; i++) {
        bytes += objects[i].size;
        tend_error why = TEND_ERROR_INIT;
        if (tend_objects_verify(tend_store_objects(store), &objects[i].digest, &why) != TEND_OK && !bad++)
            err = why;
    }
    char size[32];
    tell(f, "objects",
         status != TEND_OK ? status
         : bad             ? TEND_CORRUPT
                           : TEND_OK,
         status != TEND_OK || bad ? tend_arena_printf(f->c->arena, "%zu of %zu are damaged; %s", bad, n, err.message)
                                  : tend_arena_printf(f->c->arena, "%zu, %s, all whole", n, tend_text_bytes(bytes, size)));
    tend_store_close(store);
}

tend_status cmd_doctor(cli *c, tend_error *err) {
    (void)err;
    tend_node *doc = tend_node_new_map(c->arena);
    finding f = {c, tend_node_set_list(c->arena, doc, "findings"), false};
    check_libraries(&f);
    check_project(&f);
    if (c->json)
        cli_print_json(doc);
    c->exit_status = f.sick ? tend_status_exit(TEND_REFUSED) : 0;
    return TEND_OK;
}

/* ---- gc ---- */

tend_status cmd_gc(cli *c, tend_error *err) {
    TEND_AUTO(tend_store) *store = NULL;
    TEND_TRY(cli_store(c, true, &store, err));
    tend_gc_options options = TEND_GC_OPTIONS_INIT;
    int64_t days, runs;
    TEND_TRY(cli_int(c, "keep-days", options.cache_days, 0, 36500, &days, err));
    TEND_TRY(cli_int(c, "keep-runs", options.runs, 0, 1000000, &runs, err));
    options.cache_days = (int)days;
    options.runs = (int)runs;
    options.dry = cli_flag(c, "dry-run");
    tend_gc_result r;
    TEND_TRY(tend_gc(store, &options, c->arena, &r, err));
    if (c->json) {
        tend_node *doc = tend_node_new_map(c->arena);
        tend_node_set_bool(c->arena, doc, "dry_run", options.dry);
        tend_node_set_int(c->arena, doc, "objects", (int64_t)r.n_objects);
        tend_node_set_int(c->arena, doc, "bytes", (int64_t)r.bytes);
        tend_node_set_int(c->arena, doc, "kept_objects", (int64_t)r.kept_objects);
        tend_node_set_int(c->arena, doc, "kept_bytes", (int64_t)r.kept_bytes);
        cli_print_json(doc);
    }
    char bytes[32], kept[32];
    if (!c->quiet)
        printf("%s %zu objects, %s; %zu are kept, %s\n", options.dry ? "Would remove" : "Removed", r.n_objects,
               tend_text_bytes(r.bytes, bytes), r.kept_objects, tend_text_bytes(r.kept_bytes, kept));
    return TEND_OK;
}

/* ---- completion ---- */

/* First words: commands, with `runs list` counting as `runs`. */
static void first_words(tend_buf *out) {
    const char *last = "";
    for (int i = 0; i < cli_n_commands; i++) {
        size_t n = strcspn(cli_commands[i].name, " ");
        if (strlen(last) >= n && !strncmp(last, cli_commands[i].name, n) && (!last[n] || last[n] == ' '))
            continue;
        last = cli_commands[i].name;
        tend_buf_printf(out, "%s%.*s", out->size ? " " : "", (int)n, cli_commands[i].name);
    }
}

static void second_words(const char *first, tend_buf *out) {
    size_t n = strlen(first);
    for (int i = 0; i < cli_n_commands; i++)
        if (!strncmp(cli_commands[i].name, first, n) && cli_commands[i].name[n] == ' ')
            tend_buf_printf(out, "%s%s", out->size ? " " : "", cli_commands[i].name + n + 1);
}

static void option_words(const cli_command *cmd, tend_buf *out) {
    for (const cli_option *o = cmd->options; o->name; o++)
        tend_buf_printf(out, " --%s", o->name);
    for (const cli_option *o = cli_global_options; o->name; o++)
        tend_buf_printf(out, " --%s", o->name);
}

/* The words an argument may be, of the commands that take words and no files; "" when there are none. */
static void argument_words(const char *command, tend_buf *out) {
    if (!strcmp(command, "run")) {
        for (int i = 0; i < TEND_STEP_COUNT; i++)
            tend_buf_printf(out, "%s%s", i ? " " : "", tend_step_name((tend_step_id)i));
    } else if (!strcmp(command, "completion")) {
        tend_buf_puts(out, "bash zsh fish");
    } else if (!strcmp(command, "help")) {
        first_words(out);
        cli_topic_words(out);
    }
}

static void complete_bash(void) {
    static const char *const groups[] = {"runs", "models", "snapshots"};
    tend_buf words = TEND_BUF_INIT;
    first_words(&words);
    printf("_tend() {\n  local cur=\"${COMP_WORDS[COMP_CWORD]}\" cmd=\"${COMP_WORDS[1]}\"\n");
    printf("  if [ \"$COMP_CWORD\" -eq 1 ]; then COMPREPLY=($(compgen -W \"%s\" -- \"$cur\")); return; fi\n", tend_buf_text(&words));
    printf("  if [ \"$COMP_CWORD\" -eq 2 ]; then case \"$cmd\" in\n");
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        tend_buf_clear(&words);
        second_words(groups[i], &words);
        printf("    %s) COMPREPLY=($(compgen -W \"%s\" -- \"$cur\")); return;;\n", groups[i], tend_buf_text(&words));
    }
    printf("  esac; fi\n");
    printf("  case \"$cur\" in -*) case \"$cmd ${COMP_WORDS[2]}\" in\n");
    for (int i = 0; i < cli_n_commands; i++) {
        tend_buf options = TEND_BUF_INIT;
        option_words(&cli_commands[i], &options);
        printf("    '%s'*) COMPREPLY=($(compgen -W \"%s\" -- \"$cur\"));;\n", cli_commands[i].name, tend_buf_text(&options) + 1);
        tend_buf_done(&options);
    }
    printf("  esac; return;; esac\n  case \"$cmd\" in\n");
    for (int i = 0; i < cli_n_commands; i++) {
        tend_buf_clear(&words);
        argument_words(cli_commands[i].name, &words);
        if (words.size)
            printf("    %s) COMPREPLY=($(compgen -W \"%s\" -- \"$cur\")); return;;\n", cli_commands[i].name, tend_buf_text(&words));
    }
    tend_buf_done(&words);
    printf("  esac\n  COMPREPLY=($(compgen -f -- \"$cur\"))\n}\ncomplete -o filenames -F _tend tend\n");
}

static void complete_zsh(void) {
    printf("#compdef tend\nautoload -U +X bashcompinit && bashcompinit\n");
    complete_bash();
}

static void complete_fish(void) {
    printf("complete -c tend -n __fish_use_subcommand -f\n");
    for (int i = 0; i < cli_n_commands; i++) {
        const cli_command *cmd = &cli_commands[i];
        size_t n = strcspn(cmd->name, " ");
        if (cmd->name[n])
            printf("complete -c tend -n '__fish_seen_subcommand_from %.*s' -a '%s' -d \"%s\"\n", (int)n, cmd->name, cmd->name + n + 1,
                   cmd->summary);
        else
            printf("complete -c tend -n __fish_use_subcommand -a '%s' -d \"%s\"\n", cmd->name, cmd->summary);
        tend_buf words = TEND_BUF_INIT;
        argument_words(cmd->name, &words);
        if (words.size)
            printf("complete -c tend -n '__fish_seen_subcommand_from %s' -a '%s'\n", cmd->name, tend_buf_text(&words));
        tend_buf_done(&words);
        for (const cli_option *o = cmd->options; o->name; o++)
            printf("complete -c tend -n '__fish_seen_subcommand_from %.*s' -l %s%s -d \"%s\"\n", (int)n, cmd->name, o->name,
                   o->value ? " -r -F" : "", o->help);
    }
}

tend_status cmd_completion(cli *c, tend_error *err) {
    if (!strcmp(c->args[0], "bash"))
        complete_bash();
    else if (!strcmp(c->args[0], "zsh"))
        complete_zsh();
    else if (!strcmp(c->args[0], "fish"))
        complete_fish();
    else
        return TEND_FAIL(err, USAGE, "there is no completion for '%s': expected bash, zsh or fish", c->args[0]);
    return TEND_OK;
}
