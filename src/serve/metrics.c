/* GET /metrics: what there is to watch, for Prometheus. Every series stands in docs/guide/serving.md. */
#include "serve/handlers.h"
#include "serve/prometheus.h"
#include "serve/runtime.h"
#include "serve/shadow.h"
#include "tend/tend.h"

/* ---- of versions ---- */

enum version_value { REQUESTS, FAULTY, PREDICTIONS };

static const struct {
    const char *name, *help;
} by_way[] = {{"tend_requests_total", "Requests to a model that were answered, also those that were refused for a fault in them"},
              {"tend_faulty_requests_total", "Requests that did not fit the model's schema, or whose body could not be read"},
              {"tend_predictions_total", "Rows that were predicted"}};

static long long of_way(const serve_traffic *t, enum version_value value, int way) {
    return value == REQUESTS ? t->requests[way] : value == FAULTY ? t->faulty[way] : t->predictions[way];
}

/* Routes that a version does not have and never answered on have no series. */
static bool is_shown(const serve_version *v, const serve_traffic *t, int way, const serve_deployment *d) {
    if (t->requests[way])
        return true;
    for (int i = 0; i < d->n_endpoints; i++) {
        const serve_endpoint *e = &d->endpoints[i];
        if (way == SERVE_CHAMPION && e->champion == v)
            return true;
        for (int k = 0; k < e->n_splits; k++)
            if (e->splits[k].version == v && (int)e->splits[k].way == way)
                return true;
        for (int k = 0; k < e->n_shadows && way == SERVE_SHADOW; k++)
            if (e->shadows[k] == v)
                return true;
    }
    return false;
}

static void put_histogram(tend_buf *out, const serve_label *labels, int n, const serve_traffic *t, int way) {
    serve_label with_end[4];
    char end[32];
    long long total = 0;
    memcpy(with_end, labels, (size_t)n * sizeof *labels);
    with_end[n] = (serve_label){"le", end};
    for (int b = 0; b < SERVE_BUCKETS; b++) {
        double seconds = serve_bucket_seconds(b);
        total += t->latency[way][b];
        if (b == SERVE_BUCKETS - 1)
            memcpy(end, "+Inf", 5);
        else
            end[tend_text_format_double(seconds, end)] = '\0';
        serve_sample(out, "tend_request_duration_seconds_bucket", with_end, n + 1, (double)total);
    }
    serve_sample(out, "tend_request_duration_seconds_sum", labels, n, (double)t->latency_ns[way] / 1e9);
    serve_sample(out, "tend_request_duration_seconds_count", labels, n, (double)total);
}

static void put_traffic(const serve_deployment *d, tend_arena *arena, tend_buf *out) {
    enum { FAMILIES = 4 };
    serve_traffic *all = TEND_ARRAY(arena, serve_traffic, d->n_versions + 1);
    for (int i = 0; i < d->n_versions; i++)
        serve_version_traffic(d->versions[i], &all[i]);
    for (int f = 0; f < FAMILIES; f++) {
        if (f < 3)
            serve_family(out, by_way[f].name, "counter", by_way[f].help);
        else
            serve_family(out, "tend_request_duration_seconds", "histogram",
                         "From the end of a request's head to its answer, by the server's clock");
        for (int i = 0; i < d->n_versions; i++)
            for (int way = 0; way < SERVE_WAYS; way++) {
                const serve_version *v = d->versions[i];
                serve_label labels[] = {{"model", v->model}, {"version", v->version}, {"route", serve_way_name((serve_way)way)}};
                if (!is_shown(v, &all[i], way, d))
                    continue;
                if (f < 3)
                    serve_sample(out, by_way[f].name, labels, 3, (double)of_way(&all[i], (enum version_value)f, way));
                else
                    put_histogram(out, labels, 3, &all[i], way);
            }
    }
}

static double loaded_at(const serve_version *v) { return (double)v->loaded_at / 1e6; }
static double load_seconds(const serve_version *v) { return v->load_seconds; }
static double size_bytes(const serve_version *v) { return (double)v->size; }

static void put_versions(const serve_deployment *d, tend_buf *out) {
    static const struct {
        const char *name, *help;
        double (*value)(const serve_version *v);
    } facts[] = {{"tend_model_loaded_timestamp_seconds", "When the version was loaded, in seconds since 1970", loaded_at},
                 {"tend_model_load_duration_seconds", "How long it took to load, verify and make ready", load_seconds},
                 {"tend_model_size_bytes", "Size of the version's bundle", size_bytes}};
    for (size_t f = 0; f < sizeof facts / sizeof *facts; f++) {
        serve_family(out, facts[f].name, "gauge", facts[f].help);
        for (int i = 0; i < d->n_versions; i++) {
            serve_label labels[] = {{"model", d->versions[i]->model}, {"version", d->versions[i]->version}};
            serve_sample(out, facts[f].name, labels, 2, facts[f].value(d->versions[i]));
        }
    }
    serve_family(out, "tend_model_ready", "gauge", "1: the model answers; 0: it does not, and /readyz says why");
    for (int i = 0; i < d->n_endpoints; i++) {
        serve_label label = {"model", d->endpoints[i].name};
        serve_sample(out, "tend_model_ready", &label, 1, serve_unready(&d->endpoints[i]) == NULL);
    }
}

/* ---- logs ---- */

