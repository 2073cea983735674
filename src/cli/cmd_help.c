/* tend help: usage, the manual page, the reference and the tables behind tend.yaml, all from rows. */
#include "cli/cli.h"

#include "feature/transform.h"
#include "flow/project.h"
#include "flow/version.h"
#include "learn/learner.h"
#include "stats/metric.h"

#include <math.h>

/* ---- usage ---- */

static void put_options(FILE *out, const cli_option *options) {
    for (const cli_option *o = options; o->name; o++) {
        char left[64];
        snprintf(left, sizeof left, "%c%c%s --%s%s%s", o->letter ? '-' : ' ', o->letter ? o->letter : ' ', o->letter ? "," : " ", o->name,
                 o->value ? " " : "", o->value ? o->value : "");
        fprintf(out, "  %-28s %s\n", left, o->help);
    }
}

static void overview(FILE *out) {
    fprintf(out, "tend %s: from a table to a model in production, and back again\n\n", TEND_VERSION);
    fprintf(out, "  tend init data.csv --target COLUMN   make tend.yaml from the data\n  tend run                             bring "
                 "everything up to date\n\nCommands\n");
    for (int i = 0; i < cli_n_commands; i++)
        fprintf(out, "  %-18s %s\n", cli_commands[i].name, cli_commands[i].summary);
    fprintf(out, "\nOptions of every command\n");
    put_options(out, cli_global_options);
    fprintf(out, "\nExit status: 0 done, 1 a well-formed no, 2 wrong usage or configuration, 3 not found, 4 a limit, 5 input/output or\n"
                 "corrupt data, 70 a bug in tend. `tend COMMAND --help` explains a command, `tend help tend.yaml` the keys.\n");
}

void cli_usage(FILE *out, const cli_command *command) {
    if (!command) {
        overview(out);
        return;
    }
    fprintf(out, "tend %s%s%s\n  %s\n", command->name, *command->args ? " " : "", command->args, command->summary);
    if (command->details)
        fprintf(out, "\n%s\n", command->details);
    if (command->options[0].name) {
        fprintf(out, "\nOptions\n");
        put_options(out, command->options);
    }
}

/* ---- a manual page and a reference, from the same rows ---- */

/* "-f, --force", "-o, --output FILE" in bold, with what it does under it. */
static void man_options(const cli_option *options) {
    for (const cli_option *o = options; o->name; o++) {
        printf(".TP\n");
        if (o->letter)
            printf("\\fB\\-%c\\fR, ", o->letter);
        printf("\\fB\\-\\-%s\\fR%s%s\n%s\n", o->name, o->value ? " " : "", o->value ? o->value : "", o->help);
    }
}

static void man_page(cli *c) {
    (void)c;
    printf(".TH TEND 1 \"\" \"tend %s\"\n.SH NAME\ntend \\- from a table to a model in production, and back again\n.SH SYNOPSIS\n.B "
           "tend\n.I COMMAND\n[options] [arguments]\n",
           TEND_VERSION);
    printf(".SH COMMANDS\n");
    for (int i = 0; i < cli_n_commands; i++) {
        const cli_command *cmd = &cli_commands[i];
        printf(".SS tend %s%s%s\n%s.\n", cmd->name, *cmd->args ? " " : "", cmd->args, cmd->summary);
        if (cmd->details)
            printf(".PP\n%s\n", cmd->details);
        man_options(cmd->options);
    }
    printf(".SH OPTIONS OF EVERY COMMAND\n");
    man_options(cli_global_options);
    printf(".SH EXIT STATUS\n0 done, 1 a well-formed no, 2 wrong usage or configuration, 3 not found, 4 a limit, 5 input/output or corrupt "
           "data, 70 a bug "
           "in tend, 130 stopped.\n");
}

static void reference(cli *c) {
    (void)c;
    printf("# Commands\n\nMade by `tend help reference` from the table that parses them.\n");
    for (int i = 0; i < cli_n_commands; i++) {
        const cli_command *cmd = &cli_commands[i];
        printf("\n## tend %s %s\n\n%s.\n", cmd->name, cmd->args, cmd->summary);
        if (cmd->details)
            printf("\n%s\n", cmd->details);
        if (cmd->options[0].name)
            printf("\n| option | meaning |\n|---|---|\n");
        for (const cli_option *o = cmd->options; o->name; o++)
            printf("| `--%s%s%s` | %s |\n", o->name, o->value ? " " : "", o->value ? o->value : "", o->help);
    }
    printf("\n## Options of every command\n\n| option | meaning |\n|---|---|\n");
    for (const cli_option *o = cli_global_options; o->name; o++)
        printf("| `--%s%s%s` | %s |\n", o->name, o->value ? " " : "", o->value ? o->value : "", o->help);
}

/* ---- the tables behind tend.yaml ---- */

