/* The OpenAPI 3.1 document: every row of the route table, with the schemas of what is deployed. An address that predicts by tend's own
 * protocol appears once for each model, with its columns; all others once, with the names of the models as the parameter's values.
 */
#ifndef TEND_SERVE_OPENAPI_H
#define TEND_SERVE_OPENAPI_H

#include "serve/service.h"

/* Reads the service's settings, tokens and rate. In the arena. */
tend_node *serve_openapi(const serve_service *service, const serve_deployment *deployment, tend_arena *arena);
/* "a b/c" as a segment of a path: "a%20b%2Fc". */
const char *serve_path_segment(tend_arena *arena, const char *name);

#endif
