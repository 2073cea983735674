/* How results, tables and errors look on a terminal. The only room that prints. */
#include "cli/cli.h"

#include "base/fs.h"
#include "base/text.h"

#include <stdlib.h>
#include <unistd.h>

const char *cli_paint(const cli *c, int style) {
    static const char *const codes[] = {"\033[0m", "\033[1m", "\033[2m", "\033[32m", "\033[33m", "\033[31m", "\033[34m"};
    return c->color ? codes[style] : "";
}

void cli_print_json(const tend_node *node) {
    tend_buf text = TEND_BUF_INIT;
    tend_json_format(node, 2, &text);
    tend_buf_putc(&text, '\n');
    fwrite(tend_buf_text(&text), 1, text.size, stdout);
    tend_buf_done(&text);
}

/* ---- errors ---- */

/* Not so what a compressed file holds. */
static bool is_text(const char *line, size_t length) {
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)line[i] < ' ' && line[i] != '\t')
            return false;
    return tend_utf8_is_valid(line, length, NULL);
}

/* The line of the user's file with a caret under the place. */
static void print_source(const cli *c, const tend_error *e) {
    if (!*e->file || !e->line)
        return;
    tend_arena *arena = tend_arena_new();
    char *text;
    size_t size;
    if (tend_fs_is_dir(e->file) || tend_fs_read(e->file, 16u << 20, arena, &text, &size, NULL) != TEND_OK) {
        tend_arena_free(arena);
        return;
    }
    const char *line = text;
    for (uint32_t i = 1; i < e->line && line; i++) {
        line = memchr(line, '\n', (size_t)(text + size - line));
        line = line ? line + 1 : NULL;
    }
    size_t length = line ? strcspn(line, "\r\n") : 0, column = e->column ? e->column - 1 : 0;
    if (line && length && length < 400 && column <= length && is_text(line, length)) {
        fprintf(stderr, "  %s%4u |%s %.*s\n       %s|%s ", cli_paint(c, CLI_DIM), e->line, cli_paint(c, CLI_PLAIN), (int)length, line,
                cli_paint(c, CLI_DIM), cli_paint(c, CLI_PLAIN));
        for (size_t i = 0; i < column; i++)
            if (((unsigned char)line[i] & 0xC0) != 0x80)
                fputc(line[i] == '\t' ? '\t' : ' ', stderr);
        fputs(cli_paint(c, CLI_RED), stderr);
        fputc('^', stderr);
        for (uint32_t i = 1; i < e->length && column + i < length; i++)
            fputc('~', stderr);
        fprintf(stderr, "%s\n", cli_paint(c, CLI_PLAIN));
    }
    tend_arena_free(arena);
}

static void print_one(const cli *c, const tend_error *e, const char *word, int style) {
    /* an override is a line of its own: nobody counts columns in it */
    if (*e->file && e->line && strncmp(e->file, "--", 2))
        fprintf(stderr, "%s%s:%u:%u:%s ", cli_paint(c, CLI_BOLD), e->file, e->line, e->column ? e->column : 1, cli_paint(c, CLI_PLAIN));
    else if (*e->file && strncmp(e->message, e->file, strlen(e->file)))
        fprintf(stderr, "%s%s:%s ", cli_paint(c, CLI_BOLD), e->file, cli_paint(c, CLI_PLAIN));
    fprintf(stderr, "%s%s:%s %s\n", cli_paint(c, style), word, cli_paint(c, CLI_PLAIN), e->message);
    print_source(c, e);
    if (*e->hint)
        fprintf(stderr, "  %shint:%s %s\n", cli_paint(c, CLI_BLUE), cli_paint(c, CLI_PLAIN), e->hint);
    if (c->verbose && e->src_file)
        fprintf(stderr, "  %s(%s:%d)%s\n", cli_paint(c, CLI_DIM), e->src_file, e->src_line, cli_paint(c, CLI_PLAIN));
}

static tend_node *error_node(tend_arena *arena, const tend_error *e) {
    tend_node *node = tend_node_new_map(arena);
    tend_node_set_string(arena, node, "code", tend_status_name(e->code));
    tend_node_set_string(arena, node, "message", e->message);
    tend_node_set_string(arena, node, "hint", *e->hint ? e->hint : NULL);
    if (*e->file) {
        tend_node *where = tend_node_set_map(arena, node, "where");
        tend_node_set_string(arena, where, "file", e->file);
        tend_node_set_int(arena, where, "line", e->line);
        tend_node_set_int(arena, where, "column", e->column);
    } else {
        tend_node_set(arena, node, "where", tend_node_new(arena, TEND_NODE_NULL));
    }
    return node;
}