/* The default of a parameter in the words that tend.yaml has for it. `choices`: "mean|median", or NULL. */
static const char *default_text(cli *c, double fallback, bool is_bool, const char *choices) {
    if (is_bool)
        return fallback != 0 ? "true" : "false";
    if (isnan(fallback))
        return "–";
    if (choices) {
        const char *at = choices;
        for (int skip = (int)fallback; skip > 0 && strchr(at, '|'); skip--)
            at = strchr(at, '|') + 1;
        return tend_arena_strndup(c->arena, at, strcspn(at, "|"));
    }
    char text[32];
    tend_text_format_double(fallback, text);
    return tend_arena_strdup(c->arena, text);
}

static void learners(cli *c) {
    for (int i = 0; tend_learners[i]; i++) {
        const tend_learner *l = tend_learners[i];
        printf("%s: %s. %s\n", l->name, l->title, l->help);
        for (int k = 0; k < l->n_params; k++) {
            const tend_param_spec *p = &l->params[k];
            printf("  %-20s %-10s %s\n", p->name,
                   default_text(c, p->fallback, p->type == TEND_PARAM_BOOL, p->type == TEND_PARAM_CHOICE ? p->choices : NULL), p->help);
        }
    }
}

static void metrics(cli *c) {
    (void)c;
    static const struct {
        unsigned task;
        const char *title;
    } tasks[] = {{TEND_METRIC_BINARY, "binary"}, {TEND_METRIC_MULTICLASS, "multiclass"}, {TEND_METRIC_REGRESSION, "regression"}};
    for (size_t t = 0; t < 3; t++) {
        printf("%s\n", tasks[t].title);
        for (int i = 0; i < tend_n_metrics; i++)
            if (tend_metrics[i].tasks & tasks[t].task)
                printf("  %-20s %s\n", tend_metrics[i].name, tend_metrics[i].help);
    }
}

static void transforms(cli *c) {
    for (int i = 0; tend_transforms[i]; i++) {
        const tend_transform *t = tend_transforms[i];
        printf("%s: %s\n", t->name, t->help);
        for (int k = 0; k < t->n_args; k++) {
            const tend_arg_spec *a = &t->args[k];
            printf("  %-20s %-10s %s\n", a->name,
                   a->shown ? a->shown
                            : default_text(c, a->fallback, a->type == TEND_ARG_BOOL, a->type == TEND_ARG_CHOICE ? a->choices : NULL),
                   a->help);
        }
    }
}

static void keys(cli *c) {
    (void)c;
    tend_buf text = TEND_BUF_INIT;
    tend_project_reference(&text);
    fputs(tend_buf_text(&text), stdout);
    tend_buf_done(&text);
}

/* ---- topics ---- */

static void version(cli *c) {
    (void)c;
    printf("tend %s\n", TEND_VERSION);
}

static void schema(cli *c) { cli_print_json(tend_project_json_schema(c->arena)); }

static const struct {
    const char *name;
    void (*print)(cli *c);
} topics[] = {{"version", version}, {"tend.yaml", keys},        {"schema", schema}, {"learners", learners},
              {"metrics", metrics}, {"transforms", transforms}, {"man", man_page},  {"reference", reference}};
enum { N_TOPICS = sizeof(topics) / sizeof(topics[0]) };

void cli_topic_words(tend_buf *out) {
    for (int i = 0; i < N_TOPICS; i++)
        tend_buf_printf(out, "%s%s", out->size ? " " : "", topics[i].name);
}

/* A command, or all of a group's ("models"); false when there is none of that name. */
static bool print_commands(const char *name) {
    bool found = false;
    size_t n = strlen(name);
    for (int i = 0; i < cli_n_commands; i++)
        if (!strncmp(cli_commands[i].name, name, n) && (!cli_commands[i].name[n] || cli_commands[i].name[n] == ' ')) {
            fputs(found ? "\n" : "", stdout);
            cli_usage(stdout, &cli_commands[i]);
            found = true;
        }
    if (found) {
        printf("\nOptions of every command\n");
        put_options(stdout, cli_global_options);
    }
    return found;
}

static tend_status no_topic(const char *topic, tend_error *err) {
    const char *names[64 + N_TOPICS];
    size_t n = 0;
    for (int i = 0; i < N_TOPICS; i++)
        names[n++] = topics[i].name;
    for (int i = 0; i < cli_n_commands && n < sizeof(names) / sizeof(names[0]); i++)
        names[n++] = cli_commands[i].name;
    tend_status status = TEND_FAIL(err, USAGE, "there is no help on '%s'", topic);
    const char *near = tend_text_nearest(topic, names, n);
    return near ? tend_error_hint(err, status, "did you mean `tend help %s`?", near)
                : tend_error_hint(err, status, "`tend help` lists the commands");
}

tend_status cmd_help(cli *c, tend_error *err) {
    if (!c->n_args) {
        overview(stdout);
        return TEND_OK;
    }
    const char *topic = c->n_args > 1 ? tend_arena_printf(c->arena, "%s %s", c->args[0], c->args[1]) : c->args[0];
    for (int i = 0; i < N_TOPICS; i++)
        if (!strcmp(topic, topics[i].name)) {
            topics[i].print(c);
            return TEND_OK;
        }
    return print_commands(topic) ? TEND_OK : no_topic(topic, err);
}
