/* The structure of CSV text, held against a parser that looks at one character after the other. */
#include "support/suite.h"

#include "base/arena.h"
#include "base/rng.h"
#include "data/csv_scan.h"

static void random_text(tend_rng *rng, char *text, size_t size) {
    static const char ALPHABET[] = "ab,,\"\"\n\r ;x1";
    for (size_t i = 0; i < size; i++)
        text[i] = ALPHABET[tend_rng_below(rng, sizeof ALPHABET - 1)];
}

TEST(every_way_of_marking_gives_the_same) {
    tend_rng rng;
    tend_rng_init(&rng, 1, "marks");
    char text[64 * 9 + 1];
    for (int round = 0; round < 200; round++) {
        for (size_t i = 0; i < sizeof text; i++)
            text[i] = (char)tend_rng_below(&rng, 256);
        if (round % 2)
            random_text(&rng, text, sizeof text);
        const char marks[3] = {',', '\n', (char)(round % 5 ? '"' : '\xE9')};
        uint64_t a[9], b[9];
        const char *from = text + round % 2;
        unsigned seen_a = tend_csv_mark_portable(from, 9, marks, a), seen_b = tend_csv_mark_best()(from, 9, marks, b);
        ASSERT_EQ(seen_a, seen_b);
        ASSERT_MEM_EQ(a, b, sizeof a);
        for (size_t i = 0; i < 64 * 9; i++)
            ASSERT_EQ(a[i / 64] >> (i % 64) & 1, from[i] == marks[0] || from[i] == marks[1] || from[i] == marks[2]);
    }
}

/* The rule of csv_scan.h, as plainly as it can be written. */
typedef struct plain_row {
    size_t begin, end;
    int n_fields;
} plain_row;

static size_t plain_rows(const char *text, size_t size, plain_row *rows) {
    size_t n = 0, field = 0;
    bool in_quotes = false, was_quoted = false;
    plain_row row = {0, 0, 1};
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (in_quotes) {
            if (c == '"' && i + 1 < size && text[i + 1] == '"')
                i++;
            else if (c == '"')
                in_quotes = false;
        } else if (c == '"' && i == field && !was_quoted) {
            in_quotes = was_quoted = true;
        } else if (c == ',' || c == '\n') {
            field = i + 1;
            was_quoted = false;
            row.n_fields += c == ',';
            if (c == ',')
                continue;
            row.end = i > row.begin && text[i - 1] == '\r' ? i - 1 : i;
            rows[n++] = row;
            row = (plain_row){i + 1, 0, 1};
        }
    }
    if (row.begin < size) {
        row.end = size > row.begin && text[size - 1] == '\r' ? size - 1 : size;
        rows[n++] = row;
    }
    return n;
}

TEST(rows_and_fields_of_random_text) {
    enum { SIZE = 700 };
    static plain_row want[SIZE + 1];
    tend_rng rng;
    tend_rng_init(&rng, 2, "rows");
    tend_csv_dialect dialect = {.separator = ',', .quote = '"', .n_columns = 1, .min_fields = 1};
    for (int round = 0; round < 2000; round++) {
        char text[SIZE];
        size_t size = (size_t)tend_rng_below(&rng, SIZE) + 1;
        random_text(&rng, text, size);
        size_t n_want = plain_rows(text, size, want), n = 0;
        tend_csv_lexer lexer;
        tend_csv_row row;
        tend_cell cells[SIZE];
        tend_csv_lexer_init(&lexer, text, size, 0, 1, &dialect);
        while (tend_csv_lexer_row(&lexer, cells, SIZE, &row)) {
            assert_true(n < n_want);
            ASSERT_EQ(row.begin, want[n].begin);
            ASSERT_EQ(row.end, want[n].end);
            if (row.fault == TEND_CSV_FINE)
                ASSERT_EQ(row.n_fields, want[n].n_fields);
            n++;
        }
        ASSERT_EQ(n, n_want);
    }
}

TEST(pieces_begin_where_rows_begin) {
    enum { SIZE = 20000 };
    static plain_row want[SIZE + 1];
    static char text[SIZE];
    tend_rng rng;
    tend_rng_init(&rng, 3, "pieces");
    tend_csv_dialect dialect = {.separator = ',', .quote = '"', .n_columns = 1, .min_fields = 1};
    for (int round = 0; round < 50; round++) {
        random_text(&rng, text, SIZE);
        size_t n_want = plain_rows(text, SIZE, want);
        tend_csv_cuts cuts;
        tend_csv_cut_rows(text, SIZE, &dialect, 1, true, 300, INT64_MAX, &cuts);
        ASSERT_EQ(cuts.items[cuts.n].row, n_want);
        ASSERT_EQ(cuts.items[cuts.n].offset, SIZE);
        for (size_t i = 0; i < cuts.n; i++) {
            ASSERT_EQ(cuts.items[i].row % 64, 0);
            ASSERT_EQ(cuts.items[i].offset, want[cuts.items[i].row].begin);
            uint32_t line = 1;
            for (size_t k = 0; k < cuts.items[i].offset; k++)
                line += text[k] == '\n';
            ASSERT_EQ(cuts.items[i].line, line);
        }
        tend_csv_cuts_done(&cuts);
        tend_csv_cut_rows(text, SIZE, &dialect, 1, true, 300, 100, &cuts); /* no more rows than asked for */
        ASSERT_EQ(cuts.items[cuts.n].row, n_want < 100 ? n_want : 100);
        tend_csv_cuts_done(&cuts);
    }
}
