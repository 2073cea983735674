/* tend-serve: the prediction server as a program of its own. `tend serve` finds it and hands its words over.
 *
 * Options are the keys `serve.*` of tend.yaml: --port 8080 is serve.port, --limits.body 1MB is serve.limits.body, and TEND_SERVE_PORT in
 * the environment is the same. tend.yaml in the folder is read first, then the environment, then the command line.
 */
#include "base/clock.h"
#include "base/log.h"
#include "serve/service.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tend-serve/notify.h"

static serve_service *running;

static void on_signal(int number) {
    if (number == SIGHUP)
        tend_http_server_reload(running->http);
    else
        tend_http_server_drain(running->http);
}

static void catch_signals(void) {
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* Before what they act on goes: who asks twice to end asks again in the middle of it. */
static void ignore_signals(void) {
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
}

/* Lines on stderr, as journald and containers take them. */
static void log_line(void *ctx, const tend_log_event *event) {
    static const char *const words[] = {"debug", "info", "warning"};
    char when[32];
    if (event->kind == TEND_LOG_PROGRESS || (event->kind == TEND_LOG_DEBUG && !*(bool *)ctx))
        return;
    tend_clock_format(tend_clock_micros(), when);
    fprintf(stderr, "%s %s: %s\n", when, words[event->kind], event->what);
}

static int fail(const tend_error *err) {
    if (err->file[0] && err->line)
        fprintf(stderr, "%s:%u:%u: ", err->file, err->line, err->column);
    else if (err->file[0])
        fprintf(stderr, "%s: ", err->file);
    fprintf(stderr, "error: %s\n", err->message);
    if (err->hint[0])
        fprintf(stderr, "  hint: %s\n", err->hint);
    return tend_status_exit(err->code);
}

static int fail_all(const tend_diags *diags) {
    int status = 0;
    for (const tend_diag *d = diags->first; d; d = d->next)
        if (d->severity == TEND_SEVERITY_ERROR) {
            int one = fail(&d->error);
            status = status ? status : one;
        }
    return status;
}

static void print_help(void) {
    printf("usage: tend serve [MODEL…] [--KEY VALUE…]\n\n"
           "The prediction server. MODEL is a name of the registry (census-income, census-income@challenger, census-income/3) or a\n"
           "bundle file; without one, every model of the registry that has a champion is served. Aliases are followed: promoting a\n"
           "version, or rolling back, takes effect at once, and no request fails.\n\n"
           "Every key of tend.yaml's `serve` is an option here, and TEND_SERVE_<KEY> in the environment:\n\n");
    for (int i = 0; i < tend_serve_keys.n; i++) {
        const tend_key *row = &tend_serve_keys.rows[i];
        if (strncmp(row->path, "serve.", 6) != 0 || (row->types & TEND_KEY_MAP) || strchr(row->path, '*'))
            continue;
        printf("  --%-32s %s%s%s%s\n", row->path + 6, row->help, row->fallback ? " (" : "", row->fallback ? row->fallback : "",
               row->fallback ? ")" : "");
    }
    printf("\n  --%-32s %s\n", "folder DIR", "the project: its tend.yaml, registry and logs (.)");
    printf("  --%-32s %s\n", "new-token NAME:ROLES", "make a token; its line for the file on stdout, the token itself on stderr");
    printf("  --%-32s %s\n", "check", "read the settings, load the models, say what would be served, and end");
    printf("  --%-32s %s\n", "debug", "tell more");
    printf("\nSignals: TERM and INT finish what is under way, then end; HUP reads certificates again.\n");
}

/* ---- settings ---- */

typedef struct words {
    const char *folder, *new_token;
    bool check, debug, help, version;
    tend_node *set; /* {serve: {…}} */
    tend_node *models;
    tend_arena *arena;
    tend_diags *diags;
} words;

/* Sets a.b.c in a tree of maps. */
static void set_path(tend_arena *arena, tend_node *root, const char *path, tend_node *value) {
    tend_node *at = root;
    for (const char *dot; (dot = strchr(path, '.')); path = dot + 1) {
        const char *key = tend_arena_strndup(arena, path, (size_t)(dot - path));
        tend_node *next = (tend_node *)(uintptr_t)tend_node_get(at, key);
        at = next && next->kind == TEND_NODE_MAP ? next : tend_node_set_map(arena, at, key);
    }
    tend_node_set(arena, at, path, value);
}

/* The text of an option is read as YAML, so that 8080 is a number and [a, b] a list; `source` names it in messages. */
static void set_option(words *w, const char *path, const char *text, const char *source) {
    tend_node *value = NULL;
    tend_error err = TEND_ERROR_INIT;
    if (!tend_key_find(&tend_serve_keys, path)) {
        const char *names[128];
        size_t n = 0;
        for (int i = 0; i < tend_serve_keys.n && n < 128; i++)
            if (!strncmp(tend_serve_keys.rows[i].path, "serve.", 6))
                names[n++] = tend_serve_keys.rows[i].path + 6;
        const char *near = tend_text_nearest(path + 6, names, n);
        tend_error *e = tend_diags_add(w->diags, TEND_SEVERITY_ERROR, TEND_USAGE, (tend_span){0}, "unknown option %s", source);
        tend_error_hint(e, TEND_USAGE, near ? "did you mean '--%s'?" : "tend serve --help lists them", near ? near : "");
        return;
    }
    if (tend_yaml_parse(text, strlen(text), source, w->diags, &value, &err) == TEND_OK)
        set_path(w->arena, w->set, path, value ? value : tend_node_new_string(w->arena, text));
}

static void read_environment(words *w) {
    for (int i = 0; i < tend_serve_keys.n; i++) {
        char name[128] = "TEND_";
        const char *path = tend_serve_keys.rows[i].path;
        size_t size = strlen(name);
        if (strncmp(path, "serve.", 6) != 0)
            continue;
        for (const char *at = path; *at && size + 1 < sizeof name; at++)
            name[size++] = *at == '.' ? '_' : (char)(*at >= 'a' && *at <= 'z' ? *at - 32 : *at);
        name[size] = '\0';
        const char *value = getenv(name);
        if (value)
            set_option(w, path, value, tend_arena_strdup(w->arena, name));
    }
}

static bool is_word(const char *argument, const char *name) { return !strcmp(argument, name); }

static void read_words(words *w, int n, char **arguments) {
    for (int i = 1; i < n; i++) {
        const char *a = arguments[i];
        if (strncmp(a, "--", 2) != 0 && strcmp(a, "-h") != 0) {
            tend_node_push(w->models, tend_node_new_string(w->arena, a));
            continue;
        }
        if (is_word(a, "--help") || is_word(a, "-h")) {
            w->help = true;
        } else if (is_word(a, "--version")) {
            w->version = true;
        } else if (is_word(a, "--check")) {
            w->check = true;
        } else if (is_word(a, "--debug")) {
            w->debug = true;
        } else {
            const char *equals = strchr(a, '=');
            const char *key = equals ? tend_arena_strndup(w->arena, a + 2, (size_t)(equals - a - 2)) : a + 2;
            const char *value = equals ? equals + 1 : i + 1 < n ? arguments[++i] : NULL;
            if (!value)
                tend_diags_add(w->diags, TEND_SEVERITY_ERROR, TEND_USAGE, (tend_span){0}, "--%s needs a value", key);
            else if (is_word(key, "folder"))
                w->folder = value;
            else if (is_word(key, "new-token"))
                w->new_token = value;
            else
                set_option(w, tend_arena_printf(w->arena, "serve.%s", key), value, tend_arena_printf(w->arena, "--%s", key));
        }
    }
}

/* What the command line and the environment set, over what tend.yaml has. */
static void overlay(tend_arena *arena, tend_node *into, const tend_node *from) {
    TEND_NODE_EACH(child, from) {
        tend_node *there = (tend_node *)(uintptr_t)tend_node_get(into, child->key);
        if (there && there->kind == TEND_NODE_MAP && child->kind == TEND_NODE_MAP)
            overlay(arena, there, child);
        else
            tend_node_set(arena, into, child->key, tend_node_copy(arena, child));
    }
}

/* The project that this folder belongs to: it, or one above, that has a tend.yaml or a registry. */
static const char *find_folder(tend_arena *arena) {
    const char *folder = ".";
    for (int depth = 0; depth < 32; depth++) {
        if (tend_fs_exists(tend_path_join(arena, folder, "tend.yaml")) || tend_fs_is_dir(tend_path_join(arena, folder, ".tend")))
            return folder;
        folder = depth ? tend_arena_printf(arena, "../%s", folder) : "..";
    }
    return ".";
}

static tend_node *read_project(words *w) {
    const char *path = tend_path_join(w->arena, w->folder, "tend.yaml");
    char *text;
    size_t size;
    tend_node *root = NULL;
    tend_error err = TEND_ERROR_INIT;
    if (!tend_fs_exists(path))
        return tend_node_new_map(w->arena);
    if (tend_fs_read(path, 16 << 20, w->arena, &text, &size, &err) != TEND_OK)
        tend_diags_push(w->diags, TEND_SEVERITY_ERROR, &err);
    else
        TEND_IGNORE(tend_yaml_parse(text, size, path, w->diags, &root, &err)); /* its faults are in diags */
    return root && root->kind == TEND_NODE_MAP ? root : tend_node_new_map(w->arena);
}

static void read_settings(words *w, tend_serve_settings *out) {
    w->folder = w->folder ? w->folder : find_folder(w->arena);
    tend_node *root = read_project(w);
    if (w->models->count)
        set_path(w->arena, w->set, "serve.model", w->models);
    overlay(w->arena, root, w->set);
    if (!w->diags->n_errors)
        tend_serve_settings_read(root, w->folder, w->arena, w->diags, out);
}

/* ---- running ---- */

static void say_ready(const serve_service *s) {
    const serve_deployment *d = s->deployment;
    TEND_AUTO_BUF names = TEND_BUF_INIT;
    for (int i = 0; i < d->n_endpoints && i < 8; i++)
        tend_buf_printf(&names, "%s%s", i ? ", " : "", d->endpoints[i].champion->title);
    if (d->n_endpoints > 8)
        tend_buf_printf(&names, " and %d more", d->n_endpoints - 8);
    const char *host = s->settings.host;
    bool bare = strchr(host, ':') != NULL;
    if (!strncmp(host, "unix:", 5))
        tend_log(TEND_LOG_INFO, "serving %s on %s", tend_buf_text(&names), host);
    else
        tend_log(TEND_LOG_INFO, "serving %s on %s://%s%s%s:%d", tend_buf_text(&names), s->settings.tls_key ? "https" : "http",
                 bare ? "[" : "", host, bare ? "]" : "", tend_http_server_port(s->http));
}

static int make_token(words *w) {
    TEND_AUTO_BUF token = TEND_BUF_INIT, line = TEND_BUF_INIT;
    tend_error err = TEND_ERROR_INIT;
    const char *colon = strchr(w->new_token, ':');
    if (!colon)
        return fail((TEND_FAIL(&err, USAGE, "--new-token wants NAME:ROLES, for example shop:predict"), &err));
    const char *name = tend_arena_strndup(w->arena, w->new_token, (size_t)(colon - w->new_token));
    if (serve_token_make(name, colon + 1, &token, &line, &err) != TEND_OK)
        return fail(&err);
    fprintf(stderr, "%s\n", tend_buf_text(&token));
    fputs(tend_buf_text(&line), stdout);
    return 0;
}

/* Many connections need many files. */
static void raise_limits(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int serve(const tend_serve_settings *settings, bool check) {
    tend_error err = TEND_ERROR_INIT;
    if (serve_service_open(settings, notify_listen_fd(), &running, &err) != TEND_OK)
        return fail(&err);
    say_ready(running);
    if (!check) {
        catch_signals();
        notify_ready();
    }
    tend_status status = check ? TEND_OK : serve_service_run(running, &err);
    ignore_signals();
    if (!check && status == TEND_OK)
        tend_log(TEND_LOG_INFO, "stopped");
    serve_service_free(running);
    return status == TEND_OK ? 0 : fail(&err);
}

int main(int n, char **arguments) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_diags diags;
    tend_diags_init(&diags, arena);
    words w = {.set = tend_node_new_map(arena), .models = tend_node_new_list(arena), .arena = arena, .diags = &diags};
    tend_serve_settings settings;
    read_environment(&w);
    read_words(&w, n, arguments);
    if (w.help) {
        print_help();
        return 0;
    }
    if (w.version) {
        printf("tend-serve %s\n", TEND_VERSION);
        return 0;
    }
    tend_log_set_sink(log_line, &w.debug);
    if (w.new_token && !diags.n_errors)
        return make_token(&w);
    read_settings(&w, &settings);
    if (diags.n_errors)
        return fail_all(&diags);
    raise_limits();
    return serve(&settings, w.check);
}
