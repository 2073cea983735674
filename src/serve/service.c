#include "serve/service.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "serve/app.h"
#include "serve/keeper.h"
#include "serve/shadow.h"
#include "store/prediction_id.h"

#include <stdlib.h>
#include <sys/random.h>

tend_status serve_service_store(const serve_service *s, bool write, tend_store **out, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_store_options options = {.folder = tend_path_join(arena, s->settings.folder, ".tend"),
                                  .mode = write ? TEND_STORE_WRITE : TEND_STORE_READ};
    if (!tend_fs_exists(tend_path_join(arena, options.folder, "tend.db")))
        return TEND_FAIL(err, NOT_FOUND, "there is no registry in %s", options.folder);
    return tend_store_open(&options, out, err);
}

void serve_service_id(serve_service *s, int lane, int64_t at, char *out) {
    uint64_t counter = (uint64_t)lane << 32 | (s->seats[lane].counter++ & UINT32_MAX);
    tend_prediction_id_format((uint64_t)at / 1000, s->instance, counter, out);
}

const serve_deployment *serve_service_deployment(serve_service *s, int lane) {
    struct serve_seat *seat = &s->seats[lane];
    if (seat->deployment && seat->deployment->generation == atomic_load_explicit(&s->generation, memory_order_acquire))
        return seat->deployment;
    pthread_mutex_lock(&s->lock);
    serve_deployment *now = serve_deployment_ref(s->deployment);
    pthread_mutex_unlock(&s->lock);
    serve_deployment_unref(seat->deployment);
    seat->deployment = now;
    return now;
}

static tend_status make_deployment(serve_service *s, tend_error *err) {
    TEND_AUTO(tend_store) *store = NULL;
    tend_error none = TEND_ERROR_INIT;
    serve_deployment *made;
    tend_status status = serve_service_store(s, false, &store, &none);
    if (status != TEND_OK && status != TEND_NOT_FOUND) {
        *err = none;
        return status;
    }
    serve_plan plan = {.settings = &s->settings,
                       .shares = s->shares,
                       .n_shares = s->n_shares,
                       .shadows = s->shadows,
                       .n_shadows = s->n_shadows,
                       .unloaded = (const char *const *)s->unloaded,
                       .n_unloaded = s->n_unloaded,
                       .logs = s->logs,
                       .n_lanes = s->n_lanes};
    TEND_TRY(serve_deployment_make(&plan, store, s->deployment, &made, err));
    pthread_mutex_lock(&s->lock);
    serve_deployment *old = s->deployment;
    s->deployment = made;
    atomic_store_explicit(&s->generation, made->generation, memory_order_release);
    pthread_mutex_unlock(&s->lock);
    serve_deployment_unref(old);
    return TEND_OK;
}

tend_status serve_service_redeploy(serve_service *s, tend_error *err) {
    pthread_mutex_lock(&s->deploying);
    tend_status status = make_deployment(s, err);
    pthread_mutex_unlock(&s->deploying);
    return status;
}

/* ---- unloading ---- */

static int find_unloaded(const serve_service *s, tend_str name) {
    int i = 0;
    while (i < s->n_unloaded && !tend_str_is(name, s->unloaded[i]))
        i++;
    return i;
}

/* With both locks held: what makes deployments reads under the one, what answers requests under the other. */
static void mark_loaded(serve_service *s, tend_str name, bool loaded) {
    int i = find_unloaded(s, name);
    if (loaded && i < s->n_unloaded) {
        free(s->unloaded[i]);
        s->unloaded[i] = s->unloaded[--s->n_unloaded];
    } else if (!loaded && i == s->n_unloaded) {
        char *copy = tend_malloc(name.size + 1);
        memcpy(copy, name.at, name.size);
        copy[name.size] = '\0';
        s->unloaded = tend_realloc(s->unloaded, (size_t)(i + 1) * sizeof *s->unloaded);
        s->unloaded[s->n_unloaded++] = copy;
    }
}

tend_status serve_service_set_loaded(serve_service *s, tend_str name, bool loaded, tend_error *err) {
    pthread_mutex_lock(&s->deploying);
    pthread_mutex_lock(&s->lock);
    bool before = find_unloaded(s, name) == s->n_unloaded;
    mark_loaded(s, name, loaded);
    pthread_mutex_unlock(&s->lock);
    tend_status status = make_deployment(s, err);
    if (status != TEND_OK) {
        pthread_mutex_lock(&s->lock);
        mark_loaded(s, name, before);
        pthread_mutex_unlock(&s->lock);
    }
    pthread_mutex_unlock(&s->deploying);
    return status;
}

bool serve_service_is_unloaded(serve_service *s, const char *name) {
    pthread_mutex_lock(&s->lock);
    bool unloaded = find_unloaded(s, tend_str_of(name)) < s->n_unloaded;
    pthread_mutex_unlock(&s->lock);
    return unloaded;
}

bool serve_service_is_behind(serve_service *s) {
    bool behind = false;
    pthread_mutex_lock(&s->lock);
    for (int i = 0; i < s->deployment->n_endpoints; i++)
        behind |= s->deployment->endpoints[i].is_behind;
    pthread_mutex_unlock(&s->lock);
    return behind;
}

