/* What tests of reports share: the example documents, and a reader of HTML strict enough to notice text that became
 * markup. */
#ifndef TEND_TESTS_REPORT_CASE_H
#define TEND_TESTS_REPORT_CASE_H

#include "base/fs.h"
#include "base/node.h"
#include "support/suite.h"

#include <ctype.h>

/* tests/unit/report/data/<name> */
static inline tend_node *case_load(const char *name, tend_arena *arena) {
    tend_error err = TEND_ERROR_INIT;
    const char *end = strrchr(__FILE__, '/');
    char *path = tend_arena_printf(arena, "%.*s/data/%s", (int)(end - __FILE__), __FILE__, name), *text;
    size_t size;
    tend_node *node = NULL;
    ASSERT_OK(tend_fs_read(path, 0, arena, &text, &size, &err), &err);
    ASSERT_OK(tend_json_parse(text, size, name, arena, &node, &err), &err);
    return node;
}

static inline tend_node *case_parse(const char *json, tend_arena *arena) {
    tend_error err = TEND_ERROR_INIT;
    tend_node *node = NULL;
    ASSERT_OK(tend_json_parse(json, strlen(json), "test", arena, &node, &err), &err);
    return node;
}

static inline bool case_is_void(const char *name) { return !strcmp(name, "meta") || !strcmp(name, "br"); }

/* One tag at `at` (which is '<'): its name, whether it closes, whether it is empty; returns what follows, or NULL where
 * an attribute is malformed. */
static inline const char *case_tag(const char *at, char name[32], bool *closes, bool *empty) {
    size_t n = 0;
    at++;
    *closes = *at == '/';
    at += *closes;
    while (isalnum((unsigned char)*at) && n < 31)
        name[n++] = *at++;
    name[n] = '\0';
    for (;;) {
        while (*at == ' ')
            at++;
        *empty = *at == '/';
        at += *empty;
        if (*at == '>')
            return n ? at + 1 : NULL;
        size_t key = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
        if (!key || *empty || tend_text_has_prefix(at, "on")) /* no handlers */
            return NULL;
        at += key;
        if (*at != '=')
            return NULL;
        if (at[1] != '"')
            return NULL;
        at += 2;
        size_t value = strcspn(at, "\"<>");
        if (at[value] != '"')
            return NULL;
        at += value + 1;
    }
}

/* Every tag closed in order, every attribute quoted, only elements that we write, no control characters, headings
 * without a jump. */
static inline void case_assert_html(const char *html) {
    static const char *const known[] = {
        "html",    "head",    "title",  "style",      "meta", "body", "div",  "header",   "main",   "nav",   "section", "details",
        "summary", "article", "footer", "ol",         "ul",   "li",   "a",    "p",        "h1",     "h2",    "h3",      "strong",
        "b",       "span",    "bdi",    "code",       "br",   "dl",   "dt",   "dd",       "table",  "thead", "tbody",   "tr",
        "th",      "td",      "figure", "figcaption", "svg",  "text", "line", "polyline", "circle", "rect",  "path",    "g"};
    static char stack[64][32];
    size_t depth = 0;
    int heading = 0;
    const char *at = strchr(html, '\n') + 1; /* <!DOCTYPE html> */
    ASSERT_TRUE(tend_utf8_is_valid(html, strlen(html), NULL));
    for (; *at; at++) {
        ASSERT_TRUE((unsigned char)*at >= 0x20 || *at == '\n');
        if (*at != '<')
            continue;
        char name[32];
        bool closes, empty, is_known = false;
        const char *next = case_tag(at, name, &closes, &empty);
        if (!next)
            fail_msg("a malformed tag: %.80s", at);
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            is_known = is_known || !strcmp(known[i], name);
        if (!is_known)
            fail_msg("an element that is none of ours: %.80s", at);
        if (name[0] == 'h' && isdigit((unsigned char)name[1]) && !closes) {
            ASSERT_TRUE(name[1] - '0' <= heading + 1);
            heading = name[1] - '0';
        }
        if (closes) {
            ASSERT_TRUE(depth > 0);
            ASSERT_STR_EQ(name, stack[--depth]);
        } else if (!empty && !case_is_void(name)) {
            ASSERT_TRUE(depth < 64);
            strcpy(stack[depth++], name);
        }
        at = next - 1;
    }
    ASSERT_EQ(depth, 0);
}

#endif
