/* What administrators do over HTTP is written down before it takes effect. */
#ifndef TEND_SERVE_ADMIN_H
#define TEND_SERVE_ADMIN_H

#include "serve/service.h"

/* A change of what is served that no row of the registry holds, into the audit trail of the model, with the token's name. Nothing for a
 * model that is served from a file: it has no trail. */
tend_status serve_note_change(const serve_call *call, const serve_endpoint *endpoint, const char *change, const char *why,
                              tend_error *err) TEND_MUST_USE;

#endif
