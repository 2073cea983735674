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
