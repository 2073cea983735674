#include "cli/cli.h"

#include "base/fs_ops.h"
#include "base/thread.h"
#include "flow/project.h"
#include "store/store.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

tend_status cli_project(cli *c, tend_project **out, tend_error *err) {
    TEND_TRY(tend_project_load(".", c->sets, c->n_sets, c->arena, &c->diags, out, err));
    c->home = (*out)->folder;
    return TEND_OK;
}

/* The first fault as a warning, and how many there are. */
static void warn_of_faults(const cli *c, const tend_diags *faults, const tend_error *fault) {
    tend_diags first;
    tend_diags_init(&first, c->arena);
    tend_diags_push(&first, TEND_SEVERITY_WARNING, faults->first ? &faults->first->error : fault);
    first.n_dropped = faults->n_errors > 1 ? faults->n_errors - 1 : 0;
    cli_print_diags(c, &first);
}

/* Where the store is. What it holds does not depend on tend.yaml: one that is faulty, or gone, is worth a warning and no more. */
static tend_status find_home(cli *c, tend_error *err) {
    tend_diags faults;
    tend_diags_init(&faults, c->arena);
    tend_project *project;
    tend_error fault = TEND_ERROR_INIT;
    tend_status status = tend_project_load(".", c->sets, c->n_sets, c->arena, &faults, &project, &fault);
    if (status == TEND_OK) {
        c->home = project->folder;
        return TEND_OK;
    }
    bool alone = status == TEND_NOT_FOUND && tend_fs_exists(".tend/tend.db");
    if (status == TEND_USAGE || (status == TEND_NOT_FOUND && !alone)) {
        *err = fault;
        return status;
    }
    c->home = ".";
    if (!alone)
        TEND_TRY(tend_project_find(".", c->arena, &c->home, err));
    if (!c->quiet)
        warn_of_faults(c, &faults, &fault);
    return TEND_OK;
}

tend_status cli_store_folder(cli *c, const char **out, tend_error *err) {
    if (!c->home)
        TEND_TRY(find_home(c, err));
    *out = strcmp(c->home, ".") ? tend_path_join(c->arena, c->home, ".tend") : ".tend";
    return TEND_OK;
}

tend_status cli_store(cli *c, bool write, tend_store **out, tend_error *err) {
    tend_store_options options = {.mode = write ? TEND_STORE_WRITE : TEND_STORE_READ};
    TEND_TRY(cli_store_folder(c, &options.folder, err));
    tend_status status = tend_store_open(&options, out, err);
    return status == TEND_NOT_FOUND ? tend_error_hint(err, status, "`tend run` makes the first results") : status;
}

static void on_signal(int number) {
    /* A second Ctrl-C does not wait for the step. */
    if (tend_cancel_requested())
        _exit(128 + number);
    tend_cancel_request();
}

static const char *join(tend_arena *arena, int argc, char **argv) {
    tend_buf text = TEND_BUF_INIT;
    for (int i = 0; i < argc; i++)
        tend_buf_printf(&text, "%s%s", i ? " " : "", i ? argv[i] : "tend");
    char *out = tend_arena_strdup(arena, tend_buf_text(&text));
    tend_buf_done(&text);
    return out;
}

/* -C: everything after it, arguments too, is as if the command had been given there. */
static tend_status enter_folder(const cli *c, tend_error *err) {
    if (!c->folder || chdir(c->folder) == 0)
        return TEND_OK;
    tend_status status = errno == ENOENT ? TEND_NOT_FOUND : TEND_IO;
    return tend_error_set(err, status, __FILE__, __LINE__, "--directory %s: %s", c->folder, strerror(errno));
}

/* `tend predict … | head`: who read our output has had enough. Ends as other programs do that write into a closed pipe, without a word;
 * what was half-written beside it is away by now. */
static void end_by_pipe(void) {
    signal(SIGPIPE, SIG_DFL);
    raise(SIGPIPE);
}

static bool reader_is_gone(void) {
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&out, 1, 0) == 1 && (out.revents & POLLERR);
}

/* What was printed must have arrived, too: a full disk behind `>` shows here. */
static tend_status flush_output(tend_error *err) {
    bool failed = ferror(stdout); /* earlier, of which nobody kept the reason */
    int reason = fflush(stdout) == 0 ? 0 : errno;
    if (!failed && !reason)
        return TEND_OK;
    return fs_fail(err, "write to", "standard output", reader_is_gone() ? EPIPE : reason ? reason : EIO);
}

int main(int argc, char **argv) {
    cli *c = &(cli){.arena = tend_arena_new()};
    tend_diags_init(&c->diags, c->arena);
    c->terminal = isatty(STDERR_FILENO);
    c->color = c->terminal && isatty(STDOUT_FILENO) && !getenv("NO_COLOR") && !(getenv("TERM") && !strcmp(getenv("TERM"), "dumb"));
    c->line = join(c->arena, argc, argv);
    signal(SIGPIPE, SIG_IGN);
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);

    tend_error err = TEND_ERROR_INIT;
    tend_status status = cli_parse(c, argc, argv, &err);
    if (status == TEND_OK)
        status = enter_folder(c, &err);
    if (status == TEND_OK) {
        cli_progress_install(c);
        status = c->command->run(c, &err);
    }
    cli_progress_clear();
    if (status == TEND_OK) {
        status = flush_output(&err);
        c->json = c->json && status == TEND_OK; /* an error about stdout has to go elsewhere */
    }
    if (status == TEND_CANCELLED && !tend_cancel_requested())
        end_by_pipe();
    if (status != TEND_OK)
        cli_print_error(c, &err);
    tend_arena_free(c->arena);
    return status == TEND_OK ? c->exit_status : tend_status_exit(status);
}
