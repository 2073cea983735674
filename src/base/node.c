#include "base/node.h"

#include "base/hash.h"
#include "base/node_private.h"

#include <math.h>
#include <stdlib.h>

/* Maps with more keys than this get a hash table; below it a walk is as fast. */
enum { INDEX_FROM = 8 };

typedef struct node_index {
    tend_node **slots; /* open addressing; at most half full */
    size_t n_slots;    /* a power of two */
} node_index;

const char *tend_node_kind_name(tend_node_kind kind) {
    switch (kind) {
    case TEND_NODE_NULL: return "nothing (null)";
    case TEND_NODE_BOOL: return "true or false";
    case TEND_NODE_INT: return "a whole number";
    case TEND_NODE_FLOAT: return "a number";
    case TEND_NODE_STRING: return "a text";
    case TEND_NODE_LIST: return "a list";
    case TEND_NODE_MAP: return "a map";
    }
    return "an unknown value";
}

static tend_node **index_slot(const node_index *index, const char *key) {
    size_t mask = index->n_slots - 1;
    size_t i = (size_t)tend_hash64(key, strlen(key), 0) & mask;
    while (index->slots[i] && strcmp(index->slots[i]->key, key) != 0)
        i = (i + 1) & mask;
    return &index->slots[i];
}

static void build_index(tend_arena *arena, tend_node *map) {
    node_index *index = TEND_NEW(arena, node_index);
    index->n_slots = 32;
    while (index->n_slots < 4 * map->count)
        index->n_slots *= 2;
    index->slots = TEND_ARRAY(arena, tend_node *, index->n_slots);
    for (tend_node *child = map->first; child; child = child->next)
        *index_slot(index, child->key) = child;
    map->index = index;
}

tend_node *node_map_find(const tend_node *map, const char *key) {
    if (map->index)
        return *index_slot(map->index, key);
    for (tend_node *child = map->first; child; child = child->next)
        if (strcmp(child->key, key) == 0)
            return child;
    return NULL;
}

static void append_child(tend_node *parent, tend_node *child) {
    child->next = NULL;
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
    parent->count++;
}

void node_map_append(tend_arena *arena, tend_node *map, tend_node *value) {
    append_child(map, value);
    node_index *index = map->index;
    if (index && map->count * 2 <= index->n_slots)
        *index_slot(index, value->key) = value;
    else if (map->count > INDEX_FROM)
        build_index(arena, map);
}

const tend_node *tend_node_get(const tend_node *map, const char *key) {
    return map && key && map->kind == TEND_NODE_MAP ? node_map_find(map, key) : NULL;
}

const tend_node *tend_node_at(const tend_node *list, size_t i) {
    if (!list || list->kind != TEND_NODE_LIST || i >= list->count)
        return NULL;
    const tend_node *child = list->first;
    while (i--)
        child = child->next;
    return child;
}

static const tend_node *step_into(const tend_node *node, tend_str part) {
    if (node->kind == TEND_NODE_LIST) {
        int64_t i;
        return tend_text_parse_int(part, &i) && i >= 0 ? tend_node_at(node, (size_t)i) : NULL;
    }
    if (node->kind == TEND_NODE_MAP)
        for (const tend_node *child = node->first; child; child = child->next)
            if (tend_str_is(part, child->key))
                return child;
    return NULL;
}

const tend_node *tend_node_path(const tend_node *node, const char *path) {
    while (node && *path) {
        size_t size = strcspn(path, ".");
        node = step_into(node, (tend_str){path, size});
        path += size + (path[size] == '.');
    }
    return node;
}

const char *tend_node_string(const tend_node *node, const char *fallback) {
    return node && node->kind == TEND_NODE_STRING ? node->text : fallback;
}

const char *tend_node_scalar(const tend_node *node, const char *fallback) { return node && node->text ? node->text : fallback; }

int64_t tend_node_int(const tend_node *node, int64_t fallback) { return node && node->kind == TEND_NODE_INT ? node->integer : fallback; }

double tend_node_double(const tend_node *node, double fallback) {
    if (node && node->kind == TEND_NODE_INT)
        return (double)node->integer;
    return node && node->kind == TEND_NODE_FLOAT ? node->number : fallback;
}

bool tend_node_bool(const tend_node *node, bool fallback) { return node && node->kind == TEND_NODE_BOOL ? node->boolean : fallback; }

static bool is_number(const tend_node *node) { return node->kind == TEND_NODE_INT || node->kind == TEND_NODE_FLOAT; }

static bool equal_numbers(const tend_node *a, const tend_node *b) {
    if (a->kind == TEND_NODE_INT && b->kind == TEND_NODE_INT)
        return a->integer == b->integer;
    double x = tend_node_double(a, 0), y = tend_node_double(b, 0);
    return x == y || (isnan(x) && isnan(y));
}

static bool equal_lists(const tend_node *a, const tend_node *b) {
    const tend_node *y = b->first;
    for (const tend_node *x = a->first; x; x = x->next, y = y->next)
        if (!tend_node_equal(x, y))
            return false;
    return true;
}

static bool equal_maps(const tend_node *a, const tend_node *b) {
    TEND_NODE_EACH(x, a) {
        const tend_node *y = tend_node_get(b, x->key);
        if (!y || !tend_node_equal(x, y))
            return false;
    }
    return true;
}

