/* From words to a command with its options. */
#include "cli/cli.h"

#include "base/text.h"

#include <ctype.h>
#include <stdlib.h>

static const cli_option *find_option(const cli_option *rows, const char *name, size_t size, char letter) {
    for (const cli_option *o = rows; o->name; o++)
        if (letter ? o->letter == letter : strlen(o->name) == size && !strncmp(o->name, name, size))
            return o;
    return NULL;
}

const char *cli_value(const cli *c, const char *option) {
    const cli_option *o = find_option(c->command->options, option, strlen(option), 0);
    return o ? c->values[o - c->command->options] : NULL;
}

bool cli_flag(const cli *c, const char *option) { return cli_value(c, option) != NULL; }

tend_status cli_int(const cli *c, const char *option, int64_t fallback, int64_t min, int64_t max, int64_t *out, tend_error *err) {
    const char *text = cli_value(c, option);
    int64_t v = fallback;
    if (text && (!tend_text_parse_int(tend_str_of(text), &v) || v < min || v > max))
        return TEND_FAIL(err, USAGE, "--%s %s: expected a whole number from %lld to %lld", option, text, (long long)min, (long long)max);
    *out = v;
    return TEND_OK;
}

/* ---- commands ---- */

static bool has_subcommands(const char *word) {
    size_t n = strlen(word);
    for (int i = 0; i < cli_n_commands; i++)
        if (!strncmp(cli_commands[i].name, word, n) && cli_commands[i].name[n] == ' ')
            return true;
    return false;
}

static const cli_command *find_command(const char *name) {
    for (int i = 0; i < cli_n_commands; i++)
        if (!strcmp(cli_commands[i].name, name))
            return &cli_commands[i];
    return NULL;
}

static tend_status unknown_command(cli *c, const char *name, tend_error *err) {
    const char *names[64];
    size_t n = 0;
    for (int i = 0; i < cli_n_commands && n < 64; i++)
        names[n++] = cli_commands[i].name;
    for (const char *const *group = (const char *const[]){"runs", "models", "snapshots", NULL}; *group; group++)
        names[n++] = *group;
    const char *near = tend_text_nearest(name, names, n);
    tend_status status = TEND_FAIL(err, USAGE, "there is no command '%s'", name);
    (void)c;
    return near ? tend_error_hint(err, status, "did you mean `tend %s`?", near)
                : tend_error_hint(err, status, "`tend help` lists the commands");
}

/* Takes one or two words; `runs` and `models` alone list. */
static tend_status take_command(cli *c, char **words, int n_words, int *out_taken, tend_error *err) {
    const char *name = words[0];
    *out_taken = 1;
    if (has_subcommands(name)) {
        const char *second = n_words > 1 && words[1][0] != '-' ? words[1] : "list";
        *out_taken = second == words[1] ? 2 : 1;
        name = tend_arena_printf(c->arena, "%s %s", words[0], second);
    }
    c->command = find_command(name);
    return c->command ? TEND_OK : unknown_command(c, name, err);
}

/* ---- options ---- */

static tend_status set_global(cli *c, const cli_option *o, const char *value, tend_error *err) {
    if (!strcmp(o->name, "directory")) {
        c->folder = value;
    } else if (!strcmp(o->name, "set")) {
        if (c->n_sets == CLI_MAX_SETS)
            return TEND_FAIL(err, USAGE, "more than %d --set", CLI_MAX_SETS);
        c->sets[c->n_sets++] = value;
    } else if (!strcmp(o->name, "json")) {
        c->json = c->quiet = true;
    } else if (!strcmp(o->name, "quiet")) {
        c->quiet = true;
    } else if (!strcmp(o->name, "verbose")) {
        c->verbose = true;
    } else if (!strcmp(o->name, "no-color")) {
        c->color = false;
    }
    return TEND_OK;
}

static tend_status unknown_option(cli *c, const char *word, tend_error *err) {
    const char *names[CLI_MAX_OPTIONS + 16];
    size_t n = 0;
    for (const cli_option *o = c->command ? c->command->options : cli_global_options; o->name; o++)
        names[n++] = tend_arena_printf(c->arena, "--%s", o->name);
    for (const cli_option *o = cli_global_options; c->command && o->name; o++)
        names[n++] = tend_arena_printf(c->arena, "--%s", o->name);
    char *bare = tend_arena_strndup(c->arena, word, strcspn(word, "="));
    tend_status status =
        TEND_FAIL(err, USAGE, "%s%s%s has no option '%s'", "tend", c->command ? " " : "", c->command ? c->command->name : "", bare);
    const char *near = tend_text_nearest(bare, names, n);
    return near ? tend_error_hint(err, status, "did you mean '%s'?", near)
                : tend_error_hint(err, status, "tend%s%s --help lists them", c->command ? " " : "", c->command ? c->command->name : "");
}

