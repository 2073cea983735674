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
void serve_handle_page(serve_call *call);
void serve_handle_docs(serve_call *call);
void serve_handle_openapi(serve_call *call);
void serve_handle_healthz(serve_call *call);
void serve_handle_readyz(serve_call *call);
void serve_handle_metrics(serve_call *call);
void serve_handle_models(serve_call *call);
void serve_handle_model(serve_call *call);
void serve_handle_scoring(serve_call *call);
void serve_handle_summarystats(serve_call *call);
void serve_handle_diagnostics(serve_call *call);
/* Why the endpoint cannot answer at present; NULL: it can. */
const char *serve_unready(const serve_endpoint *endpoint);
/* The p-quantile of counts per bucket of serve_bucket_seconds; NaN when there are none. */
double serve_histogram_quantile(const long long *counts, double p);
/* All series, in Prometheus' text format. Appends. */
void serve_metrics_write(const serve_service *service, const serve_deployment *deployment, tend_arena *arena, tend_buf *out);

/* feedback */
void serve_handle_feedback(serve_call *call);

/* administration */
void serve_handle_get_routes(serve_call *call);
void serve_handle_put_routes(serve_call *call);
void serve_handle_promote(serve_call *call);
void serve_handle_rollback(serve_call *call);

#endif
