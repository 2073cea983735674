#include "serve/prometheus.h"

#include "serve/out.h"

#include <math.h>

/* Backslash, newline and, in label values, the quote. */
static void put_escaped(tend_buf *out, const char *text, bool quotes) {
    for (const char *at = text; *at; at++) {
        if (*at == '\n') {
            serve_put(out, "\\n");
            continue;
        }
        if (*at == '\\' || (quotes && *at == '"'))
            tend_buf_putc(out, '\\');
        tend_buf_putc(out, *at);
    }
}

void serve_family(tend_buf *out, const char *name, const char *type, const char *help) {
    tend_buf_printf(out, "# HELP %s ", name);
    put_escaped(out, help, false);
    tend_buf_printf(out, "\n# TYPE %s %s\n", name, type);
}

void serve_sample(tend_buf *out, const char *name, const serve_label *labels, int n, double value) {
    char number[32];
    serve_put(out, name);
    for (int i = 0; i < n; i++) {
        tend_buf_putc(out, i ? ',' : '{');
        serve_put(out, labels[i].name);
        serve_put(out, "=\"");
        put_escaped(out, labels[i].value, true);
        tend_buf_putc(out, '"');
    }
    serve_put(out, n ? "} " : " ");
    if (isinf(value))
        serve_put(out, value < 0 ? "-Inf" : "+Inf");
    else
        tend_buf_append(out, number, tend_text_format_double(value, number));
    tend_buf_putc(out, '\n');
}
