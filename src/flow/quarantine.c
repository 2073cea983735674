#include "flow/quarantine.h"

static void csv_text(tend_buf *out, const char *text, size_t size) {
    bool quote = false;
    for (size_t i = 0; i < size && !quote; i++)
        quote = strchr(",\"\r\n", text[i]) != NULL;
    if (quote)
        tend_buf_putc(out, '"');
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '"')
            tend_buf_putc(out, '"');
        tend_buf_putc(out, text[i]);
    }
    if (quote)
        tend_buf_putc(out, '"');
}

static void put_row(const tend_table *table, const char *reason, const char *place, int64_t row, const char *raw, tend_buf *out) {
    csv_text(out, reason, strlen(reason));
    tend_buf_putc(out, ',');
    csv_text(out, place, strlen(place));
    tend_buf cell = TEND_BUF_INIT;
    for (int c = 0; c < table->n_columns; c++) {
        tend_buf_putc(out, ',');
        tend_buf_clear(&cell);
        if (row >= 0)
            tend_column_format(&table->columns[c], row, &cell);
        else if (c == 0 && raw)
            tend_buf_puts(&cell, raw);
        csv_text(out, tend_buf_text(&cell), cell.size);
    }
    tend_buf_done(&cell);
    tend_buf_putc(out, '\n');
}

void tend_quarantine_format(const tend_table *table, const tend_check *check, const uint8_t *aside, tend_buf *out) {
    tend_buf_puts(out, "reason,place");
    for (int c = 0; c < table->n_columns; c++) {
        tend_buf_putc(out, ',');
        csv_text(out, table->columns[c].name, strlen(table->columns[c].name));
    }
    tend_buf_putc(out, '\n');
    tend_buf place = TEND_BUF_INIT;
    for (int64_t i = 0; i < check->n_quarantine; i++) {
        const tend_quarantined *q = &check->quarantine[i];
        tend_buf_clear(&place);
        if (q->row >= 0)
            tend_table_where(table, q->row, &place);
        else if (q->file)
            tend_buf_printf(&place, "%s:%u", q->file, q->line);
        put_row(table, q->reason, tend_buf_text(&place), q->row, q->text, out);
    }
    for (int64_t i = 0; aside && i < table->n_rows; i++) {
        if (aside[i] != TEND_ASIDE_NO_TARGET && aside[i] != TEND_ASIDE_DUPLICATE)
            continue;
        tend_buf_clear(&place);
        tend_table_where(table, i, &place);
        put_row(table, aside[i] == TEND_ASIDE_DUPLICATE ? "a row equal in every column stands before it" : "the target is missing",
                tend_buf_text(&place), i, NULL, out);
    }
    tend_buf_done(&place);
}
