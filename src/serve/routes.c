/* Every address of the server, one row each: the dispatcher, the OpenAPI document and the tests of who may do what read them here. */
#include "serve/handlers.h"

#define GET      TEND_HTTP_GET
#define POST     TEND_HTTP_POST
#define PUT      TEND_HTTP_PUT
#define OPEN     SERVE_ROLE_NONE
#define READ     SERVE_ROLE_READ
#define PREDICT  SERVE_ROLE_PREDICT
#define ADMIN    SERVE_ROLE_ADMIN
#define FEEDBACK SERVE_ROLE_FEEDBACK
#define OWN      SERVE_FORM_PROBLEM
#define V2       SERVE_FORM_V2
#define MLFLOW   SERVE_FORM_MLFLOW
#define STREAMS  serve_chunk_predict, serve_abandon_predict

/* clang-format off */
const serve_route serve_routes[] = {
    /* tend's own protocol */
    {POST, "/models/{name}/predict", PREDICT, OWN, serve_handle_predict, STREAMS, "predict", "Predict rows by the columns' own names"},
    {POST, "/predict", PREDICT, OWN, serve_handle_predict, STREAMS, "predict", "The same for the only model"},

    /* the Open Inference Protocol, V2 */

    /* MLflow's scoring protocol */

    /* what is served, and how it is doing */
    {GET, "/", OPEN, OWN, serve_handle_page, NULL, NULL, "pages", "A page to try the models on"},
    {GET, "/docs", OPEN, OWN, serve_handle_docs, NULL, NULL, "pages", "This document, to read"},
    {GET, "/openapi.json", READ, OWN, serve_handle_openapi, NULL, NULL, "pages", "Every address, in OpenAPI 3.1"},
    {GET, "/healthz", OPEN, OWN, serve_handle_healthz, NULL, NULL, "health", "The process is alive"},
    {GET, "/readyz", OPEN, OWN, serve_handle_readyz, NULL, NULL, "health", "Every model can answer, or why one cannot"},
    {GET, "/metrics", READ, OWN, serve_handle_metrics, NULL, NULL, "health", "Counters and latencies, for Prometheus"},
    {GET, "/models", READ, OWN, serve_handle_models, NULL, NULL, "models", "The models that are served"},
    {GET, "/models/{name}", READ, OWN, serve_handle_model, NULL, NULL, "models", "A model's card: what it is, reads and is worth"},
    {GET, "/models/{name}/scoring", READ, OWN, serve_handle_scoring, NULL, NULL, "models", "Its score, and the data behind it"},
    {GET, "/models/{name}/summarystats", READ, OWN, serve_handle_summarystats, NULL, NULL, "models", "Statistics of its training data"},
    {GET, "/models/{name}/diagnostics", READ, OWN, serve_handle_diagnostics, NULL, NULL, "models", "Missing rates, timings, versions, log"},
    {GET, "/scoring", READ, OWN, serve_handle_scoring, NULL, NULL, "models", "The score of the only model"},
    {GET, "/summarystats", READ, OWN, serve_handle_summarystats, NULL, NULL, "models", "The statistics of the only model's training data"},
    {GET, "/diagnostics", READ, OWN, serve_handle_diagnostics, NULL, NULL, "models", "The diagnostics of the only model"},

    /* feedback */

    /* administration */
};
/* clang-format on */
const int serve_n_routes = (int)(sizeof serve_routes / sizeof serve_routes[0]);
