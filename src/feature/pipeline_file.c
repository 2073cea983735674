/* A pipeline as bytes: the bundle's "transforms" section.
 *
 *     "TENDFEAT", u32 version (1)
 *     u32 inputs:   { text name, u8 type }
 *     u32 dropped:  { text name, text why }
 *     u32 features: { text name, text why, u8 inferred,
 *         u32 branches: { text base, u32 arms: { u32 input, stages }, stages } }
 *     stages: u32 n: { text transform, u32 arguments: { text name, value },
 *         u32 numbers: { f64 }, u8 has levels, [u32 levels: { text }] }
 *     value: INT, REAL, BOOL, CHOICE f64; RANGE f64 f64; TIME u64; SCALAR text;
 *         TEXTS u32 n { text }
 *
 * Little-endian; a text is a u32 length and its bytes. Arguments stand by name, so that a later
 * version may add some. A loaded pipeline is held against the same rules as a declared one, and
 * each state against its transform's check.
 */
#include "feature/plan.h"

#include <math.h>

#define MAGIC "TENDFEAT"
enum { VERSION = 1, MAGIC_SIZE = 8 };

static void put_text(tend_buf *out, tend_str text) {
    tend_buf_u32(out, (uint32_t)text.size);
    tend_buf_append(out, text.at, text.size);
}

static void save_arg(const tend_arg_spec *spec, const tend_arg *arg, tend_buf *out) {
    tend_buf_str(out, spec->name);
    switch (spec->type) {
    case TEND_ARG_INT:
    case TEND_ARG_REAL:
    case TEND_ARG_BOOL:
    case TEND_ARG_CHOICE: tend_buf_f64(out, arg->number); break;
    case TEND_ARG_RANGE:
        tend_buf_f64(out, arg->number);
        tend_buf_f64(out, arg->upper);
        break;
    case TEND_ARG_TIME: tend_buf_u64(out, (uint64_t)arg->time); break;
    case TEND_ARG_SCALAR: tend_buf_str(out, arg->text); break;
    case TEND_ARG_TEXTS:
        tend_buf_u32(out, (uint32_t)arg->n_texts);
        for (int i = 0; i < arg->n_texts; i++)
            tend_buf_str(out, arg->texts[i]);
        break;
    }
}

static void save_stage(const tend_stage *stage, tend_buf *out) {
    const tend_transform *t = stage->transform;
    uint32_t n_given = 0;
    for (int i = 0; i < t->n_args; i++)
        n_given += stage->args[i].given;
    tend_buf_str(out, t->name);
    tend_buf_u32(out, n_given);
    for (int i = 0; i < t->n_args; i++)
        if (stage->args[i].given)
            save_arg(&t->args[i], &stage->args[i], out);
    tend_buf_u32(out, (uint32_t)stage->n_numbers);
    for (int i = 0; i < stage->n_numbers; i++)
        tend_buf_f64(out, stage->numbers[i]);
    tend_buf_u8(out, stage->levels != NULL);
    if (!stage->levels)
        return;
    tend_buf_u32(out, (uint32_t)tend_stage_n_levels(stage));
    for (int l = 0; l < tend_stage_n_levels(stage); l++)
        put_text(out, tend_dict_key(stage->levels, l));
}

static void save_stages(const tend_stage *stages, int n, tend_buf *out) {
    tend_buf_u32(out, (uint32_t)n);
    for (int s = 0; s < n; s++)
        save_stage(&stages[s], out);
}

static void save_feature(const tend_feature *feature, tend_buf *out) {
    tend_buf_str(out, feature->name);
    tend_buf_str(out, feature->why);
    tend_buf_u8(out, feature->inferred);
    tend_buf_u32(out, (uint32_t)feature->n_branches);
    for (int b = 0; b < feature->n_branches; b++) {
        const tend_branch *branch = &feature->branches[b];
        tend_buf_str(out, branch->base);
        tend_buf_u32(out, (uint32_t)branch->n_arms);
        for (int a = 0; a < branch->n_arms; a++) {
            tend_buf_u32(out, (uint32_t)branch->arms[a].input);
            save_stages(branch->arms[a].stages, branch->arms[a].n_stages, out);
        }
        save_stages(branch->stages, branch->n_stages, out);
    }
}

void tend_pipeline_save(const tend_pipeline *p, tend_buf *out) {
    tend_buf_append(out, MAGIC, MAGIC_SIZE);
    tend_buf_u32(out, VERSION);
    tend_buf_u32(out, (uint32_t)p->n_inputs);
    for (int i = 0; i < p->n_inputs; i++) {
        tend_buf_str(out, p->inputs[i].name);
        tend_buf_u8(out, (uint8_t)p->inputs[i].type);
    }
    tend_buf_u32(out, (uint32_t)p->n_dropped);
    for (int d = 0; d < p->n_dropped; d++) {
        tend_buf_str(out, p->dropped[d].name);
        tend_buf_str(out, p->dropped[d].why);
    }
    tend_buf_u32(out, (uint32_t)p->n_features);
    for (int f = 0; f < p->n_features; f++)
        save_feature(&p->features[f], out);
}

