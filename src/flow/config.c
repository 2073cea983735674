#include "flow/config.h"

#include <math.h>

#define S TEND_KEY_STRING
#define I TEND_KEY_INT
#define N TEND_KEY_NUMBER
#define B TEND_KEY_BOOL
#define L TEND_KEY_LIST
#define M TEND_KEY_MAP
#define A TEND_KEY_ANY

/* A map comes before its members. */
const tend_key tend_keys[] = {
    {"name", S, NULL, NULL, 0, 0, "the project's name; also the model's name in the registry"},
    {"problem", M, NULL, NULL, 0, 0, "what is to be predicted, and when it is good enough"},
    {"problem.question", S, NULL, NULL, 0, 0, "the question in words, for the report and the model card"},
    {"problem.target", S, NULL, NULL, 0, 0, "the column to predict"},
    {"problem.task", S, NULL, "binary|multiclass|regression", 0, 0, "inferred from the target when absent"},
    {"problem.positive", S | I | N | B, NULL, NULL, 0, 0, "the class that counts as positive (binary); the rarer one when absent"},
    {"problem.metric", S, NULL, NULL, 0, 0, "what is optimised and compared; roc_auc, log_loss or rmse when absent"},
    {"problem.goal", N, NULL, NULL, 0, 0, "a gate: below it (above it, for errors) nothing is released"},
    {"problem.deadline", S, NULL, NULL, 0, 0, "the date by which the goal must be reached (YYYY-MM-DD)"},
    {"problem.baseline", S | N, NULL, NULL, 0, 0, "today's rule, as an SQL expression over the columns"},
    {"problem.min_gain", N, "0", NULL, 0, 1e300, "how much better than the best baseline a model must be to be worth it"},
    {"problem.decide", S | N, "0.5", NULL, 0, 0,
     "binary: the probability from which the answer is the positive class, or a metric (f1, accuracy, …) to choose it by on the validation "
     "rows"},
    {"problem.limits", M, NULL, NULL, 0, 0, "budgets of the model in production, each a gate"},
    {"problem.limits.latency_p99", TEND_KEY_DURATION, NULL, NULL, 0, 0, "of one prediction, 99th percentile (5ms)"},
    {"problem.limits.model_size", TEND_KEY_SIZE, NULL, NULL, 0, 0, "of the bundle on disk (20MB)"},
    {"data", M, NULL, NULL, 0, 0, "where the data comes from and what it must be"},
    {"data.sources", M, NULL, NULL, 0, 0, "named sources; each a path, a pattern or a folder"},
    {"data.sources.*", S | L | M, NULL, NULL, 0, 0, "a path, a pattern (data/*.csv), a folder, a list of them, or a map with `from`"},
    {"data.sources.*.from", S | L, NULL, NULL, 0, 0, "the path, pattern or folder, or a list of them"},
    {"data.sources.*.format", S, NULL, "csv|json|ndjson|parquet", 0, 0, "by name and content when absent"},
    {"data.sources.*.separator", S, NULL, NULL, 0, 0, "CSV: one character, or \"tab\"; sniffed when absent"},
    {"data.sources.*.header", B, NULL, NULL, 0, 0, "CSV: whether the first row has the names; sniffed when absent"},
    {"data.sources.*.encoding", S, NULL, "utf-8|latin-1", 0, 0, "CSV: sniffed when absent"},
    {"data.select", S, NULL, NULL, 0, 0, "SQL over the sources; needed when there are several"},
    {"data.missing", L, NULL, NULL, 0, 0, "texts that mean a missing value; the usual ones (empty, NA, NaN, null …) when absent"},
    {"data.bad_rows", S, "quarantine", "quarantine|stop", 0, 0, "rows that cannot be read: put aside with a reason, or stop"},
    {"data.duplicates", S, "warn", "keep|warn|drop", 0, 0, "rows that are equal in every column"},
    {"data.expect", A, NULL, NULL, 0, 0, "expectations: per column, and for the table as a whole"},
    {"data.allow", L, NULL, NULL, 0, 0, "columns that look like a leak of the target but are legitimate"},
    {"data.split", M, NULL, NULL, 0, 0, "how test rows are set apart"},
    {"data.split.by", S, "random", "random|time|group|rows", 0, 0,
     "random (stratified), time (the newest), group (whole groups), rows (a file of row numbers)"},
    {"data.split.test", N, "0.2", NULL, 0.001, 0.9, "the share of rows for the test"},
    {"data.split.column", S, NULL, NULL, 0, 0, "time: the column to order by; group: the column whose values stay together"},
    {"data.split.stratify", S, NULL, NULL, 0, 0, "random: the column whose shares are kept; the target's classes when absent"},
    {"data.split.file", S, NULL, NULL, 0, 0, "rows: a text file with one test row number (from 0) per line"},
    {"data.split.seed", I, "42", NULL, 0, 9e15, "of the split and of everything after it that draws numbers"},
    {"features", A, NULL, NULL, 0, 0, "declared features; the rest is inferred from the column types"},
    {"train", M, NULL, NULL, 0, 0, "what is trained, and how it is compared"},
    {"train.learners", A, NULL, NULL, 0, 0, "names, or {name: {parameter: value}}"},
    {"train.folds", I, "0", NULL, 0, 50, "cross-validation folds; 0: one validation part"},
    {"train.validation", N, "0.2", NULL, 0.01, 0.9, "the share of the training rows that compares the learners when folds is 0"},
    {"train.refit", B, "true", NULL, 0, 0, "fit the best learner again on training and validation rows together"},
    {"train.threads", I, "0", NULL, 0, 1024, "0: all; never changes the result"},
    {"evaluate", M, NULL, NULL, 0, 0, "how the model is judged"},
    {"evaluate.slices", L, NULL, NULL, 0, 0, "columns, or lists of columns for crosses; text columns with few levels when absent"},
    {"evaluate.gates", L, NULL, NULL, 0, 0, "conditions for a release: \"roc_auc >= 0.92\", \"min(slice.f1) >= 0.5\""},
    {"evaluate.min_slice", I, "30", NULL, 1, 1e9, "slices with fewer rows are shown but count in no gate"},
    {"evaluate.replicates", I, "500", NULL, 50, 20000, "bootstrap resamples behind each confidence interval"},
};
const int tend_n_keys = (int)(sizeof(tend_keys) / sizeof(tend_keys[0]));

