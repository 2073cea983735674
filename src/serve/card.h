/* What a version is, as documents: its card, what it scored, what its training data looked like. */
#ifndef TEND_SERVE_CARD_H
#define TEND_SERVE_CARD_H

#include "serve/service.h"

/* Everything a person or a program needs to know before asking the model: GET /models/{name}. */
tend_node *serve_card(const serve_service *service, const serve_endpoint *endpoint, tend_arena *arena);
/* {name, version, digest, reference, task, target, ready, problem, routes, shadows, requests, links}: one of GET /models. */
tend_node *serve_card_brief(const serve_endpoint *endpoint, tend_arena *arena);
/* {model, version, digest}: what every document about a version begins with. */
tend_node *serve_card_head(const serve_endpoint *endpoint, tend_arena *arena);
/* The column's entry in the version's profile; NULL: none. */
const tend_node *serve_card_profile(const serve_version *version, const char *column);
/* Its most frequent levels with their counts, without those that fewer than ten rows have: they could tell of a person. */
tend_node *serve_card_levels(const tend_node *column, tend_arena *arena);
/* From the registry: run, created, stage, description; null where it does not say, or the version is a file. */
void serve_card_registered(const serve_service *service, const serve_version *version, tend_arena *arena, tend_node *into);

#endif
