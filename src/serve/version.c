#include "serve/version.h"

#include "base/clock.h"
#include "data/profile.h"
#include "model/bundle.h"
#include "serve/example.h"
#include "store/name.h"

#include <math.h>

const char *serve_way_name(serve_way way) {
    static const char *const names[] = {"champion", "canary", "ab", "shadow", "direct"};
    return names[way];
}

/* 10 µs, 20, 50, 100 … 50 s, then everything. */
static const int64_t bucket_ns[SERVE_BUCKETS - 1] = {10000,     20000,      50000,      100000,     200000,      500000,      1000000,
                                                     2000000,   5000000,    10000000,   20000000,   50000000,    100000000,   200000000,
                                                     500000000, 1000000000, 2000000000, 5000000000, 10000000000, 20000000000, 50000000000};

double serve_bucket_seconds(int bucket) { return bucket < SERVE_BUCKETS - 1 ? (double)bucket_ns[bucket] / 1e9 : (double)INFINITY; }

static tend_status read_profile(serve_version *v, const tend_bundle *bundle, tend_error *err) {
    const tend_bundle_section *section = tend_bundle_find(bundle, "profile");
    TEND_AUTO(tend_profile) *profile = NULL;
    if (!section || !section->size)
        return TEND_OK;
    TEND_TRY(tend_profile_load(section->data, section->size, &profile, err));
    v->profile = tend_profile_to_node(profile, v->arena);
    return TEND_OK;
}

/* The name is a segment of paths and addresses, and that of a file's model was not checked by the registry. */
static tend_status name_version(serve_version *v, const tend_bundle *bundle, const char *model, int64_t number, tend_error *err) {
    char hex[TEND_DIGEST_HEX];
    TEND_TRY(tend_name_check("model name", model ? model : v->loaded->name, err));
    tend_digest_format(&bundle->digest, hex);
    v->digest = bundle->digest;
    v->number = number;
    v->model = tend_arena_strdup(v->arena, model ? model : v->loaded->name);
    v->version = number ? tend_arena_printf(v->arena, "%lld", (long long)number) : tend_arena_printf(v->arena, "%.12s", hex);
    v->title = number ? tend_arena_printf(v->arena, "%s/%lld", v->model, (long long)number)
                      : tend_arena_strdup(v->arena, tend_path_base(bundle->name));
    return TEND_OK;
}

static void make_lanes(serve_version *v, int n) {
    v->n_lanes = n;
    v->lanes = tend_arena_alloc_aligned(v->arena, (size_t)n * sizeof *v->lanes, 64);
    size_t groups = (size_t)v->loaded->predictor->n_groups, parts = (size_t)tend_explainer_n_parts(v->explainer);
    for (int i = 0; i < n; i++) {
        v->lanes[i].rows = tend_rows_new(v->inputs);
        v->lanes[i].scratch = tend_arena_new();
        v->lanes[i].base = TEND_ARRAY(v->arena, double, groups);
        v->lanes[i].values = TEND_ARRAY(v->arena, double, groups *(parts + 1));
    }
}

static tend_status load(serve_version *v, const tend_bundle *bundle, const char *model, int64_t number, int n_lanes, tend_error *err) {
    tend_node *manifest = NULL;
    double before = tend_clock_seconds();
    TEND_TRY(tend_bundle_load(bundle, &v->loaded, err));
    TEND_TRY(tend_bundle_manifest(bundle, v->arena, &manifest, err));
    TEND_TRY(read_profile(v, bundle, err));
    TEND_TRY(name_version(v, bundle, model, number, err));
    v->manifest = manifest;
    TEND_TRY(tend_fs_stamp(v->path, &v->stamp, err));
    v->loaded_at = tend_clock_micros();
    v->inputs = tend_inputs_new(v->loaded);
    v->explainer = tend_explainer_new(v->loaded);
    v->example = serve_example_row(v->inputs, v->profile, v->arena);
    make_lanes(v, n_lanes);
    v->load_seconds = tend_clock_seconds() - before;
    return TEND_OK;
}

tend_status serve_version_open(const char *path, const char *model, int64_t number, int n_lanes, serve_version **out, tend_error *err) {
    TEND_AUTO(tend_arena) *bytes = tend_arena_new();
    TEND_AUTO(tend_bundle) *bundle = NULL;
    char *data;
    size_t size;
    /* Not mapped: somebody may write over the file or cut it while it is read. */
    TEND_TRY(tend_fs_read(path, 0, bytes, &data, &size, err));
    TEND_TRY(tend_bundle_parse(data, size, path, &bundle, err));
    tend_arena *arena = tend_arena_new();
    serve_version *v = TEND_NEW(arena, serve_version);
    v->arena = arena;
    v->path = tend_arena_strdup(arena, path);
    v->size = size;
    atomic_init(&v->references, 1);
    tend_status status = load(v, bundle, model, number, n_lanes, err);
    if (status == TEND_OK)
        *out = v;
    else
        serve_version_unref(v);
    return status;
}

serve_version *serve_version_ref(serve_version *v) {
    atomic_fetch_add_explicit(&v->references, 1, memory_order_relaxed);
    return v;
}

void serve_version_unref(serve_version *v) {
    if (!v || atomic_fetch_sub_explicit(&v->references, 1, memory_order_acq_rel) != 1)
        return;
    for (int i = 0; i < v->n_lanes; i++) {
        tend_rows_free(v->lanes[i].rows);
        tend_arena_free(v->lanes[i].scratch);
    }
    tend_explainer_free(v->explainer);
    tend_inputs_free(v->inputs);
    tend_model_free(v->loaded);
    tend_arena_free(v->arena);
}

static void add(atomic_llong *counter, long long n) {
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n, memory_order_relaxed);
}

void serve_version_count(serve_version *v, int lane, serve_way way, int64_t n_predictions, bool faulty, int64_t nanoseconds) {
    serve_lane *l = &v->lanes[lane];
    int bucket = 0;
    while (bucket < SERVE_BUCKETS - 1 && nanoseconds > bucket_ns[bucket])
        bucket++;
    add(&l->requests[way], 1);
    add(&l->predictions[way], n_predictions);
    add(&l->faulty[way], faulty);
    add(&l->latency[way][bucket], 1);
    add(&l->latency_ns[way], nanoseconds);
}

static long long now(const atomic_llong *counter) { return atomic_load_explicit(counter, memory_order_relaxed); }

void serve_version_traffic(const serve_version *v, serve_traffic *out) {
    *out = (serve_traffic){0};
    for (int i = 0; i < v->n_lanes; i++)
        for (int way = 0; way < SERVE_WAYS; way++) {
            const serve_lane *l = &v->lanes[i];
            out->requests[way] += now(&l->requests[way]);
            out->faulty[way] += now(&l->faulty[way]);
            out->predictions[way] += now(&l->predictions[way]);
            out->latency_ns[way] += now(&l->latency_ns[way]);
            for (int b = 0; b < SERVE_BUCKETS; b++)
                out->latency[way][b] += now(&l->latency[way][b]);
        }
}
