/* Which reading of the first rows gives the most regular table. */
#include "data/csv_sniff.h"

#include "base/arena.h"
#include "data/csv_text.h"

enum { SAMPLE_ROWS = 100, SAMPLE_CELLS = 400000, MAX_COUNTS = 32 };

/* How a reading of the sample turned out. */
typedef struct tally {
    int64_t n_rows, n_faults, n_quoted, n_cells;
    int first, modal;         /* fields of the first row; the most frequent number of the others */
    int64_t n_modal;          /* rows behind the first that have it */
    int64_t n_numbers;        /* cells behind the first row that are numbers */
    int64_t n_inner, n_blank; /* cells behind a separator; those with blanks around them */
    bool blank_quote;         /* a quoted cell with a blank before it */
} tally;

typedef struct field_counts {
    int fields[MAX_COUNTS];
    int64_t n[MAX_COUNTS];
    int used;
} field_counts;

static void count_row(field_counts *c, int fields) {
    int i = 0;
    while (i < c->used && c->fields[i] != fields)
        i++;
    if (i == MAX_COUNTS)
        return;
    if (i == c->used) {
        c->fields[i] = fields;
        c->used++;
    }
    c->n[i]++;
}

static void look_at_cell(tally *t, const tend_cell *cell, bool inner, const char *row_end) {
    double d;
    bool quoted = cell->flags & TEND_CELL_QUOTED;
    t->n_cells++;
    t->n_quoted += quoted;
    t->n_numbers += t->n_rows > 1 && !quoted && tend_text_parse_double(tend_cell_str(cell), false, &d);
    if (!inner || (cell->size == 0 && !quoted))
        return;
    const char *before = cell->at - 1 - quoted, *behind = cell->at + cell->size + quoted;
    t->n_inner++;
    t->n_blank += *before == ' ' || (behind < row_end && *behind == ' ');
    t->blank_quote |= quoted && *before == ' ';
}

static tally try_dialect(const char *text, size_t size, bool whole, const tend_csv_dialect *dialect, tend_cell *cells, int capacity) {
    tally t = {0};
    field_counts counts = {0};
    tend_csv_lexer lexer;
    tend_csv_row row;
    tend_csv_lexer_init(&lexer, text, size, 0, 1, dialect);
    int64_t n_cells = 0;
    while (t.n_rows < SAMPLE_ROWS && n_cells < SAMPLE_CELLS && tend_csv_lexer_row(&lexer, cells, capacity, &row)) {
        if (row.blank || (row.fault == TEND_CSV_OPEN && !whole))
            continue;
        t.n_rows++;
        t.n_faults += row.fault != TEND_CSV_FINE;
        n_cells += row.n_fields;
        if (t.n_rows == 1)
            t.first = row.n_fields;
        else
            count_row(&counts, row.n_fields);
        int n = row.n_fields < capacity ? row.n_fields : capacity;
        for (int i = 0; i < n; i++)
            look_at_cell(&t, &cells[i], i > 0, text + row.end);
    }
    t.modal = t.first;
    for (int i = 0; i < counts.used; i++)
        if (counts.n[i] > t.n_modal) {
            t.n_modal = counts.n[i];
            t.modal = counts.fields[i];
        }
    return t;
}

/* Higher is better; 0: no table with more than one column. */
static double score(const tally *t, char separator, char quote) {
    if (t->n_rows == 0 || (t->modal < 2 && t->first < 2))
        return 0;
    /* One row of names and nothing else is judged by that row. */
    double share = t->n_rows > 1 ? (double)t->n_modal / (double)(t->n_rows - 1) : 1;
    double value = 100 * share - 50 * (double)t->n_faults / (double)t->n_rows;
    value += t->first == t->modal ? 20 : t->first == t->modal - 1 || t->first == t->modal + 1 ? 5 : 0;
    if (t->modal < 2)
        value /= 4;
    if (quote == '\'') {
        bool usual = t->n_quoted * 5 >= t->n_cells;
        value += usual && t->n_faults == 0 ? 1 : -1000;
    }
    /* Words of a sentence are no columns: blanks separate only where every row agrees and half of the cells are numbers. */
    if (separator == ' ')
        value -= share < 1 || t->n_numbers * 2 < t->n_cells - t->first ? 1000 : 40;
    return value > 0 ? value : 0;
}

