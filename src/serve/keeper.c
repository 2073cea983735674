#include "serve/keeper.h"

#include "base/log.h"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_MS = 200, CARE_EVERY = 5, PACK_MS = 1000, PACKER_NICE = 19 };

/* What changes when the registry or a served file does. */
typedef struct marks {
    tend_file_stamp database, journal;
    uint64_t files;
} marks;

static void look(const serve_service *s, marks *out) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    *out = (marks){0};
    const char *database = tend_path_join(arena, s->settings.folder, ".tend/tend.db");
    TEND_IGNORE(tend_fs_stamp(database, &out->database, NULL)); /* not there is a mark too */
    TEND_IGNORE(tend_fs_stamp(tend_arena_printf(arena, "%s-wal", database), &out->journal, NULL));
    for (int i = 0; i < s->settings.n_models; i++) {
        tend_file_stamp stamp = {0};
        TEND_IGNORE(tend_fs_stamp(tend_path_join(arena, s->settings.folder, s->settings.models[i]), &stamp, NULL));
        out->files = out->files * 1000003 + stamp.inode * 31 + (uint64_t)stamp.mtime_ns + stamp.size;
    }
}

static bool pause_for(serve_keeper *k, int ms) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)ms * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&k->lock);
    if (!k->stop)
        pthread_cond_timedwait(&k->wake, &k->lock, &until);
    bool go_on = !k->stop;
    pthread_mutex_unlock(&k->lock);
    return go_on;
}

/* Deploys anew; what failed before (a locked registry) is told once. False: to be tried again, also when a version that could not be loaded
 * left an old one in its place. */
static bool redeploy(serve_service *s, tend_error *last) {
    tend_error err = TEND_ERROR_INIT;
    bool done = serve_service_redeploy(s, &err) == TEND_OK;
    if (!done && strcmp(err.message, last->message) != 0)
        tend_log(TEND_LOG_WARNING, "what is served stays as it is: %s", err.message);
    *last = err;
    return done && !serve_service_is_behind(s);
}

static void *follow(void *ctx) {
    serve_keeper *k = ctx;
    serve_service *s = k->service;
    marks before, now;
    tend_error last = TEND_ERROR_INIT;
    bool again = serve_service_is_behind(s);
    look(s, &before);
    for (unsigned round = 1; pause_for(k, LOOK_MS); round++) {
        look(s, &now);
        if (memcmp(&now, &before, sizeof now) != 0 || (again && round % CARE_EVERY == 0)) {
            before = now;
            again = !redeploy(s, &last);
        }
        if (s->tokens)
            serve_tokens_refresh(s->tokens);
        if (round % CARE_EVERY == 0)
            serve_logs_care(s->logs);
    }
    serve_logs_care(s->logs);
    return NULL;
}

static void *pack(void *ctx) {
    serve_keeper *k = ctx;
    /* Of this thread alone, as Linux has it: a segment is packed in what the workers leave. That it may not be is no fault. */
    setpriority(PRIO_PROCESS, (id_t)gettid(), PACKER_NICE);
    do
        serve_logs_pack(k->service->logs);
    while (pause_for(k, PACK_MS));
    return NULL;
}

tend_status serve_keeper_start(serve_keeper *k, serve_service *service, tend_error *err) {
    *k = (serve_keeper){.service = service};
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&k->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&k->lock, NULL);
    if (pthread_create(&k->follower, NULL, follow, k) != 0)
        return TEND_FAIL(err, LIMIT, "the system gives no more threads");
    if (pthread_create(&k->packer, NULL, pack, k) != 0) {
        k->packer = k->follower;
        serve_keeper_stop(k);
        return TEND_FAIL(err, LIMIT, "the system gives no more threads");
    }
    return TEND_OK;
}

void serve_keeper_stop(serve_keeper *k) {
    pthread_mutex_lock(&k->lock);
    k->stop = true;
    pthread_cond_broadcast(&k->wake);
    pthread_mutex_unlock(&k->lock);
    pthread_join(k->follower, NULL);
    if (!pthread_equal(k->packer, k->follower))
        pthread_join(k->packer, NULL);
    serve_logs_pack(k->service->logs); /* what the follower has just finished */
    pthread_mutex_destroy(&k->lock);
    pthread_cond_destroy(&k->wake);
}
