/* Private to src/engine: what an open engine is. */
#ifndef TEND_ENGINE_PRIVATE_H
#define TEND_ENGINE_PRIVATE_H

#include "engine/engine.h"
#include "engine/scan.h"

struct tend_engine {
    tend_duck_session session;
    tend_scan scan;
};

#endif
