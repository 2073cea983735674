/* Addresses to listening sockets. */
#include "http/internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define UNIX_PREFIX "unix:"

static void set_option(int fd, int level, int name, int value) { setsockopt(fd, level, name, &value, sizeof value); }

static tend_status listen_fail(tend_error *err, const char *where, int port, int error) {
    char address[160];
    snprintf(address, sizeof address, port ? "%s port %d" : "%s", where, port);
    if (error == EADDRINUSE)
        return tend_error_hint(err, TEND_FAIL(err, IO, "cannot listen on %s: something listens there already", address),
                               "another port, or stop what listens there");
    if (error == EACCES && port > 0 && port < 1024)
        return tend_error_hint(err, TEND_FAIL(err, IO, "cannot listen on %s: not permitted", address),
                               "ports below 1024 are for root; take one above");
    if (error == EADDRNOTAVAIL)
        return TEND_FAIL(err, IO, "cannot listen on %s: this machine does not have that address", address);
    return TEND_FAIL(err, IO, "cannot listen on %s: %s", address, strerror(error));
}

/* ---- unix sockets ---- */

/* A socket file outlives its server. Only one that nobody answers on is taken away. */
static void remove_stale(const struct sockaddr_un *address) {
    struct stat st;
    if (lstat(address->sun_path, &st) != 0 || !S_ISSOCK(st.st_mode))
        return;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return;
    if (connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 && errno == ECONNREFUSED)
        unlink(address->sun_path);
    close(fd);
}

static tend_status listen_unix(tend_http_server *server, tend_error *err) {
    const char *where = server->options.host, *path = where + strlen(UNIX_PREFIX);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!*path || strlen(path) >= sizeof address.sun_path)
        return TEND_FAIL(err, CONFIG, "'%s' is no path for a socket: 1 to %zu bytes after 'unix:'", where, sizeof address.sun_path - 1);
    memcpy(address.sun_path, path, strlen(path) + 1);
    remove_stale(&address);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return listen_fail(err, where, 0, errno);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, server->options.backlog) != 0) {
        int error = errno;
        close(fd);
        return listen_fail(err, where, 0, error);
    }
    server->listeners[server->n_listeners++] = fd;
    size_t size = strlen(path) + 1;
    server->unix_path = memcpy(tend_malloc(size), path, size);
    return TEND_OK;
}

/* ---- internet ---- */

static int port_of(int fd) {
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        return 0;
    if (address.ss_family == AF_INET)
        return ntohs(((struct sockaddr_in *)(void *)&address)->sin_port);
    return address.ss_family == AF_INET6 ? ntohs(((struct sockaddr_in6 *)(void *)&address)->sin6_port) : 0;
}

/* Connections inherit TCP_NODELAY. Answers go out in one piece: nothing is won by waiting for more. */
static int listen_on(const struct addrinfo *a, int port, int backlog) {
    struct sockaddr_storage address;
    memcpy(&address, a->ai_addr, a->ai_addrlen);
    if (a->ai_family == AF_INET6)
        ((struct sockaddr_in6 *)(void *)&address)->sin6_port = htons((uint16_t)port);
    else
        ((struct sockaddr_in *)(void *)&address)->sin_port = htons((uint16_t)port);
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    if (a->ai_family == AF_INET6) /* "::" is everything, IPv4 too */
        set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, !IN6_IS_ADDR_UNSPECIFIED(&((struct sockaddr_in6 *)(void *)&address)->sin6_addr));
    if (bind(fd, (struct sockaddr *)&address, a->ai_addrlen) == 0 && listen(fd, backlog) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* All addresses of the name, on one port; one that this machine does not have (::1 without IPv6) is passed over. */
static tend_status listen_all(tend_http_server *server, const struct addrinfo *list, tend_error *err) {
    int error = EADDRNOTAVAIL, port = server->options.port;
    for (const struct addrinfo *a = list; a && server->n_listeners < HTTP_MAX_LISTENERS; a = a->ai_next) {
        int fd = listen_on(a, port, server->options.backlog);
        if (fd < 0) {
            error = errno;
            if (error == EADDRNOTAVAIL || error == EAFNOSUPPORT)
                continue;
            return listen_fail(err, server->options.host, port, error);
        }
        server->listeners[server->n_listeners++] = fd;
        port = port ? port : port_of(fd);
    }
    server->port = port;
    return server->n_listeners ? TEND_OK : listen_fail(err, server->options.host, port, error);
}

static tend_status listen_internet(tend_http_server *server, tend_error *err) {
    const tend_http_options *options = &server->options;
    if (options->port < 0 || options->port > 65535)
        return TEND_FAIL(err, CONFIG, "port %d is not between 0 and 65535", options->port);
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *list = NULL;
    int failed = getaddrinfo(options->host, NULL, &hints, &list);
    if (failed)
        return tend_error_hint(err, TEND_FAIL(err, CONFIG, "'%s' is no address of this machine: %s", options->host, gai_strerror(failed)),
                               "127.0.0.1 for this machine alone, 0.0.0.0 or :: for all, unix:/path for a socket file");
    tend_status status = listen_all(server, list, err);
    freeaddrinfo(list);
    return status;
}

/* ---- a socket that came from outside ---- */

static tend_status adopt(tend_http_server *server, int fd, tend_error *err) {
    int listens = 0;
    socklen_t size = sizeof listens;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || !listens)
        return TEND_FAIL(err, CONFIG, "descriptor %d is not a listening socket", fd);
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
        return TEND_FAIL(err, IO, "cannot use descriptor %d: %s", fd, strerror(errno));
    server->port = port_of(fd);
    if (server->port)
        set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    server->listeners[server->n_listeners++] = fd;
    return TEND_OK;
}

tend_status http_listen(tend_http_server *server, tend_error *err) {
    if (server->options.listen_fd >= 0)
        return adopt(server, server->options.listen_fd, err);
    if (tend_text_has_prefix(server->options.host, UNIX_PREFIX))
        return listen_unix(server, err);
    return listen_internet(server, err);
}

void http_listen_close(tend_http_server *server) {
    /* The file first: who finds it reaches somebody. */
    if (server->unix_path)
        unlink(server->unix_path);
    free(server->unix_path);
    server->unix_path = NULL;
    for (int i = 0; i < server->n_listeners; i++)
        close(server->listeners[i]);
    server->n_listeners = 0;
}
