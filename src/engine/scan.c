#include "engine/scan.h"

#include <stdlib.h>
#include <strings.h>

typedef struct cursor {
    idx_t n_wanted;
    idx_t wanted[]; /* columns of the table the query asks for, in the chunk's order */
} cursor;

static duckdb_type duck_type(tend_type type) {
    switch (type) {
    case TEND_BOOL: return DUCKDB_TYPE_BOOLEAN;
    case TEND_INT: return DUCKDB_TYPE_BIGINT;
    case TEND_FLOAT: return DUCKDB_TYPE_DOUBLE;
    case TEND_DATE: return DUCKDB_TYPE_DATE;
    case TEND_TIMESTAMP: return DUCKDB_TYPE_TIMESTAMP;
    case TEND_STRING:
    case TEND_TYPE_COUNT: break;
    }
    return DUCKDB_TYPE_VARCHAR;
}

static void add_column(duckdb_bind_info info, const char *name, duckdb_type id) {
    duckdb_logical_type type = tend_duck.duckdb_create_logical_type(id);
    tend_duck.duckdb_bind_add_result_column(info, name, type);
    tend_duck.duckdb_destroy_logical_type(&type);
}

static void bind(duckdb_bind_info info) {
    tend_scan *scan = tend_duck.duckdb_bind_get_extra_info(info);
    for (int j = 0; j < scan->table->n_columns; j++)
        add_column(info, scan->table->columns[j].name, duck_type(scan->table->columns[j].type));
    if (scan->number_rows)
        add_column(info, TEND_SCAN_ROW, DUCKDB_TYPE_BIGINT);
    if (!scan->handover)
        tend_duck.duckdb_bind_set_cardinality(info, (idx_t)scan->table->n_rows, true);
    tend_duck.duckdb_bind_set_bind_data(info, scan, NULL);
}

static void init(duckdb_init_info info) {
    tend_scan *scan = tend_duck.duckdb_init_get_bind_data(info);
    idx_t n = tend_duck.duckdb_init_get_column_count(info);
    cursor *c = tend_calloc(1, sizeof *c + n * sizeof c->wanted[0]);
    c->n_wanted = n;
    for (idx_t i = 0; i < n; i++)
        c->wanted[i] = tend_duck.duckdb_init_get_column_index(info, i);
    scan->at = 0;
    tend_duck.duckdb_init_set_max_threads(info, 1);
    tend_duck.duckdb_init_set_init_data(info, c, free);
}

/* Chunks begin at multiples of 2048 rows of a table, so the bitmap's bytes line up; the words
 * behind the last byte stay "valid". */
static void fill_validity(duckdb_vector vector, const tend_column *column, int64_t begin, int64_t n) {
    if (!column->valid)
        return;
    tend_duck.duckdb_vector_ensure_validity_writable(vector);
    uint8_t *mask = (uint8_t *)tend_duck.duckdb_vector_get_validity(vector);
    memcpy(mask, column->valid + begin / 8, (size_t)((n + 7) / 8));
}

static bool fill_dates(int32_t *out, const int64_t *days, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        if (days[i] > INT32_MAX || days[i] < INT32_MIN)
            return false;
        out[i] = (int32_t)days[i];
    }
    return true;
}

static void fill_strings(duckdb_vector vector, const tend_column *column, int64_t begin, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        if (tend_is_valid(column, begin + i)) {
            tend_str s = tend_column_str(column, begin + i);
            tend_duck.duckdb_vector_assign_string_element_len(vector, (idx_t)i, s.at, s.size);
        }
}

static bool fill_column(duckdb_vector vector, const tend_column *column, int64_t begin, int64_t n) {
    void *data = tend_duck.duckdb_vector_get_data(vector);
    fill_validity(vector, column, begin, n);
    switch (column->type) {
    case TEND_BOOL:
        for (int64_t i = 0; i < n; i++)
            ((bool *)data)[i] = column->ints[begin + i] != 0;
        return true;
    case TEND_INT:
    case TEND_TIMESTAMP: memcpy(data, column->ints + begin, (size_t)n * sizeof(int64_t)); return true;
    case TEND_FLOAT: memcpy(data, column->floats + begin, (size_t)n * sizeof(double)); return true;
    case TEND_DATE: return fill_dates(data, column->ints + begin, n);
    case TEND_STRING:
    case TEND_TYPE_COUNT: break;
    }
    fill_strings(vector, column, begin, n);
    return true;
}

