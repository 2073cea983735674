/* Load for an HTTP/1.1 server on this machine: one thread, many keep-alive connections, one request at a time on each.
 *
 *     tend_load [options] HOST:PORT /path          (HOST an IPv4 address)
 *       -c N        connections (64)           -d SECONDS   how long (5)
 *       -r N        requests a second, at times fixed beforehand; 0: each connection as fast as it is answered (0)
 *       -b FILE     bodies, one a line, used in turn; without it: GET
 *       -t TYPE     content type (application/json)        -H LINE   a further header; may be given several times
 *       -i FILE     the ids of answered predictions go there, one a line, as soon as they were read
 *
 * With a rate the generator is an open loop: a request has its time whether or not earlier ones were answered, and its latency counts
 * from that time, so that a stalled server shows in every request that it kept waiting. Nothing is retried, Retry-After is not heeded.
 * One JSON object on stdout: counts by status, requests without an answer, percentiles of the answers with 200 in microseconds, and the
 * same for each second.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { MAX_SECONDS = 3600, ID_SIZE = 26, MAX_STATUS = 600 };

typedef struct request {
    char *text;
    size_t size;
} request;

typedef struct connection {
    int fd;
    bool busy, connecting;
    int64_t due; /* of its request */
    const request *sent;
    size_t written;
    char *in;
    size_t n_in, room;
} connection;

typedef struct tally {
    uint32_t *latencies; /* µs, of answers with 200 */
    size_t n, room;
    int64_t other;
} tally;

static struct {
    struct sockaddr_in address;
    const char *path, *type, *host;
    char *headers;
    request *requests;
    size_t n_requests, next;
    connection *connections;
    int n_connections, epoll, ids;
    int *idle, n_idle;
    double seconds, rate;
    int64_t begun, sent, broken, refused, late;
    int64_t status[MAX_STATUS];
    tally each[MAX_SECONDS + 1];
} load = {.n_connections = 64, .seconds = 5, .type = "application/json", .ids = -1};

static void die(const char *what) {
    fprintf(stderr, "tend_load: %s: %s\n", what, strerror(errno));
    exit(2);
}

static void *grow(void *at, size_t size) {
    void *grown = realloc(at, size);
    if (!grown)
        die("memory");
    return grown;
}

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* ---- requests ---- */

static void add_request(const char *body, size_t size) {
    const char *headers = load.headers ? load.headers : "";
    load.requests = grow(load.requests, (load.n_requests + 1) * sizeof *load.requests);
    request *r = &load.requests[load.n_requests++];
    size_t room = strlen(load.path) + strlen(load.host) + strlen(headers) + strlen(load.type) + size + 200;
    r->text = grow(NULL, room);
    int n = body ? snprintf(r->text, room, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\n%sContent-Length: %zu\r\n\r\n", load.path,
                            load.host, load.type, headers, size)
                 : snprintf(r->text, room, "GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n", load.path, load.host, headers);
    if (body)
        memcpy(r->text + n, body, size);
    r->size = (size_t)n + size;
}

static void read_bodies(const char *path) {
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t room = 0;
    ssize_t size;
    if (!file)
        die(path);
    while ((size = getline(&line, &room, file)) > 0)
        add_request(line, (size_t)size - (line[size - 1] == '\n'));
    free(line);
    fclose(file);
}

/* ---- connections ---- */

static void watch(const connection *c, uint32_t events, int how) {
    struct epoll_event event = {.events = events, .data.u32 = (uint32_t)(c - load.connections)};
    if (epoll_ctl(load.epoll, how, c->fd, &event))
        die("epoll_ctl");
}

static void make_idle(connection *c) {
    c->busy = false;
    c->n_in = 0;
    load.idle[load.n_idle++] = (int)(c - load.connections);
}

static void dial(connection *c) {
    int one = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0)
        die("socket");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c->connecting = connect(c->fd, (struct sockaddr *)&load.address, sizeof load.address) != 0;
    watch(c, EPOLLIN | (c->connecting ? EPOLLOUT : 0), EPOLL_CTL_ADD);
    if (!c->connecting)
        make_idle(c);
}

/* The connection is of no use any more; what it was asked has no answer. */
static void redial(connection *c) {
    if (c->busy)
        load.broken++;
    else
        for (int i = 0; i < load.n_idle; i++)
            if (load.idle[i] == (int)(c - load.connections))
                load.idle[i--] = load.idle[--load.n_idle];
    close(c->fd);
    c->busy = false;
    dial(c);
}

