/* Profiles as bytes (docs/formats/profile.md). */
#include "data/profile_internal.h"

#include <math.h>

#define MAGIC    0x46525054u /* "TPRF" */
#define VERSION  1u
#define MAX_ROWS (INT64_C(1) << 48)
enum { SKETCHES, SUMMARY, MAX_EXPONENT = 1024, LEAST_COLUMN = 60 };

static void save_numbers(const profile_numbers *n, tend_buf *out) {
    profile_settled s = profile_settle(n);
    const tend_histogram *h = &s.histogram;
    tend_buf_u64(out, (uint64_t)n->zeros);
    tend_buf_u64(out, (uint64_t)n->negatives);
    tend_buf_u64(out, (uint64_t)n->infinite);
    tend_buf_u64(out, (uint64_t)n->min_int);
    tend_buf_u64(out, (uint64_t)n->max_int);
    tend_buf_u64(out, (uint64_t)s.moments.n);
    tend_buf_f64(out, s.moments.mean);
    tend_buf_f64(out, s.moments.m2);
    tend_buf_f64(out, s.moments.min);
    tend_buf_f64(out, s.moments.max);
    tend_buf_u32(out, (uint32_t)h->least_exponent);
    tend_buf_u32(out, (uint32_t)h->exponent);
    tend_buf_f64(out, h->first);
    tend_buf_u32(out, (uint32_t)h->n_bins);
    for (int i = 0; i < h->n_bins; i++)
        tend_buf_u64(out, (uint64_t)h->counts[i]);
    tend_kll_save(s.kll, out);
    profile_settled_done(&s);
}

static void save_column(const profile_column *c, tend_buf *out) {
    tend_buf_str(out, c->name);
    tend_buf_str(out, tend_type_name(c->type));
    tend_buf_u64(out, (uint64_t)c->count);
    tend_buf_u64(out, (uint64_t)c->missing);
    tend_hll_save(c->hll, out);
    if (!profile_is_text(c)) {
        save_numbers(&c->numbers, out);
        return;
    }
    tend_buf_u64(out, (uint64_t)c->text.min_length);
    tend_buf_u64(out, (uint64_t)c->text.max_length);
    tend_buf_u64(out, (uint64_t)c->text.total_length);
    tend_topk_save(c->text.topk, out);
}

void tend_profile_save(const tend_profile *profile, tend_buf *out) {
    size_t begin = out->size;
    tend_buf_u32(out, MAGIC);
    tend_buf_u32(out, VERSION);
    tend_buf_u32(out, profile->summary ? SUMMARY : SKETCHES);
    tend_buf_u32(out, (uint32_t)profile->n_columns);
    tend_buf_u64(out, (uint64_t)profile->rows);
    if (profile->summary) {
        TEND_AUTO_BUF json = TEND_BUF_INIT;
        tend_json_format(profile->summary, 0, &json);
        tend_buf_str(out, tend_buf_text(&json));
    }
    for (int i = 0; i < profile->n_columns; i++)
        save_column(&profile->columns[i], out);
    if (out->size > begin)
        tend_buf_u64(out, tend_hash64(out->data + begin, out->size - begin, 0));
}

/* Counts of rows, so that no sum of two profiles can overflow. */
static bool is_count(int64_t n) { return n >= 0 && n <= MAX_ROWS; }

/* Whatever a histogram is told, its bins must hold its extremes, and as many values as there are. */
static bool load_histogram(tend_histogram *h, const tend_moments *m, tend_cursor *c) {
    const tend_histogram made = *h; /* for the column's type; one that was whole numbers may have become floating */
    h->least_exponent = (int)tend_cursor_u32(c);
    h->exponent = (int)tend_cursor_u32(c);
    h->first = tend_cursor_f64(c);
    uint32_t n_bins = tend_cursor_u32(c);
    if (c->failed || n_bins > TEND_HISTOGRAM_BINS || (n_bins > 0) != (m->n > 0) ||
        (h->least_exponent != made.least_exponent && h->least_exponent != 0))
        return false;
    int64_t total = 0;
    h->n_bins = (int)n_bins;
    for (uint32_t i = 0; i < n_bins; i++) {
        h->counts[i] = (int64_t)tend_cursor_u64(c);
        if (!is_count(h->counts[i]))
            return false;
        total += h->counts[i];
    }
    if (n_bins == 0)
        return true;
    h->min = m->min;
    h->max = m->max;
    return total == m->n && h->exponent >= h->least_exponent && h->exponent < MAX_EXPONENT && isfinite(m->min) && isfinite(m->max) &&
           fabs(h->first) < 0x1p57 && floor(ldexp(m->min, -h->exponent)) == h->first &&
           floor(ldexp(m->max, -h->exponent)) == h->first + h->n_bins - 1;
}

