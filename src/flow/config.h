/* The keys of tend.yaml as rows. Private to the flow room. */
#ifndef TEND_FLOW_CONFIG_H
#define TEND_FLOW_CONFIG_H

#include "base/keys.h"

extern const tend_key_table tend_project_keys;

#endif