bool tend_node_equal(const tend_node *a, const tend_node *b) {
    if (!a || !b)
        return a == b;
    if (is_number(a) && is_number(b))
        return equal_numbers(a, b);
    if (a->kind != b->kind || a->count != b->count)
        return false;
    switch (a->kind) {
    case TEND_NODE_BOOL: return a->boolean == b->boolean;
    case TEND_NODE_STRING: return tend_str_eq((tend_str){a->text, a->text_size}, (tend_str){b->text, b->text_size});
    case TEND_NODE_LIST: return equal_lists(a, b);
    case TEND_NODE_MAP: return equal_maps(a, b);
    default: return true;
    }
}

tend_node *tend_node_new(tend_arena *arena, tend_node_kind kind) {
    tend_node *node = TEND_NEW(arena, tend_node);
    node->kind = kind;
    if (kind == TEND_NODE_STRING)
        node->text = "";
    return node;
}

tend_node *tend_node_new_map(tend_arena *arena) { return tend_node_new(arena, TEND_NODE_MAP); }

tend_node *tend_node_new_list(tend_arena *arena) { return tend_node_new(arena, TEND_NODE_LIST); }

static void set_text(tend_arena *arena, tend_node *node, const char *text, size_t size) {
    node->text = tend_arena_strndup(arena, text, size);
    node->text_size = size;
}

tend_node *tend_node_new_string(tend_arena *arena, const char *text) {
    if (!text)
        return tend_node_new(arena, TEND_NODE_NULL);
    tend_node *node = tend_node_new(arena, TEND_NODE_STRING);
    set_text(arena, node, text, strlen(text));
    return node;
}

tend_node *tend_node_new_int(tend_arena *arena, int64_t v) {
    tend_node *node = tend_node_new(arena, TEND_NODE_INT);
    node->integer = v;
    return node;
}

tend_node *tend_node_new_double(tend_arena *arena, double v) {
    tend_node *node = tend_node_new(arena, isfinite(v) ? TEND_NODE_FLOAT : TEND_NODE_NULL);
    if (isfinite(v))
        node->number = v;
    return node;
}

tend_node *tend_node_new_bool(tend_arena *arena, bool v) {
    tend_node *node = tend_node_new(arena, TEND_NODE_BOOL);
    node->boolean = v;
    return node;
}

/* Puts `value` where `old` stands. The siblings are singly linked: a walk finds the one before. */
static void replace_child(tend_node *map, tend_node *old, tend_node *value) {
    tend_node **link = &map->first;
    while (*link != old)
        link = &(*link)->next;
    *link = value;
    value->next = old->next;
    if (map->last == old)
        map->last = value;
    if (map->index)
        *index_slot(map->index, value->key) = value;
}

tend_node *tend_node_set(tend_arena *arena, tend_node *map, const char *key, tend_node *value) {
    tend_node *old = node_map_find(map, key);
    if (old == value && old)
        return value;
    value->key = old ? old->key : tend_arena_strdup(arena, key);
    if (old)
        replace_child(map, old, value);
    else
        node_map_append(arena, map, value);
    return value;
}

tend_node *tend_node_set_string(tend_arena *arena, tend_node *map, const char *key, const char *text) {
    return tend_node_set(arena, map, key, tend_node_new_string(arena, text));
}

tend_node *tend_node_set_int(tend_arena *arena, tend_node *map, const char *key, int64_t v) {
    return tend_node_set(arena, map, key, tend_node_new_int(arena, v));
}

tend_node *tend_node_set_double(tend_arena *arena, tend_node *map, const char *key, double v) {
    return tend_node_set(arena, map, key, tend_node_new_double(arena, v));
}

tend_node *tend_node_set_bool(tend_arena *arena, tend_node *map, const char *key, bool v) {
    return tend_node_set(arena, map, key, tend_node_new_bool(arena, v));
}

tend_node *tend_node_set_map(tend_arena *arena, tend_node *map, const char *key) {
    return tend_node_set(arena, map, key, tend_node_new_map(arena));
}

tend_node *tend_node_set_list(tend_arena *arena, tend_node *map, const char *key) {
    return tend_node_set(arena, map, key, tend_node_new_list(arena));
}

tend_node *tend_node_push(tend_node *list, tend_node *value) {
    append_child(list, value);
    return value;
}

tend_node *tend_node_copy(tend_arena *arena, const tend_node *node) {
    if (!node)
        return NULL;
    tend_node *copy = tend_arena_memdup(arena, node, sizeof *node);
    copy->first = copy->last = copy->next = NULL;
    copy->index = NULL;
    copy->count = 0;
    if (node->text)
        set_text(arena, copy, node->text, node->text_size);
    if (node->key)
        copy->key = tend_arena_strdup(arena, node->key);
    if (node->span.file)
        copy->span.file = copy->key_span.file = tend_arena_strdup(arena, node->span.file);
    TEND_NODE_EACH(child, node) {
        if (node->kind == TEND_NODE_MAP)
            node_map_append(arena, copy, tend_node_copy(arena, child));
        else
            append_child(copy, tend_node_copy(arena, child));
    }
    return copy;
}

void tend_node_remove(tend_node *map, const char *key) {
    tend_node *previous = NULL, *child = map->first;
    while (child && strcmp(child->key, key) != 0) {
        previous = child;
        child = child->next;
    }
    if (!child)
        return;
    if (previous)
        previous->next = child->next;
    else
        map->first = child->next;
    if (map->last == child)
        map->last = previous;
    map->count--;
    map->index = NULL; /* the next append to a large map builds a new one */
}
