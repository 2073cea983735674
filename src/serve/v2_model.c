/* What a V2 client may ask of the server and its models besides predictions: metadata, readiness, configuration, statistics. */
#include "serve/handlers.h"
#include "serve/out.h"
#include "serve/predict.h"
#include "serve/v2.h"

#include "tend/tend.h"

static tend_buf *begin(serve_call *call, int status) { return tend_http_begin(call->x, status, "application/json"); }

/* ---- the server ---- */

void serve_handle_v2_live(serve_call *call) { tend_http_respond(call->x, 200, "application/json", TEND_STR("{\"live\":true}")); }

/* Ready: every model is, but for those that were unloaded on purpose. */
void serve_handle_v2_ready(serve_call *call) {
    bool ready = true;
    for (int i = 0; i < call->deployment->n_endpoints; i++)
        ready &= call->deployment->endpoints[i].champion || serve_service_is_unloaded(call->service, call->deployment->endpoints[i].name);
    tend_http_respond(call->x, ready ? 200 : 503, "application/json", ready ? TEND_STR("{\"ready\":true}") : TEND_STR("{\"ready\":false}"));
}

void serve_handle_v2_server(serve_call *call) {
    tend_buf *out = begin(call, 200);
    serve_put(out, "{\"name\":\"tend\",\"version\":");
    serve_put_string(out, tend_str_of(tend_version()));
    serve_put(out, ",\"extensions\":[\"binary_tensor_data\",\"model_repository\",\"model_repository(unload_dependents)\","
                   "\"model_configuration\",\"statistics\"]}");
    tend_http_finish(call->x);
}

/* ---- a model ---- */

/* The version that the path names, else the champion; NULL: it was answered. */
static const serve_version *version_of(serve_call *call, const serve_endpoint **out) {
    serve_choice choice;
    const serve_endpoint *e = *out = serve_call_endpoint(call);
    if (!e)
        return NULL;
    if (!strstr(call->route->pattern, "{version}"))
        return e->champion;
    return serve_choose_version(call, e, call->parameters[1], &choice) ? choice.version : NULL;
}

void serve_handle_v2_model_ready(serve_call *call) {
    const serve_endpoint *e = serve_deployment_find(call->deployment, call->parameters[0]);
    if (e && !e->champion) { /* known and not loaded: the protocol's 4xx, with the answer in the body */
        tend_buf *out = begin(call, 400);
        serve_put(out, "{\"name\":");
        serve_put_string(out, tend_str_of(e->name));
        serve_put(out, ",\"ready\":false}");
        tend_http_finish(call->x);
        return;
    }
    if (!version_of(call, &e))
        return;
    tend_buf *out = begin(call, 200);
    serve_put(out, "{\"name\":");
    serve_put_string(out, tend_str_of(e->name));
    serve_put(out, ",\"ready\":true}");
    tend_http_finish(call->x);
}

bool serve_v2_names_before(const serve_endpoint *e, int split) {
    bool before = e->splits[split].version == e->champion;
    for (int i = 0; i < split; i++)
        before |= e->splits[i].version == e->splits[split].version;
    return before;
}

static void put_versions(const serve_endpoint *e, tend_buf *out) {
    serve_put(out, ",\"versions\":[");
    serve_put_string(out, tend_str_of(e->champion->version));
    for (int i = 0; i < e->n_splits; i++) {
        if (serve_v2_names_before(e, i))
            continue;
        tend_buf_putc(out, ',');
        serve_put_string(out, tend_str_of(e->splits[i].version->version));
    }
    tend_buf_putc(out, ']');
}

/* A tensor as the metadata or, `config`, as Triton's model configuration describes it. */
static void put_tensor(tend_buf *out, bool config, const char *name, const char *datatype, int64_t width) {
    serve_put(out, "{\"name\":");
    serve_put_string(out, tend_str_of(name));
    if (config)
        tend_buf_printf(out, ",\"data_type\":\"TYPE_%s\",\"dims\":[-1", strcmp(datatype, "BYTES") ? datatype : "STRING");
    else
        tend_buf_printf(out, ",\"datatype\":\"%s\",\"shape\":[-1", datatype);
    if (width) {
        tend_buf_putc(out, ',');
        serve_put_int(out, width);
    }
    serve_put(out, "]}");
}

