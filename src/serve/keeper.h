/* The keeper: two threads beside the workers. One looks several times a second whether the registry (or a served file) changed and
 * deploys anew, reads tokens, and syncs the logs. The other packs what is finished of the logs: that takes a while, so it gets little of a
 * processor that workers need, and nothing waits for it. */
#ifndef TEND_SERVE_KEEPER_H
#define TEND_SERVE_KEEPER_H

#include "serve/service.h"

typedef struct serve_keeper {
    serve_service *service;
    pthread_t follower, packer;
    pthread_mutex_t lock;
    pthread_cond_t wake; /* to stop */
    bool stop;
} serve_keeper;

tend_status serve_keeper_start(serve_keeper *keeper, serve_service *service, tend_error *err) TEND_MUST_USE;
void serve_keeper_stop(serve_keeper *keeper); /* waits for it; logs are synced, finished segments packed */

#endif