/* Reading: whatever is wrong sets `failed`, every further read gives nothing, and the whole is
 * refused at the end. */
typedef struct reading {
    tend_cursor c;
    tend_pipeline *p;
    tend_arena *arena;
} reading;

static void spoil(reading *r) { r->c.failed = true; }

/* A count of items of at least `least` bytes each: more cannot be there than bytes remain. */
static int read_count(reading *r, size_t least) {
    uint32_t n = tend_cursor_u32(&r->c);
    if (n > (r->c.size - r->c.at) / least || n > INT32_MAX)
        spoil(r);
    return r->c.failed ? 0 : (int)n;
}

static double read_in_range(reading *r, const tend_arg_spec *spec, bool whole) {
    double v = tend_cursor_f64(&r->c);
    if (!(v >= spec->min && v <= spec->max) || (whole && v != floor(v)))
        spoil(r);
    return r->c.failed ? spec->fallback : v;
}

static double read_choice(reading *r, const tend_arg_spec *spec) {
    double v = tend_cursor_f64(&r->c);
    char word[48];
    bool known = v >= 0 && v < 64 && v == floor(v) && tend_choice_word(spec->choices, (int)v, word);
    if (!known)
        spoil(r);
    return known ? v : spec->fallback;
}

static void read_texts(reading *r, const tend_arg_spec *spec, tend_arg *arg) {
    int n = read_count(r, 4);
    arg->texts = TEND_ARRAY(r->arena, const char *, n);
    for (int i = 0; i < n; i++) {
        arg->texts[i] = tend_cursor_str(&r->c, r->arena);
        if (spec->choices && tend_choice_index(spec->choices, arg->texts[i]) < 0)
            spoil(r);
    }
    arg->n_texts = r->c.failed ? 0 : n;
}

static void read_arg(reading *r, tend_stage *stage) {
    const tend_arg_spec *spec = tend_arg_find(stage->transform, tend_cursor_str(&r->c, r->arena));
    if (!spec) {
        spoil(r);
        return;
    }
    tend_arg *arg = &stage->args[spec - stage->transform->args];
    arg->given = true;
    switch (spec->type) {
    case TEND_ARG_INT:
    case TEND_ARG_BOOL: arg->number = read_in_range(r, spec, true); break;
    case TEND_ARG_REAL: arg->number = read_in_range(r, spec, false); break;
    case TEND_ARG_CHOICE: arg->number = read_choice(r, spec); break;
    case TEND_ARG_RANGE:
        arg->number = read_in_range(r, spec, true);
        arg->upper = read_in_range(r, spec, true);
        if (arg->number > arg->upper)
            spoil(r);
        break;
    case TEND_ARG_TIME: arg->time = (int64_t)tend_cursor_u64(&r->c); break;
    case TEND_ARG_SCALAR: arg->text = tend_cursor_str(&r->c, r->arena); break;
    case TEND_ARG_TEXTS: read_texts(r, spec, arg); break;
    }
}

static void read_levels(reading *r, tend_stage *stage) {
    int n = read_count(r, 4);
    tend_stage_levels(stage, r->arena);
    for (int l = 0; l < n && !r->c.failed; l++) {
        uint32_t size = tend_cursor_u32(&r->c);
        const void *text = tend_cursor_bytes(&r->c, size);
        bool is_new = false;
        if (text && !r->c.failed)
            tend_dict_add(stage->levels, text, size, &is_new);
        if (!is_new)
            spoil(r);
    }
}

static void read_stage(reading *r, tend_stage *stage) {
    const tend_transform *t = tend_transform_find(tend_cursor_str(&r->c, r->arena));
    if (!t || t->joins || (!t->apply && !t->emit)) {
        spoil(r);
        t = &tend_transform_passthrough;
    }
    tend_stage_init(stage, t, r->arena);
    int n_args = read_count(r, 4);
    for (int i = 0; i < n_args && !r->c.failed; i++)
        read_arg(r, stage);
    int n = read_count(r, 8);
    tend_stage_numbers(stage, r->arena, n);
    for (int i = 0; i < n; i++)
        stage->numbers[i] = tend_cursor_f64(&r->c);
    uint8_t has_levels = tend_cursor_u8(&r->c);
    if (has_levels > 1)
        spoil(r);
    if (has_levels)
        read_levels(r, stage);
}

static tend_stage *read_stages(reading *r, int *out_n) {
    int n = read_count(r, 13);
    tend_stage *stages = TEND_ARRAY(r->arena, tend_stage, n);
    for (int s = 0; s < n && !r->c.failed; s++)
        read_stage(r, &stages[s]);
    *out_n = n;
    return stages;
}

