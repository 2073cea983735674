/* A first schema from data, for a person to own. */
#include "data/schema.h"

#include "base/dict.h"
#include "data/name.h"
#include "stats/sort.h"

#include <math.h>
#include <stdlib.h>

#define MAX_LEVELS  30     /* text with more levels is not a closed list */
#define MIN_REPEATS 10     /* rows per level, on average, before the levels seen are taken for all there are */
#define MIN_RUNNING 50     /* rows before a rising column is taken for a running number */
#define MAX_CODES   31     /* whole numbers in a closed row that are taken as codes */
#define MAX_SAMPLE  100000 /* values that are sorted to find out how long the tails are */

typedef struct spread {
    double min, max, q25, q75; /* NaN when nothing is there */
} spread;

/* Minimum and maximum of all values; quartiles of an evenly spaced sample. */
static spread spread_of(const tend_column *column) {
    int64_t stride = column->n_rows / MAX_SAMPLE + 1;
    double *sample = tend_malloc(sizeof *sample * (size_t)(column->n_rows / stride + 1));
    size_t n = 0, kept;
    spread s = {INFINITY, -INFINITY, NAN, NAN};
    for (int64_t i = 0; i < column->n_rows; i++) {
        double v = tend_column_double(column, i);
        if (!isfinite(v))
            continue;
        s.min = v < s.min ? v : s.min;
        s.max = v > s.max ? v : s.max;
        if (i % stride == 0)
            sample[n++] = v;
    }
    double *sorted = tend_sorted_copy(sample, n, &kept);
    s.q25 = tend_quantile_sorted(sorted, kept, 0.25);
    s.q75 = tend_quantile_sorted(sorted, kept, 0.75);
    free(sorted);
    free(sample);
    return s;
}

/* ---- ranges ---- */

/* Bounds that the name promises, when the data keeps to them. */
static const struct natural_range {
    const char *words; /* separated by blanks; one of them must be a word of the name */
    double min, max;
} natural_ranges[] = {
    {"latitude lat", -90, 90},
    {"longitude lon lng", -180, 180},
    {"share fraction ratio probability prob", 0, 1},
    {"percent percentage pct", 0, 100},
};

static bool natural_range(const char *name, const spread *s, double *low, double *high) {
    for (size_t i = 0; i < sizeof natural_ranges / sizeof natural_ranges[0]; i++) {
        const struct natural_range *r = &natural_ranges[i];
        if (tend_name_has_word(name, r->words) && s->min >= r->min && s->max <= r->max) {
            *low = r->min;
            *high = r->max;
            return true;
        }
    }
    return false;
}

/* A round step, 1, 2 or 5 times a power of ten, that is at least v. */
static double round_step(double v) {
    double power = pow(10, floor(log10(v))), digit = v / power;
    return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
}

/* k times step without the dust of 3 * 0.1. */
static double multiple(double k, double step) { return step >= 1 ? k * step : k / round(1 / step); }

static void round_range(const spread *s, bool whole, double *low, double *high) {
    double span = s->max - s->min, room = span / 4, step = round_step(span / 10);
    step = whole && step < 1 ? 1 : step;
    *low = multiple(floor((s->min - room) / step), step);
    *high = multiple(ceil((s->max + room) / step), step);
}

/* Whole numbers that stand for something, counted from 0 or 1 (or -1 and 1): two of them, or a closed row of which each
 * occurs and often, such as months. Years are none: the next one is as good. */
static bool is_code(const tend_column *column, const spread *s) {
    int64_t counts[MAX_CODES] = {0}, n = 0;
    double width = s->max - s->min + 1;
    if (column->type != TEND_INT || width > MAX_CODES || fabs(s->min) > 1)
        return false;
    for (int64_t i = 0; i < column->n_rows; i++)
        if (tend_is_valid(column, i))
            n += counts[column->ints[i] - (int64_t)s->min]++ == 0;
    return n == 2 || ((double)n == width && (column->n_rows - column->n_missing) >= n * MIN_REPEATS);
}

