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
#define NONE     NULL, NULL
#define STREAMS  serve_chunk_predict, serve_abandon_predict

/* clang-format off */
const serve_route serve_routes[] = {
    /* tend's own protocol */
    {POST, "/models/{name}/predict", PREDICT, OWN, serve_handle_predict, STREAMS, "predict", "Predict rows by the columns' own names"},
    {POST, "/predict", PREDICT, OWN, serve_handle_predict, STREAMS, "predict", "The same for the only model"},

    /* the Open Inference Protocol, V2 */
    {GET, "/v2", READ, V2, serve_handle_v2_server, NONE, "v2", "What the server is and what it can"},
    {GET, "/v2/", READ, V2, serve_handle_v2_server, NONE, "v2", "The same"},
    {GET, "/v2/health/live", OPEN, V2, serve_handle_v2_live, NONE, "v2", "Whether the server runs"},
    {GET, "/v2/health/ready", OPEN, V2, serve_handle_v2_ready, NONE, "v2", "Whether every model can answer"},
    {GET, "/v2/models/stats", READ, V2, serve_handle_v2_all_statistics, NONE, "v2", "Statistics of all models"},
    {GET, "/v2/models/{name}", READ, V2, serve_handle_v2_model, NONE, "v2", "A model's inputs and outputs"},
    {GET, "/v2/models/{name}/ready", READ, V2, serve_handle_v2_model_ready, NONE, "v2", "Whether a model can answer"},
    {GET, "/v2/models/{name}/config", READ, V2, serve_handle_v2_config, NONE, "v2", "A model's configuration, as Triton has it"},
    {GET, "/v2/models/{name}/stats", READ, V2, serve_handle_v2_statistics, NONE, "v2", "A model's statistics"},
    {POST, "/v2/models/{name}/infer", PREDICT, V2, serve_handle_v2_infer, NONE, "v2", "Predict from tensors, one per column"},
    {GET, "/v2/models/{name}/versions/{version}", READ, V2, serve_handle_v2_model, NONE, "v2", "The same of one version"},
    {GET, "/v2/models/{name}/versions/{version}/ready", READ, V2, serve_handle_v2_model_ready, NONE, "v2", "Whether a version can answer"},
    {GET, "/v2/models/{name}/versions/{version}/config", READ, V2, serve_handle_v2_config, NONE, "v2", "A version's configuration"},
    {GET, "/v2/models/{name}/versions/{version}/stats", READ, V2, serve_handle_v2_statistics, NONE, "v2", "A version's statistics"},
    {POST, "/v2/models/{name}/versions/{version}/infer", PREDICT, V2, serve_handle_v2_infer, NONE, "v2", "Predict by one version"},
    {POST, "/v2/repository/index", READ, V2, serve_handle_v2_index, NONE, "v2", "The models, and which are loaded"},
    {POST, "/v2/repository/models/{name}/load", ADMIN, V2, serve_handle_v2_load, NONE, "v2", "Bring a model into service, or load it anew"},
    {POST, "/v2/repository/models/{name}/unload", ADMIN, V2, serve_handle_v2_unload, NONE, "v2", "Take a model out of service"},

    /* MLflow's scoring protocol */
    {POST, "/invocations", PREDICT, MLFLOW, serve_handle_invocations, NONE, "mlflow", "Predict from a data frame"},
    {POST, "/models/{name}/invocations", PREDICT, MLFLOW, serve_handle_invocations, NONE, "mlflow", "The same for one of several models"},
    {GET, "/ping", OPEN, MLFLOW, serve_handle_ping, NONE, "mlflow", "Whether there is a model that can answer"},
    {GET, "/health", OPEN, MLFLOW, serve_handle_ping, NONE, "mlflow", "The same"},
    {GET, "/version", OPEN, MLFLOW, serve_handle_version, NONE, "mlflow", "The server's version, as text"},

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
    {POST, "/models/{name}/feedback", FEEDBACK, OWN, serve_handle_feedback, NULL, NULL, "feedback",
     "What turned out to be true, by prediction id"},
    {POST, "/feedback", FEEDBACK, OWN, serve_handle_feedback, NULL, NULL, "feedback", "The same for the only model"},

    /* administration */
    {GET, "/models/{name}/routes", READ, OWN, serve_handle_get_routes, NULL, NULL, "admin", "Which versions answer, and with which shares"},
    {PUT, "/routes", ADMIN, OWN, serve_handle_put_routes, NULL, NULL, "admin", "Other routes: canary, ab, shadow, as in tend.yaml"},
    {POST, "/models/{name}/promote", ADMIN, OWN, serve_handle_promote, NULL, NULL, "admin", "Point an alias at a version"},
    {POST, "/models/{name}/rollback", ADMIN, OWN, serve_handle_rollback, NULL, NULL, "admin", "Take the latest promotion back"},
};
/* clang-format on */
const int serve_n_routes = (int)(sizeof serve_routes / sizeof serve_routes[0]);
