/* Where the model comes from: everything that is needed to make it again. */
#include "report/report_parts.h"

#include <math.h>

enum { FILES_MAX = 100, ENTRIES_MAX = 40 };

static void row(tend_buf *out, const char *name) {
    html_row(out, NULL);
    tend_buf_puts(out, "<th scope=\"row\">");
    html_name(out, name);
    tend_buf_puts(out, "</th><td class=\"wide\">");
}

static void row_end(tend_buf *out) { tend_buf_puts(out, "</td></tr>\n"); }

static void text_row(const report *r, const char *name, const char *path) {
    const char *text = report_string(r, path);
    if (!text)
        return;
    row(r->out, name);
    tend_buf_puts(r->out, "<code>");
    html_text(r->out, text);
    tend_buf_puts(r->out, "</code>");
    row_end(r->out);
}

/* {"xgboost": "3.0.2", …} */
static void entries_row(const report *r, const char *name, const char *path) {
    const tend_node *map = report_get(r, path);
    size_t n = 0;
    if (!map || map->kind != TEND_NODE_MAP || !map->count)
        return;
    row(r->out, name);
    TEND_NODE_EACH(entry, map) {
        if (n == ENTRIES_MAX || entry->kind >= TEND_NODE_LIST || report_is_automatic(entry))
            continue;
        tend_buf_puts(r->out, n++ ? ", " : "");
        html_name(r->out, entry->key);
        tend_buf_putc(r->out, ' ');
        html_value(r->out, entry);
    }
    row_end(r->out);
}

static void model_row(const report *r) {
    int64_t version = report_int(r, "model.version", 0), size = report_int(r, "model.size", -1);
    char text[FIGURE_SIZE];
    if (!report_get(r, "model"))
        return;
    row(r->out, "model");
    html_name(r->out, report_string(r, "model.name"));
    if (version > 0)
        tend_buf_printf(r->out, " version %s", figure_count(version, text));
    if (size > 0)
        tend_buf_printf(r->out, ", %s", tend_text_bytes((uint64_t)size, text));
    row_end(r->out);
}

static void seed_row(const report *r) {
    const tend_node *seed = report_get(r, "provenance.seed");
    if (!seed || seed->kind != TEND_NODE_INT)
        return;
    row(r->out, "seed");
    tend_buf_printf(r->out, "%lld", (long long)seed->integer); /* no separators: it is for copying */
    row_end(r->out);
}

static void files(const report *r) {
    const tend_node *list = report_get(r, "provenance.files");
    size_t left = FILES_MAX;
    if (!report_count(list))
        return;
    tend_buf_puts(r->out, "<h3>Input files</h3>\n");
    html_table(r->out, "Input files and their digests", (const char *const[]){"file", "SHA-256", NULL});
    TEND_NODE_EACH(file, list) {
        if (!left--)
            break;
        html_row(r->out, NULL);
        html_cell_name(r->out, tend_node_string(tend_node_get(file, "path"), NULL));
        tend_buf_puts(r->out, "<td class=\"wide\"><code>");
        html_text(r->out, tend_node_string(tend_node_get(file, "sha256"), "\xE2\x80\x93"));
        tend_buf_puts(r->out, "</code></td></tr>\n");
    }
    html_table_end(r->out);
    html_left_out(r->out, (int64_t)list->count - FILES_MAX, "files are");
}

void report_provenance(const report *r) {
    html_say(r->out);
    tend_buf_puts(r->out, "The same files, configuration and seed give the same model again, byte for byte: <code>tend "
                          "reproduce</code>.");
    html_say_end(r->out);
    html_table(r->out, "Provenance", (const char *const[]){"what", "which", NULL});
    model_row(r);
    text_row(r, "model SHA-256", "model.sha256");
    text_row(r, "data snapshot", "provenance.snapshot");
    if (!report_string(r, "provenance.snapshot"))
        text_row(r, "data snapshot", "snapshot.snapshot");
    text_row(r, "tend", "provenance.tend");
    seed_row(r);
    text_row(r, "learner", "training.learner");
    entries_row(r, "parameters", "training.params");
    if (report_int(r, "training.rounds", 0) > 0) {
        char text[FIGURE_SIZE];
        row(r->out, "rounds");
        tend_buf_puts(r->out, figure_count(report_int(r, "training.rounds", 0), text));
        row_end(r->out);
    }
    entries_row(r, "libraries", report_get(r, "provenance.libraries") ? "provenance.libraries" : "training.libraries");
    entries_row(r, "versions of the steps", "provenance.steps");
    html_table_end(r->out);
    files(r);
}
