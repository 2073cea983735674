#include "serve/settings.h"

#include "base/fs.h"

#include <math.h>

/* clang-format off */
static const tend_key rows[] = {
{"name", TEND_KEY_STRING, NULL, NULL, 0, 0, "the project's name"},
#include "serve/keys.inc.h"
};
/* clang-format on */

const tend_key_table tend_serve_keys = {rows, (int)(sizeof(rows) / sizeof(rows[0])), NULL};

typedef struct reading {
    const tend_node *root;
    const char *folder;
    tend_arena *arena;
    tend_diags *diags;
} reading;

static const tend_node *at(const reading *r, const char *path) { return tend_keys_value(&tend_serve_keys, r->root, path, r->arena); }
static const char *text(const reading *r, const char *path) { return tend_node_scalar(at(r, path), NULL); }
static double number(const reading *r, const char *path) { return tend_node_double(at(r, path), 0); }
static bool truth(const reading *r, const char *path) { return tend_node_bool(at(r, path), false); }

static double seconds(const reading *r, const char *path) {
    double ms = 0;
    const char *given = text(r, path);
    return given && tend_key_duration(given, &ms) ? ms / 1000 : 0;
}

static int64_t bytes(const reading *r, const char *path) {
    int64_t size = 0;
    const char *given = text(r, path);
    return given && tend_key_size(given, &size) ? size : 0;
}

static const char *file(const reading *r, const char *path) {
    const char *given = text(r, path);
    return given ? tend_path_join(r->arena, r->folder, given) : NULL;
}

/* A scalar or a list of scalars. */
static const char *const *texts(const reading *r, const char *path, int *out_n) {
    const tend_node *node = at(r, path);
    *out_n = 0;
    if (!node)
        return NULL;
    if (node->kind != TEND_NODE_LIST) {
        const char **one = TEND_ARRAY(r->arena, const char *, 1);
        one[(*out_n)++] = tend_node_scalar(node, "");
        return one;
    }
    const char **list = TEND_ARRAY(r->arena, const char *, node->count + 1);
    TEND_NODE_EACH(item, node) {
        const char *word = tend_node_scalar(item, NULL);
        if (word)
            list[(*out_n)++] = word;
        else
            tend_diags_add(r->diags, TEND_SEVERITY_ERROR, TEND_CONFIG, item->span, "%s: expected a list of names", path);
    }
    return list;
}

/* 0.05, 5%. */
static double share_of(const reading *r, const tend_node *node, const char *where) {
    const char *word = tend_node_scalar(node, NULL);
    double v = (double)NAN;
    if (word) {
        size_t size = strlen(word);
        bool percent = size && word[size - 1] == '%';
        if (tend_text_parse_double((tend_str){word, size - percent}, false, &v) && percent)
            v /= 100;
    }
    if (v >= 0 && v <= 1)
        return v;
    tend_diags_add(r->diags, TEND_SEVERITY_ERROR, TEND_CONFIG, node ? node->span : (tend_span){0},
                   "%s: expected a share such as 5%% or 0.05, found %s", where, word ? word : "nothing");
    return 0;
}

static void read_shares(const reading *r, tend_serve_settings *out) {
    const tend_node *canary = tend_node_path(r->root, "serve.routes.canary"), *groups = tend_node_path(r->root, "serve.routes.ab");
    tend_serve_share *shares = TEND_ARRAY(r->arena, tend_serve_share, (groups ? groups->count : 0) + 1);
    double sum = 0;
    if (canary && canary->kind == TEND_NODE_MAP)
        shares[out->n_shares++] = (tend_serve_share){"canary", text(r, "serve.routes.canary.version"),
                                                     share_of(r, tend_node_get(canary, "share"), "serve.routes.canary.share")};
    TEND_NODE_EACH(group, groups) {
        const char *version = tend_node_scalar(tend_node_get(group, "version"), NULL);
        if (!version)
            tend_diags_add(r->diags, TEND_SEVERITY_ERROR, TEND_CONFIG, group->key_span, "serve.routes.ab.%s: which version?", group->key);
        shares[out->n_shares++] = (tend_serve_share){tend_arena_printf(r->arena, "ab:%s", group->key), version,
                                                     share_of(r, tend_node_get(group, "share"), group->key)};
    }
    for (int i = 0; i < out->n_shares; i++)
        sum += shares[i].share;
    if (sum > 1 + 1e-9)
        tend_diags_add(r->diags, TEND_SEVERITY_ERROR, TEND_CONFIG, tend_node_path(r->root, "serve.routes")->span,
                       "serve.routes: the shares sum to %g%%, more than all requests", sum * 100);
    out->shares = shares;
}