/* A side whose extreme lies far beyond the quartiles will be outdone by tomorrow's data: it stays open. */
static void infer_range(tend_field *f, const tend_column *column) {
    spread s = spread_of(column);
    double low, high, middle = s.q75 - s.q25;
    if (!(s.min < s.max) || !isfinite(s.max - s.min))
        return;
    f->has_min = f->has_max = true;
    if (natural_range(column->name, &s, &f->min, &f->max))
        return;
    if (column->type == TEND_FLOAT && s.min >= 0 && s.max <= 1 && s.max > 0.5) { /* looks like a share */
        f->max = 1;
        return;
    }
    bool tail_up = s.max > s.q75 + 10 * middle, tail_down = s.min < s.q25 - 10 * middle;
    bool code = is_code(column, &s);
    if (code && (s.max - s.min == 1 || (!tail_up && !tail_down))) {
        f->min = s.min;
        f->max = s.max;
        return;
    }
    round_range(&s, column->type == TEND_INT, &low, &high);
    bool never_negative = s.min >= 0 && low < 0;
    f->has_max = !tail_up;
    f->has_min = never_negative || !tail_down;
    f->max = high;
    f->min = never_negative || (s.min >= 0 && s.min <= (s.max - s.min) / 4) ? 0 : low;
}

/* ---- levels ---- */

static int compare_texts(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

/* In byte order, so that the list is the same whatever order the rows come in. */
static void infer_values(tend_field *f, const tend_column *column, tend_arena *arena) {
    TEND_AUTO(tend_dict) *levels = tend_dict_new();
    int64_t present = column->n_rows - column->n_missing;
    for (int64_t i = 0; i < column->n_rows && tend_dict_count(levels) <= MAX_LEVELS; i++) {
        tend_str s = column->n_rows ? tend_column_str(column, i) : (tend_str){0};
        if (tend_is_valid(column, i))
            tend_dict_add(levels, s.at, s.size, NULL);
    }
    int64_t n = tend_dict_count(levels);
    if (n == 0 || n > MAX_LEVELS || present < n * MIN_REPEATS)
        return;
    f->values = TEND_ARRAY(arena, const char *, n);
    f->n_values = (int)n;
    for (int64_t i = 0; i < n; i++) {
        tend_str s = tend_dict_key(levels, i);
        f->values[i] = tend_arena_strndup(arena, s.at, s.size);
    }
    qsort(f->values, (size_t)n, sizeof *f->values, compare_texts);
}

/* ---- a field ---- */

static bool all_distinct(const tend_column *column) {
    TEND_AUTO(tend_dict) *seen = tend_dict_new();
    for (int64_t i = 0; i < column->n_rows; i++) {
        bool is_new;
        tend_str s =
            column->type == TEND_STRING ? tend_column_str(column, i) : (tend_str){(const char *)&column->ints[i], sizeof column->ints[i]};
        tend_dict_add(seen, s.at, s.size, &is_new);
        if (!is_new)
            return false;
    }
    return true;
}

static bool is_rising(const tend_column *column) {
    for (int64_t i = 1; i < column->n_rows; i++)
        if (column->ints[i] <= column->ints[i - 1])
            return false;
    return true;
}

/* By its name, or a running number: those have no range, since the next row lies beyond it. */
static bool may_be_identifier(const tend_column *column) {
    if (column->type != TEND_INT && column->type != TEND_STRING)
        return false;
    bool running = column->type == TEND_INT && column->n_missing == 0 && column->n_rows > MIN_RUNNING && is_rising(column);
    return running || tend_name_is_id(column->name);
}

static tend_field infer_field(const tend_column *column, tend_arena *arena) {
    tend_field f = {.name = tend_arena_strdup(arena, column->name), .type = column->type, .severity = TEND_RULE_WARNING, .drift_max = NAN};
    bool empty = column->n_missing == column->n_rows;
    f.has_type = !empty; /* a column without a value can be of any type */
    f.required = !empty && column->n_missing == 0;
    bool identifier = may_be_identifier(column);
    f.unique = identifier && column->n_rows > 1 && column->n_missing == 0 && all_distinct(column);
    if (identifier || empty)
        return f;
    if (column->type == TEND_INT || column->type == TEND_FLOAT)
        infer_range(&f, column);
    if (column->type == TEND_STRING)
        infer_values(&f, column, arena);
    return f;
}

tend_schema *tend_schema_infer(const tend_table *table, tend_arena *arena) {
    tend_schema *schema = TEND_NEW(arena, tend_schema);
    schema->min_rows = schema->max_rows = -1;
    schema->rows_severity = TEND_RULE_ERROR;
    schema->fields = TEND_ARRAY(arena, tend_field, table->n_columns);
    for (int i = 0; i < table->n_columns; i++)
        schema->fields[schema->n_fields++] = infer_field(&table->columns[i], arena);
    return schema;
}
