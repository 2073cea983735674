/* TLS by OpenSSL: one context, swapped as a whole when the certificate changes; connections keep the one they began with.
 */
#ifndef TEND_HTTP_TLS_H
#define TEND_HTTP_TLS_H

#include "base/error.h"

#include <openssl/types.h>
#include <sys/types.h>

typedef struct http_tls http_tls;

tend_status http_tls_new(const char *certificate, const char *key, http_tls **out, tend_error *err) TEND_MUST_USE;
void http_tls_free(http_tls *tls); /* NULL is fine */
/* Reads the pair anew when its files have changed, or always when `forced`. A bad one is logged and the old one stays. One thread. */
void http_tls_check(http_tls *tls, bool forced);
/* The server's side of a connection on this socket; NULL when memory is out. */
SSL *http_tls_accept(http_tls *tls, int fd);

enum { HTTP_IO_ERROR = -1, HTTP_IO_AGAIN = -2 };
/* What must happen before reading again makes sense: nothing, bytes must come, bytes must go. */
typedef enum http_tls_want { HTTP_TLS_MORE, HTTP_TLS_READ, HTTP_TLS_WRITE } http_tls_want;
/* As recv and send: bytes, 0 at the end, or one of the above. Reading goes on until `size` or until nothing is there. */
ssize_t http_tls_read(SSL *ssl, char *at, size_t size, http_tls_want *out_want);
ssize_t http_tls_write(SSL *ssl, const char *at, size_t size);
bool http_tls_is_ready(const SSL *ssl); /* the handshake is over */
void http_tls_end(SSL *ssl);            /* says goodbye, as far as the socket takes it */
void http_tls_close(SSL *ssl);

#endif