static void read_tls(const reading *r, tend_serve_settings *out) {
    out->tls_certificate = file(r, "serve.tls.certificate");
    out->tls_key = file(r, "serve.tls.key");
    const tend_node *tls = tend_node_path(r->root, "serve.tls");
    if (!out->tls_certificate != !out->tls_key)
        tend_diags_add(r->diags, TEND_SEVERITY_ERROR, TEND_CONFIG, tls->span,
                       "serve.tls: a certificate and its key come together; %s is missing", out->tls_key ? "certificate" : "key");
}

static void read_log(const reading *r, tend_serve_settings *out) {
    out->log = !strcmp(text(r, "serve.log"), "all");
    out->log_refuses = !strcmp(text(r, "serve.log_full"), "refuse");
    out->log_sync = seconds(r, "serve.log_sync");
    out->log_retention = seconds(r, "serve.log_retention");
    out->log_segment = bytes(r, "serve.log_segment");
    out->log_budget = bytes(r, "serve.log_budget");
}

static void read_limits(const reading *r, tend_serve_settings *out) {
    out->rate = number(r, "serve.rate.per_second");
    out->burst = number(r, "serve.rate.burst");
    out->max_body = bytes(r, "serve.limits.body");
    out->max_rows = (int64_t)number(r, "serve.limits.rows");
    out->max_header = bytes(r, "serve.limits.header");
    out->max_connections = (int)number(r, "serve.limits.connections");
    out->max_connections_per_peer = (int)number(r, "serve.limits.connections_per_address");
    out->max_wait = seconds(r, "serve.limits.wait");
    out->header_timeout = seconds(r, "serve.limits.header_timeout");
    out->body_timeout = seconds(r, "serve.limits.body_timeout");
    out->idle_timeout = seconds(r, "serve.limits.idle_timeout");
    out->drain_timeout = seconds(r, "serve.drain");
}

/* Only what is ours: the rest of tend.yaml is `tend run`'s. */
static tend_node *own_part(const tend_node *root, tend_arena *arena) {
    tend_node *own = tend_node_new_map(arena);
    static const char *const sections[] = {"name", "serve"};
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
        const tend_node *node = tend_node_get(root, sections[i]);
        if (node) {
            tend_node *copy = tend_node_set(arena, own, sections[i], tend_node_copy(arena, node));
            copy->key_span = node->key_span;
        }
    }
    return own;
}

void tend_serve_settings_read(const tend_node *root, const char *folder, tend_arena *arena, tend_diags *diags, tend_serve_settings *out) {
    *out = (tend_serve_settings){.folder = folder};
    reading r = {own_part(root, arena), folder, arena, diags};
    tend_keys_check(&tend_serve_keys, r.root, arena, diags);
    if (diags->n_errors) {
        read_shares(&r, out); /* for its faults: all are told at once */
        return;
    }
    out->name = text(&r, "name");
    out->models = texts(&r, "serve.model", &out->n_models);
    out->host = text(&r, "serve.host");
    out->port = (int)number(&r, "serve.port");
    out->workers = (int)number(&r, "serve.workers");
    out->explain = truth(&r, "serve.explain");
    out->route_key = text(&r, "serve.routes.key");
    out->shadows = texts(&r, "serve.routes.shadow", &out->n_shadows);
    out->tokens = file(&r, "serve.tokens");
    read_shares(&r, out);
    read_tls(&r, out);
    read_log(&r, out);
    read_limits(&r, out);
}
