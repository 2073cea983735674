/* YAML to nodes, from libfyaml's stream of events: they carry the place of everything, also of
 * brackets, and nothing is expanded behind our back. */
#include "base/node.h"

#include "base/node_private.h"

#include <libfyaml.h>
#include <stdlib.h>

enum { MAX_ALIASED = 10000 };

typedef struct anchor {
    struct anchor *next;
    const char *name;
    tend_node *node;
    bool complete; /* false while the node is being read: an alias to it would be a circle */
} anchor;

typedef struct loader {
    const char *text, *file;
    size_t size;
    tend_arena *arena;
    tend_diags *diags;
    struct fy_parser *parser;
    anchor *anchors;  /* newest first: a later one of the same name wins */
    size_t n_aliased; /* nodes that aliases have brought in */
    int line;         /* the line whose start is known, from 0 */
    size_t line_start;
    tend_span last; /* of the newest event that has a place */
    bool stopped;   /* going on makes no sense */
} loader;

/* Adds an error with a printf format and gives it back for a hint. */
#define FAULT(l, span, ...) tend_diags_add((l)->diags, TEND_SEVERITY_ERROR, TEND_CONFIG, (span), __VA_ARGS__)

/* Places in tend count bytes from 1; libfyaml gives offsets and lines from 0. */
static tend_span span_at(loader *l, int line, size_t start, size_t end) {
    if (line != l->line) {
        const char *newline = start <= l->size ? memrchr(l->text, '\n', start) : NULL;
        l->line_start = newline ? (size_t)(newline - l->text) + 1 : 0;
        l->line = line;
    }
    const char *line_end = memchr(l->text + start, '\n', end - start); /* a span stays on its line */
    end = line_end ? (size_t)(line_end - l->text) : end;
    return (tend_span){l->file, (uint32_t)line + 1, (uint32_t)(start - l->line_start) + 1, (uint32_t)(end - start)};
}

static bool is_block(enum fy_scalar_style style) { return style == FYSS_LITERAL || style == FYSS_FOLDED; }

static bool is_quoted(enum fy_scalar_style style) { return style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED; }

/* The marks of quoted scalars and aliases leave out the quotes and the star. */
static tend_span event_span(loader *l, struct fy_event *event) {
    const struct fy_mark *from = fy_event_start_mark(event), *to = fy_event_end_mark(event);
    if (!from || !to)
        return l->last;
    size_t start = from->input_pos, end = to->input_pos;
    if (event->type == FYET_ALIAS && start > 0)
        start--;
    if (event->type == FYET_SCALAR && event->scalar.value) {
        enum fy_scalar_style style = fy_scalar_token_get_style(event->scalar.value);
        start -= is_quoted(style) && start > 0;
        end += is_quoted(style);
        while (is_block(style) && start < end && start < l->size && l->text[start] == ' ')
            start++;
    }
    end = end > l->size ? l->size : end;
    start = start > end ? end : start;
    return l->last = span_at(l, from->line, start, end);
}

static struct fy_event *next_event(loader *l) { return l->stopped ? NULL : fy_parser_parse(l->parser); }

static char *token_text(loader *l, struct fy_token *token, size_t *out_size) {
    size_t size = 0;
    const char *text = token ? fy_token_get_text(token, &size) : NULL;
    if (out_size)
        *out_size = text ? size : 0;
    return tend_arena_strndup(l->arena, text ? text : "", text ? size : 0);
}

static anchor *add_anchor(loader *l, struct fy_event *event, tend_node *node) {
    struct fy_token *token = fy_event_get_anchor_token(event);
    if (!token)
        return NULL;
    anchor *a = TEND_NEW(l->arena, anchor);
    *a = (anchor){.next = l->anchors, .name = token_text(l, token, NULL), .node = node};
    l->anchors = a;
    return a;
}

#define CORE_TAG "tag:yaml.org,2002:"

