#include "serve/deployment.h"

#include "base/log.h"
#include "store/registry.h"

serve_deployment *serve_deployment_ref(const serve_deployment *d) {
    serve_deployment *counted = (serve_deployment *)(uintptr_t)d; /* only the count changes */
    atomic_fetch_add_explicit(&counted->references, 1, memory_order_relaxed);
    return counted;
}

void serve_deployment_unref(serve_deployment *d) {
    if (!d || atomic_fetch_sub_explicit(&d->references, 1, memory_order_acq_rel) != 1)
        return;
    for (int i = 0; i < d->n_versions; i++)
        serve_version_unref(d->versions[i]);
    tend_arena_free(d->arena);
}

const serve_endpoint *serve_deployment_find(const serve_deployment *d, tend_str name) {
    for (int i = 0; i < d->n_endpoints; i++)
        if (tend_str_is(name, d->endpoints[i].name))
            return &d->endpoints[i];
    return NULL;
}

const serve_endpoint *serve_deployment_default(const serve_deployment *d, const char *project) {
    if (d->n_endpoints == 1)
        return &d->endpoints[0];
    return project ? serve_deployment_find(d, tend_str_of(project)) : NULL;
}

/* FNV-1a, then the finish of MurmurHash3 (A. Appleby, public domain), so that all bits depend on all bytes. */
static double share_of_key(tend_str key) {
    uint64_t h = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < key.size; i++)
        h = (h ^ (unsigned char)key.at[i]) * UINT64_C(1099511628211);
    h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
    h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    h ^= h >> 33;
    return (double)(h >> 11) * 0x1p-53;
}

serve_choice serve_endpoint_choose(const serve_endpoint *e, tend_str key) {
    double at = e->n_splits ? share_of_key(key) : 0;
    for (int i = 0; i < e->n_splits; i++) {
        const serve_split *s = &e->splits[i];
        if (at < s->share)
            return (serve_choice){s->version, s->way, s->name};
        at -= s->share;
    }
    return (serve_choice){e->champion, SERVE_CHAMPION, "champion"};
}

/* ---- making one ---- */

typedef struct maker {
    const serve_plan *plan;
    tend_store *store;
    const serve_deployment *previous;
    serve_deployment *made;
    int version_capacity;
} maker;

static serve_version *loaded_before(const serve_deployment *d, const char *path, const char *model, int64_t number,
                                    const tend_file_stamp *stamp) {
    for (int i = 0; d && i < d->n_versions; i++) {
        serve_version *v = d->versions[i];
        if (v->number == number && !strcmp(v->path, path) && (!model || !strcmp(v->model, model)) && v->stamp.inode == stamp->inode &&
            v->stamp.size == stamp->size && v->stamp.mtime_ns == stamp->mtime_ns)
            return v;
    }
    return NULL;
}

/* The deployment takes over the reference. */
static void hold_version(maker *m, serve_version *v) {
    serve_deployment *d = m->made;
    if (d->n_versions == m->version_capacity) {
        int capacity = m->version_capacity ? 2 * m->version_capacity : 16;
        d->versions =
            tend_arena_grow(d->arena, d->versions, (size_t)d->n_versions * sizeof *d->versions, (size_t)capacity * sizeof *d->versions);
        m->version_capacity = capacity;
    }
    d->versions[d->n_versions++] = v;
}

/* A version for the deployment, loaded once however often it is named. */
static tend_status take_version(maker *m, const char *path, const char *model, int64_t number, serve_version **out, tend_error *err) {
    tend_file_stamp stamp;
    TEND_TRY(tend_fs_stamp(path, &stamp, err));
    serve_version *v = loaded_before(m->made, path, model, number, &stamp);
    if (!v) {
        serve_version *known = loaded_before(m->previous, path, model, number, &stamp);
        if (known)
            v = serve_version_ref(known);
        else
            TEND_TRY(serve_version_open(path, model, number, m->plan->n_lanes, &v, err));
        hold_version(m, v);
    }
    *out = v;
    return TEND_OK;
}

