/* A deployed model's score, the statistics of its training data, and its health: GET /models/{name}/scoring, …/summarystats,
 * …/diagnostics, and the same at the top for the only model. */
#include "serve/card.h"
#include "serve/handlers.h"
#include "serve/runtime.h"

#include "base/clock.h"

#include <math.h>

static void copy(tend_arena *arena, tend_node *into, const char *key, const tend_node *value) {
    tend_node_set(arena, into, key, value ? tend_node_copy(arena, value) : tend_node_new(arena, TEND_NODE_NULL));
}

/* ---- the score ---- */

void serve_handle_scoring(serve_call *call) {
    static const char *const told[] = {"snapshot", "clean_table", "split", "files", "tend", "libraries", "seed"};
    const serve_endpoint *e = serve_call_endpoint(call);
    if (!e)
        return;
    tend_arena *arena = call->arena;
    const tend_node *manifest = e->champion->manifest, *provenance = tend_node_get(manifest, "provenance");
    const tend_node *metric = tend_node_path(manifest, "verdict.metric"), *test = tend_node_path(manifest, "metrics.test");
    tend_node *answer = serve_card_head(e, arena);
    copy(arena, answer, "metric", metric);
    copy(arena, answer, "score", tend_node_get(test, tend_node_string(metric, "")));
    copy(arena, answer, "test", test);
    copy(arena, answer, "validation", tend_node_path(manifest, "metrics.validation"));
    copy(arena, answer, "gates", tend_node_get(manifest, "gates"));
    tend_node *data = tend_node_set_map(arena, answer, "data");
    copy(arena, data, "rows", tend_node_get(manifest, "rows"));
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        copy(arena, data, told[i], tend_node_get(provenance, told[i]));
    serve_card_registered(call->service, e->champion, arena, answer);
    serve_answer_node(call, 200, answer);
}

/* ---- the training data ---- */

static void put_column(tend_arena *arena, tend_node *list, const tend_node *column) {
    static const char *const told[] = {"name", "type", "count",     "missing", "distinct",  "min",   "max",
                                       "mean", "sd",   "quantiles", "zeros",   "negatives", "length"};
    tend_node *out = tend_node_push(list, tend_node_new_map(arena));
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        if (tend_node_get(column, told[i]))
            copy(arena, out, told[i], tend_node_get(column, told[i]));
    if (tend_node_get(column, "top"))
        tend_node_set(arena, out, "top", serve_card_levels(column, arena));
}

void serve_handle_summarystats(serve_call *call) {
    const serve_endpoint *e = serve_call_endpoint(call);
    if (!e)
        return;
    if (!e->champion->profile) {
        serve_refuse(call, 404, "the model's bundle has no profile of its training data");
        return;
    }
    tend_node *answer = serve_card_head(e, call->arena);
    copy(call->arena, answer, "rows", tend_node_get(e->champion->profile, "rows"));
    tend_node *columns = tend_node_set_list(call->arena, answer, "columns");
    TEND_NODE_EACH(column, tend_node_get(e->champion->profile, "columns"))
        put_column(call->arena, columns, column);
    serve_answer_node(call, 200, answer);
}

/* ---- health ---- */

/* The p-quantile of a histogram, linear within its bucket, as Prometheus' histogram_quantile has it; NaN: nothing was counted. */
double serve_histogram_quantile(const long long *counts, double p) {
    long long total = 0, below = 0;
    for (int b = 0; b < SERVE_BUCKETS; b++)
        total += counts[b];
    double rank = p * (double)total;
    for (int b = 0; total && b < SERVE_BUCKETS; b++) {
        if (counts[b] && (double)(below + counts[b]) >= rank) {
            double low = b ? serve_bucket_seconds(b - 1) : 0, high = serve_bucket_seconds(b);
            return isinf(high) ? low : low + (high - low) * (rank - (double)below) / (double)counts[b];
        }
        below += counts[b];
    }
    return (double)NAN;
}

