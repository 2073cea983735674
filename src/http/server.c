/* A server as a whole: opened, run by its workers, drained. */
#include "http/internal.h"

#include "base/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { MAX_WORKERS = 256 };

static tend_status check_options(const tend_http_options *options, tend_error *err) {
    if (!options->tls_certificate != !options->tls_key)
        return TEND_FAIL(err, CONFIG, "TLS wants a certificate and its key, there is only %s",
                         options->tls_key ? "the key" : "the certificate");
    if (options->workers < 0 || options->workers > MAX_WORKERS)
        return TEND_FAIL(err, CONFIG, "%d workers are not between 0 and %d", options->workers, MAX_WORKERS);
    if (options->max_header < 256 || options->max_headers < 1 || options->max_connections < 1)
        return TEND_FAIL(err, CONFIG, "max_header wants at least 256, max_headers and max_connections at least 1");
    return TEND_OK;
}

static tend_status open_parts(tend_http_server *server, tend_error *err) {
    const tend_http_options *options = &server->options;
    if (options->tls_certificate)
        TEND_TRY(http_tls_new(options->tls_certificate, options->tls_key, &server->tls, err));
    if (options->max_connections_per_peer > 0)
        server->peers = http_peers_new();
    server->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    TEND_TRY(http_listen(server, err));
    /* Workers in cache lines of their own. */
    if (posix_memalign((void **)&server->workers, 64, (size_t)server->n_workers * sizeof *server->workers) != 0)
        return TEND_FAIL(err, LIMIT, "no memory for %d workers", server->n_workers);
    memset(server->workers, 0, (size_t)server->n_workers * sizeof *server->workers);
    for (int i = 0; i < server->n_workers; i++)
        TEND_TRY(http_worker_init(&server->workers[i], server, i, err));
    return TEND_OK;
}

tend_status tend_http_server_open(const tend_http_options *options, const tend_http_app *app, tend_http_server **out, tend_error *err) {
    TEND_TRY(check_options(options, err));
    tend_http_server *server = tend_calloc(1, sizeof *server);
    server->options = *options;
    server->app = *app;
    server->n_workers = options->workers ? options->workers : tend_thread_count();
    server->reserve_fd = -1;
    pthread_mutex_init(&server->reserve_lock, NULL);
    tend_status status = open_parts(server, err);
    if (status != TEND_OK)
        tend_http_server_free(server);
    else
        *out = server;
    return status;
}

int tend_http_server_port(const tend_http_server *server) { return server->port; }

tend_status tend_http_server_run(tend_http_server *server, tend_error *err) {
    tend_status status = TEND_OK;
    atomic_store(&server->listening, server->n_workers);
    /* Signals are for the caller's thread. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int started = 1;
    for (; started < server->n_workers; started++) {
        int failed = pthread_create(&server->workers[started].thread, NULL, http_worker_run, &server->workers[started]);
        if (failed) {
            status = TEND_FAIL(err, IO, "cannot start worker %d: %s", started, strerror(failed));
            tend_http_server_drain(server);
            break;
        }
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    http_worker_run(&server->workers[0]);
    for (int i = 1; i < started; i++)
        pthread_join(server->workers[i].thread, NULL);
    http_listen_close(server);
    return status;
}

static void wake_all(tend_http_server *server) {
    for (int i = 0; i < server->n_workers; i++)
        http_worker_wake(&server->workers[i]);
}

void tend_http_server_drain(tend_http_server *server) {
    atomic_fetch_add(&server->drain, 1);
    wake_all(server);
}

void tend_http_server_reload(tend_http_server *server) {
    atomic_store(&server->reload, true);
    http_worker_wake(&server->workers[0]);
}

void tend_http_server_free(tend_http_server *server) {
    if (!server)
        return;
    http_listen_close(server);
    for (int i = 0; server->workers && i < server->n_workers; i++)
        http_worker_done(&server->workers[i]);
    free(server->workers);
    http_tls_free(server->tls);
    http_peers_free(server->peers);
    if (server->reserve_fd >= 0)
        close(server->reserve_fd);
    pthread_mutex_destroy(&server->reserve_lock);
    free(server);
}

void tend_http_server_counts(const tend_http_server *server, tend_http_counts *out) {
    tend_http_counts sum = {0};
    for (int i = 0; i < server->n_workers; i++) {
        const http_counters *c = &server->workers[i].counters;
#define ADD(name) sum.name += atomic_load_explicit(&c->name, memory_order_relaxed)
        ADD(connections);
        ADD(accepted);
        ADD(refused);
        ADD(requests);
        ADD(shed);
        ADD(malformed);
        ADD(timed_out);
        ADD(bytes_in);
        ADD(bytes_out);
#undef ADD
    }
    *out = sum;
}
