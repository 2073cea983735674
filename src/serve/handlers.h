/* What the routes call (routes.c). Each answers its call. */
#ifndef TEND_SERVE_HANDLERS_H
#define TEND_SERVE_HANDLERS_H

#include "serve/service.h"

/* tend's own protocol */
void serve_handle_predict(serve_call *call);
void serve_chunk_predict(serve_call *call, tend_str bytes, bool last);
void serve_abandon_predict(serve_call *call);

/* the Open Inference Protocol, V2 */
void serve_handle_v2_server(serve_call *call);
void serve_handle_v2_live(serve_call *call);
void serve_handle_v2_ready(serve_call *call);
void serve_handle_v2_model(serve_call *call);
void serve_handle_v2_model_ready(serve_call *call);
void serve_handle_v2_config(serve_call *call);
void serve_handle_v2_statistics(serve_call *call);
void serve_handle_v2_all_statistics(serve_call *call);
void serve_handle_v2_infer(serve_call *call);
void serve_handle_v2_index(serve_call *call);
void serve_handle_v2_load(serve_call *call);
void serve_handle_v2_unload(serve_call *call);

/* MLflow's scoring protocol */
void serve_handle_invocations(serve_call *call);
void serve_handle_ping(serve_call *call);
void serve_handle_version(serve_call *call);

/* what is served, and how it is doing */

/* feedback */
void serve_handle_feedback(serve_call *call);

/* administration */
void serve_handle_get_routes(serve_call *call);
void serve_handle_put_routes(serve_call *call);
void serve_handle_promote(serve_call *call);
void serve_handle_rollback(serve_call *call);

#endif
