/* Private to base/: what the parsers share with node.c. */
#ifndef TEND_BASE_NODE_PRIVATE_H
#define TEND_BASE_NODE_PRIVATE_H

#include "base/node.h"

enum { NODE_MAX_DEPTH = 64 };

/* Appends `value` under `value->key`, which is set, lives in the arena and is not yet in the map. */
void node_map_append(tend_arena *arena, tend_node *map, tend_node *value);
tend_node *node_map_find(const tend_node *map, const char *key);

/* Gives a plain YAML scalar, whose text is set, its kind and value by the core schema as node.h states it. */
void yaml_resolve_plain(tend_node *node);

#endif
