#include "serve/tokens.h"

#include "base/fs.h"
#include "base/log.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>

typedef struct token {
    const char *name;
    unsigned roles; /* bits 1 << role */
    tend_digest digest;
} token;

struct serve_tokens {
    const char *path;
    pthread_rwlock_t lock;
    token *items;
    int n;
    tend_arena *arena; /* of the items */
    tend_file_stamp stamp;
};

static const char *const names[] = {"none", "read", "predict", "feedback", "admin"};
const char *serve_role_name(serve_role role) { return names[role]; }

/* "predict,feedback"; 0: a word is no role, which *out_wrong names. */
static unsigned parse_roles(tend_str text, tend_str *out_wrong) {
    unsigned roles = 0;
    while (text.size) {
        const char *comma = memchr(text.at, ',', text.size);
        tend_str word = {text.at, comma ? (size_t)(comma - text.at) : text.size};
        unsigned found = 0;
        for (unsigned r = SERVE_ROLE_READ; r <= SERVE_ROLE_ADMIN; r++)
            found |= tend_str_is(word, names[r]) ? 1u << r : 0;
        if (!found) {
            *out_wrong = word;
            return 0;
        }
        roles |= found;
        text = (tend_str){text.at + word.size + (comma != NULL), text.size - word.size - (comma != NULL)};
    }
    return roles;
}

static tend_str next_word(const char **at) {
    *at += strspn(*at, " \t");
    tend_str word = {*at, strcspn(*at, " \t\r\n")};
    *at += word.size;
    return word;
}

static bool parse_line(const char *line, tend_span span, tend_arena *arena, tend_diags *diags, token *out) {
    const char *at = line;
    tend_str name = next_word(&at), roles = next_word(&at), hex = next_word(&at), more = next_word(&at), wrong = {0};
    if (!hex.size || more.size) {
        tend_diags_add(diags, TEND_SEVERITY_ERROR, TEND_CONFIG, span, "expected three words: a name, its roles, the SHA-256 of the token");
        return false;
    }
    out->roles = parse_roles(roles, &wrong);
    if (!out->roles)
        tend_error_hint(tend_diags_add(diags, TEND_SEVERITY_ERROR, TEND_CONFIG, span, "'%.*s' is no role", (int)wrong.size, wrong.at),
                        TEND_CONFIG, "roles are read, predict, feedback and admin, with commas between");
    const char *digest = tend_arena_strndup(arena, hex.at, hex.size);
    if (!tend_digest_parse(digest, &out->digest)) {
        tend_diags_add(diags, TEND_SEVERITY_ERROR, TEND_CONFIG, span, "expected a SHA-256 (64 hexadecimal digits) as the third word");
        return false;
    }
    out->name = tend_arena_strndup(arena, name.at, name.size);
    return out->roles != 0;
}

static tend_status parse_file(const char *path, tend_arena *arena, tend_diags *diags, token **out, int *out_n, tend_error *err) {
    char *text;
    size_t size;
    struct stat st;
    TEND_TRY(tend_fs_read(path, 1 << 20, arena, &text, &size, err));
    if (stat(path, &st) == 0 && (st.st_mode & 022))
        return tend_error_hint(err, TEND_FAIL(err, CONFIG, "%s can be written by others than its owner", path), "chmod 600 %s", path);
    int n = 0, lines = 1;
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    token *items = TEND_ARRAY(arena, token, lines);
    tend_span span = {.file = path, .line = 1, .column = 1};
    for (char *at = text; *at; span.line++) {
        char *end = at + strcspn(at, "\n");
        bool more = *end == '\n';
        *end = '\0';
        if (at[strspn(at, " \t\r")] && at[strspn(at, " \t")] != '#')
            n += parse_line(at, span, arena, diags, &items[n]);
        at = end + more;
    }
    if (!n && !diags->n_errors)
        tend_diags_add(diags, TEND_SEVERITY_ERROR, TEND_CONFIG, (tend_span){.file = path}, "there is no token in it");
    *out = items;
    *out_n = n;
    return tend_diags_status(diags, err);
}

tend_status serve_tokens_open(const char *path, tend_diags *diags, serve_tokens **out, tend_error *err) {
    serve_tokens made = {.arena = tend_arena_new()};
    made.path = tend_arena_strdup(diags->arena, path);
    tend_status status = parse_file(path, made.arena, diags, &made.items, &made.n, err);
    if (status == TEND_OK)
        status = tend_fs_stamp(path, &made.stamp, err);
    if (status != TEND_OK) {
        tend_arena_free(made.arena);
        return status;
    }
    serve_tokens *tokens = tend_malloc(sizeof *tokens);
    *tokens = made;
    pthread_rwlock_init(&tokens->lock, NULL);
    *out = tokens;
    return TEND_OK;
}