void cli_print_diags(const cli *c, const tend_diags *diags) {
    cli_progress_clear();
    for (const tend_diag *d = diags->first; d; d = d->next)
        print_one(c, &d->error, tend_severity_name(d->severity), d->severity == TEND_SEVERITY_ERROR ? CLI_RED : CLI_YELLOW);
    if (diags->n_dropped)
        fprintf(stderr, "… and %zu more\n", diags->n_dropped);
}

void cli_print_error(const cli *c, const tend_error *error) {
    cli_progress_clear();
    fflush(stdout); /* what was said before stands before, also when both go to one pipe */
    if (c->json) {
        tend_node *doc = tend_node_new_map(c->arena);
        tend_node_set(c->arena, doc, "error", error_node(c->arena, error));
        tend_node *all = c->diags.n_errors > 1 ? tend_node_set_list(c->arena, doc, "errors") : NULL;
        for (const tend_diag *d = c->diags.first; d && all; d = d->next)
            tend_node_push(all, error_node(c->arena, &d->error));
        cli_print_json(doc);
        return;
    }
    if (c->diags.n_errors)
        cli_print_diags(c, &c->diags);
    else
        print_one(c, error, "error", CLI_RED);
    if (c->diags.n_errors > 1)
        fprintf(stderr, "%zu errors\n", c->diags.n_errors);
}

/* ---- what the readers had to decide ---- */

void cli_print_notes(const cli *c, const tend_node *notes) {
    TEND_NODE_EACH(column, tend_node_get(notes, "columns"))
        printf("  %snote:%s %s: %s\n", cli_paint(c, CLI_YELLOW), cli_paint(c, CLI_PLAIN), column->key, tend_node_string(column, ""));
}

/* ---- tables ---- */

void cli_table_row(cli *c, cli_table *t, ...) {
    if (t->n_rows == t->capacity) {
        int larger = t->capacity ? 2 * t->capacity : 16;
        size_t row = (size_t)t->n_columns * sizeof(char *);
        t->cells = tend_arena_grow(c->arena, t->cells, (size_t)t->capacity * row, (size_t)larger * row);
        t->capacity = larger;
    }
    va_list args;
    va_start(args, t);
    for (int i = 0; i < t->n_columns; i++) {
        const char *cell = va_arg(args, const char *);
        t->cells[t->n_rows * t->n_columns + i] = cell ? cell : "";
    }
    va_end(args);
    t->n_rows++;
}

/* "1,234.5", "-3e-05", "12.5 %"; no run id, whatever its digits. */
static bool is_number(const char *cell) {
    cell += *cell == '-' || *cell == '+';
    size_t digits = strspn(cell, "0123456789.,");
    if (!digits)
        return false;
    cell += digits;
    if (*cell == 'e') {
        cell += 1 + (cell[1] == '-' || cell[1] == '+');
        cell += strspn(cell, "0123456789");
    }
    return !*cell || !strcmp(cell, " %");
}

static bool looks_numeric(const cli_table *t, int column) {
    bool any = false;
    for (int r = 0; r < t->n_rows; r++) {
        const char *cell = t->cells[r * t->n_columns + column];
        if (!*cell || !strcmp(cell, "–"))
            continue;
        if (!is_number(cell))
            return false;
        any = true;
    }
    return any;
}

static void print_cell(const char *cell, size_t width, bool right, bool last) {
    size_t have = tend_utf8_width(cell), pad = have < width ? width - have : 0;
    if (right)
        printf("%*s%s", (int)pad, "", cell);
    else
        printf("%s%*s", cell, last ? 0 : (int)pad, "");
    fputs(last ? "\n" : "  ", stdout);
}

void cli_table_print(const cli *c, const cli_table *t) {
    size_t width[32];
    bool right[32];
    for (int i = 0; i < t->n_columns; i++) {
        width[i] = t->head ? tend_utf8_width(t->head[i]) : 0;
        right[i] = looks_numeric(t, i);
        for (int r = 0; r < t->n_rows; r++) {
            size_t w = tend_utf8_width(t->cells[r * t->n_columns + i]);
            width[i] = w > width[i] ? w : width[i];
        }
    }
    if (t->head) {
        fputs(cli_paint(c, CLI_DIM), stdout);
        for (int i = 0; i < t->n_columns; i++)
            print_cell(t->head[i], width[i], right[i], i == t->n_columns - 1);
        fputs(cli_paint(c, CLI_PLAIN), stdout);
    }
    for (int r = 0; r < t->n_rows; r++)
        for (int i = 0; i < t->n_columns; i++)
            print_cell(t->cells[r * t->n_columns + i], width[i], right[i], i == t->n_columns - 1);
}
