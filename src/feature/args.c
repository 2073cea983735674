/* The arguments of transforms, from tend.yaml and back. */
#include "data/iso.h"
#include "feature/plan.h"

#include <math.h>
#include <stdio.h>

/* The text of any scalar; NULL for lists, maps and null. */
static const char *scalar_text(const tend_node *node, tend_arena *arena) {
    char number[32];
    switch (node->kind) {
    case TEND_NODE_STRING: return tend_arena_strdup(arena, node->text);
    case TEND_NODE_BOOL: return node->boolean ? "true" : "false";
    case TEND_NODE_INT:
    case TEND_NODE_FLOAT:
        if (node->text)
            return tend_arena_strdup(arena, node->text);
        tend_text_format_double(tend_node_double(node, 0), number);
        return tend_arena_strdup(arena, number);
    case TEND_NODE_NULL:
    case TEND_NODE_LIST:
    case TEND_NODE_MAP: break;
    }
    return NULL;
}

typedef struct parse {
    const tend_stage *stage;
    const tend_arg_spec *spec;
    const tend_node *node;
    tend_arena *arena;
    tend_diags *diags;
} parse;

static tend_error *fault(const parse *p, const char *expected) {
    const char *found = scalar_text(p->node, p->arena);
    const char *quote = found ? "'" : "";
    return tend_diags_add(p->diags, TEND_SEVERITY_ERROR, TEND_CONFIG, p->node->span, "%s.%s: expected %s, found %s%s%s",
                          p->stage->transform->name, p->spec->name, expected, quote, found ? found : tend_node_kind_name(p->node->kind),
                          quote);
}

static void bounds_words(const tend_arg_spec *spec, const char *what, char out[128]) {
    char low[32], high[32];
    tend_text_format_double(spec->min, low);
    tend_text_format_double(spec->max, high);
    snprintf(out, 128, "%s from %s to %s", what, low, high);
}

static bool parse_number(const parse *p, const tend_node *node, bool whole, double *out) {
    bool is_number = node->kind == TEND_NODE_INT || (node->kind == TEND_NODE_FLOAT && !whole);
    double v = tend_node_double(node, (double)NAN);
    if (is_number && v >= p->spec->min && v <= p->spec->max) {
        *out = v;
        return true;
    }
    char expected[128];
    bounds_words(p->spec, whole ? "a whole number" : "a number", expected);
    parse at = *p;
    at.node = node;
    fault(&at, expected);
    return false;
}

static bool parse_choice(const parse *p, tend_arg *out) {
    const char *word = scalar_text(p->node, p->arena);
    int index = word ? tend_choice_index(p->spec->choices, word) : -1;
    if (index >= 0) {
        out->number = index;
        return true;
    }
    const char *words[16];
    char text[16][48], all[256] = "one of";
    size_t n = 0;
    for (; n < 16 && (words[n] = tend_choice_word(p->spec->choices, (int)n, text[n])); n++)
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s %s", n ? "," : "", words[n]);
    tend_error *err = fault(p, all);
    const char *near = word ? tend_text_nearest(word, words, n) : NULL;
    if (near)
        tend_error_hint(err, TEND_CONFIG, "did you mean '%s'?", near);
    return false;
}

static bool parse_texts(const parse *p, tend_arg *out) {
    bool list = p->node->kind == TEND_NODE_LIST;
    size_t n = list ? p->node->count : 1;
    out->texts = TEND_ARRAY(p->arena, const char *, n);
    bool ok = true;
    for (const tend_node *item = list ? p->node->first : p->node; item; item = list ? item->next : NULL) {
        parse at = *p;
        at.node = item;
        tend_arg choice;
        const char *text = scalar_text(item, p->arena);
        if (!text)
            fault(&at, "a text");
        ok = ok && text && (!p->spec->choices || parse_choice(&at, &choice));
        if (text)
            out->texts[out->n_texts++] = text;
    }
    return ok;
}

static bool parse_range(const parse *p, tend_arg *out) {
    const tend_node *low = p->node, *high = p->node;
    if (p->node->kind == TEND_NODE_LIST && p->node->count == 2) {
        low = p->node->first;
        high = low->next;
    }
    if (!parse_number(p, low, true, &out->number) || !parse_number(p, high, true, &out->upper))
        return false;
    if (out->number > out->upper)
        fault(p, "the smaller number first");
    return out->number <= out->upper;
}

