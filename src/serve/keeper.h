/* The keeper: the thread beside the workers. Several times a second it looks whether the registry (or a served file) changed and
 * deploys anew; once a second it syncs and seals logs and reads tokens. */
#ifndef TEND_SERVE_KEEPER_H
#define TEND_SERVE_KEEPER_H

#include "serve/service.h"

typedef struct serve_keeper {
    serve_service *service;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stop;
} serve_keeper;

tend_status serve_keeper_start(serve_keeper *keeper, serve_service *service, tend_error *err) TEND_MUST_USE;
void serve_keeper_stop(serve_keeper *keeper); /* waits for it; logs are synced */

#endif