static void push(connection *c) {
    while (c->written < c->sent->size) {
        ssize_t n = send(c->fd, c->sent->text + c->written, c->sent->size - c->written, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            watch(c, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
            return;
        }
        if (n < 0) {
            redial(c);
            return;
        }
        c->written += (size_t)n;
    }
}

static void ask(int64_t due) {
    connection *c = &load.connections[load.idle[--load.n_idle]];
    c->busy = true;
    c->due = due;
    c->sent = &load.requests[load.next++ % load.n_requests];
    c->written = 0;
    load.sent++;
    push(c);
}

/* ---- answers ---- */

static void note(const connection *c, int status) {
    int64_t now = now_ns(), second = (now - load.begun) / 1000000000;
    tally *t = &load.each[second < MAX_SECONDS ? second : MAX_SECONDS];
    load.status[status > 0 && status < MAX_STATUS ? status : 0]++;
    if (status != 200) {
        t->other++;
        return;
    }
    if (t->n == t->room)
        t->latencies = grow(t->latencies, (t->room = t->room ? 2 * t->room : 4096) * sizeof *t->latencies);
    t->latencies[t->n++] = (uint32_t)((now - c->due) / 1000);
}

static void note_id(const char *body, size_t size) {
    char line[ID_SIZE + 1];
    const char *at = memmem(body, size, "\"id\":\"", 6);
    if (load.ids < 0 || !at || (size_t)(body + size - at) < 6 + ID_SIZE)
        return;
    memcpy(line, at + 6, ID_SIZE);
    line[ID_SIZE] = '\n';
    if (write(load.ids, line, sizeof line) != (ssize_t)sizeof line)
        die("ids");
}

/* The end of a chunked body at `at`; NULL: not there yet. */
static const char *end_of_chunks(const char *at, const char *end) {
    for (;;) {
        const char *line = memmem(at, (size_t)(end - at), "\r\n", 2);
        if (!line)
            return NULL;
        size_t size = strtoul(at, NULL, 16);
        if ((size_t)(end - line) < size + 4)
            return NULL;
        at = line + 2 + size + 2;
        if (!size)
            return at;
    }
}

/* A whole answer in c->in? The connection is kept unless the server closes it. */
static void take_answer(connection *c) {
    const char *end = c->in + c->n_in, *head_end = memmem(c->in, c->n_in, "\r\n\r\n", 4);
    if (!head_end)
        return;
    const char *body = head_end + 4, *after = body;
    bool closes = false;
    for (const char *line = c->in; line < head_end; line = (const char *)memmem(line, (size_t)(body - line), "\r\n", 2) + 2) {
        if (!strncasecmp(line, "content-length:", 15))
            after = body + strtoul(line + 15, NULL, 10);
        else if (!strncasecmp(line, "transfer-encoding:", 18) && !(after = end_of_chunks(body, end)))
            return;
        else if (!strncasecmp(line, "connection: close", 17))
            closes = true;
    }
    if (after > end)
        return;
    int status = c->n_in > 12 ? atoi(c->in + 9) : 0;
    note(c, status);
    if (status == 200)
        note_id(body, (size_t)(after - body));
    make_idle(c);
    if (closes)
        redial(c);
}

static void pull(connection *c) {
    for (;;) {
        if (c->room - c->n_in < 4096)
            c->in = grow(c->in, (c->room = c->room ? 2 * c->room : 8192) + 1);
        ssize_t n = recv(c->fd, c->in + c->n_in, c->room - c->n_in, 0);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) {
            redial(c);
            return;
        }
        c->n_in += (size_t)n;
        c->in[c->n_in] = '\0';
        if (c->busy)
            take_answer(c);
        if (!c->busy)
            return;
    }
}

static void turn(connection *c, uint32_t events) {
    if (c->connecting) {
        int fault = 0;
        socklen_t size = sizeof fault;
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &fault, &size);
        if (fault) {
            load.refused++;
            usleep(1000); /* nobody listens (any more): no busy loop */
            redial(c);
            return;
        }
        c->connecting = false;
        watch(c, EPOLLIN, EPOLL_CTL_MOD);
        make_idle(c);
        return;
    }
    if (events & EPOLLOUT) {
        watch(c, EPOLLIN, EPOLL_CTL_MOD);
        if (c->busy)
            push(c);
    }
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        pull(c);
}

/* ---- running ---- */

static void run(void) {
    struct epoll_event events[512];
    int64_t interval = load.rate > 0 ? (int64_t)(1e9 / load.rate) : 0, k = 0;
    load.begun = now_ns();
    int64_t end = load.begun + (int64_t)(load.seconds * 1e9), grace = end + 2000000000;
    for (;;) {
        int64_t now = now_ns();
        bool over = now >= end;
        if (over && (load.n_idle == load.n_connections || now >= grace))
            break;
        while (!over && load.n_idle && (!interval || load.begun + k * interval <= now)) {
            int64_t due = interval ? load.begun + k * interval : now;
            load.late += interval && now - due > 1000000;
            ask(due);
            k++;
        }
        int64_t next = over || !interval || !load.n_idle ? now + 100000000 : load.begun + k * interval;
        struct timespec wait = {.tv_nsec = next > now ? next - now : 0};
        wait.tv_sec = wait.tv_nsec / 1000000000;
        wait.tv_nsec %= 1000000000;
        int n = epoll_pwait2(load.epoll, events, 512, &wait, NULL);
        if (n < 0 && errno != EINTR)
            die("epoll_pwait2");
        for (int i = 0; i < n; i++)
            turn(&load.connections[events[i].data.u32], events[i].events);
    }
    for (int i = 0; i < load.n_connections; i++)
        load.broken += load.connections[i].busy;
}