/* Only the tags that change nothing, and !!str (or "!"), which makes a text of a scalar. */
static bool is_string_tag(loader *l, struct fy_event *event, tend_span span) {
    struct fy_token *token = fy_event_get_tag_token(event);
    if (!token)
        return false;
    const char *tag = token_text(l, token, NULL);
    if (strcmp(tag, "!") == 0 || strcmp(tag, CORE_TAG "str") == 0)
        return event->type == FYET_SCALAR;
    const char *neutral = event->type == FYET_SEQUENCE_START ? CORE_TAG "seq" : event->type == FYET_MAPPING_START ? CORE_TAG "map" : "";
    if (strcmp(tag, neutral) != 0)
        tend_error_hint(FAULT(l, span, "the tag '%s' is not supported", tag), TEND_CONFIG, "leave it out; quotes make a text of a number");
    return false;
}

static void read_scalar(loader *l, struct fy_event *event, tend_node *node) {
    struct fy_token *token = event->scalar.value;
    enum fy_scalar_style style = token ? fy_scalar_token_get_style(token) : FYSS_PLAIN;
    node->text = token_text(l, token, &node->text_size);
    node->quoted = is_quoted(style);
    node->kind = TEND_NODE_STRING;
    bool string_tag = is_string_tag(l, event, node->span);
    if (!node->quoted && !is_block(style) && !string_tag)
        yaml_resolve_plain(node);
}

static void measure(const tend_node *node, int depth, size_t *n, int *deepest) {
    ++*n;
    *deepest = depth > *deepest ? depth : *deepest;
    TEND_NODE_EACH(child, node)
        measure(child, depth + 1, n, deepest);
}

static tend_node *copy_aliased(loader *l, const tend_node *target, tend_span span, int depth) {
    int deepest = depth;
    measure(target, depth, &l->n_aliased, &deepest);
    if (l->n_aliased > MAX_ALIASED || deepest > NODE_MAX_DEPTH) {
        FAULT(l, span, "%s",
              l->n_aliased > MAX_ALIASED ? "the aliases of this file expand to more than 10,000 values"
                                         : "nested too deeply: at most 64 levels are read");
        l->stopped = true;
        return NULL;
    }
    tend_node *copy = tend_node_copy(l->arena, target);
    copy->key = NULL;
    return copy;
}

static const anchor *nearest_anchor(const loader *l, const char *name) {
    for (const anchor *a = l->anchors; a; a = a->next)
        if (tend_text_nearest(name, &a->name, 1))
            return a;
    return NULL;
}

static tend_node *read_alias(loader *l, struct fy_event *event, tend_span span, int depth) {
    const char *name = token_text(l, event->alias.anchor, NULL);
    const anchor *a = l->anchors;
    while (a && strcmp(a->name, name) != 0)
        a = a->next;
    if (a && a->complete)
        return copy_aliased(l, a->node, span, depth);
    if (a) {
        FAULT(l, span, "the alias '*%s' stands inside what it refers to", name);
        return NULL;
    }
    tend_error *err = FAULT(l, span, "the alias '*%s' refers to no anchor above it", name);
    const anchor *near = nearest_anchor(l, name);
    if (near)
        tend_error_hint(err, TEND_CONFIG, "did you mean '*%s'?", near->name);
    else
        tend_error_hint(err, TEND_CONFIG, "put quotes around a text that starts with '*'");
    return NULL;
}

static tend_node *read_node(loader *l, struct fy_event *event, int depth);

/* Reads the next node inside a list or map; sets *out_end when there is none. NULL for a faulty
 * one. */
static tend_node *read_child(loader *l, enum fy_event_type end, int depth, bool *out_end) {
    struct fy_event *event = next_event(l);
    *out_end = !event || event->type == end;
    tend_node *node = *out_end ? NULL : read_node(l, event, depth);
    fy_parser_event_free(l->parser, event);
    return node;
}

static void read_list(loader *l, tend_node *list, int depth) {
    for (;;) {
        bool end;
        tend_node *item = read_child(l, FYET_SEQUENCE_END, depth + 1, &end);
        if (end)
            return;
        if (item)
            tend_node_push(list, item);
    }
}