static double log_records(const tend_journal_counts *c) { return (double)c->records; }
static double log_bytes(const tend_journal_counts *c) { return (double)c->bytes; }
static double log_lost(const tend_journal_counts *c) { return (double)c->lost; }
static double log_segments(const tend_journal_counts *c) { return (double)c->segments; }
static double log_folder(const tend_journal_counts *c) { return (double)c->segment_bytes; }
static double log_full(const tend_journal_counts *c) { return c->is_full; }

static void put_logs(const serve_logs *logs, tend_arena *arena, tend_buf *out) {
    static const struct {
        const char *name, *type, *help;
        double (*value)(const tend_journal_counts *c);
    } facts[] = {{"tend_log_records_total", "counter", "Records written to the log", log_records},
                 {"tend_log_written_bytes_total", "counter", "Bytes written to the log", log_bytes},
                 {"tend_log_lost_records_total", "counter", "Records that could not be written", log_lost},
                 {"tend_log_segments", "gauge", "Files of the log", log_segments},
                 {"tend_log_size_bytes", "gauge", "Size of the log's files together", log_folder},
                 {"tend_log_full", "gauge", "1: the log takes nothing at present, mostly because the disk is full", log_full}};
    int n = serve_logs_count(logs);
    tend_journal_counts *counts = TEND_ARRAY(arena, tend_journal_counts, 2 * n + 1);
    for (int i = 0; i < n; i++) {
        tend_journal_count(serve_log_predictions(serve_logs_at(logs, i)), &counts[2 * i]);
        tend_journal_count(serve_log_feedback(serve_logs_at(logs, i)), &counts[2 * i + 1]);
    }
    for (size_t f = 0; n && f < sizeof facts / sizeof *facts; f++) {
        serve_family(out, facts[f].name, facts[f].type, facts[f].help);
        for (int i = 0; i < 2 * n; i++) {
            serve_label labels[] = {{"model", serve_log_model(serve_logs_at(logs, i / 2))}, {"log", i % 2 ? "feedback" : "predictions"}};
            serve_sample(out, facts[f].name, labels, 2, facts[f].value(&counts[i]));
        }
    }
}

/* ---- of the process ---- */

static void put_one(tend_buf *out, const char *name, const char *type, const char *help, double value) {
    serve_family(out, name, type, help);
    serve_sample(out, name, NULL, 0, value);
}

static void put_http(const serve_service *s, tend_buf *out) {
    tend_http_counts c;
    tend_http_server_counts(s->http, &c);
    const struct {
        const char *name, *type, *help;
        int64_t value;
    } facts[] = {{"tend_http_connections", "gauge", "Connections that are open", c.connections},
                 {"tend_http_accepted_connections_total", "counter", "Connections that were accepted", c.accepted},
                 {"tend_http_refused_connections_total", "counter", "Connections turned away for a limit", c.refused},
                 {"tend_http_requests_total", "counter", "Requests of any kind", c.requests},
                 {"tend_http_shed_requests_total", "counter", "Requests refused at once with 503, because they would have waited", c.shed},
                 {"tend_http_malformed_requests_total", "counter", "Requests that were not HTTP, or beyond a limit", c.malformed},
                 {"tend_http_timed_out_requests_total", "counter", "Requests that did not come in time", c.timed_out},
                 {"tend_http_received_bytes_total", "counter", "Bytes received", c.bytes_in},
                 {"tend_http_sent_bytes_total", "counter", "Bytes sent", c.bytes_out}};
    for (size_t f = 0; f < sizeof facts / sizeof *facts; f++)
        put_one(out, facts[f].name, facts[f].type, facts[f].help, (double)facts[f].value);
}

static void put_process(const serve_service *s, const serve_deployment *d, tend_buf *out) {
    serve_label version = {"version", TEND_VERSION};
    put_one(out, "tend_denied_requests_total", "counter", "Requests without a token that may do what they asked",
            (double)atomic_load_explicit(&s->denied, memory_order_relaxed));
    put_one(out, "tend_shadow_missed_requests_total", "counter", "Requests that no shadow answered, because its queue was full",
            (double)serve_shadow_missed(s->shadow));
    put_one(out, "tend_deployment_generation", "gauge", "Grows by one each time when what is served changes", (double)d->generation);
    put_one(out, "process_start_time_seconds", "gauge", "When the server started, in seconds since 1970", (double)s->started / 1e6);
    put_one(out, "process_cpu_seconds_total", "counter", "Processor time used", serve_cpu_seconds());
    put_one(out, "process_resident_memory_bytes", "gauge", "Memory in use", (double)serve_resident_bytes());
    serve_family(out, "tend_build_info", "gauge", "1, with the server's version as a label");
    serve_sample(out, "tend_build_info", &version, 1, 1);
}

void serve_metrics_write(const serve_service *s, const serve_deployment *d, tend_arena *arena, tend_buf *out) {
    put_traffic(d, arena, out);
    put_versions(d, out);
    put_logs(s->logs, arena, out);
    put_http(s, out);
    put_process(s, d, out);
}

void serve_handle_metrics(serve_call *call) {
    tend_buf *out = tend_http_begin(call->x, 200, "text/plain; version=0.0.4; charset=utf-8");
    serve_metrics_write(call->service, call->deployment, call->arena, out);
    tend_http_finish(call->x);
}
