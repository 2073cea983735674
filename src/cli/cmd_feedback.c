/* tend feedback: what turned out to be true, from a file into the journal. */
#include "cli/model_ref.h"

#include "flow/feedback_file.h"
#include "flow/flow.h"
#include "flow/version.h"

static void faults_node(cli *c, tend_node *doc, const char *key, const char *what, const tend_feedback_fault *faults, int64_t n) {
    tend_node *list = tend_node_set_list(c->arena, doc, key);
    for (int64_t i = 0; i < n && i < TEND_FEEDBACK_FAULTS; i++) {
        tend_node *item = tend_node_push(list, tend_node_new_map(c->arena));
        tend_node_set_string(c->arena, item, "where", faults[i].where);
        tend_node_set_string(c->arena, item, what, faults[i].message);
        if (*faults[i].hint)
            tend_node_set_string(c->arena, item, "hint", faults[i].hint);
    }
}

static void print_document(cli *c, const char *model, const tend_feedback_result *r) {
    tend_node *doc = tend_node_new_map(c->arena);
    tend_node_set_string(c->arena, doc, "model", model);
    tend_node_set_int(c->arena, doc, "read", r->n_read);
    tend_node_set_int(c->arena, doc, "new", r->n_new);
    tend_node_set_int(c->arena, doc, "changed", r->n_changed);
    tend_node_set_int(c->arena, doc, "unchanged", r->n_unchanged);
    tend_node_set_int(c->arena, doc, "repeated", r->n_repeated);
    tend_node_set_int(c->arena, doc, "unknown", r->n_unknown);
    tend_node_set_int(c->arena, doc, "invalid", r->n_invalid);
    faults_node(c, doc, "first_unknown", "id", r->unknown, r->n_unknown);
    faults_node(c, doc, "first_invalid", "message", r->invalid, r->n_invalid);
    cli_print_json(doc);
}

static void print_faults(const cli *c, const char *what, const tend_feedback_fault *faults, int64_t n) {
    for (int64_t i = 0; i < n && i < TEND_FEEDBACK_FAULTS; i++)
        printf("  %s%s%s %s%s%s%s%s\n", cli_paint(c, CLI_YELLOW), faults[i].where, cli_paint(c, CLI_PLAIN), what, faults[i].message,
               *faults[i].hint ? " (" : "", faults[i].hint, *faults[i].hint ? ")" : "");
    if (n > TEND_FEEDBACK_FAULTS)
        printf("  … and %lld more\n", (long long)n - TEND_FEEDBACK_FAULTS);
}

static void say(const cli *c, const tend_feedback_result *r) {
    char number[7][32];
    printf("%s rows read: %s new, %s changed, %s unchanged, %s repeated, %s unknown, %s invalid\n",
           tend_text_thousands(r->n_read, number[0]), tend_text_thousands(r->n_new, number[1]),
           tend_text_thousands(r->n_changed, number[2]), tend_text_thousands(r->n_unchanged, number[3]),
           tend_text_thousands(r->n_repeated, number[6]), tend_text_thousands(r->n_unknown, number[4]),
           tend_text_thousands(r->n_invalid, number[5]));
    print_faults(c, "not in the prediction log: ", r->unknown, r->n_unknown);
    print_faults(c, "", r->invalid, r->n_invalid);
}

static tend_status take_files(cli *c, const tend_feedback_options *options, tend_feedback_result *result, tend_error *err) {
    char **files;
    size_t n;
    TEND_TRY(tend_data_files(c->args[1], c->arena, &files, &n, err));
    for (size_t i = 0; i < n; i++)
        TEND_TRY(tend_feedback_file(options, files[i], c->arena, result, err));
    return TEND_OK;
}

static tend_status take(cli *c, const cli_model *m, tend_feedback_result *result, tend_error *err) {
    if (!m->registered)
        return tend_error_hint(err, TEND_FAIL(err, USAGE, "'%s' is a bundle file; its predictions are not logged", c->args[0]),
                               "name the model of the registry that was served: `tend models list`");
    TEND_AUTO(tend_model) *model = NULL;
    tend_feedback_options options = {.name = m->version.model, .who = tend_user_name()};
    TEND_TRY(cli_store_folder(c, &options.store, err));
    TEND_TRY(tend_bundle_load(m->bundle, &model, err));
    options.model = model;
    return take_files(c, &options, result, err);
}

tend_status cmd_feedback(cli *c, tend_error *err) {
    cli_model m;
    tend_feedback_result result = {0};
    tend_status status = cli_model_open(c, c->args[0], &m, err);
    if (status == TEND_OK)
        status = take(c, &m, &result, err);
    cli_model_close(&m);
    TEND_TRY(status);
    cli_progress_clear();
    c->exit_status = result.n_unknown || result.n_invalid ? tend_status_exit(TEND_REFUSED) : 0;
    if (c->json)
        print_document(c, m.version.model, &result);
    if (!c->quiet)
        say(c, &result);
    return TEND_OK;
}
