/* From an HTTP request to a call: which route, who may, how the body is taken. */
#ifndef TEND_SERVE_APP_H
#define TEND_SERVE_APP_H

#include "serve/service.h"

tend_http_app serve_app(serve_service *service);
/* The body is CSV or NDJSON, by its content type. */
bool serve_is_stream(const serve_call *call);
/* The body may be JSON: it says so, says nothing, or says what curl -d says without being asked. */
bool serve_is_json(const serve_call *call);

#endif