static tend_status take_option(cli *c, char **words, int n_words, int *out_taken, tend_error *err) {
    const char *word = words[0];
    bool is_long = word[1] == '-';
    const char *name = is_long ? word + 2 : "";
    size_t size = is_long ? strcspn(name, "=") : 0;
    char letter = is_long ? 0 : word[1];
    const cli_option *own = c->command ? find_option(c->command->options, name, size, letter) : NULL;
    const cli_option *o = own ? own : find_option(cli_global_options, name, size, letter);
    if (!o)
        return unknown_option(c, word, err);
    const char *attached = is_long ? (name[size] == '=' ? name + size + 1 : NULL) : (word[2] ? word + 2 : NULL);
    *out_taken = 1;
    if (!o->value && attached)
        return TEND_FAIL(err, USAGE, "--%s takes no value", o->name);
    const char *value = "";
    if (o->value) {
        if (!attached && n_words < 2)
            return TEND_FAIL(err, USAGE, "--%s needs a value: %s", o->name, o->value);
        value = attached ? attached : words[1];
        *out_taken = attached ? 1 : 2;
    }
    if (!own)
        return set_global(c, o, value, err);
    c->values[own - c->command->options] = value;
    return TEND_OK;
}

/* An option as the environment has it: TEND_<OPTION>; a flag is set by anything but "" and "0". NULL: absent. */
static const char *from_environment(cli *c, const cli_option *o) {
    char *name = tend_arena_printf(c->arena, "TEND_%s", o->name);
    for (char *s = name; *s; s++)
        *s = *s == '-' ? '_' : (char)toupper((unsigned char)*s);
    const char *value = getenv(name);
    if (!value || !*value || (!o->value && !strcmp(value, "0")))
        return NULL;
    return o->value ? value : "";
}

/* For options that were not given: TEND_OUTPUT=x is --output x. */
static void take_environment(cli *c) {
    for (int i = 0; c->command->options[i].name; i++)
        if (!c->values[i])
            c->values[i] = from_environment(c, &c->command->options[i]);
    for (const cli_option *o = cli_global_options; o->name; o++) {
        const char *value = strcmp(o->name, "set") && strcmp(o->name, "help") && strcmp(o->name, "version") ? from_environment(c, o) : NULL;
        if (value && !(o->letter == 'C' && c->folder))
            TEND_IGNORE(set_global(c, o, value, NULL));
    }
}

static tend_status check_args(cli *c, tend_error *err) {
    const cli_command *cmd = c->command;
    if (c->n_args >= cmd->min_args && (cmd->max_args < 0 || c->n_args <= cmd->max_args))
        return TEND_OK;
    tend_status status = c->n_args < cmd->min_args ? TEND_FAIL(err, USAGE, "tend %s needs: %s", cmd->name, cmd->args)
                                                   : TEND_FAIL(err, USAGE, "tend %s takes no '%s'", cmd->name, c->args[cmd->max_args]);
    return tend_error_hint(err, status, "tend %s --help", cmd->name);
}

/* --json counts from the first word on: a fault among the words is told as a document too. */
static void look_for_json(cli *c, int argc, char **argv) {
    const char *json = getenv("TEND_JSON");
    c->json = c->quiet = json && *json && strcmp(json, "0");
    for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
        if (!strcmp(argv[i], "--json"))
            c->json = c->quiet = true;
}

tend_status cli_parse(cli *c, int argc, char **argv, tend_error *err) {
    c->args = TEND_ARRAY(c->arena, const char *, argc + 1);
    bool only_args = false, help = false;
    const char *named = NULL; /* the command as it was typed: "models", "models list" */
    look_for_json(c, argc, argv);
    for (int i = 1, taken; i < argc; i += taken) {
        char *word = argv[i];
        taken = 1;
        if (!only_args && !strcmp(word, "--")) {
            only_args = true;
        } else if (!only_args && (!strcmp(word, "--help") || !strcmp(word, "-h"))) {
            help = true;
        } else if (!only_args && !c->command && !strcmp(word, "--version")) {
            c->command = find_command("help");
            c->args[0] = "version";
            c->n_args = 1;
            return TEND_OK;
        } else if (!only_args && word[0] == '-' && word[1]) {
            TEND_TRY(take_option(c, argv + i, argc - i, &taken, err));
        } else if (!c->command) {
            TEND_TRY(take_command(c, argv + i, argc - i, &taken, err));
            named = taken == 1 ? word : c->command->name;
            only_args = c->command->max_args == CLI_VERBATIM;
        } else {
            c->args[c->n_args++] = word;
        }
    }
    if (!c->command || help) {
        c->args[0] = named;
        c->n_args = named ? 1 : 0;
        c->command = find_command("help");
        memset(c->values, 0, sizeof c->values);
        return TEND_OK;
    }
    take_environment(c);
    return check_args(c, err);
}
