/* The process itself: what it uses, and what it is made of. */
#ifndef TEND_SERVE_RUNTIME_H
#define TEND_SERVE_RUNTIME_H

#include "base/node.h"

uint64_t serve_resident_bytes(void); /* 0: the system does not say */
double serve_cpu_seconds(void);
/* {"tend": "0.1.0", "compiler": "gcc 12.2.0", "dependencies": [{"name", "version"}]} as linked, not as asked for. */
tend_node *serve_runtime_versions(tend_arena *arena);

#endif
