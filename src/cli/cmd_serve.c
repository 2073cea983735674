/* tend serve: the words go to tend-serve, which is a program of its own so that a machine that only serves needs no more than that. */
#include "cli/cli.h"

#include "base/fs.h"
#include "base/text.h"

#include <errno.h>
#include <unistd.h>

/* Beside this program, as it was built and as it is installed; else wherever PATH finds it. */
static const char *server_path(tend_arena *arena) {
    char self[4096];
    ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);
    if (size > 0) {
        self[size] = '\0';
        const char *beside = tend_path_join(arena, tend_path_dir(arena, self), "tend-serve");
        if (tend_fs_exists(beside))
            return beside;
    }
    return "tend-serve";
}

tend_status cmd_serve(cli *c, tend_error *err) {
    char **words = TEND_ARRAY(c->arena, char *, c->n_args + c->n_sets + 2);
    int n = 0;
    words[n++] = tend_arena_strdup(c->arena, "tend serve");
    for (int i = 0; i < c->n_sets; i++) {
        if (!tend_text_has_prefix(c->sets[i], "serve."))
            return TEND_FAIL(err, USAGE, "--set %s: the server reads only keys that begin with serve.", c->sets[i]);
        words[n++] = tend_arena_printf(c->arena, "--%s", c->sets[i] + strlen("serve."));
    }
    for (int i = 0; i < c->n_args; i++)
        words[n++] = tend_arena_strdup(c->arena, c->args[i]);
    const char *path = server_path(c->arena);
    execvp(path, words);
    return tend_error_hint(err, TEND_FAIL(err, NOT_FOUND, "the server cannot be started: %s: %s", path, strerror(errno)),
                           "it is a program of its own, tend-serve, that stands beside tend or in PATH");
}