static bool parse_value(const parse *p, tend_arg *out) {
    const char *text;
    switch (p->spec->type) {
    case TEND_ARG_INT: return parse_number(p, p->node, true, &out->number);
    case TEND_ARG_REAL: return parse_number(p, p->node, false, &out->number);
    case TEND_ARG_CHOICE: return parse_choice(p, out);
    case TEND_ARG_TEXTS: return parse_texts(p, out);
    case TEND_ARG_RANGE: return parse_range(p, out);
    case TEND_ARG_BOOL:
        out->number = tend_node_bool(p->node, false);
        return p->node->kind == TEND_NODE_BOOL || (fault(p, "true or false"), false);
    case TEND_ARG_SCALAR: out->text = scalar_text(p->node, p->arena); return out->text || (fault(p, "a single value"), false);
    case TEND_ARG_TIME: break;
    }
    text = scalar_text(p->node, p->arena);
    return (text && tend_iso_parse_timestamp(tend_str_of(text), &out->time, NULL)) || (fault(p, "a date such as 2027-03-31"), false);
}

static void parse_arg(tend_stage *stage, const tend_arg_spec *spec, const tend_node *node, tend_arena *arena, tend_diags *diags) {
    tend_arg arg = {.number = spec->fallback, .upper = spec->fallback};
    parse p = {stage, spec, node, arena, diags};
    arg.given = parse_value(&p, &arg);
    if (arg.given)
        stage->args[spec - stage->transform->args] = arg;
}

static void unknown_arg(const tend_stage *stage, const tend_node *node, tend_diags *diags) {
    const tend_transform *t = stage->transform;
    tend_error *err =
        tend_diags_add(diags, TEND_SEVERITY_ERROR, TEND_CONFIG, node->key_span, "%s has no parameter '%s'", t->name, node->key);
    const char *names[16];
    size_t n = 0;
    char all[256] = "";
    for (; n < (size_t)t->n_args && n < 16; n++) {
        names[n] = t->args[n].name;
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", n ? ", " : "", names[n]);
    }
    const char *near = tend_text_nearest(node->key, names, n);
    if (near)
        tend_error_hint(err, TEND_CONFIG, "did you mean '%s'?", near);
    else if (n)
        tend_error_hint(err, TEND_CONFIG, "its parameters are %s", all);
}

static bool is_listed(const char *const *words, const char *word) {
    for (; words && *words; words++)
        if (strcmp(*words, word) == 0)
            return true;
    return false;
}

void tend_args_parse(tend_stage *stage, const tend_node *map, const char *const *skip, tend_arena *arena, tend_diags *diags) {
    TEND_NODE_EACH(child, map) {
        if (is_listed(skip, child->key))
            continue;
        const tend_arg_spec *spec = tend_arg_find(stage->transform, child->key);
        if (spec)
            parse_arg(stage, spec, child, arena, diags);
        else
            unknown_arg(stage, child, diags);
    }
}

void tend_args_parse_short(tend_stage *stage, const tend_node *value, tend_arena *arena, tend_diags *diags) {
    const tend_transform *t = stage->transform;
    if (!t->n_args) {
        tend_diags_add(diags, TEND_SEVERITY_ERROR, TEND_CONFIG, value->span, "%s has no parameters", t->name);
        return;
    }
    const tend_arg_spec *spec = &t->args[0];
    const char *word = scalar_text(value, arena);
    bool other = spec->type == TEND_ARG_CHOICE && word && tend_choice_index(spec->choices, word) < 0;
    if (other && t->n_args > 1 && t->args[1].type == TEND_ARG_SCALAR)
        spec++;
    parse_arg(stage, spec, value, arena, diags);
}

static tend_node *arg_node(const tend_arg_spec *spec, const tend_arg *arg, tend_arena *arena) {
    char word[48];
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_node *list;
    switch (spec->type) {
    case TEND_ARG_INT: return tend_node_new_int(arena, (int64_t)arg->number);
    case TEND_ARG_REAL: return tend_node_new_double(arena, arg->number);
    case TEND_ARG_BOOL: return tend_node_new_bool(arena, arg->number != 0);
    case TEND_ARG_CHOICE: return tend_node_new_string(arena, tend_choice_word(spec->choices, (int)arg->number, word));
    case TEND_ARG_SCALAR: return tend_node_new_string(arena, arg->text);
    case TEND_ARG_TEXTS:
        list = tend_node_new_list(arena);
        for (int i = 0; i < arg->n_texts; i++)
            tend_node_push(list, tend_node_new_string(arena, arg->texts[i]));
        return list;
    case TEND_ARG_RANGE:
        list = tend_node_new_list(arena);
        tend_node_push(list, tend_node_new_int(arena, (int64_t)arg->number));
        tend_node_push(list, tend_node_new_int(arena, (int64_t)arg->upper));
        return list;
    case TEND_ARG_TIME: break;
    }
    tend_iso_format(TEND_TIMESTAMP, arg->time, &text);
    return tend_node_new_string(arena, tend_buf_text(&text));
}

tend_node *tend_args_to_node(const tend_stage *stage, tend_arena *arena) {
    tend_node *map = tend_node_new_map(arena);
    for (int i = 0; i < stage->transform->n_args; i++)
        if (stage->args[i].given)
            tend_node_set(arena, map, stage->transform->args[i].name, arg_node(&stage->transform->args[i], &stage->args[i], arena));
    return map;
}