/* ---- opening ---- */

static void copy_routes(serve_service *s) {
    s->n_shares = s->settings.n_shares;
    s->shares = TEND_ARRAY(s->arena, tend_serve_share, s->n_shares + 1);
    for (int i = 0; i < s->n_shares; i++)
        s->shares[i] = s->settings.shares[i];
    s->n_shadows = s->settings.n_shadows;
    s->shadows = TEND_ARRAY(s->arena, const char *, s->n_shadows + 1);
    for (int i = 0; i < s->n_shadows; i++)
        s->shadows[i] = s->settings.shadows[i];
}

static bool is_loopback(const char *host) {
    return !strncmp(host, "127.", 4) || !strcmp(host, "::1") || !strcmp(host, "localhost") || !strncmp(host, "unix:", 5);
}

static tend_status open_tokens(serve_service *s, tend_error *err) {
    tend_diags diags;
    if (!s->settings.tokens) {
        if (!is_loopback(s->settings.host))
            return tend_error_hint(err,
                                   TEND_FAIL(err, CONFIG,
                                             "%s can be reached from other machines, and there are no tokens: nobody could be refused",
                                             s->settings.host),
                                   "make one: tend serve --new-token NAME:predict >> tokens, then serve: {tokens: tokens}");
        return TEND_OK;
    }
    tend_diags_init(&diags, s->arena);
    return serve_tokens_open(s->settings.tokens, &diags, &s->tokens, err);
}

static tend_status open_http(serve_service *s, int listen_fd, tend_error *err) {
    const tend_serve_settings *set = &s->settings;
    tend_http_options options = TEND_HTTP_OPTIONS_INIT;
    options.host = set->host;
    options.port = set->port;
    options.listen_fd = listen_fd;
    options.workers = s->n_lanes - 1;
    options.tls_certificate = set->tls_certificate;
    options.tls_key = set->tls_key;
    options.max_header = (size_t)set->max_header;
    options.max_body = (uint64_t)set->max_body;
    options.max_stream = UINT64_MAX;
    options.max_connections = set->max_connections;
    options.max_connections_per_peer = set->max_connections_per_peer;
    options.max_wait = set->max_wait;
    options.header_timeout = set->header_timeout;
    options.body_timeout = set->body_timeout;
    options.idle_timeout = set->idle_timeout;
    options.drain_timeout = set->drain_timeout;
    tend_http_app app = serve_app(s);
    return tend_http_server_open(&options, &app, &s->http, err);
}

static tend_status open_all(serve_service *s, int listen_fd, tend_error *err) {
    if (getrandom(&s->instance, sizeof s->instance, 0) != (ssize_t)sizeof s->instance)
        return TEND_FAIL(err, IO, "the system gives no random numbers");
    TEND_TRY(open_tokens(s, err));
    if (s->settings.rate > 0)
        s->rate = tend_rate_new(s->settings.rate, s->settings.burst > 0 ? s->settings.burst : s->settings.rate, 100000);
    s->logs = serve_logs_new(&s->settings, s->n_lanes);
    TEND_TRY(make_deployment(s, err));
    for (int i = 0; i < s->deployment->n_endpoints; i++)
        if (!s->deployment->endpoints[i].champion)
            return TEND_FAIL(err, NOT_FOUND, "%s: %s", s->deployment->endpoints[i].reference, s->deployment->endpoints[i].problem);
    s->shadow = serve_shadow_new(s);
    return open_http(s, listen_fd, err);
}

tend_status serve_service_open(const tend_serve_settings *settings, int listen_fd, serve_service **out, tend_error *err) {
    tend_arena *arena = tend_arena_new();
    serve_service *s = tend_arena_alloc_aligned(arena, sizeof *s, 64);
    s->arena = arena;
    s->settings = *settings;
    s->n_lanes = (settings->workers ? settings->workers : tend_thread_count()) + 1;
    s->seats = tend_arena_alloc_aligned(arena, (size_t)s->n_lanes * sizeof *s->seats, 64);
    s->started = tend_clock_micros();
    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_init(&s->deploying, NULL);
    copy_routes(s);
    tend_status status = open_all(s, listen_fd, err);
    if (status == TEND_OK)
        *out = s;
    else
        serve_service_free(s);
    return status;
}

tend_status serve_service_run(serve_service *s, tend_error *err) {
    serve_keeper keeper;
    TEND_TRY(serve_keeper_start(&keeper, s, err));
    tend_status status = tend_http_server_run(s->http, err);
    serve_keeper_stop(&keeper);
    return status;
}

void serve_service_free(serve_service *s) {
    if (!s)
        return;
    tend_http_server_free(s->http);
    serve_shadow_free(s->shadow);
    for (int i = 0; i < s->n_lanes; i++)
        serve_deployment_unref(s->seats[i].deployment);
    serve_deployment_unref(s->deployment);
    serve_logs_free(s->logs);
    serve_tokens_free(s->tokens);
    tend_rate_free(s->rate);
    for (int i = 0; i < s->n_unloaded; i++)
        free(s->unloaded[i]);
    free(s->unloaded);
    pthread_mutex_destroy(&s->lock);
    pthread_mutex_destroy(&s->deploying);
    tend_arena_free(s->arena);
}
