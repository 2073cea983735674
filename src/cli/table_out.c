/* Rows of data: on the terminal, as JSON, into a file. */
#include "cli/cli.h"

#include "flow/flow.h"

static const char *cell_text(cli *c, const tend_column *column, int64_t row) {
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    if (tend_is_valid(column, row))
        tend_column_format(column, row, &text);
    return tend_arena_strdup(c->arena, tend_buf_text(&text));
}

void cli_table_print_rows(cli *c, const tend_table *rows, int64_t limit) {
    const char **head = TEND_ARRAY(c->arena, const char *, rows->n_columns);
    int n = (int)(rows->n_rows < limit ? rows->n_rows : limit);
    cli_table table = {.head = head, .n_columns = rows->n_columns, .n_rows = n, .capacity = n};
    table.cells = TEND_ARRAY(c->arena, const char *, (size_t)n *(size_t)rows->n_columns);
    for (int j = 0; j < rows->n_columns; j++) {
        head[j] = rows->columns[j].name;
        for (int i = 0; i < n; i++)
            table.cells[i * rows->n_columns + j] = cell_text(c, &rows->columns[j], i);
    }
    cli_table_print(c, &table);
    char all[32];
    if (rows->n_rows > n)
        printf("… %s rows in all; --output FILE writes them, --limit shows more\n", tend_text_thousands(rows->n_rows, all));
}

static tend_node *cell_node(cli *c, const tend_column *column, int64_t row) {
    if (!tend_is_valid(column, row))
        return tend_node_new(c->arena, TEND_NODE_NULL);
    switch (column->type) {
    case TEND_BOOL: return tend_node_new_bool(c->arena, column->ints[row] != 0);
    case TEND_INT: return tend_node_new_int(c->arena, column->ints[row]);
    case TEND_FLOAT: return tend_node_new_double(c->arena, column->floats[row]);
    default: return tend_node_new_string(c->arena, cell_text(c, column, row));
    }
}

tend_node *cli_table_node(cli *c, const tend_table *rows) {
    tend_node *list = tend_node_new_list(c->arena);
    for (int64_t i = 0; i < rows->n_rows; i++) {
        tend_node *row = tend_node_push(list, tend_node_new_map(c->arena));
        for (int j = 0; j < rows->n_columns; j++)
            tend_node_set(c->arena, row, rows->columns[j].name, cell_node(c, &rows->columns[j], i));
    }
    return list;
}

tend_status cli_table_write(const tend_table *rows, const char *path, tend_error *err) {
    const tend_format *format;
    tend_writer *writer;
    TEND_TRY(tend_format_find(tend_formats, path, NULL, &format, err));
    TEND_TRY(format->create(path, &writer, err));
    tend_status status = writer->write(writer, rows, err);
    if (status == TEND_OK)
        status = writer->finish(writer, err);
    writer->close(writer);
    return status;
}