static bool load_numbers(profile_numbers *n, int64_t count, tend_cursor *c) {
    n->zeros = (int64_t)tend_cursor_u64(c);
    n->negatives = (int64_t)tend_cursor_u64(c);
    n->infinite = (int64_t)tend_cursor_u64(c);
    n->min_int = (int64_t)tend_cursor_u64(c);
    n->max_int = (int64_t)tend_cursor_u64(c);
    n->moments.n = (int64_t)tend_cursor_u64(c);
    n->moments.mean = tend_cursor_f64(c);
    n->moments.m2 = tend_cursor_f64(c);
    n->moments.min = tend_cursor_f64(c);
    n->moments.max = tend_cursor_f64(c);
    if (!is_count(n->zeros) || !is_count(n->negatives) || !is_count(n->infinite) || !is_count(n->moments.n) ||
        n->zeros + n->negatives > n->moments.n || n->infinite + n->moments.n != count || !load_histogram(&n->histogram, &n->moments, c))
        return false;
    tend_kll_free(n->kll);
    n->kll = tend_kll_load(c);
    return n->kll && tend_kll_count(n->kll) == n->moments.n;
}

static bool load_text(profile_text *t, int64_t count, tend_cursor *c) {
    t->min_length = (int64_t)tend_cursor_u64(c);
    t->max_length = (int64_t)tend_cursor_u64(c);
    t->total_length = (int64_t)tend_cursor_u64(c);
    tend_topk_free(t->topk);
    t->topk = tend_topk_load(c);
    return t->topk && tend_topk_total(t->topk) == count && is_count(t->total_length);
}

static bool load_column(profile_column *column, int64_t rows, tend_arena *arena, tend_cursor *c) {
    tend_type type;
    const char *name = tend_cursor_str(c, arena);
    if (c->failed || !tend_type_parse(tend_cursor_str(c, arena), &type))
        type = TEND_STRING, c->failed = true;
    profile_column_init(column, name, type);
    column->count = (int64_t)tend_cursor_u64(c);
    column->missing = (int64_t)tend_cursor_u64(c);
    if (c->failed)
        return false;
    tend_hll_free(column->hll);
    column->hll = tend_hll_load(c);
    if (!column->hll || !is_count(column->count) || column->missing != rows - column->count)
        return false;
    return profile_is_text(column) ? load_text(&column->text, column->count, c) : load_numbers(&column->numbers, column->count, c);
}

static tend_status load_summary(tend_cursor *c, tend_profile **out, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char *json = tend_cursor_str(c, arena);
    tend_node *node = NULL;
    TEND_TRY_WRAP(tend_json_parse(json, strlen(json), "profile", arena, &node, err), err, "reading a profile");
    return tend_profile_from_node(node, out, err);
}

static tend_status load_columns(tend_cursor *c, tend_profile *profile, uint32_t n, tend_error *err) {
    if (n > c->size / LEAST_COLUMN || !is_count(profile->rows))
        return TEND_FAIL(err, CORRUPT, "the profile is damaged: %u columns of %lld rows in %zu bytes", n, (long long)profile->rows,
                         c->size);
    profile->columns = TEND_ARRAY(profile->arena, profile_column, n);
    for (uint32_t i = 0; i < n; i++) {
        profile->n_columns = (int)i + 1;
        if (!load_column(&profile->columns[i], profile->rows, profile->arena, c))
            return TEND_FAIL(err, CORRUPT, "the profile is damaged in column %u", i + 1);
    }
    return TEND_OK;
}

static tend_status check_envelope(const void *bytes, size_t size, tend_error *err) {
    if (size < 32)
        return TEND_FAIL(err, CORRUPT, "the profile is cut short: %zu bytes", size);
    tend_cursor c = tend_cursor_init(bytes, size), end = c;
    end.at = size - 8;
    if (tend_cursor_u32(&c) != MAGIC)
        return TEND_FAIL(err, CORRUPT, "these bytes are no profile");
    uint32_t version = tend_cursor_u32(&c);
    if (version != VERSION)
        return TEND_FAIL(err, UNSUPPORTED, "the profile has format %u; this tend reads format %u", version, VERSION);
    if (tend_cursor_u64(&end) != tend_hash64(bytes, size - 8, 0))
        return TEND_FAIL(err, CORRUPT, "the profile is damaged: its checksum does not match");
    return TEND_OK;
}

tend_status tend_profile_load(const void *bytes, size_t size, tend_profile **out, tend_error *err) {
    TEND_TRY(check_envelope(bytes, size, err));
    tend_cursor c = tend_cursor_init(bytes, size - 8);
    c.at = 8;
    uint32_t kind = tend_cursor_u32(&c), n_columns = tend_cursor_u32(&c);
    int64_t rows = (int64_t)tend_cursor_u64(&c);
    if (kind == SUMMARY)
        return load_summary(&c, out, err);
    TEND_AUTO(tend_profile) *profile = tend_profile_new();
    profile->rows = rows;
    TEND_TRY(load_columns(&c, profile, n_columns, err));
    if (c.failed || c.at != c.size || rows < 0 || kind != SKETCHES)
        return TEND_FAIL(err, CORRUPT, "the profile is damaged: its length does not match");
    *out = TEND_STEAL(profile);
    return TEND_OK;
}