static void put_timings(const serve_version *v, tend_arena *arena, tend_node *into) {
    long long latency[SERVE_BUCKETS] = {0}, n = 0, ns = 0;
    serve_traffic traffic;
    serve_version_traffic(v, &traffic);
    for (int way = 0; way < SERVE_WAYS; way++) {
        if (way == SERVE_SHADOW)
            continue;
        n += traffic.requests[way];
        ns += traffic.latency_ns[way];
        for (int b = 0; b < SERVE_BUCKETS; b++)
            latency[b] += traffic.latency[way][b];
    }
    tend_node *timings = tend_node_set_map(arena, into, "timings");
    tend_node_set_double(arena, timings, "load_seconds", v->load_seconds);
    tend_node_set_int(arena, timings, "requests", n);
    tend_node_set_double(arena, timings, "mean_seconds", n ? (double)ns / 1e9 / (double)n : (double)NAN);
    tend_node_set_double(arena, timings, "p50_seconds", serve_histogram_quantile(latency, 0.5));
    tend_node_set_double(arena, timings, "p95_seconds", serve_histogram_quantile(latency, 0.95));
    tend_node_set_double(arena, timings, "p99_seconds", serve_histogram_quantile(latency, 0.99));
}

static void put_missing(const serve_version *v, tend_arena *arena, tend_node *into) {
    tend_node *missing = tend_node_set_map(arena, into, "missing");
    TEND_NODE_EACH(column, tend_node_get(v->profile, "columns")) {
        double there = tend_node_double(tend_node_get(column, "count"), 0), gone = tend_node_double(tend_node_get(column, "missing"), 0);
        tend_node_set_double(arena, missing, tend_node_string(tend_node_get(column, "name"), ""),
                             there + gone > 0 ? gone / (there + gone) : 0);
    }
}

static void put_journal(tend_journal *journal, const char *name, tend_arena *arena, tend_node *into) {
    tend_journal_counts c;
    tend_journal_count(journal, &c);
    tend_node *log = tend_node_set_map(arena, into, name);
    tend_node_set_int(arena, log, "records", c.records);
    tend_node_set_int(arena, log, "lost", c.lost);
    tend_node_set_int(arena, log, "files", c.segments);
    tend_node_set_int(arena, log, "bytes", c.segment_bytes);
    tend_node_set_bool(arena, log, "full", c.is_full);
    tend_node_set_string(arena, log, "problem", c.problem[0] ? c.problem : NULL);
}

static void put_log(const serve_endpoint *e, tend_arena *arena, tend_node *into) {
    if (!e->log) {
        tend_node_set_string(arena, into, "log", NULL);
        return;
    }
    tend_node *log = tend_node_set_map(arena, into, "log");
    put_journal(serve_log_predictions(e->log), "predictions", arena, log);
    put_journal(serve_log_feedback(e->log), "feedback", arena, log);
}

static void put_process(const serve_service *s, tend_arena *arena, tend_node *into) {
    char started[32];
    tend_node *process = tend_node_set_map(arena, into, "process");
    tend_clock_format(s->started, started);
    tend_node_set_string(arena, process, "started", started);
    tend_node_set_double(arena, process, "uptime_seconds", (double)(tend_clock_micros() - s->started) / 1e6);
    tend_node_set_double(arena, process, "cpu_seconds", serve_cpu_seconds());
    tend_node_set_int(arena, process, "resident_bytes", (int64_t)serve_resident_bytes());
    tend_node_set_int(arena, process, "workers", s->n_lanes - 1);
}

void serve_handle_diagnostics(serve_call *call) {
    const serve_endpoint *e = serve_call_endpoint(call);
    if (!e)
        return;
    tend_node *answer = serve_card_head(e, call->arena);
    tend_node_set_string(call->arena, answer, "problem", serve_unready(e));
    put_timings(e->champion, call->arena, answer);
    put_missing(e->champion, call->arena, answer);
    put_log(e, call->arena, answer);
    put_process(call->service, call->arena, answer);
    tend_node_set(call->arena, answer, "software", serve_runtime_versions(call->arena));
    serve_answer_node(call, 200, answer);
}
