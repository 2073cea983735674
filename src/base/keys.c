#include "base/keys.h"

#include "base/buf.h"
#include "base/text.h"

#define S TEND_KEY_STRING
#define I TEND_KEY_INT
#define N TEND_KEY_NUMBER
#define B TEND_KEY_BOOL
#define L TEND_KEY_LIST
#define M TEND_KEY_MAP
#define A TEND_KEY_ANY

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

const tend_key *tend_key_find(const tend_key_table *table, const char *path) {
    for (int i = 0; i < table->n; i++)
        if (path_matches(table->rows[i].path, path))
            return &table->rows[i];
    return NULL;
}

bool tend_key_duration(const char *text, double *out_ms) {
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

bool tend_key_size(const char *text, int64_t *out_bytes) {
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
            return tend_key_duration(node->text, &ms);
        if (types & TEND_KEY_SIZE)
            return tend_key_size(node->text, &bytes);
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

static void report_unknown(const tend_key_table *table, const tend_node *node, const char *prefix, tend_arena *arena, tend_diags *diags) {
    const char *siblings[64];
    size_t n = 0, depth = strlen(prefix);
    for (int i = 0; i < table->n && n < 64; i++) {
        const char *path = table->rows[i].path;
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
        for (size_t i = 0; table->later && table->later[i]; i++)
            if (!strcmp(node->key, table->later[i])) {
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

static void check_map(const tend_key_table *table, const tend_node *map, const char *prefix, tend_arena *arena, tend_diags *diags) {
    TEND_NODE_EACH(child, map) {
        const char *path = *prefix ? tend_arena_printf(arena, "%s.%s", prefix, child->key) : child->key;
        const tend_key *row = tend_key_find(table, path);
        if (!row) {
            report_unknown(table, child, prefix, arena, diags);
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
            check_map(table, child, path, arena, diags);
        else
            check_scalar(child, row, path, arena, diags);
    }
}

void tend_keys_check(const tend_key_table *table, const tend_node *root, tend_arena *arena, tend_diags *diags) {
    if (root->kind != TEND_NODE_MAP) {
        tend_diags_add(diags, TEND_SEVERITY_ERROR, TEND_CONFIG, root->span, "expected keys such as `problem:`, found %s",
                       tend_node_kind_name(root->kind));
        return;
    }
    check_map(table, root, "", arena, diags);
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

const tend_node *tend_keys_value(const tend_key_table *table, const tend_node *root, const char *path, tend_arena *arena) {
    const tend_node *node = tend_node_path(root, path);
    if (node && node->kind != TEND_NODE_NULL)
        return node;
    const tend_key *row = tend_key_find(table, path);
    return row && row->fallback ? fallback_node(row, arena) : NULL;
}