static tend_status take_registered(maker *m, const char *reference, serve_version **out, tend_error *err) {
    tend_version v;
    tend_arena *arena = m->made->arena;
    TEND_TRY(tend_registry_get(m->store, reference, arena, &v, err));
    return take_version(m, tend_objects_path(tend_store_objects(m->store), &v.bundle, arena), v.model, v.number, out, err);
}

/* "3" is a number, anything else an alias. */
static const char *reference_of(tend_arena *arena, const char *model, const char *version) {
    bool number = version[0] && version[strspn(version, "0123456789")] == '\0';
    return tend_arena_printf(arena, number ? "%s/%s" : "%s@%s", model, version);
}

/* NULL when there is no such version (an alias that points nowhere yet); what cannot be loaded is logged and left out. */
static serve_version *beside(maker *m, const serve_endpoint *e, const char *version) {
    tend_error err = TEND_ERROR_INIT;
    serve_version *v = NULL;
    if (!version || !m->store || !e->champion || !e->champion->number)
        return NULL;
    tend_status status = take_registered(m, reference_of(m->made->arena, e->name, version), &v, &err);
    if (status != TEND_OK && status != TEND_NOT_FOUND)
        tend_log(TEND_LOG_WARNING, "%s %s is left out: %s", e->name, version, err.message);
    return v;
}

static void add_routes(maker *m, serve_endpoint *e) {
    const serve_plan *plan = m->plan;
    serve_split *splits = TEND_ARRAY(m->made->arena, serve_split, plan->n_shares + 1);
    serve_version **shadows = TEND_ARRAY(m->made->arena, serve_version *, plan->n_shadows + 1);
    for (int i = 0; i < plan->n_shares; i++) {
        const tend_serve_share *s = &plan->shares[i];
        serve_version *v = beside(m, e, s->version);
        if (v)
            splits[e->n_splits++] =
                (serve_split){strcmp(s->name, "canary") ? SERVE_AB : SERVE_CANARY, tend_arena_strdup(m->made->arena, s->name), v, s->share};
    }
    for (int i = 0; i < plan->n_shadows; i++) {
        serve_version *v = beside(m, e, plan->shadows[i]);
        if (v && v != e->champion)
            shadows[e->n_shadows++] = v;
    }
    e->splits = splits;
    e->shadows = shadows;
}

static bool is_unloaded(const serve_plan *plan, const char *name) {
    for (int i = 0; i < plan->n_unloaded; i++)
        if (!strcmp(plan->unloaded[i], name))
            return true;
    return false;
}

static bool is_file(const maker *m, const char *reference, const char **out_path) {
    *out_path = tend_path_join(m->made->arena, m->plan->settings->folder, reference);
    return tend_fs_exists(*out_path) && !tend_fs_is_dir(*out_path);
}

static tend_status load_champion(maker *m, serve_endpoint *e, const char *reference, const char *path, bool file, tend_error *err) {
    if (file) {
        TEND_TRY(take_version(m, path, NULL, 0, &e->champion, err));
        e->name = e->champion->model;
    } else {
        TEND_TRY(take_registered(m, reference, &e->champion, err));
    }
    return TEND_OK;
}

/* A champion that cannot be loaded does not take the one that answers away. The name of a file's model is in the file. */
static void keep_champion(maker *m, serve_endpoint *e, const tend_error *problem) {
    const serve_endpoint *before = NULL;
    for (int i = 0; m->previous && i < m->previous->n_endpoints && !before; i++)
        if (!strcmp(m->previous->endpoints[i].reference, e->reference))
            before = &m->previous->endpoints[i];
    if (!before || !before->champion) {
        e->problem = tend_arena_strdup(m->made->arena, problem->message);
        return;
    }
    e->name = tend_arena_strdup(m->made->arena, before->name);
    e->champion = serve_version_ref(before->champion);
    hold_version(m, e->champion);
    e->is_behind = true;
    if (!before->is_behind)
        tend_log(TEND_LOG_WARNING, "%s goes on with %s: %s", e->name, e->champion->title, problem->message);
}

