/* How many connections each client has: a table with one lock, touched when a connection comes and goes. */
#include "http/internal.h"

#include "base/hash.h"

#include <stdlib.h>
#include <sys/random.h>

enum { BUCKETS = 4096 };

typedef struct peer {
    struct peer *next;
    struct in6_addr key;
    int n;
} peer;

struct http_peers {
    pthread_mutex_t lock;
    uint64_t seed; /* nobody can choose addresses that share a bucket */
    peer *buckets[BUCKETS];
};

http_peers *http_peers_new(void) {
    http_peers *peers = tend_calloc(1, sizeof *peers);
    pthread_mutex_init(&peers->lock, NULL);
    if (getrandom(&peers->seed, sizeof peers->seed, 0) != sizeof peers->seed)
        peers->seed = (uint64_t)http_now_ns();
    return peers;
}

void http_peers_free(http_peers *peers) {
    if (!peers)
        return;
    for (int i = 0; i < BUCKETS; i++)
        for (peer *p; (p = peers->buckets[i]);) {
            peers->buckets[i] = p->next;
            free(p);
        }
    pthread_mutex_destroy(&peers->lock);
    free(peers);
}

/* Where the peer is linked, or where it would be. */
static peer **find(http_peers *peers, const struct in6_addr *key) {
    peer **at = &peers->buckets[tend_hash64(key, sizeof *key, peers->seed) % BUCKETS];
    while (*at && memcmp(&(*at)->key, key, sizeof *key) != 0)
        at = &(*at)->next;
    return at;
}

bool http_peers_enter(http_peers *peers, const struct in6_addr *key, int max) {
    pthread_mutex_lock(&peers->lock);
    peer **at = find(peers, key);
    if (!*at) {
        *at = tend_calloc(1, sizeof **at);
        (*at)->key = *key;
    }
    bool may = (*at)->n < max;
    (*at)->n += may;
    pthread_mutex_unlock(&peers->lock);
    return may;
}

void http_peers_leave(http_peers *peers, const struct in6_addr *key) {
    pthread_mutex_lock(&peers->lock);
    peer **at = find(peers, key), *p = *at;
    if (p && --p->n == 0) {
        *at = p->next;
        free(p);
    }
    pthread_mutex_unlock(&peers->lock);
}