/* A key must be a text that appears once. Returns NULL after a fault. */
static const char *check_key(loader *l, const tend_node *map, const tend_node *key, tend_span where) {
    if (!key || key->kind == TEND_NODE_LIST || key->kind == TEND_NODE_MAP) {
        if (key) /* otherwise the fault is told already */
            FAULT(l, where, "expected a text as the key, found %s", tend_node_kind_name(key->kind));
        return NULL;
    }
    if (key->text_size == 0 || strlen(key->text) != key->text_size) {
        FAULT(l, where, "%s", key->text_size ? "a key must not hold a NUL character" : "a key is missing here");
        return NULL;
    }
    const tend_node *first = node_map_find(map, key->text);
    if (!first)
        return key->text;
    FAULT(l, where, "duplicate key '%s' (first at line %u)", key->text, first->key_span.line);
    return NULL;
}

static void read_map(loader *l, tend_node *map, int depth) {
    for (;;) {
        bool end;
        tend_node *key = read_child(l, FYET_MAPPING_END, depth + 1, &end);
        if (end)
            return;
        tend_span key_span = key ? key->span : l->last;
        const char *name = check_key(l, map, key, key_span);
        tend_node *value = read_child(l, FYET_NONE, depth + 1, &end);
        if (end || !value || !name)
            continue;
        value->key = name;
        value->key_span = key_span;
        node_map_append(l->arena, map, value);
    }
}

static tend_node *read_node(loader *l, struct fy_event *event, int depth) {
    tend_span span = event_span(l, event);
    if (depth > NODE_MAX_DEPTH) {
        FAULT(l, span, "nested too deeply: at most 64 levels are read");
        l->stopped = true;
        return NULL;
    }
    if (event->type == FYET_ALIAS)
        return read_alias(l, event, span, depth);
    tend_node *node = TEND_NEW(l->arena, tend_node);
    node->span = span;
    anchor *a = add_anchor(l, event, node);
    if (event->type == FYET_SCALAR) {
        read_scalar(l, event, node);
    } else {
        bool is_map = event->type == FYET_MAPPING_START;
        node->kind = is_map ? TEND_NODE_MAP : TEND_NODE_LIST;
        is_string_tag(l, event, span);
        if (is_map)
            read_map(l, node, depth);
        else
            read_list(l, node, depth);
    }
    if (a)
        a->complete = true;
    return node;
}

static bool starts_node(enum fy_event_type type) {
    return type == FYET_SCALAR || type == FYET_ALIAS || type == FYET_SEQUENCE_START || type == FYET_MAPPING_START;
}

/* The only document of the stream; an empty one is null. */
static tend_node *read_stream(loader *l) {
    tend_node *root = NULL;
    int n_documents = 0;
    struct fy_event *event;
    bool done = false;
    while (!done && (event = next_event(l))) {
        if (event->type == FYET_DOCUMENT_START && ++n_documents > 1) {
            FAULT(l, event_span(l, event), "a second document starts here; expected one document in a file");
            done = true;
        } else if (starts_node(event->type)) {
            root = read_node(l, event, 1);
        } else if (event->type == FYET_STREAM_END) {
            done = true;
        }
        fy_parser_event_free(l->parser, event);
    }
    if (!root && n_documents == 0) {
        root = tend_node_new(l->arena, TEND_NODE_NULL);
        root->span = (tend_span){l->file, 1, 1, 0};
        root->text = "";
    }
    return root;
}

/* libfyaml counts columns in characters: find the byte. */
static tend_span error_span(const loader *l, int line, int column) {
    const char *at = l->text, *end = l->text + l->size;
    for (int i = 1; i < line && at; i++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        at = newline ? newline + 1 : NULL;
    }
    if (line < 1 || !at)
        return (tend_span){l->file, line > 0 ? (uint32_t)line : 0, 0, 0};
    const char *p = at;
    for (int i = 1; i < column && p < end && *p != '\n'; i++)
        for (p++; p < end && ((unsigned char)*p & 0xC0) == 0x80;)
            p++;
    return (tend_span){l->file, (uint32_t)line, (uint32_t)(p - at) + 1, 1};
}