/* The candidates one by one. Text that may be aligned with blanks is judged with each run of blanks as one. */
static void choose(const char *text, size_t size, bool whole, const tend_read_options *options, tend_arena *scratch, tend_csv_dialect *out,
                   tally *out_tally) {
    const char separators[] = {',', ';', '\t', '|', ' '}, quotes[] = {'"', '\''};
    int capacity = tend_csv_most_fields(size);
    tend_cell *cells = TEND_ARRAY(scratch, tend_cell, capacity);
    double best = -1;
    for (size_t q = 0; q < sizeof quotes; q++)
        for (size_t s = 0; s < sizeof separators; s++) {
            tend_csv_dialect d = {.separator = separators[s], .quote = quotes[q], .trim = separators[s] != ' '};
            if ((options->separator && separators[s] != options->separator && s > 0) || (options->quote && q > 0) ||
                (q > 0 && !memchr(text, '\'', size)))
                continue;
            d.separator = options->separator ? options->separator : d.separator;
            d.quote = options->quote ? options->quote : d.quote;
            d.trim = d.separator != ' ';
            const char *sample = text;
            size_t n = size;
            if (d.separator == ' ') {
                char *copy = tend_arena_memdup(scratch, text, size);
                tend_csv_aligner aligner = tend_csv_aligner_init(d.quote);
                n = tend_csv_collapse(&aligner, copy, size);
                sample = copy;
            }
            tally t = try_dialect(sample, n, whole, &d, cells, capacity);
            double value = score(&t, options->separator ? ',' : d.separator, options->quote ? '"' : d.quote);
            if (value > best) {
                best = value;
                *out = d;
                *out_tally = t;
            }
        }
}

size_t tend_csv_whole_rows(const char *head, size_t size, bool whole) {
    if (whole)
        return size;
    while (size > 0 && head[size - 1] != '\n')
        size--;
    return size;
}

static int64_t count_char(const char *text, size_t size, char c) {
    int64_t n = 0;
    for (size_t i = 0; i < size; i++)
        n += text[i] == c;
    return n;
}

static tend_status check_width(const char *path, int n_fields, tend_error *err) {
    if (n_fields <= TEND_CSV_MAX_COLUMNS)
        return TEND_OK;
    char n[32], most[32];
    TEND_FAIL_AT(err, LIMIT, ((tend_span){path, 1, 1, 0}), "the first row has %s or more fields; at most %s columns are read",
                 tend_text_thousands(n_fields, n), tend_text_thousands(TEND_CSV_MAX_COLUMNS, most));
    return tend_error_hint(err, TEND_LIMIT, "is the table written sideways, with a column for each case?");
}

/* A first row that does not end within the head: too many columns, or simply more to load. */
static tend_status check_first_row(const char *path, const char *head, size_t size, tend_error *err) {
    const char separators[] = {',', ';', '\t', '|'};
    for (size_t i = 0; i < sizeof separators; i++) {
        int64_t n = count_char(head, size, separators[i]);
        TEND_TRY(check_width(path, n > INT32_MAX ? INT32_MAX : (int)n, err));
    }
    return TEND_OK;
}

void tend_csv_note_dialect(const tend_csv_dialect *d, tend_arena *arena, tend_node *notes) {
    char text[2] = {d->separator, '\0'}, quote[2] = {d->quote, '\0'};
    tend_node_set_string(arena, notes, "separator", text);
    if (d->quote != '"')
        tend_node_set_string(arena, notes, "quote", quote);
    if (d->trim)
        tend_node_set_bool(arena, notes, "trimmed_blanks", true);
}

tend_status tend_csv_sniff_dialect(const char *path, const char *head, size_t size, bool whole, const tend_read_options *options,
                                   tend_csv_dialect *out, bool *out_more, tend_error *err) {
    *out_more = false;
    size_t rows = tend_csv_whole_rows(head, size, whole);
    if (rows == 0) {
        TEND_TRY(check_first_row(path, head, size, err));
        *out_more = true;
        return TEND_OK;
    }
    TEND_AUTO(tend_arena) *scratch = tend_arena_new();
    tally t = {0};
    tend_csv_dialect d = {0};
    choose(head, rows, whole, options, scratch, &d, &t);
    if (t.n_rows == 0 && !whole) { /* only an unfinished quoted field so far */
        *out_more = true;
        return TEND_OK;
    }
    TEND_TRY(check_width(path, t.first > t.modal ? t.first : t.modal, err));
    d.trim = d.separator != ' ' && t.n_inner > 0 && (t.blank_quote || t.n_blank * 10 >= t.n_inner * 9);
    *out = d;
    return TEND_OK;
}