void serve_tokens_free(serve_tokens *tokens) {
    if (!tokens)
        return;
    pthread_rwlock_destroy(&tokens->lock);
    tend_arena_free(tokens->arena);
    free(tokens);
}

void serve_tokens_refresh(serve_tokens *tokens) {
    tend_file_stamp stamp;
    if (tend_fs_stamp(tokens->path, &stamp, NULL) != TEND_OK || memcmp(&stamp, &tokens->stamp, sizeof stamp) == 0)
        return;
    tend_arena *arena = tend_arena_new();
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    tend_diags diags;
    tend_error err = TEND_ERROR_INIT;
    token *items;
    int n;
    tend_diags_init(&diags, scratch);
    tokens->stamp = stamp;
    if (parse_file(tokens->path, arena, &diags, &items, &n, &err) != TEND_OK) {
        tend_log(TEND_LOG_WARNING, "the tokens stay as they were: %s", err.message);
        tend_arena_free(arena);
        return;
    }
    pthread_rwlock_wrlock(&tokens->lock);
    tend_arena *old = tokens->arena;
    tokens->arena = arena;
    tokens->items = items;
    tokens->n = n;
    pthread_rwlock_unlock(&tokens->lock);
    tend_arena_free(old);
    tend_log(TEND_LOG_INFO, "%d tokens from %s", n, tokens->path);
}

/* Looks at every byte whatever it finds. */
static bool same(const tend_digest *a, const tend_digest *b) {
    unsigned char difference = 0;
    for (size_t i = 0; i < sizeof *a; i++)
        difference |= ((const unsigned char *)a)[i] ^ ((const unsigned char *)b)[i];
    return difference == 0;
}

serve_verdict serve_tokens_check(serve_tokens *tokens, tend_str header, serve_role role, tend_arena *arena, const char **out_who) {
    static const char scheme[] = "bearer ";
    *out_who = "";
    if (header.size < sizeof scheme - 1)
        return SERVE_UNKNOWN;
    for (size_t i = 0; i + 1 < sizeof scheme; i++)
        if ((header.at[i] | 0x20) != scheme[i] && header.at[i] != scheme[i])
            return SERVE_UNKNOWN;
    tend_str given = tend_str_trim((tend_str){header.at + sizeof scheme - 1, header.size - (sizeof scheme - 1)});
    tend_digest digest = tend_digest_of(given.at, given.size);
    serve_verdict verdict = SERVE_UNKNOWN;
    pthread_rwlock_rdlock(&tokens->lock);
    for (int i = 0; i < tokens->n; i++)
        if (same(&tokens->items[i].digest, &digest)) {
            unsigned roles = tokens->items[i].roles;
            bool enough = role <= SERVE_ROLE_READ || (roles & (1u << role | 1u << SERVE_ROLE_ADMIN));
            verdict = enough ? SERVE_GRANTED : SERVE_FORBIDDEN;
            *out_who = tend_arena_strdup(arena, tokens->items[i].name);
        }
    pthread_rwlock_unlock(&tokens->lock);
    return verdict;
}

tend_status serve_token_make(const char *name, const char *roles, tend_buf *out_token, tend_buf *out_line, tend_error *err) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned char bytes[33] = {0};
    char hex[TEND_DIGEST_HEX];
    tend_str wrong = {0};
    if (!*name || strpbrk(name, " \t\r\n#"))
        return TEND_FAIL(err, USAGE, "a token's name is one word, found '%s'", name);
    if (!parse_roles(tend_str_of(roles), &wrong))
        return tend_error_hint(err, TEND_FAIL(err, USAGE, "'%.*s' is no role", (int)wrong.size, wrong.size ? wrong.at : ""),
                               "roles are read, predict, feedback and admin, with commas between");
    if (getrandom(bytes, 32, 0) != 32)
        return TEND_FAIL(err, IO, "the system gives no random numbers");
    size_t begin = out_token->size;
    for (int i = 0; i < 33; i += 3) {
        unsigned v = (unsigned)bytes[i] << 16 | (unsigned)bytes[i + 1] << 8 | bytes[i + 2];
        for (int k = 18; k >= 0; k -= 6)
            tend_buf_putc(out_token, alphabet[v >> k & 63]);
    }
    out_token->size--; /* 32 bytes are 43 characters */
    out_token->data[out_token->size] = '\0';
    tend_digest digest = tend_digest_of(out_token->data + begin, out_token->size - begin);
    tend_digest_format(&digest, hex);
    tend_buf_printf(out_line, "%s %s %s\n", name, roles, hex);
    return TEND_OK;
}
