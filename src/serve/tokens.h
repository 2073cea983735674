/* Bearer tokens: who may do what.
 *
 * A file with a line per token: its name, its roles with commas between, and the SHA-256 of the token itself, in hexadecimal. The token
 * is shown once, when it is made, and nowhere else. `#` begins a comment.
 *
 *     # name    roles               sha256
 *     shop      predict             9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
 *     billing   predict,feedback    …
 *     ann       admin               …
 *
 * admin may do everything; read may look at documents and metrics. The file is read again when it changes; a faulty one leaves the old
 * tokens in force. Thread-safe.
 */
#ifndef TEND_SERVE_TOKENS_H
#define TEND_SERVE_TOKENS_H

#include "base/diag.h"
#include "base/text.h"

typedef enum serve_role {
    SERVE_ROLE_NONE, /* anyone */
    SERVE_ROLE_READ,
    SERVE_ROLE_PREDICT,
    SERVE_ROLE_FEEDBACK,
    SERVE_ROLE_ADMIN
} serve_role;
const char *serve_role_name(serve_role role); /* "predict" */

typedef struct serve_tokens serve_tokens;
/* CONFIG with all faults in diags; a file that others can write is refused. */
tend_status serve_tokens_open(const char *path, tend_diags *diags, serve_tokens **out, tend_error *err) TEND_MUST_USE;
void serve_tokens_free(serve_tokens *tokens);
/* Reads the file again when it changed; a faulty one is logged. */
void serve_tokens_refresh(serve_tokens *tokens);

typedef enum serve_verdict { SERVE_GRANTED, SERVE_UNKNOWN, SERVE_FORBIDDEN } serve_verdict;
/* The value of an Authorization header ("Bearer …"; at NULL: there was none). *out_who: the token's name, in the arena. */
serve_verdict serve_tokens_check(serve_tokens *tokens, tend_str authorization, serve_role role, tend_arena *arena, const char **out_who);

/* A new random token (43 characters of base64url, 256 bits) and its line for the file. */
tend_status serve_token_make(const char *name, const char *roles, tend_buf *out_token, tend_buf *out_line, tend_error *err) TEND_MUST_USE;

#endif
