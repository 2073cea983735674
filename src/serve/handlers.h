/* What the routes call (routes.c). Each answers its call. */
#ifndef TEND_SERVE_HANDLERS_H
#define TEND_SERVE_HANDLERS_H

#include "serve/service.h"

/* tend's own protocol */
void serve_handle_predict(serve_call *call);
void serve_chunk_predict(serve_call *call, tend_str bytes, bool last);
void serve_abandon_predict(serve_call *call);

/* the Open Inference Protocol, V2 */

/* MLflow's scoring protocol */

/* what is served, and how it is doing */

/* feedback */
void serve_handle_feedback(serve_call *call);

/* administration */
void serve_handle_get_routes(serve_call *call);
void serve_handle_put_routes(serve_call *call);
void serve_handle_promote(serve_call *call);
void serve_handle_rollback(serve_call *call);

#endif
