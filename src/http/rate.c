#include "http/rate.h"

#include "base/hash.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

/* A bucket is one number: when it will be full again. Taking a token moves that moment by 1 / per_second, and there is none to take
 * when it would then lie more than burst / per_second ahead (the generic cell rate algorithm, ITU-T I.371). A key is kept as its
 * keyed hash: nobody outside can make two collide. */
typedef struct bucket {
    uint64_t hash;
    double full_at;
    int next;  /* in its chain; -1: the last */
    int place; /* in the heap */
} bucket;

struct tend_rate {
    pthread_mutex_t lock;
    double interval, window; /* seconds: for one token; for a whole bucket */
    uint64_t seed;
    int n, max, n_chains;
    bucket *buckets;
    int *chains;
    int *heap; /* of buckets: the one that has been full longest is at the top */
};

tend_rate *tend_rate_new(double per_second, double burst, int max_keys) {
    tend_rate *rate = tend_calloc(1, sizeof *rate);
    pthread_mutex_init(&rate->lock, NULL);
    rate->interval = 1 / per_second;
    rate->window = (burst < 1 ? 1 : burst) / per_second;
    rate->max = max_keys < 1 ? 1 : max_keys;
    for (rate->n_chains = 16; rate->n_chains < rate->max; rate->n_chains *= 2)
        ;
    rate->buckets = tend_calloc((size_t)rate->max, sizeof *rate->buckets);
    rate->heap = tend_calloc((size_t)rate->max, sizeof *rate->heap);
    rate->chains = tend_malloc((size_t)rate->n_chains * sizeof *rate->chains);
    for (int i = 0; i < rate->n_chains; i++)
        rate->chains[i] = -1;
    if (getrandom(&rate->seed, sizeof rate->seed, 0) != sizeof rate->seed)
        rate->seed = (uint64_t)(uintptr_t)rate;
    return rate;
}

void tend_rate_free(tend_rate *rate) {
    if (!rate)
        return;
    free(rate->buckets);
    free(rate->heap);
    free(rate->chains);
    pthread_mutex_destroy(&rate->lock);
    free(rate);
}

static int *chain_of(tend_rate *rate, uint64_t hash) { return &rate->chains[hash & (uint64_t)(rate->n_chains - 1)]; }

static void put(tend_rate *rate, int place, int number) {
    rate->heap[place] = number;
    rate->buckets[number].place = place;
}

/* A bucket only ever becomes full later: it moves down. */
static void sift_down(tend_rate *rate, int number) {
    double full_at = rate->buckets[number].full_at;
    int place = rate->buckets[number].place;
    for (int child; (child = 2 * place + 1) < rate->n; place = child) {
        if (child + 1 < rate->n && rate->buckets[rate->heap[child + 1]].full_at < rate->buckets[rate->heap[child]].full_at)
            child++;
        if (full_at <= rate->buckets[rate->heap[child]].full_at)
            break;
        put(rate, place, rate->heap[child]);
    }
    put(rate, place, number);
}

static void sift_up(tend_rate *rate, int number) {
    int place = rate->buckets[number].place;
    for (; place > 0 && rate->buckets[rate->heap[(place - 1) / 2]].full_at > rate->buckets[number].full_at; place = (place - 1) / 2)
        put(rate, place, rate->heap[(place - 1) / 2]);
    put(rate, place, number);
}

static void forget(tend_rate *rate, int number) {
    int *at = chain_of(rate, rate->buckets[number].hash);
    while (*at != number)
        at = &rate->buckets[*at].next;
    *at = rate->buckets[number].next;
}

/* A full bucket for a new key, in the place of the one that has been full longest when there is no more room. */
static int add(tend_rate *rate, uint64_t hash, double now) {
    int number = rate->n < rate->max ? rate->n : rate->heap[0];
    bucket *b = &rate->buckets[number];
    if (rate->n == rate->max)
        forget(rate, number);
    else
        b->place = rate->n++;
    int *chain = chain_of(rate, hash);
    b->hash = hash;
    b->full_at = now;
    b->next = *chain;
    *chain = number;
    if (b->place)
        sift_up(rate, number);
    else
        sift_down(rate, number);
    return number;
}

bool tend_rate_take(tend_rate *rate, tend_str key, double now, double *out_wait) {
    uint64_t hash = tend_hash64(key.at, key.size, rate->seed);
    pthread_mutex_lock(&rate->lock);
    int number = *chain_of(rate, hash);
    while (number >= 0 && rate->buckets[number].hash != hash)
        number = rate->buckets[number].next;
    if (number < 0)
        number = add(rate, hash, now);
    bucket *b = &rate->buckets[number];
    double full_at = (b->full_at > now ? b->full_at : now) + rate->interval;
    double wait = full_at - now - rate->window;
    bool may = wait <= rate->interval * 1e-9; /* what rounding leaves is no reason to wait */
    if (may) {
        b->full_at = full_at;
        sift_down(rate, number);
    }
    pthread_mutex_unlock(&rate->lock);
    *out_wait = may ? 0 : wait;
    return may;
}
