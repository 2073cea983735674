#include "data/name.h"

#include "base/text.h"

/* ASCII only, whatever the locale. */
static bool is_word_char(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0x80;
}
static bool is_lower(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static char lower(char c) { return is_upper(c) ? (char)(c + 32) : c; }

/* The next word at or after *at, which moves behind it. */
static bool next_word(const char **at, tend_str *out) {
    const char *p = *at;
    while (*p && !is_word_char((unsigned char)*p))
        p++;
    const char *start = p;
    while (*p && is_word_char((unsigned char)*p) && !(p > start && is_upper(*p) && is_lower(p[-1])))
        p++;
    *out = (tend_str){start, (size_t)(p - start)};
    *at = p;
    return p > start;
}

static bool word_is(tend_str word, tend_str want) {
    if (word.size != want.size)
        return false;
    for (size_t i = 0; i < word.size; i++)
        if (lower(word.at[i]) != want.at[i])
            return false;
    return true;
}

static bool is_one_of(tend_str word, const char *words) {
    tend_str want;
    while (next_word(&words, &want))
        if (word_is(word, want))
            return true;
    return false;
}

bool tend_name_has_word(const char *name, const char *words) {
    tend_str word;
    while (next_word(&name, &word))
        if (is_one_of(word, words))
            return true;
    return false;
}

bool tend_name_is_id(const char *name) {
    static const char ids[] = "id uuid guid key";
    tend_str word, last = {0};
    bool first_is_id = false;
    for (int i = 0; next_word(&name, &word); i++) {
        if (i == 0)
            first_is_id = is_one_of(word, ids);
        last = word;
    }
    return first_is_id || is_one_of(last, ids);
}