static bool segment_matches(const char **pattern, const char **path) {
    const char *a = *pattern, *b = *path;
    if (*a == '*' && (a[1] == '.' || !a[1])) {
        a++;
        b += strcspn(b, ".");
    } else {
        while (*a && *a != '.' && *a == *b)
            a++, b++;
        if ((*a && *a != '.') || (*b && *b != '.'))
            return false;
    }
    *pattern = a;
    *path = b;
    return true;
}

static bool path_matches(const char *pattern, const char *path) {
    while (segment_matches(&pattern, &path)) {
        if (!*pattern && !*path)
            return true;
        if (!*pattern || !*path)
            return false;
        pattern++, path++;
    }
    return false;
}

const tend_key *tend_key_find(const char *path) {
    for (int i = 0; i < tend_n_keys; i++)
        if (path_matches(tend_keys[i].path, path))
            return &tend_keys[i];
    return NULL;
}

bool tend_config_duration(const char *text, double *out_ms) {
    static const struct {
        const char *unit;
        double ms;
    } units[] = {{"us", 1e-3}, {"ms", 1}, {"s", 1e3}, {"m", 6e4}, {"h", 3.6e6}, {"d", 8.64e7}};
    size_t digits = strspn(text, "0123456789.");
    double number;
    if (!tend_text_parse_double((tend_str){text, digits}, false, &number))
        return false;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (!strcmp(text + digits, units[i].unit)) {
            *out_ms = number * units[i].ms;
            return true;
        }
    return false;
}