static bool stages_are_sound(const tend_stage *stages, int n) {
    for (int s = 0; s < n; s++)
        if (stages[s].transform->check && !stages[s].transform->check(&stages[s]))
            return false;
    return true;
}

static void check_branch(reading *r, tend_branch *branch) {
    const char **names = TEND_ARRAY(r->arena, const char *, branch->n_arms);
    tend_type *types = TEND_ARRAY(r->arena, tend_type, branch->n_arms);
    for (int a = 0; a < branch->n_arms; a++) {
        names[a] = r->p->inputs[branch->arms[a].input].name;
        types[a] = r->p->inputs[branch->arms[a].input].type;
    }
    bool sound = tend_branch_link(branch, names, types, NULL) == TEND_OK && stages_are_sound(branch->stages, branch->n_stages);
    for (int a = 0; sound && a < branch->n_arms; a++)
        sound = stages_are_sound(branch->arms[a].stages, branch->arms[a].n_stages);
    if (!sound)
        spoil(r);
}

static void read_branch(reading *r, tend_branch *branch) {
    branch->base = tend_cursor_str(&r->c, r->arena);
    branch->n_arms = read_count(r, 8);
    branch->arms = TEND_ARRAY(r->arena, tend_arm, branch->n_arms);
    for (int a = 0; a < branch->n_arms; a++) {
        uint32_t input = tend_cursor_u32(&r->c);
        if (input >= (uint32_t)r->p->n_inputs)
            spoil(r);
        branch->arms[a].input = r->c.failed ? 0 : (int)input;
        branch->arms[a].stages = read_stages(r, &branch->arms[a].n_stages);
    }
    branch->stages = read_stages(r, &branch->n_stages);
    if (!branch->n_arms || !branch->n_stages)
        spoil(r);
    if (!r->c.failed)
        check_branch(r, branch);
}

static void read_feature(reading *r, tend_feature *feature) {
    feature->name = tend_cursor_str(&r->c, r->arena);
    feature->why = tend_cursor_str(&r->c, r->arena);
    feature->inferred = tend_cursor_u8(&r->c) != 0;
    feature->n_branches = read_count(r, 12);
    feature->branches = TEND_ARRAY(r->arena, tend_branch, feature->n_branches);
    for (int b = 0; b < feature->n_branches && !r->c.failed; b++)
        read_branch(r, &feature->branches[b]);
}

static void read_inputs(reading *r) {
    int n = read_count(r, 5);
    r->p->inputs = TEND_ARRAY(r->arena, tend_input, n);
    for (int i = 0; i < n; i++) {
        const char *name = tend_cursor_str(&r->c, r->arena);
        uint8_t type = tend_cursor_u8(&r->c);
        if (type >= TEND_TYPE_COUNT)
            spoil(r);
        r->p->inputs[i] = (tend_input){name, type < TEND_TYPE_COUNT ? (tend_type)type : TEND_STRING};
    }
    r->p->n_inputs = n;
}

static void read_dropped(reading *r) {
    int n = read_count(r, 8);
    r->p->dropped = TEND_ARRAY(r->arena, tend_dropped, n);
    for (int d = 0; d < n; d++) {
        r->p->dropped[d].name = tend_cursor_str(&r->c, r->arena);
        r->p->dropped[d].why = tend_cursor_str(&r->c, r->arena);
    }
    r->p->n_dropped = n;
}

static tend_status read_header(reading *r, tend_error *err) {
    const void *magic = tend_cursor_bytes(&r->c, MAGIC_SIZE);
    uint32_t version = tend_cursor_u32(&r->c);
    if (r->c.failed || memcmp(magic, MAGIC, MAGIC_SIZE) != 0)
        return TEND_FAIL(err, CORRUPT, "not a feature pipeline");
    if (version != VERSION)
        return TEND_FAIL(err, UNSUPPORTED, "the feature pipeline has version %u; this tend reads version %d", version, VERSION);
    return TEND_OK;
}

tend_status tend_pipeline_load(const void *bytes, size_t size, tend_pipeline **out, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    reading r = {tend_cursor_init(bytes, size), TEND_NEW(arena, tend_pipeline), arena};
    r.p->arena = arena;
    TEND_TRY(read_header(&r, err));
    read_inputs(&r);
    read_dropped(&r);
    int n = read_count(&r, 13);
    r.p->features = TEND_ARRAY(arena, tend_feature, n);
    r.p->n_features = n;
    for (int f = 0; f < n && !r.c.failed; f++)
        read_feature(&r, &r.p->features[f]);
    if (r.c.failed || r.c.at != size)
        return TEND_FAIL(err, CORRUPT, "the feature pipeline is damaged near byte %zu of %zu", r.c.at, size);
    TEND_TRY(tend_pipeline_layout(r.p, err));
    arena = NULL; /* the pipeline owns it now */
    *out = r.p;
    return TEND_OK;
}
