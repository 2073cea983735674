/* What a YAML scalar is: from text to kind, and from a value to a text that is read back as it. */
#include "base/node.h"

#include "base/node_private.h"

#include <stdlib.h>

static bool is_any_of(const char *text, const char *const *words, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}
#define IS_ANY_OF(text, words) is_any_of((text), (words), sizeof(words) / sizeof *(words))

static const char *const NULLS[] = {"", "~", "null", "Null", "NULL"};
static const char *const TRUES[] = {"true", "True", "TRUE"};
static const char *const FALSES[] = {"false", "False", "FALSE"};

/* Codes such as 08080 are names, not numbers: a leading zero keeps them as they are. */
static bool has_leading_zero(tend_str s) {
    size_t sign = s.size && (s.at[0] == '-' || s.at[0] == '+');
    return s.size > sign + 1 && s.at[sign] == '0' && s.at[sign + 1] >= '0' && s.at[sign + 1] <= '9';
}

static bool is_whole(tend_str s) {
    for (size_t i = s.size && (s.at[0] == '-' || s.at[0] == '+'); i < s.size; i++)
        if (s.at[i] < '0' || s.at[i] > '9')
            return false;
    return true;
}

static void resolve_number(tend_node *node, tend_str s) {
    if (has_leading_zero(s) || strlen(node->text) != s.size)
        return;
    double number;
    if (is_whole(s) && tend_text_parse_int(s, &node->integer)) {
        node->kind = TEND_NODE_INT;
    } else if (tend_text_parse_double(s, false, &number)) {
        node->kind = TEND_NODE_FLOAT;
        node->number = number;
    }
}

void yaml_resolve_plain(tend_node *node) {
    node->kind = TEND_NODE_STRING;
    if (IS_ANY_OF(node->text, NULLS)) {
        node->kind = TEND_NODE_NULL;
    } else if (IS_ANY_OF(node->text, TRUES) || IS_ANY_OF(node->text, FALSES)) {
        node->kind = TEND_NODE_BOOL;
        node->boolean = (node->text[0] | 0x20) == 't';
    } else {
        resolve_number(node, (tend_str){node->text, node->text_size});
    }
}

/* Words that other YAML readers (1.1) take for booleans, and what looks like a number, date or time
 * to them. */
static bool is_ambiguous(const char *text) {
    static const char *const words[] = {"y",  "Y",   "yes", "Yes", "YES",  "n",    "N",    "no",   "No",   "NO",   "on", "On",
                                        "ON", "off", "Off", "OFF", ".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN", "<<", "="};
    size_t size = strlen(text);
    bool numeric =
        strspn(text, "0123456789+-.:_eExXoabcdfABCDF") == size && strcspn(text, "0123456789") < size && strchr("0123456789+-.", text[0]);
    tend_node node = {.text = text, .text_size = size};
    yaml_resolve_plain(&node);
    return node.kind != TEND_NODE_STRING || numeric || IS_ANY_OF(text, words);
}

/* Whether a text can stand without quotes, in block and in flow style. */
static bool is_plain_safe(const char *text, size_t size) {
    if (size == 0 || strchr("-?:,[]{}#&*!|>'\"%@` \t", text[0]) || strchr(" \t:", text[size - 1]))
        return false;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c == 0x7F || strchr(",[]{}", c))
            return false;
        if ((c == ':' && text[i + 1] == ' ') || (c == '#' && text[i - 1] == ' '))
            return false;
    }
    /* U+0085, U+2028, U+2029 and U+FEFF end lines or vanish for some readers. */
    bool odd = strstr(text, "\xC2\x85") || strstr(text, "\xE2\x80\xA8") || strstr(text, "\xE2\x80\xA9") || strstr(text, "\xEF\xBB\xBF");
    return !odd && tend_utf8_is_valid(text, size, NULL) && !is_ambiguous(text);
}

void tend_yaml_scalar(tend_buf *out, const char *text) {
    size_t size = strlen(text);
    if (is_plain_safe(text, size))
        tend_buf_append(out, text, size);
    else
        tend_json_escape(out, text, size); /* a JSON string is a double-quoted YAML scalar */
}
