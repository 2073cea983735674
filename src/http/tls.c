#include "http/tls.h"

#include "base/fs.h"
#include "base/log.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <sys/socket.h>

struct http_tls {
    char *certificate, *key;
    BIO_METHOD *socket;
    pthread_mutex_t lock; /* around `context`: worker 0 swaps it while others accept */
    SSL_CTX *context;
    tend_file_stamp certificate_stamp, key_stamp; /* of the files last tried, good or bad */
    tend_arena *arena;
};

static tend_status tls_fail(tend_error *err, const char *what, const char *path) {
    char reason[160];
    ERR_error_string_n(ERR_peek_last_error(), reason, sizeof reason);
    const char *text = ERR_reason_error_string(ERR_peek_last_error());
    TEND_FAIL(err, CONFIG, "%s '%s': %s", what, path, text ? text : reason);
    ERR_clear_error();
    return TEND_CONFIG;
}

/* ---- a socket that never raises SIGPIPE: OpenSSL's own writes by write() ---- */

static int socket_write(BIO *bio, const char *at, int size) {
    BIO_clear_retry_flags(bio);
    int fd = (int)(intptr_t)BIO_get_data(bio);
    ssize_t n = send(fd, at, (size_t)size, MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        BIO_set_retry_write(bio);
    return (int)n;
}

static int socket_read(BIO *bio, char *at, int size) {
    BIO_clear_retry_flags(bio);
    int fd = (int)(intptr_t)BIO_get_data(bio);
    ssize_t n = recv(fd, at, (size_t)size, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        BIO_set_retry_read(bio);
    if (n == 0)
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return (int)n;
}

static long socket_control(BIO *bio, int command, long number, void *pointer) {
    (void)number, (void)pointer;
    if (command == BIO_CTRL_EOF)
        return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    return command == BIO_CTRL_FLUSH;
}

static BIO_METHOD *socket_method(void) {
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "tend socket");
    if (method) {
        BIO_meth_set_write(method, socket_write);
        BIO_meth_set_read(method, socket_read);
        BIO_meth_set_ctrl(method, socket_control);
    }
    return method;
}

/* ---- the context ---- */

/* RFC 7301: HTTP/1.1 when it is offered; a client that speaks only something else is told so. */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_size, const unsigned char *in, unsigned in_size,
                           void *ctx) {
    (void)ssl, (void)ctx;
    static const unsigned char OURS[] = "\x08http/1.1\x08http/1.0";
    unsigned char *chosen = NULL;
    if (SSL_select_next_proto(&chosen, out_size, OURS, sizeof OURS - 1, in, in_size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static tend_status load(const http_tls *tls, SSL_CTX *context, tend_error *err) {
    if (SSL_CTX_use_certificate_chain_file(context, tls->certificate) != 1)
        return tls_fail(err, "no certificate in", tls->certificate);
    if (SSL_CTX_use_PrivateKey_file(context, tls->key, SSL_FILETYPE_PEM) != 1)
        return tls_fail(err, "no private key for the certificate in", tls->key);
    if (SSL_CTX_check_private_key(context) != 1)
        return tls_fail(err, "the certificate does not belong to the private key", tls->key);
    return TEND_OK;
}

static tend_status new_context(const http_tls *tls, SSL_CTX **out, tend_error *err) {
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (!context)
        return tls_fail(err, "cannot begin with the certificate", tls->certificate);
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_read_ahead(context, 1); /* a record's head and body by one recv */
    /* An idle connection gives its 32 KiB of buffers back. */
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_id_context(context, (const unsigned char *)"tend", 4);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    tend_status status = load(tls, context, err);
    if (status != TEND_OK)
        SSL_CTX_free(context);
    else
        *out = context;
    return status;
}

static void note_stamps(http_tls *tls) {
    if (tend_fs_stamp(tls->certificate, &tls->certificate_stamp, NULL) != TEND_OK)
        tls->certificate_stamp = (tend_file_stamp){0};
    if (tend_fs_stamp(tls->key, &tls->key_stamp, NULL) != TEND_OK)
        tls->key_stamp = (tend_file_stamp){0};
}

tend_status http_tls_new(const char *certificate, const char *key, http_tls **out, tend_error *err) {
    tend_arena *arena = tend_arena_new();
    http_tls *tls = TEND_NEW(arena, http_tls);
    *tls = (http_tls){.certificate = tend_arena_strdup(arena, certificate), .key = tend_arena_strdup(arena, key), .arena = arena};
    pthread_mutex_init(&tls->lock, NULL);
    note_stamps(tls);
    tls->socket = socket_method();
    tend_status status = tls->socket ? new_context(tls, &tls->context, err) : tls_fail(err, "cannot begin with", certificate);
    if (status != TEND_OK)
        http_tls_free(tls);
    else
        *out = tls;
    return status;
}

void http_tls_free(http_tls *tls) {
    if (!tls)
        return;
    SSL_CTX_free(tls->context);
    BIO_meth_free(tls->socket);
    pthread_mutex_destroy(&tls->lock);
    tend_arena_free(tls->arena);
}

void http_tls_check(http_tls *tls, bool forced) {
    tend_file_stamp certificate = tls->certificate_stamp, key = tls->key_stamp;
    note_stamps(tls);
    if (!forced && memcmp(&certificate, &tls->certificate_stamp, sizeof certificate) == 0 && memcmp(&key, &tls->key_stamp, sizeof key) == 0)
        return;
    tend_error err = TEND_ERROR_INIT;
    SSL_CTX *context = NULL;
    if (new_context(tls, &context, &err) != TEND_OK) {
        tend_log(TEND_LOG_WARNING, "the certificate was not changed: %s", err.message);
        return;
    }
    pthread_mutex_lock(&tls->lock);
    SSL_CTX *old = tls->context;
    tls->context = context;
    pthread_mutex_unlock(&tls->lock);
    SSL_CTX_free(old);
    tend_log(TEND_LOG_INFO, "a new certificate is in use: %s", tls->certificate);
}

/* ---- a connection ---- */

SSL *http_tls_accept(http_tls *tls, int fd) {
    pthread_mutex_lock(&tls->lock);
    SSL *ssl = SSL_new(tls->context);
    pthread_mutex_unlock(&tls->lock);
    BIO *bio = ssl ? BIO_new(tls->socket) : NULL;
    if (!bio) {
        SSL_free(ssl);
        return NULL;
    }
    BIO_set_data(bio, (void *)(intptr_t)fd);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    SSL_set_accept_state(ssl);
    return ssl;
}

ssize_t http_tls_read(SSL *ssl, char *at, size_t size, http_tls_want *out_want) {
    size_t total = 0, n = 0;
    *out_want = HTTP_TLS_MORE;
    ERR_clear_error();
    /* Record after record: what OpenSSL keeps inside would raise no event. */
    while (total < size && SSL_read_ex(ssl, at + total, size - total, &n) == 1)
        total += n;
    if (total == size)
        return (ssize_t)total;
    int reason = SSL_get_error(ssl, 0);
    if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE) {
        *out_want = reason == SSL_ERROR_WANT_READ ? HTTP_TLS_READ : HTTP_TLS_WRITE;
        return total ? (ssize_t)total : HTTP_IO_AGAIN;
    }
    if (total)
        return (ssize_t)total; /* the end, or what is wrong, is found once more */
    return reason == SSL_ERROR_ZERO_RETURN ? 0 : HTTP_IO_ERROR;
}

ssize_t http_tls_write(SSL *ssl, const char *at, size_t size) {
    size_t n = 0;
    ERR_clear_error();
    if (SSL_write_ex(ssl, at, size, &n) == 1)
        return (ssize_t)n;
    int reason = SSL_get_error(ssl, 0);
    return reason == SSL_ERROR_WANT_WRITE || reason == SSL_ERROR_WANT_READ ? HTTP_IO_AGAIN : HTTP_IO_ERROR;
}

bool http_tls_is_ready(const SSL *ssl) { return SSL_is_init_finished(ssl); }

void http_tls_end(SSL *ssl) {
    ERR_clear_error();
    if (SSL_is_init_finished(ssl))
        SSL_shutdown(ssl);
    ERR_clear_error();
}

void http_tls_close(SSL *ssl) { SSL_free(ssl); }
