/* What makes two rows, or two tables, the same. */
#include "data/table.h"

#include <assert.h>
#include <math.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "digests are defined over little-endian values");

/* Rows are compared by their text form, so that the integer 3, the number 3.0 and the text "3" are the same value. */
static void row_text(const tend_table *table, int64_t row, tend_buf *out) {
    for (int i = 0; i < table->n_columns; i++) {
        const tend_column *c = &table->columns[i];
        tend_buf_putc(out, tend_is_valid(c, row) ? '\1' : '\2'); /* a missing value is not an empty text */
        tend_column_format(c, row, out);
        tend_buf_putc(out, '\0');
    }
}

uint64_t tend_table_row_hash(const tend_table *table, int64_t row) {
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    row_text(table, row, &text);
    return tend_hash64(tend_buf_text(&text), text.size, 0);
}

static bool same_type_equal(const tend_column *a, int64_t i, const tend_column *b, int64_t j) {
    if (a->type == TEND_STRING)
        return tend_str_eq(tend_column_str(a, i), tend_column_str(b, j));
    return a->type == TEND_FLOAT ? a->floats[i] == b->floats[j] : a->ints[i] == b->ints[j];
}

static bool cell_equal(const tend_column *a, int64_t i, const tend_column *b, int64_t j) {
    if (!tend_is_valid(a, i) || !tend_is_valid(b, j))
        return tend_is_valid(a, i) == tend_is_valid(b, j);
    /* 0 and -0 are equal as numbers, not as text: only the text form decides what the hash saw. */
    if (a->type == b->type && a->type != TEND_FLOAT)
        return same_type_equal(a, i, b, j);
    TEND_AUTO_BUF left = TEND_BUF_INIT, right = TEND_BUF_INIT;
    tend_column_format(a, i, &left);
    tend_column_format(b, j, &right);
    return left.size == right.size && memcmp(tend_buf_text(&left), tend_buf_text(&right), left.size) == 0;
}

bool tend_table_row_equal(const tend_table *a, int64_t row_a, const tend_table *b, int64_t row_b) {
    if (a->n_columns != b->n_columns)
        return false;
    for (int i = 0; i < a->n_columns; i++)
        if (!cell_equal(&a->columns[i], row_a, &b->columns[i], row_b))
            return false;
    return true;
}

/* The bitmap with its padding bits cleared; a column without missing values has none, whether it carries a bitmap or not. */
static void digest_valid(tend_sha256 *state, const tend_column *c) {
    uint8_t any = c->n_missing > 0;
    tend_sha256_update(state, &any, 1);
    if (!any)
        return;
    int64_t whole = c->n_rows / 8;
    tend_sha256_update(state, c->valid, (size_t)whole);
    if (c->n_rows % 8) {
        uint8_t last = c->valid[whole] & (uint8_t)((1u << (c->n_rows % 8)) - 1);
        tend_sha256_update(state, &last, 1);
    }
}

/* What stands in the slot of a missing value must not matter. */
static void digest_slots(tend_sha256 *state, const tend_column *c) {
    const char *slots = c->type == TEND_FLOAT ? (const char *)c->floats : (const char *)c->ints;
    if (c->n_missing == 0) {
        tend_sha256_update(state, slots, (size_t)c->n_rows * 8);
        return;
    }
    enum { STEP = 512 };
    uint64_t block[STEP];
    for (int64_t begin = 0; begin < c->n_rows; begin += STEP) {
        int64_t n = c->n_rows - begin < STEP ? c->n_rows - begin : STEP;
        memcpy(block, slots + begin * 8, (size_t)n * 8);
        for (int64_t i = 0; i < n; i++)
            if (!tend_is_valid(c, begin + i))
                block[i] = 0;
        tend_sha256_update(state, block, (size_t)n * 8);
    }
}

static void digest_strings(tend_sha256 *state, const tend_column *c) {
    enum { STEP = 512 };
    uint64_t sizes[STEP];
    for (int64_t begin = 0; begin < c->n_rows; begin += STEP) {
        int64_t n = c->n_rows - begin < STEP ? c->n_rows - begin : STEP;
        for (int64_t i = 0; i < n; i++)
            sizes[i] = (uint64_t)(c->offsets[begin + i + 1] - c->offsets[begin + i]);
        tend_sha256_update(state, sizes, (size_t)n * 8);
    }
    if (c->n_rows > 0)
        tend_sha256_update(state, c->bytes + c->offsets[0], (size_t)(c->offsets[c->n_rows] - c->offsets[0]));
}

tend_digest tend_table_digest(const tend_table *table) {
    tend_sha256 state;
    tend_sha256_init(&state);
    tend_sha256_text(&state, "tend table 1");
    int64_t shape[2] = {table->n_rows, table->n_columns};
    tend_sha256_update(&state, shape, sizeof shape);
    for (int i = 0; i < table->n_columns; i++) {
        const tend_column *c = &table->columns[i];
        tend_sha256_text(&state, c->name);
        tend_sha256_text(&state, tend_type_name(c->type));
        digest_valid(&state, c);
        if (c->type == TEND_STRING)
            digest_strings(&state, c);
        else
            digest_slots(&state, c);
    }
    return tend_sha256_final(&state);
}