static void put_tensors(const serve_version *v, bool config, tend_buf *out) {
    const tend_model *m = v->loaded;
    serve_put(out, config ? ",\"input\":[" : ",\"inputs\":[");
    for (int i = 0; i < tend_inputs_count(v->inputs); i++) {
        if (i)
            tend_buf_putc(out, ',');
        put_tensor(out, config, tend_inputs_name(v->inputs, i), serve_v2_type_of(tend_inputs_type(v->inputs, i)), 0);
    }
    serve_put(out, config ? "],\"output\":[" : "],\"outputs\":[");
    put_tensor(out, config, "prediction", m->task == TEND_TASK_REGRESSION ? "FP64" : "BYTES", 0);
    if (m->task != TEND_TASK_REGRESSION) {
        tend_buf_putc(out, ',');
        put_tensor(out, config, m->task == TEND_TASK_BINARY ? "probability" : "probabilities", "FP64",
                   m->task == TEND_TASK_BINARY ? 0 : m->n_classes);
    }
    tend_buf_putc(out, ']');
}

void serve_handle_v2_model(serve_call *call) {
    const serve_endpoint *e;
    const serve_version *v = version_of(call, &e);
    if (!v)
        return;
    tend_buf *out = begin(call, 200);
    serve_put(out, "{\"name\":");
    serve_put_string(out, tend_str_of(e->name));
    put_versions(e, out);
    serve_put(out, ",\"platform\":\"tend\"");
    put_tensors(v, false, out);
    tend_buf_putc(out, '}');
    tend_http_finish(call->x);
}

/* ---- the configuration (Triton, extension_model_configuration.md) ---- */

void serve_handle_v2_config(serve_call *call) {
    const serve_endpoint *e;
    const serve_version *v = version_of(call, &e);
    if (!v)
        return;
    tend_buf *out = begin(call, 200);
    serve_put(out, "{\"name\":");
    serve_put_string(out, tend_str_of(e->name));
    /* max_batch_size 0: the first dimension is written out in the shapes, not added by the server. */
    serve_put(out, ",\"platform\":\"tend\",\"backend\":\"tend\",\"max_batch_size\":0");
    put_tensors(v, true, out);
    serve_put(out, ",\"instance_group\":[{\"name\":");
    serve_put_string(out, tend_str_of(e->name));
    serve_put(out, ",\"kind\":\"KIND_CPU\",\"count\":");
    serve_put_int(out, call->service->n_lanes - 1);
    serve_put(out, "}]}");
    tend_http_finish(call->x);
}

/* ---- statistics (Triton, extension_statistics.md) ---- */

static void put_duration(tend_buf *out, const char *name, int64_t count, int64_t ns) {
    tend_buf_printf(out, "\"%s\":{\"count\":%lld,\"ns\":%lld}", name, (long long)count, (long long)ns);
}

/* A request is read, predicted and answered in one go: its time is compute_infer's, and there is no queue. */
static void put_statistics(const char *name, const serve_version *v, tend_buf *out) {
    int64_t requests = 0, faulty = 0, predictions = 0, ns = 0;
    serve_traffic traffic;
    serve_version_traffic(v, &traffic);
    for (int way = 0; way < SERVE_WAYS; way++) {
        requests += traffic.requests[way];
        faulty += traffic.faulty[way];
        predictions += traffic.predictions[way];
        ns += traffic.latency_ns[way];
    }
    serve_put(out, "{\"name\":");
    serve_put_string(out, tend_str_of(name));
    serve_put(out, ",\"version\":");
    serve_put_string(out, tend_str_of(v->version));
    tend_buf_printf(out, ",\"inference_count\":%lld,\"execution_count\":%lld,\"inference_stats\":{", (long long)predictions,
                    (long long)(requests - faulty));
    put_duration(out, "success", requests - faulty, ns);
    tend_buf_putc(out, ',');
    put_duration(out, "fail", faulty, 0);
    tend_buf_putc(out, ',');
    put_duration(out, "queue", requests - faulty, 0);
    tend_buf_putc(out, ',');
    put_duration(out, "compute_infer", requests - faulty, ns);
    serve_put(out, "},\"batch_stats\":[]}");
}

void serve_handle_v2_statistics(serve_call *call) {
    const serve_endpoint *e;
    const serve_version *v = version_of(call, &e);
    if (!v)
        return;
    tend_buf *out = begin(call, 200);
    serve_put(out, "{\"model_stats\":[");
    put_statistics(e->name, v, out);
    for (int i = 0; !call->parameters[1].size && i < e->n_splits; i++) { /* no version was named: all of them */
        if (serve_v2_names_before(e, i))
            continue;
        tend_buf_putc(out, ',');
        put_statistics(e->name, e->splits[i].version, out);
    }
    serve_put(out, "]}");
    tend_http_finish(call->x);
}

void serve_handle_v2_all_statistics(serve_call *call) {
    const serve_deployment *d = call->deployment;
    tend_buf *out = begin(call, 200);
    serve_put(out, "{\"model_stats\":[");
    for (int i = 0; i < d->n_versions; i++) {
        if (i)
            tend_buf_putc(out, ',');
        put_statistics(d->versions[i]->model, d->versions[i], out);
    }
    serve_put(out, "]}");
    tend_http_finish(call->x);
}