/* What to do about libfyaml's more puzzling messages. */
static const struct {
    const char *start, *hint;
} HINTS[] = {
    {"tab character", "use spaces for indentation"},
    {"invalid multiline plain key", "the next line is indented further than this one: align them, or put this "
                                    "value in quotes"},
    {"invalid nested block mapping", "put quotes around a text that holds ': '"},
    {"plain scalar cannot start", "put the text in quotes"},
    {"invalid escape", "in single quotes a backslash is just a backslash"},
    {"invalid scalar at the end", "check the indentation of this line"},
    {"did not find expected", "check the indentation of this line"},
};

static void collect_errors(loader *l, struct fy_diag *diag) {
    void *state = NULL;
    struct fy_diag_error *e;
    while ((e = fy_diag_errors_iterate(diag, &state))) {
        if (e->type != FYET_ERROR || !e->msg)
            continue;
        tend_error *err = FAULT(l, error_span(l, e->line, e->column), "%s", e->msg);
        for (size_t i = 0; i < sizeof HINTS / sizeof *HINTS; i++)
            if (tend_text_has_prefix(e->msg, HINTS[i].start))
                tend_error_hint(err, TEND_CONFIG, "%s", HINTS[i].hint);
    }
}

static tend_node *run_parser(loader *l) {
    struct fy_diag *diag = fy_diag_create(NULL);
    if (!diag)
        return NULL;
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg config = {
        .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE,
        .diag = diag,
    };
    l->parser = fy_parser_create(&config);
    tend_node *root = NULL;
    if (l->parser && fy_parser_set_string(l->parser, l->text, l->size) == 0)
        root = read_stream(l);
    collect_errors(l, diag);
    fy_parser_destroy(l->parser);
    fy_diag_destroy(diag);
    return root;
}

/* Bytes that no YAML file may hold: told here, because libfyaml's words for them are poor. */
static bool check_bytes(loader *l) {
    size_t bad_at = l->size;
    bool valid = tend_utf8_is_valid(l->text, l->size, &bad_at);
    const char *nul = memchr(l->text, '\0', l->size);
    size_t at = nul && (size_t)(nul - l->text) < bad_at ? (size_t)(nul - l->text) : bad_at;
    if (valid && !nul)
        return true;
    int line = 0;
    for (size_t i = 0; i < at; i++)
        line += l->text[i] == '\n';
    unsigned byte = (unsigned char)l->text[at];
    const char *message = byte == 0 ? "there is a NUL byte here; is this a text file?"
                                    : tend_arena_printf(l->arena, "the byte 0x%02X is not valid UTF-8", byte);
    FAULT(l, span_at(l, line, at, at + 1), "%s", message);
    return false;
}

static tend_status first_error_since(const tend_diags *diags, const tend_diag *last_before, tend_error *err) {
    const tend_diag *diag = last_before ? last_before->next : diags->first;
    while (diag && diag->severity != TEND_SEVERITY_ERROR)
        diag = diag->next;
    if (!diag) /* the list was full */
        return tend_diags_status(diags, err);
    if (err)
        *err = diag->error;
    return diag->error.code;
}

tend_status tend_yaml_parse(const char *text, size_t size, const char *file, tend_diags *diags, tend_node **out_node, tend_error *err) {
    *out_node = NULL;
    const tend_diag *last_before = diags->last;
    size_t errors_before = diags->n_errors;
    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
        size -= 3;
    }
    loader l = {.text = text, .size = size, .arena = diags->arena, .diags = diags};
    l.file = file ? tend_arena_strdup(l.arena, file) : NULL;
    l.last = (tend_span){l.file, 1, 1, 0};
    tend_node *root = check_bytes(&l) ? run_parser(&l) : NULL;
    if (!root && diags->n_errors == errors_before)
        FAULT(&l, l.last, "this cannot be read as YAML");
    if (diags->n_errors > errors_before)
        return first_error_since(diags, last_before, err);
    *out_node = root;
    return TEND_OK;
}