static void fill_row_numbers(duckdb_vector vector, int64_t begin, int64_t n) {
    int64_t *data = tend_duck.duckdb_vector_get_data(vector);
    for (int64_t i = 0; i < n; i++)
        data[i] = begin + i;
}

/* Without a wanted column of ours (count(*)) only the number of rows matters. */
static bool fill_chunk(const tend_scan *scan, const cursor *c, int64_t n, duckdb_data_chunk output) {
    bool ok = true;
    for (idx_t i = 0; i < c->n_wanted && ok; i++) {
        duckdb_vector vector = tend_duck.duckdb_data_chunk_get_vector(output, i);
        if (c->wanted[i] < (idx_t)scan->table->n_columns)
            ok = fill_column(vector, &scan->table->columns[c->wanted[i]], scan->at, n);
        else if (scan->number_rows && c->wanted[i] == (idx_t)scan->table->n_columns)
            fill_row_numbers(vector, scan->at, n);
    }
    tend_duck.duckdb_data_chunk_set_size(output, (idx_t)n);
    return ok;
}

/* Waits for the next table of a stream with rows in it; false at its end. */
static bool take_next(tend_scan *scan, duckdb_function_info info) {
    tend_handover *h = scan->handover;
    pthread_mutex_lock(&h->lock);
    if (h->table && scan->at >= h->table->n_rows) {
        h->table = NULL;
        scan->at = 0;
        pthread_cond_broadcast(&h->changed);
    }
    while (!h->table && !h->ended)
        pthread_cond_wait(&h->changed, &h->lock);
    scan->table = h->table;
    if (h->abandoned)
        tend_duck.duckdb_function_set_error(info, "abandoned");
    bool more = scan->table && !h->abandoned;
    pthread_mutex_unlock(&h->lock);
    return more;
}

static void produce(duckdb_function_info info, duckdb_data_chunk output) {
    tend_scan *scan = tend_duck.duckdb_function_get_bind_data(info);
    const cursor *c = tend_duck.duckdb_function_get_init_data(info);
    while (scan->handover && (!scan->table || scan->at >= scan->table->n_rows))
        if (!take_next(scan, info)) {
            tend_duck.duckdb_data_chunk_set_size(output, 0);
            return;
        }
    int64_t left = scan->table->n_rows - scan->at, most = (int64_t)tend_duck.duckdb_vector_size();
    int64_t n = left < most ? left : most;
    if (!fill_chunk(scan, c, n, output))
        tend_duck.duckdb_function_set_error(info, "a date is out of the engine's range");
    scan->at += n;
}

tend_status tend_scan_register(tend_duck_session *session, tend_scan *scan, tend_error *err) {
    duckdb_table_function f = tend_duck.duckdb_create_table_function();
    tend_duck.duckdb_table_function_set_name(f, "tend_scan");
    tend_duck.duckdb_table_function_set_extra_info(f, scan, NULL);
    tend_duck.duckdb_table_function_set_bind(f, bind);
    tend_duck.duckdb_table_function_set_init(f, init);
    tend_duck.duckdb_table_function_set_function(f, produce);
    tend_duck.duckdb_table_function_supports_projection_pushdown(f, true);
    bool ok = tend_duck.duckdb_register_table_function(session->connection, f) == DuckDBSuccess;
    tend_duck.duckdb_destroy_table_function(&f);
    return ok ? TEND_OK : TEND_FAIL(err, BUG, "the SQL engine takes no table function");
}

static int fold_case(const void *a, const void *b) {
    const char *const *left = a, *const *right = b;
    return strcasecmp(*left, *right);
}

tend_status tend_scan_check_names(const tend_table *table, tend_error *err) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    const char **names = TEND_ARRAY(arena, const char *, table->n_columns);
    for (int j = 0; j < table->n_columns; j++)
        names[j] = table->columns[j].name;
    qsort(names, (size_t)table->n_columns, sizeof *names, fold_case);
    for (int j = 1; j < table->n_columns; j++)
        if (strcasecmp(names[j - 1], names[j]) == 0)
            return tend_error_hint(err,
                                   TEND_FAIL(err, INVALID,
                                             "the columns '%s' and '%s' have one name for SQL, which does not "
                                             "look at case",
                                             names[j - 1], names[j]),
                                   "rename one of them in the data");
    return TEND_OK;
}
