/* Base64 (RFC 4648, section 4), as clients put bytes into JSON. */
#ifndef TEND_SERVE_BASE64_H
#define TEND_SERVE_BASE64_H

#include "base/text.h"

/* The padding may be missing. False: it is none. */
bool serve_base64_decode(tend_str text, tend_arena *arena, tend_str *out);

#endif
