#include "base/node.h"

#include <stdio.h>

static bool is_plain(unsigned char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; }

static void put_escape(tend_buf *out, unsigned char c) {
    static const char letters[] = {['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    if (c == '"' || c == '\\')
        tend_buf_printf(out, "\\%c", c);
    else if (c < sizeof letters && letters[c])
        tend_buf_printf(out, "\\%c", letters[c]);
    else
        tend_buf_printf(out, "\\u%04x", c);
}

/* Appends the run of bytes >= 0x80 at the start of the text; what is not UTF-8 becomes U+FFFD, so
 * that the document stays valid whatever it carries. Returns the bytes read. */
static size_t put_high(tend_buf *out, const char *text, size_t size) {
    size_t run = 0, bad_at;
    while (run < size && (unsigned char)text[run] >= 0x80)
        run++;
    if (tend_utf8_is_valid(text, run, &bad_at)) {
        tend_buf_append(out, text, run);
        return run;
    }
    tend_buf_append(out, text, bad_at);
    tend_buf_puts(out, "\xEF\xBF\xBD");
    return bad_at + 1;
}

void tend_json_escape(tend_buf *out, const char *text, size_t size) {
    tend_buf_putc(out, '"');
    for (size_t i = 0; i < size;) {
        size_t plain = 0;
        while (i + plain < size && is_plain((unsigned char)text[i + plain]))
            plain++;
        tend_buf_append(out, text + i, plain);
        i += plain;
        if (i == size)
            break;
        if ((unsigned char)text[i] >= 0x80)
            i += put_high(out, text + i, size - i);
        else
            put_escape(out, (unsigned char)text[i++]);
    }
    tend_buf_putc(out, '"');
}

/* Whether a source text of a number, which may come from YAML, is one in JSON too. */
static bool is_json_number(const char *p) {
    p += *p == '-';
    size_t digits = strspn(p, "0123456789");
    if (digits == 0 || (*p == '0' && digits > 1))
        return false;
    p += digits;
    if (*p == '.') {
        digits = strspn(p + 1, "0123456789");
        if (digits == 0)
            return false;
        p += 1 + digits;
    }
    if (*p == 'e' || *p == 'E') {
        p++;
        p += *p == '-' || *p == '+';
        digits = strspn(p, "0123456789");
        if (digits == 0)
            return false;
        p += digits;
    }
    return *p == '\0';
}

static void put_number(const tend_node *node, tend_buf *out) {
    char text[32];
    if (node->text && is_json_number(node->text)) {
        tend_buf_puts(out, node->text);
    } else if (node->kind == TEND_NODE_INT) {
        tend_buf_printf(out, "%lld", (long long)node->integer);
    } else {
        tend_text_format_double(node->number, text);
        tend_buf_puts(out, text);
    }
}

static void put_line(tend_buf *out, int indent, int depth) {
    if (indent == 0)
        return;
    tend_buf_putc(out, '\n');
    for (int i = 0; i < indent * depth; i++)
        tend_buf_putc(out, ' ');
}

static void put_node(const tend_node *node, int indent, int depth, tend_buf *out);

static void put_children(const tend_node *node, int indent, int depth, tend_buf *out) {
    TEND_NODE_EACH(child, node) {
        if (child != node->first)
            tend_buf_putc(out, ',');
        put_line(out, indent, depth + 1);
        if (node->kind == TEND_NODE_MAP) {
            tend_json_escape(out, child->key, strlen(child->key));
            tend_buf_puts(out, indent ? ": " : ":");
        }
        put_node(child, indent, depth + 1, out);
    }
    if (node->first)
        put_line(out, indent, depth);
}

static void put_node(const tend_node *node, int indent, int depth, tend_buf *out) {
    switch (node->kind) {
    case TEND_NODE_NULL: tend_buf_puts(out, "null"); break;
    case TEND_NODE_BOOL: tend_buf_puts(out, node->boolean ? "true" : "false"); break;
    case TEND_NODE_INT:
    case TEND_NODE_FLOAT: put_number(node, out); break;
    case TEND_NODE_STRING: tend_json_escape(out, node->text, node->text_size); break;
    case TEND_NODE_LIST:
    case TEND_NODE_MAP:
        tend_buf_putc(out, node->kind == TEND_NODE_MAP ? '{' : '[');
        put_children(node, indent, depth, out);
        tend_buf_putc(out, node->kind == TEND_NODE_MAP ? '}' : ']');
        break;
    }
}

void tend_json_format(const tend_node *node, int indent, tend_buf *out) {
    if (node)
        put_node(node, indent, 0, out);
    else
        tend_buf_puts(out, "null");
}