static tend_status name_endpoint(maker *m, serve_endpoint *e, const char *reference, bool file, tend_error *err) {
    tend_model_ref ref;
    e->reference = reference;
    e->name = reference;
    if (file)
        return TEND_OK;
    if (!m->store)
        return TEND_FAIL(err, NOT_FOUND, "there is no file '%s', and no registry (.tend) in %s", reference, m->plan->settings->folder);
    TEND_TRY(tend_model_ref_parse(reference, &ref, err));
    e->name = tend_arena_strdup(m->made->arena, ref.model);
    return TEND_OK;
}

static tend_status add_endpoint(maker *m, const char *reference, tend_error *err) {
    serve_deployment *d = m->made;
    tend_error problem = TEND_ERROR_INIT;
    const char *path;
    bool file = is_file(m, reference, &path);
    serve_endpoint made = {0}, *e = &made;
    TEND_TRY(name_endpoint(m, e, reference, file, err));
    if (!file && is_unloaded(m->plan, e->name))
        e->problem = "it was unloaded";
    else if (load_champion(m, e, reference, path, file, &problem) != TEND_OK)
        keep_champion(m, e, &problem);
    if (e->champion && is_unloaded(m->plan, e->name)) {
        e->champion = NULL;
        e->problem = "it was unloaded";
    }
    if (serve_deployment_find(d, tend_str_of(e->name)))
        return TEND_FAIL(err, CONFIG, "two models are called '%s': %s is the second", e->name, reference);
    add_routes(m, e);
    if (m->plan->settings->log && e->champion)
        TEND_TRY(serve_logs_get(m->plan->logs, e->name, &e->log, err));
    d->endpoints[d->n_endpoints++] = *e;
    return TEND_OK;
}

/* Every model of the registry that has a champion. */
static tend_status registered_models(maker *m, const char *const **out, int *out_n, tend_error *err) {
    tend_model_entry *models;
    size_t n;
    *out_n = 0;
    if (!m->store)
        return tend_error_hint(err,
                               TEND_FAIL(err, NOT_FOUND, "there is nothing to serve: no model was named, and %s has no registry (.tend)",
                                         m->plan->settings->folder),
                               "`tend run` makes a model; or name a bundle file: tend serve model.tend");
    TEND_TRY(tend_registry_models(m->store, m->made->arena, &models, &n, err));
    const char **names = TEND_ARRAY(m->made->arena, const char *, n + 1);
    for (size_t i = 0; i < n; i++)
        for (size_t a = 0; a < models[i].n_aliases; a++)
            if (!strcmp(models[i].aliases[a].name, TEND_CHAMPION))
                names[(*out_n)++] = models[i].name;
    if (!*out_n)
        return tend_error_hint(err, TEND_FAIL(err, NOT_FOUND, "no model of the registry has a champion"),
                               "`tend models promote` names one");
    *out = names;
    return TEND_OK;
}

static tend_status make(maker *m, tend_error *err) {
    const char *const *references = m->plan->settings->models;
    int n = m->plan->settings->n_models;
    if (!n)
        TEND_TRY(registered_models(m, &references, &n, err));
    m->made->endpoints = TEND_ARRAY(m->made->arena, serve_endpoint, n);
    for (int i = 0; i < n; i++)
        TEND_TRY(add_endpoint(m, tend_arena_strdup(m->made->arena, references[i]), err));
    return TEND_OK;
}

tend_status serve_deployment_make(const serve_plan *plan, tend_store *store, const serve_deployment *previous, serve_deployment **out,
                                  tend_error *err) {
    tend_arena *arena = tend_arena_new();
    maker m = {.plan = plan, .store = store, .previous = previous, .made = TEND_NEW(arena, serve_deployment)};
    m.made->arena = arena;
    m.made->generation = previous ? previous->generation + 1 : 1;
    atomic_init(&m.made->references, 1);
    tend_status status = make(&m, err);
    if (status == TEND_OK)
        *out = m.made;
    else
        serve_deployment_unref(m.made);
    return status;
}