bool tend_config_size(const char *text, int64_t *out_bytes) {
    static const struct {
        const char *unit;
        double bytes;
    } units[] = {{"", 1},     {"B", 1},      {"kB", 1e3},      {"KB", 1e3},        {"MB", 1e6},
                 {"GB", 1e9}, {"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824}};
    size_t digits = strspn(text, "0123456789.");
    double number;
    if (!tend_text_parse_double((tend_str){text, digits}, false, &number))
        return false;
    while (text[digits] == ' ')
        digits++;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (!strcmp(text + digits, units[i].unit)) {
            double bytes = number * units[i].bytes;
            if (bytes < 0x1p63)
                *out_bytes = (int64_t)bytes;
            return bytes < 0x1p63;
        }
    return false;
}

static const char *expected_words(unsigned types) {
    switch (types) {
    case S: return "text";
    case I: return "a whole number";
    case N: return "a number";
    case B: return "true or false";
    case L: return "a list";
    case M: return "a map of keys";
    case S | N: return "text or a number";
    case S | L: return "a path or a list of paths";
    case S | L | M: return "a path, a list of paths, or a map of keys";
    case TEND_KEY_DURATION: return "a duration such as 5ms";
    case TEND_KEY_SIZE: return "a size such as 20MB";
    default: return "a scalar";
    }
}

static bool type_fits(const tend_node *node, unsigned types) {
    int64_t bytes;
    double ms;
    switch (node->kind) {
    case TEND_NODE_NULL: return false;
    case TEND_NODE_BOOL: return types & B;
    case TEND_NODE_INT: return (types & (I | N)) || (types & TEND_KEY_SIZE);
    case TEND_NODE_FLOAT: return types & N;
    case TEND_NODE_STRING:
        if (types & TEND_KEY_DURATION)
            return tend_config_duration(node->text, &ms);
        if (types & TEND_KEY_SIZE)
            return tend_config_size(node->text, &bytes);
        return types & S;
    case TEND_NODE_LIST: return types & L;
    case TEND_NODE_MAP: return types & M;
    }
    return false;
}

static bool choice_fits(const char *choices, const char *text) {
    size_t size = strlen(text);
    for (const char *at = choices; *at; at += strcspn(at, "|"), at += *at == '|')
        if (strcspn(at, "|") == size && !strncmp(at, text, size))
            return true;
    return false;
}

/* The choices as a list for the nearest-word search. */
static const char *nearest_choice(const char *choices, const char *word, tend_arena *arena) {
    const char *words[16];
    size_t n = 0;
    for (const char *at = choices; *at && n < 16; at += strcspn(at, "|"), at += *at == '|')
        words[n++] = tend_arena_strndup(arena, at, strcspn(at, "|"));
    return tend_text_nearest(word, words, n);
}

static void check_scalar(const tend_node *node, const tend_key *row, const char *path, tend_arena *arena, tend_diags *diags) {
    if (row->choices && node->kind == TEND_NODE_STRING && !choice_fits(row->choices, node->text)) {
        tend_buf listed = TEND_BUF_INIT;
        for (const char *at = row->choices; *at; at += strcspn(at, "|"), at += *at == '|')
            tend_buf_printf(&listed, "%s%.*s", listed.size ? ", " : "", (int)strcspn(at, "|"), at);
        tend_error *e = tend_diags_add(diags, TEND_SEVERITY_ERROR, TEND_CONFIG, node->span, "%s is '%s', expected one of: %s", path,
                                       node->text, tend_buf_text(&listed));
        tend_buf_done(&listed);
        const char *near = nearest_choice(row->choices, node->text, arena);
        if (near)
            tend_error_hint(e, TEND_CONFIG, "did you mean '%s'?", near);
    }
    bool numeric = node->kind == TEND_NODE_INT || node->kind == TEND_NODE_FLOAT;
    double v = tend_node_double(node, 0);
    if (numeric && (row->min != 0 || row->max != 0) && !(v >= row->min && v <= row->max)) {
        char low[32], high[32];
        tend_text_format_double(row->min, low);
        tend_text_format_double(row->max, high);
        tend_diags_add(diags, TEND_SEVERITY_ERROR, TEND_CONFIG, node->span, "%s is %s, expected a number from %s to %s", path,
                       tend_node_scalar(node, "?"), low, high);
    }
}

/* Sections that tend's design names but this version does not have yet: said plainly instead of "unknown key". */
static const char *const later_sections[] = {"serve", "monitor", "retrain", "store", "execute", "steps"};

static void report_unknown(const tend_node *node, const char *prefix, tend_arena *arena, tend_diags *diags) {
    const char *siblings[64];
    size_t n = 0, depth = strlen(prefix);
    for (int i = 0; i < tend_n_keys && n < 64; i++) {
        const char *path = tend_keys[i].path;
        if (depth) {
            /* the row of the parent may hold wildcards: compare segment counts and match */
            const char *dot = strrchr(path, '.');
            if (!dot || !path_matches(tend_arena_strndup(arena, path, (size_t)(dot - path)), prefix))
                continue;
            siblings[n++] = dot + 1;
        } else if (!strchr(path, '.')) {
            siblings[n++] = path;
        }
    }
    if (!depth)
        for (size_t i = 0; i < sizeof(later_sections) / sizeof(later_sections[0]); i++)
            if (!strcmp(node->key, later_sections[i])) {
                tend_diags_add(diags, TEND_SEVERITY_ERROR, TEND_UNSUPPORTED, node->key_span,
                               "'%s' is not supported by this version of tend", node->key);
                return;
            }
    tend_error *e = tend_diags_add(diags, TEND_SEVERITY_ERROR, TEND_CONFIG, node->key_span, "unknown key '%s'%s%s", node->key,
                                   depth ? " in " : "", prefix);
    const char *near = tend_text_nearest(node->key, siblings, n);
    if (near) {
        tend_error_hint(e, TEND_CONFIG, "did you mean '%s'?", near);
        return;
    }
    tend_buf list = TEND_BUF_INIT;
    for (size_t i = 0; i < n; i++)
        tend_buf_printf(&list, "%s%s", i ? ", " : "", siblings[i]);
    tend_error_hint(e, TEND_CONFIG, "keys here: %s", tend_buf_text(&list));
    tend_buf_done(&list);
}

static void check_map(const tend_node *map, const char *prefix, tend_arena *arena, tend_diags *diags) {
    TEND_NODE_EACH(child, map) {
        const char *path = *prefix ? tend_arena_printf(arena, "%s.%s", prefix, child->key) : child->key;
        const tend_key *row = tend_key_find(path);
        if (!row) {
            report_unknown(child, prefix, arena, diags);
            continue;
        }
        if (row->types & A)
            continue;
        if (!type_fits(child, row->types)) {
            tend_diags_add(diags, TEND_SEVERITY_ERROR, TEND_CONFIG, child->span, "%s must be %s, found %s%s%s", path,
                           expected_words(row->types), child->kind == TEND_NODE_STRING ? "'" : "",
                           child->kind == TEND_NODE_STRING ? child->text : tend_node_kind_name(child->kind),
                           child->kind == TEND_NODE_STRING ? "'" : "");
            continue;
        }
        if (child->kind == TEND_NODE_MAP)
            check_map(child, path, arena, diags);
        else
            check_scalar(child, row, path, arena, diags);
    }
}

void tend_config_check(const tend_node *root, tend_arena *arena, tend_diags *diags) {
    if (root->kind != TEND_NODE_MAP) {
        tend_diags_add(diags, TEND_SEVERITY_ERROR, TEND_CONFIG, root->span, "expected keys such as `problem:`, found %s",
                       tend_node_kind_name(root->kind));
        return;
    }
    check_map(root, "", arena, diags);
}

static tend_node *fallback_node(const tend_key *row, tend_arena *arena) {
    int64_t i;
    double d;
    tend_str text = tend_str_of(row->fallback);
    if ((row->types & B) && (tend_str_is(text, "true") || tend_str_is(text, "false")))
        return tend_node_new_bool(arena, tend_str_is(text, "true"));
    if ((row->types & (I | N)) && tend_text_parse_int(text, &i))
        return tend_node_new_int(arena, i);
    if ((row->types & N) && tend_text_parse_double(text, false, &d))
        return tend_node_new_double(arena, d);
    return tend_node_new_string(arena, row->fallback);
}

const tend_node *tend_config_value(const tend_node *root, const char *path, tend_arena *arena) {
    const tend_node *node = tend_node_path(root, path);
    if (node && node->kind != TEND_NODE_NULL)
        return node;
    const tend_key *row = tend_key_find(path);
    return row && row->fallback ? fallback_node(row, arena) : NULL;
}
