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
