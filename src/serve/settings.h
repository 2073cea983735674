/* What can be set about the server: the keys `serve.*` of tend.yaml, which are also its command-line options (--port 8080 is
 * serve.port) and its environment (TEND_SERVE_PORT). One row each, in keys.inc.h; flow/config.c takes the same rows.
 */
#ifndef TEND_SERVE_SETTINGS_H
#define TEND_SERVE_SETTINGS_H

#include "base/keys.h"

typedef struct tend_serve_share {
    const char *name;    /* "canary", or the group's */
    const char *version; /* an alias or a number as text */
    double share;
} tend_serve_share;

typedef struct tend_serve_settings {
    const char *folder;        /* the project's; "." when there is none */
    const char *name;          /* of the project; NULL */
    const char *const *models; /* references or files, as given */
    int n_models;
    const char *host;
    int port, workers;
    bool explain, log, log_refuses;
    double log_sync, log_retention; /* seconds; retention 0: kept */
    int64_t log_segment, log_budget;
    const char *route_key;
    const tend_serve_share *shares; /* the canary and the groups of an A/B test, in order */
    int n_shares;
    const char *const *shadows;
    int n_shadows;
    const char *tls_certificate, *tls_key, *tokens;
    double rate, burst;
    int64_t max_body, max_rows, max_header;
    int max_connections, max_connections_per_peer;
    double max_wait, header_timeout, body_timeout, idle_timeout, drain_timeout; /* seconds */
} tend_serve_settings;

extern const tend_key_table tend_serve_keys; /* `name` and `serve.*` */

/* From a document {name: …, serve: {…}}; whatever else is in it is not looked at. Paths are relative to `folder`. All faults go to diags.
 */
void tend_serve_settings_read(const tend_node *root, const char *folder, tend_arena *arena, tend_diags *diags, tend_serve_settings *out);

#endif