/* ---- telling ---- */

static int by_size(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static uint32_t quantile(const tally *t, double q) { return t->n ? t->latencies[(size_t)(q * (double)(t->n - 1))] : 0; }

static void tell(void) {
    tally all = {0};
    int last = 0;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    for (int s = 0; s <= MAX_SECONDS; s++) {
        all.n += load.each[s].n;
        last = load.each[s].n || load.each[s].other ? s : last;
    }
    all.latencies = grow(NULL, (all.n + 1) * sizeof *all.latencies);
    all.n = 0;
    printf("{\"seconds\":%g,\"sent\":%lld,\"late\":%lld,\"broken\":%lld,\"refused\":%lld,\"cpu_seconds\":%.2f,\"status\":{", load.seconds,
           (long long)load.sent, (long long)load.late, (long long)load.broken, (long long)load.refused,
           (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
    const char *comma = "";
    for (int i = 0; i < MAX_STATUS; i++)
        if (load.status[i]) {
            printf("%s\"%d\":%lld", comma, i, (long long)load.status[i]);
            comma = ",";
        }
    printf("},\"each_second\":[");
    for (int s = 0; s <= last; s++) {
        tally *t = &load.each[s];
        memcpy(all.latencies + all.n, t->latencies ? t->latencies : all.latencies, t->n * sizeof *t->latencies);
        all.n += t->n;
        qsort(t->latencies, t->n, sizeof *t->latencies, by_size);
        printf("%s{\"ok\":%zu,\"other\":%lld,\"p50\":%u,\"p99\":%u,\"max\":%u}", s ? "," : "", t->n, (long long)t->other, quantile(t, 0.5),
               quantile(t, 0.99), quantile(t, 1));
    }
    qsort(all.latencies, all.n, sizeof *all.latencies, by_size);
    printf("],\"ok_per_second\":%.1f,\"p50\":%u,\"p90\":%u,\"p99\":%u,\"p999\":%u,\"max\":%u}\n", (double)all.n / load.seconds,
           quantile(&all, 0.5), quantile(&all, 0.9), quantile(&all, 0.99), quantile(&all, 0.999), quantile(&all, 1));
    free(all.latencies);
}

static void add_header(const char *line) {
    size_t before = load.headers ? strlen(load.headers) : 0;
    load.headers = grow(load.headers, before + strlen(line) + 3);
    snprintf(load.headers + before, strlen(line) + 3, "%s\r\n", line);
}

static void raise_files(void) {
    struct rlimit limit;
    if (!getrlimit(RLIMIT_NOFILE, &limit)) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int main(int argc, char **argv) {
    const char *bodies = NULL;
    for (int option; (option = getopt(argc, argv, "c:d:r:b:t:H:i:")) != -1;)
        switch (option) {
        case 'c': load.n_connections = atoi(optarg); break;
        case 'd': load.seconds = atof(optarg); break;
        case 'r': load.rate = atof(optarg); break;
        case 'b': bodies = optarg; break;
        case 't': load.type = optarg; break;
        case 'H': add_header(optarg); break;
        case 'i': load.ids = open(optarg, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644); break;
        default: return 2;
        }
    char *colon = argc == optind + 2 ? strchr(argv[optind], ':') : NULL;
    if (!colon || load.n_connections < 1 || load.seconds > MAX_SECONDS) {
        fprintf(stderr, "usage: tend_load [options] HOST:PORT /path (see the source)\n");
        return 2;
    }
    load.host = strdup(argv[optind]);
    *colon = '\0';
    load.path = argv[optind + 1];
    load.address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(colon + 1))};
    if (inet_pton(AF_INET, argv[optind], &load.address.sin_addr) != 1)
        die(argv[optind]);
    if (bodies)
        read_bodies(bodies);
    else
        add_request(NULL, 0);
    raise_files();
    signal(SIGPIPE, SIG_IGN);
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    load.connections = calloc((size_t)load.n_connections, sizeof *load.connections);
    load.idle = calloc((size_t)load.n_connections, sizeof *load.idle);
    for (int i = 0; i < load.n_connections; i++)
        dial(&load.connections[i]);
    run();
    tell();
    return 0;
}
