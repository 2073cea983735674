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
        snprintf(left, sizeof left, "%c%c%s --%s%s%s", o->letter ? '-' : ' ', o->letter ? o->letter : ' ', o->letter ? "," : " ", o->name, o->value ? " " : "",
                 o->value ? o->value : "");
        fprintf(out, "  %-28s %s\n", left, o->help);
    }
}

static void overview(FILE *out) {
    fprintf(out, "tend %s: from a table to a model in production, and back again\n\n", TEND_VERSION);
    fprintf(out, "  tend init data.csv --target COLUMN   make tend.yaml from the data\n  tend run                             bring everything up to date\n\nCommands\n");
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
    fprintf(out, "tend %s %s\n  %s\n", command->name, command->args, command->summary);
    if (command->details)
        fprintf(out, "\n%s\n", command->details);
    if (command->options[0].name) {
        fprintf(out, "\nOptions\n");
        put_options(out, command->options);
    }
    fprintf(out, "\nOptions of every command\n");
    put_options(out, cli_global_options);
}

/* ---- a manual page and a reference, from the same rows ---- */

static void man_page(void) {
    printf(".TH TEND 1 \"\" \"tend %s\"\n.SH NAME\ntend \\- from a table to a model in production, and back again\n.SH SYNOPSIS\n.B tend\n.I COMMAND\n[options] [arguments]\n",
           TEND_VERSION);
    printf(".SH COMMANDS\n");
    for (int i = 0; i < cli_n_commands; i++) {
        const cli_command *cmd = &cli_commands[i];
        printf(".TP\n.B tend %s\n.I %s\n.br\n%s\n", cmd->name, cmd->args, cmd->summary);
        if (cmd->details)
            printf(".br\n%s\n", cmd->details);
        for (const cli_option *o = cmd->options; o->name; o++)
            printf(".br\n.B \\-\\-%s %s\n%s\n", o->name, o->value ? o->value : "", o->help);
    }
    printf(".SH OPTIONS\n");
    for (const cli_option *o = cli_global_options; o->name; o++)
        printf(".TP\n.B \\-\\-%s %s\n%s\n", o->name, o->value ? o->value : "", o->help);
}

static void reference(void) {
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

static const char *param_default(const tend_param_spec *p, char out[32]) {
    tend_text_format_double(p->fallback, out);
    return p->type == TEND_PARAM_BOOL ? (p->fallback != 0 ? "true" : "false") : isnan(p->fallback) ? "–" : out;
}

static void learners(void) {
    for (int i = 0; tend_learners[i]; i++) {
        const tend_learner *l = tend_learners[i];
        printf("%s: %s. %s\n", l->name, l->title, l->help);
        for (int k = 0; k < l->n_params; k++) {
            char text[32];
            printf("  %-20s %-10s %s\n", l->params[k].name, param_default(&l->params[k], text), l->params[k].help);
        }
    }
}

static void metrics(void) {
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

static void transforms(void) {
    for (int i = 0; tend_transforms[i]; i++) {
        const tend_transform *t = tend_transforms[i];
        printf("%s: %s\n", t->name, t->help);
        for (int k = 0; k < t->n_args; k++) {
            char text[32];
            tend_text_format_double(t->args[k].fallback, text);
            printf("  %-20s %-10s %s\n", t->args[k].name, t->args[k].shown ? t->args[k].shown : text, t->args[k].help);
        }
    }
}

static void keys(void) {
    tend_buf text = TEND_BUF_INIT;
    tend_project_reference(&text);
    fputs(tend_buf_text(&text), stdout);
    tend_buf_done(&text);
}

tend_status cmd_help(cli *c, tend_error *err) {
    const char *topic = c->n_args ? c->args[0] : NULL;
    if (topic && c->n_args > 1)
        topic = tend_arena_printf(c->arena, "%s %s", c->args[0], c->args[1]);
    if (!topic)
        overview(stdout);
    else if (!strcmp(topic, "version"))
        printf("tend %s\n", TEND_VERSION);
    else if (!strcmp(topic, "tend.yaml"))
        keys();
    else if (!strcmp(topic, "schema"))
        cli_print_json(tend_project_json_schema(c->arena));
    else if (!strcmp(topic, "learners"))
        learners();
    else if (!strcmp(topic, "metrics"))
        metrics();
    else if (!strcmp(topic, "transforms"))
        transforms();
    else if (!strcmp(topic, "man"))
        man_page();
    else if (!strcmp(topic, "reference"))
        reference();
    else {
        bool found = false;
        size_t n = strlen(topic);
        for (int i = 0; i < cli_n_commands; i++)
            if (!strncmp(cli_commands[i].name, topic, n) && (!cli_commands[i].name[n] || cli_commands[i].name[n] == ' ')) {
                if (found)
                    printf("\n");
                cli_usage(stdout, &cli_commands[i]);
                found = true;
            }
        if (!found)
            return tend_error_hint(err, TEND_FAIL(err, NOT_FOUND, "there is no help on '%s'", topic), "`tend help` lists the commands");
    }
    return TEND_OK;
}
