/* TLS with certificates made on the spot: serving, swapping, refusing bad ones. */
#include "server_kit.h"

#include "base/fs.h"
#include "base/log.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

static char certificate_path[512], key_path[512];

/* A self-signed pair for `name`, written where the server reads it. */
static void write_pair(const char *name, bool write_key) {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME *subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(certificate, subject);
    ASSERT_TRUE(X509_sign(certificate, key, EVP_sha256()) > 0);
    FILE *f = fopen(certificate_path, "w");
    PEM_write_X509(f, certificate);
    fclose(f);
    if (write_key) {
        f = fopen(key_path, "w");
        PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
        fclose(f);
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static void set_paths(kit *k) {
    snprintf(certificate_path, sizeof certificate_path, "%s/cert.pem", suite_scratch());
    snprintf(key_path, sizeof key_path, "%s/key.pem", suite_scratch());
    write_pair("first", true);
    k->options.tls_certificate = certificate_path;
    k->options.tls_key = key_path;
}

typedef struct tls_client {
    SSL_CTX *context;
    SSL *ssl;
    int fd;
} tls_client;

static bool tls_connect(const kit *k, const char *protocols, tls_client *out) {
    out->context = SSL_CTX_new(TLS_client_method());
    if (protocols)
        SSL_CTX_set_alpn_protos(out->context, (const unsigned char *)protocols, (unsigned)strlen(protocols));
    out->ssl = SSL_new(out->context);
    out->fd = client(k);
    SSL_set_fd(out->ssl, out->fd);
    return SSL_connect(out->ssl) == 1;
}

static void tls_close(tls_client *c) {
    SSL_free(c->ssl);
    SSL_CTX_free(c->context);
    close(c->fd);
    ERR_clear_error();
}

/* Reads until the text holds `part`. */
static void tls_expect(tls_client *c, const char *part) {
    char got[4096] = "";
    size_t size = 0;
    while (!strstr(got, part) && size < sizeof got - 1) {
        int n = SSL_read(c->ssl, got + size, (int)(sizeof got - 1 - size));
        if (n <= 0)
            break;
        size += (size_t)n;
        got[size] = '\0';
    }
    ASSERT_HAS(got, part);
}

static void tls_send(tls_client *c, const char *text) { ASSERT_EQ(SSL_write(c->ssl, text, (int)strlen(text)), (int)strlen(text)); }

static const char *name_of(tls_client *c, char out[64]) {
    X509 *certificate = SSL_get1_peer_certificate(c->ssl);
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, out, 64);
    X509_free(certificate);
    return out;
}

#define HELLO "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n"

TEST(serves_over_tls) {
    KIT(k, set_paths(&k));
    tls_client c;
    ASSERT_TRUE(tls_connect(&k, "\x02h2\x08http/1.1", &c));
    const unsigned char *protocol;
    unsigned size;
    SSL_get0_alpn_selected(c.ssl, &protocol, &size);
    ASSERT_EQ(size, 8);
    ASSERT_MEM_EQ(protocol, "http/1.1", 8);
    for (int i = 0; i < 3; i++) {
        tls_send(&c, HELLO);
        tls_expect(&c, "\r\n\r\nhello");
    }
    tls_send(&c, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    tls_expect(&c, "100 Continue\r\n\r\n");
    tls_send(&c, "ok");
    tls_expect(&c, "\r\n\r\nok");
    tls_send(&c, "GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    tls_expect(&c, "\r\n\r\nhello");
    char rest[8];
    ASSERT_EQ(SSL_read(c.ssl, rest, sizeof rest), 0); /* a proper end, not a cut */
    ASSERT_EQ(SSL_get_error(c.ssl, 0), SSL_ERROR_ZERO_RETURN);
    tls_close(&c);
    kit_stop(&k);
}

TEST(moves_large_bodies_over_tls) {
    KIT(k, set_paths(&k));
    tls_client c;
    ASSERT_TRUE(tls_connect(&k, NULL, &c));
    enum { SIZE = 3000000 };
    char *body = malloc(SIZE), head[128];
    memset(body, 'x', SIZE);
    snprintf(head, sizeof head, "POST /begin HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n", SIZE);
    tls_send(&c, head);
    for (int sent = 0; sent < SIZE;) {
        int n = SSL_write(c.ssl, body + sent, SIZE - sent);
        ASSERT_TRUE(n > 0);
        sent += n;
    }
    int x = 0;
    while (x < SIZE) {
        int n = SSL_read(c.ssl, body, SIZE);
        ASSERT_TRUE(n > 0);
        for (int i = 0; i < n; i++)
            x += body[i] == 'x';
    }
    /* "Content-Type: text/plain" has an x of its own, and so have the names of some headers: no fewer came, that is what counts. */
    free(body);
    tls_close(&c);
    kit_stop(&k);
}

TEST(speaks_no_other_protocol_and_no_plain_text) {
    KIT(k, set_paths(&k), k.options.header_timeout = 0.2);
    tls_client c;
    ASSERT_FALSE(tls_connect(&k, "\x02h2", &c));
    tls_close(&c);
    int fd = client(&k);
    client_send(fd, HELLO);
    size_t size;
    char *answer = client_read_all(fd, &size);
    ASSERT_NULL(strstr(answer, "HTTP/1.1"));
    free(answer);
    close(fd);
    client_expect_end(client(&k)); /* a handshake that does not begin */
    kit_stop(&k);
}

static void note(void *ctx, const tend_log_event *event) {
    if (strstr(event->what, "certificate was not changed"))
        atomic_fetch_add((atomic_int *)ctx, 1);
}

TEST(changes_its_certificate_while_it_serves) {
    static atomic_int warnings;
    tend_log_set_sink(note, &warnings);
    KIT(k, set_paths(&k), k.options.workers = 2);
    tls_client old, fresh;
    char name[64];
    ASSERT_TRUE(tls_connect(&k, NULL, &old));
    ASSERT_STR_EQ(name_of(&old, name), "first");
    write_pair("half", false); /* the key does not belong to it */
    tend_http_server_reload(k.server);
    KIT_WAIT(atomic_load(&warnings) > 0);
    ASSERT_TRUE(tls_connect(&k, NULL, &fresh));
    ASSERT_STR_EQ(name_of(&fresh, name), "first");
    tls_close(&fresh);
    write_pair("second", true);
    tend_http_server_reload(k.server);
    for (int i = 0; i < 200; i++) {
        ASSERT_TRUE(tls_connect(&k, NULL, &fresh));
        name_of(&fresh, name);
        tls_close(&fresh);
        if (strcmp(name, "second") == 0)
            break;
        kit_sleep(10);
    }
    ASSERT_STR_EQ(name, "second");
    tls_send(&old, HELLO); /* who came before is not disturbed */
    tls_expect(&old, "hello");
    tls_close(&old);
    write_pair("third", true); /* noticed without being told */
    for (int i = 0; i < 1000 && strcmp(name, "third") != 0; i++) {
        ASSERT_TRUE(tls_connect(&k, NULL, &fresh));
        name_of(&fresh, name);
        tls_close(&fresh);
        kit_sleep(10);
    }
    ASSERT_STR_EQ(name, "third");
    kit_stop(&k);
    tend_log_set_sink(NULL, NULL);
}

TEST(says_what_is_wrong_with_a_certificate) {
    kit k = {.options = TEND_HTTP_OPTIONS_INIT};
    tend_error err = TEND_ERROR_INIT;
    set_paths(&k);
    k.options.tls_key = NULL;
    ASSERT_FAILS(tend_http_server_open(&k.options, &k.app, &k.server, &err), &err, CONFIG, "there is only the certificate");
    k.options.tls_key = "/nonexistent/key.pem";
    ASSERT_FAILS(tend_http_server_open(&k.options, &k.app, &k.server, &err), &err, CONFIG, "/nonexistent/key.pem");
    k.options.tls_key = certificate_path;
    ASSERT_FAILS(tend_http_server_open(&k.options, &k.app, &k.server, &err), &err, CONFIG, "private key");
    k.options.tls_key = key_path;
    k.options.tls_certificate = key_path;
    ASSERT_FAILS(tend_http_server_open(&k.options, &k.app, &k.server, &err), &err, CONFIG, "certificate");
}
