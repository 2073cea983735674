#include "store/name.h"

#include <string.h>

#define ALLOWED "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

/* A character of several bytes is shown whole, one that does not print as its number. */
static tend_status bad_character(const char *what, const char *name, size_t at, tend_error *err) {
    const unsigned char *c = (const unsigned char *)name + at;
    int size = *c < 0x80 ? 1 : *c >= 0xf0 ? 4 : *c >= 0xe0 ? 3 : 2;
    if (*c <= ' ' || *c == 0x7f)
        return TEND_FAIL(err, INVALID, "the %s '%s' has the character 0x%02x at position %zu", what, name, *c, at + 1);
    return TEND_FAIL(err, INVALID, "the %s '%s' has '%.*s' at position %zu", what, name, size, name + at, at + 1);
}

tend_status tend_name_check(const char *what, const char *name, tend_error *err) {
    size_t size = strlen(name), good = strspn(name, ALLOWED);
    tend_status status = TEND_OK;
    if (size == 0)
        status = TEND_FAIL(err, INVALID, "the %s is empty", what);
    else if (size > TEND_NAME_MAX)
        status = TEND_FAIL(err, INVALID, "the %s '%.40s…' has %zu characters, more than %d", what, name, size, TEND_NAME_MAX);
    else if (good < size)
        status = bad_character(what, name, good, err);
    else if (*name == '.')
        status = TEND_FAIL(err, INVALID, "the %s '%s' starts with a dot", what, name);
    if (status != TEND_OK)
        tend_error_hint(err, status, "use letters, digits, '.', '_' and '-', at most %d of them, and no dot first", TEND_NAME_MAX);
    return status;
}
