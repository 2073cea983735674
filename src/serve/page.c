/* GET / and GET /docs: two pages that ask the server for everything they show, so that they hold nothing themselves and can be given to
 * anyone. A policy lets the browser run this style and this script and nothing else. */
#include "serve/embed.h"
#include "serve/handlers.h"

#include <openssl/evp.h>

/* 'sha256-…' of the content policy (CSP Level 3, 6.7.3.3): base64 of the digest of what stands between the tags. */
static const char *hash_source(tend_arena *arena, tend_str text) {
    unsigned char base64[64];
    tend_digest digest = tend_digest_of(text.at, text.size);
    EVP_EncodeBlock(base64, digest.bytes, (int)sizeof digest.bytes);
    return tend_arena_printf(arena, "'sha256-%s'", (const char *)base64);
}

static tend_str joined(tend_arena *arena, tend_str a, tend_str b) {
    char *room = tend_arena_alloc(arena, a.size + b.size + 1);
    memcpy(room, a.at, a.size);
    memcpy(room + a.size, b.at, b.size);
    return (tend_str){room, a.size + b.size};
}

/* The text up to the mark, which is skipped in what is left. */
static tend_str until(tend_str *rest, const char *mark) {
    const char *at = memmem(rest->at, rest->size, mark, strlen(mark));
    tend_str before = {rest->at, at ? (size_t)(at - rest->at) : rest->size};
    size_t skip = before.size + (at ? strlen(mark) : 0);
    *rest = (tend_str){rest->at + skip, rest->size - skip};
    return before;
}

static void answer_page(serve_call *call, serve_file html, serve_file own_script) {
    tend_str rest = serve_file_bytes(html), style = serve_file_bytes(SERVE_FILE_STYLE);
    tend_str script = joined(call->arena, serve_file_bytes(SERVE_FILE_COMMON), serve_file_bytes(own_script));
    const char *policy = tend_arena_printf(call->arena,
                                           "default-src 'none'; style-src %s; script-src %s; connect-src 'self'; img-src data:; "
                                           "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
                                           hash_source(call->arena, style), hash_source(call->arena, script));
    tend_http_add_header(call->x, "Content-Security-Policy", tend_str_of(policy));
    tend_http_add_header(call->x, "Referrer-Policy", TEND_STR("no-referrer"));
    tend_http_add_header(call->x, "Cache-Control", TEND_STR("no-cache"));
    tend_str head = until(&rest, "{{style}}"), middle = until(&rest, "{{script}}");
    const tend_str parts[] = {head, style, middle, script, rest};
    tend_buf *out = tend_http_begin(call->x, 200, "text/html; charset=utf-8");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        tend_buf_append(out, parts[i].at, parts[i].size);
    tend_http_finish(call->x);
}

void serve_handle_page(serve_call *call) { answer_page(call, SERVE_FILE_PAGE_HTML, SERVE_FILE_PAGE_SCRIPT); }
void serve_handle_docs(serve_call *call) { answer_page(call, SERVE_FILE_DOCS_HTML, SERVE_FILE_DOCS_SCRIPT); }
