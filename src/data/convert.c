#include "data/convert.h"

#include "base/thread.h"
#include "data/number.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { MAX_FAULTS = 100000, FOUND_SIZE = 200 };

/* ---- faults ---- */

static char *copy_text(const char *text, size_t size) {
    char *copy = tend_malloc(size + 1);
    memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}

void tend_cell_faults_add(tend_cell_faults *f, int64_t row, int column, tend_str found, const char *reason) {
    f->n_total++;
    if (f->n == MAX_FAULTS)
        return;
    if (f->n == f->capacity) {
        f->capacity = f->capacity ? 2 * f->capacity : 16;
        f->items = tend_realloc(f->items, (size_t)f->capacity * sizeof *f->items);
    }
    size_t size = found.size < FOUND_SIZE ? found.size : FOUND_SIZE;
    f->items[f->n++] = (tend_cell_fault){row, column, copy_text(found.at, size), copy_text(reason, strlen(reason))};
}

void tend_cell_faults_done(tend_cell_faults *f) {
    for (int64_t i = 0; i < f->n; i++) {
        free(f->items[i].found);
        free(f->items[i].reason);
    }
    free(f->items);
    *f = (tend_cell_faults){0};
}

/* ---- memory of a column ---- */

static void free_block(void *p) { free(p); }

/* Large blocks on huge pages where the system has them: the first touch of a gigabyte of small pages costs more than parsing it. */
static void *column_memory(size_t size, tend_arena *arena) {
    enum { HUGE = 2 << 20 };
    void *p;
    if (size < 2 * HUGE) {
        p = tend_malloc(size);
    } else {
        size = (size + HUGE - 1) & ~(size_t)(HUGE - 1);
        p = aligned_alloc(HUGE, size);
        if (!p)
            p = tend_malloc(size);
        else
            madvise(p, size, MADV_HUGEPAGE);
    }
    tend_arena_defer(arena, free_block, p);
    return p;
}

void tend_target_init(tend_target *t, const char *name, tend_plan plan, const tend_missing *missing, int64_t capacity, tend_arena *arena) {
    *t = (tend_target){.name = name, .plan = plan, .missing = missing, .capacity = capacity};
    size_t n = (size_t)capacity;
    if (plan.type == TEND_STRING) {
        t->offsets = column_memory((n + 1) * 8, arena);
        t->offsets[0] = 0;
    } else if (plan.type == TEND_FLOAT) {
        t->floats = column_memory((n + 1) * 8, arena);
    } else {
        t->ints = column_memory((n + 1) * 8, arena);
    }
    t->valid = tend_arena_alloc(arena, (n + 7) / 8 + 1);
    memset(t->valid, 0xFF, (n + 7) / 8 + 1);
}

/* ---- one cell ---- */

static void set_missing(tend_target *t, tend_lane *lane, int64_t row) {
    t->valid[row >> 3] &= (uint8_t) ~(1u << (row & 7));
    lane->n_missing++;
    if (t->floats)
        t->floats[row] = (double)NAN;
    else if (t->ints)
        t->ints[row] = 0;
}

static bool is_missing(const tend_missing *m, tend_str s) {
    return s.size == 0 || (m->first[(unsigned char)s.at[0]] && tend_missing_has(m, s));
}

/* What a declared column takes beyond what inference would call its type. */
static bool lenient_int(tend_str s, int64_t *out) {
    double d;
    if (tend_number_int(s, out))
        return true;
    if (!tend_number_double(s, &d) || d != floor(d) || fabs(d) > 9007199254740992.0)
        return false;
    *out = (int64_t)d;
    return true;
}

static bool word_in(tend_str s, const char *const *words, size_t n) {
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < s.size && words[i][k] && (s.at[k] | 0x20) == (words[i][k] | 0x20))
            k++;
        if (k == s.size && !words[i][k])
            return true;
    }
    return false;
}

static bool read_bool(tend_str s, bool lenient, int64_t *out) {
    static const char *const YES[] = {"true", "1", "yes", "t", "y", "on"}, *const NO[] = {"false", "0", "no", "f", "n", "off"};
    size_t n = lenient ? sizeof YES / sizeof YES[0] : 1;
    *out = word_in(s, YES, n);
    return *out || word_in(s, NO, n);
}

static bool read_date(tend_str s, const tend_plan *plan, int64_t *out) {
    int64_t micros;
    bool time;
    if (!tend_date_read(s, plan->form, &micros, &time) && !(plan->declared && tend_date_read(s, TEND_DATE_ISO, &micros, &time)))
        return false;
    if (plan->type == TEND_TIMESTAMP) {
        *out = micros;
        return time || plan->declared;
    }
    *out = (micros - (micros % TEND_DAY_MICROS + TEND_DAY_MICROS) % TEND_DAY_MICROS) / TEND_DAY_MICROS;
    return plan->declared ? micros % TEND_DAY_MICROS == 0 : !time;
}

static const char *expected(const tend_plan *plan, tend_str s, char *room, size_t size) {
    if (plan->type == TEND_FLOAT || plan->type == TEND_INT) {
        if (tend_number_is_infinite(s))
            return "an infinite value: models cannot use it";
        return plan->type == TEND_INT ? "expected a whole number" : "expected a number";
    }
    if (plan->type == TEND_BOOL)
        return "expected true or false";
    snprintf(room, size, "expected a %s written %s%s", tend_type_name(plan->type), tend_date_form_name(plan->form),
             plan->form == TEND_DATE_ISO ? "" : " or yyyy-mm-dd");
    return room;
}

/* Digits that a number would not keep: "02208", and more of them than 64 bits hold. Inference leaves such columns text. */
static bool stays_text(tend_str s) {
    int64_t v;
    for (size_t i = s.at[0] == '-' || s.at[0] == '+'; i < s.size; i++)
        if (s.at[i] < '0' || s.at[i] > '9')
            return false;
    return tend_number_is_code(s) || !tend_number_int(s, &v);
}

/* A value that is not missing, without blanks around it, as a type other than text. */
static bool read_value(const tend_plan *plan, tend_str s, int64_t *out_int, double *out_float) {
    switch (plan->type) {
    case TEND_FLOAT: return tend_number_double(s, out_float) && (plan->declared || !stays_text(s));
    case TEND_INT: return plan->declared ? lenient_int(s, out_int) : tend_number_int(s, out_int) && !tend_number_is_code(s);
    case TEND_BOOL: return read_bool(s, plan->declared, out_int);
    case TEND_DATE:
    case TEND_TIMESTAMP: return read_date(s, plan, out_int);
    case TEND_STRING:
    case TEND_TYPE_COUNT: break;
    }
    assert(false);
    return false;
}

tend_cell_outcome tend_convert_one(const tend_plan *plan, const tend_missing *missing, tend_str text, int64_t *out_int, double *out_float,
                                   char expectation[128]) {
    tend_str s = tend_str_trim(text);
    if (is_missing(missing, s))
        return TEND_CELL_MISSING;
    if (read_value(plan, s, out_int, out_float))
        return TEND_CELL_FITS;
    char room[128];
    snprintf(expectation, 128, "%s", expected(plan, s, room, sizeof room));
    return TEND_CELL_MISFIT;
}

/* The slow road: blanks, missing values, what only a declared type takes, and misfits. */
static bool slow_cell(tend_target *t, tend_lane *lane, const tend_cell *cell, int64_t row, int index, tend_cell_faults *faults) {
    tend_str s = tend_str_trim(tend_cell_str(cell));
    const tend_plan *plan = &t->plan;
    if (is_missing(t->missing, s)) {
        set_missing(t, lane, row);
        return true;
    }
    if (read_value(plan, s, t->ints ? &t->ints[row] : NULL, t->floats ? &t->floats[row] : NULL))
        return true;
    bool infinite = plan->type == TEND_FLOAT && tend_number_is_infinite(s);
    if (!plan->declared && !infinite)
        return false;
    char room[128];
    tend_cell_faults_add(faults, row, index, s, expected(plan, s, room, sizeof room));
    set_missing(t, lane, row);
    return true;
}

/* ---- the loops ---- */

/* A quick yes to most numbers that inference keeps as numbers. */
static inline bool plainly_number(tend_str s) {
    size_t sign = s.at[0] == '-';
    return s.size < 19 && (s.size <= sign + 1 || s.at[sign] != '0' || s.at[sign + 1] == '.');
}

static bool convert_floats(tend_target *t, tend_lane *lane, const tend_cell *cells, size_t stride, int64_t n, int64_t row, int index,
                           tend_cell_faults *faults) {
    const tend_missing *missing = t->missing;
    double *out = t->floats + row;
    bool declared = t->plan.declared;
    for (int64_t i = 0; i < n; i++, cells += stride) {
        tend_str s = tend_cell_str(cells);
        if (!tend_missing_maybe(missing, s) && tend_number_double(s, &out[i]) && (declared || plainly_number(s) || !stays_text(s)))
            continue;
        if (s.size == 0)
            set_missing(t, lane, row + i);
        else if (!slow_cell(t, lane, cells, row + i, index, faults))
            return false;
    }
    return true;
}

static bool convert_ints(tend_target *t, tend_lane *lane, const tend_cell *cells, size_t stride, int64_t n, int64_t row, int index,
                         tend_cell_faults *faults) {
    const tend_missing *missing = t->missing;
    int64_t *out = t->ints + row;
    bool declared = t->plan.declared;
    for (int64_t i = 0; i < n; i++, cells += stride) {
        tend_str s = tend_cell_str(cells);
        if (!tend_missing_maybe(missing, s) && tend_number_int(s, &out[i]) && (declared || !tend_number_is_code(s)))
            continue;
        if (s.size == 0)
            set_missing(t, lane, row + i);
        else if (!slow_cell(t, lane, cells, row + i, index, faults))
            return false;
    }
    return true;
}

static bool convert_others(tend_target *t, tend_lane *lane, const tend_cell *cells, size_t stride, int64_t n, int64_t row, int index,
                           tend_cell_faults *faults) {
    for (int64_t i = 0; i < n; i++, cells += stride)
        if (!slow_cell(t, lane, cells, row + i, index, faults))
            return false;
    return true;
}

static char *lane_room(tend_lane *lane, size_t more) {
    if (lane->size + more > lane->capacity) {
        lane->capacity = lane->capacity ? lane->capacity * 2 : 4096;
        if (lane->capacity < lane->size + more)
            lane->capacity = lane->size + more;
        lane->bytes = tend_realloc(lane->bytes, lane->capacity);
    }
    return lane->bytes + lane->size;
}

static size_t copy_cell(const tend_target *t, const tend_cell *cell, char *out) {
    if (cell->flags & TEND_CELL_DOUBLED)
        return tend_cell_undouble(cell, out);
    tend_str s = tend_cell_str(cell);
    if (t->trim && !(cell->flags & TEND_CELL_QUOTED))
        s = tend_str_trim(s);
    memcpy(out, s.at, s.size);
    return s.size;
}

static bool text_is_missing(const tend_missing *m, const tend_cell *cell) {
    tend_str s = tend_cell_str(cell);
    if (s.size && !m->first[(unsigned char)s.at[0]] && s.at[0] != ' ' && s.at[0] != '\t')
        return false;
    return tend_missing_has(m, tend_str_trim(s));
}

static void convert_strings(tend_target *t, tend_lane *lane, const tend_cell *cells, size_t stride, int64_t n, int64_t row) {
    size_t most = 0;
    for (int64_t i = 0; i < n; i++)
        most += cells[(size_t)i * stride].size;
    char *start = lane_room(lane, most), *out = start;
    for (int64_t i = 0; i < n; i++, cells += stride) {
        if (text_is_missing(t->missing, cells))
            set_missing(t, lane, row + i);
        else
            out += copy_cell(t, cells, out);
        t->offsets[row + i + 1] = (int64_t)(lane->size + (size_t)(out - start));
    }
    lane->size += (size_t)(out - start);
}

bool tend_convert(tend_target *t, tend_lane *lane, const tend_cell *cells, size_t stride, int64_t n, int64_t row, int index,
                  tend_cell_faults *faults) {
    if (lane->failed)
        return false;
    switch (t->plan.type) {
    case TEND_STRING: convert_strings(t, lane, cells, stride, n, row); return true;
    case TEND_FLOAT: lane->failed = !convert_floats(t, lane, cells, stride, n, row, index, faults); break;
    case TEND_INT: lane->failed = !convert_ints(t, lane, cells, stride, n, row, index, faults); break;
    default: lane->failed = !convert_others(t, lane, cells, stride, n, row, index, faults); break;
    }
    return !lane->failed;
}

/* ---- finishing ---- */

typedef struct joiner {
    tend_target *target;
    tend_lane *lanes;
    const int64_t *begins, *ends;
    size_t *starts; /* of each lane's bytes in the column's */
    char *bytes;
} joiner;

static void join_lane(void *ctx, size_t i) {
    joiner *j = ctx;
    if (j->lanes[i].size)
        memcpy(j->bytes + j->starts[i], j->lanes[i].bytes, j->lanes[i].size);
    for (int64_t row = j->begins[i]; row < j->ends[i]; row++)
        j->target->offsets[row + 1] += (int64_t)j->starts[i];
    tend_lane_done(&j->lanes[i]);
}

static const char *join_strings(tend_target *t, tend_lane *lanes, const int64_t *begins, const int64_t *ends, size_t n_lanes, int threads,
                                tend_arena *arena) {
    joiner j = {t, lanes, begins, ends, tend_calloc(n_lanes, sizeof(size_t)), NULL};
    size_t total = 0;
    for (size_t i = 0; i < n_lanes; i++) {
        j.starts[i] = total;
        total += lanes[i].size;
    }
    j.bytes = column_memory(total + 1, arena);
    tend_parallel_for(n_lanes, threads, join_lane, &j);
    free(j.starts);
    return j.bytes;
}

void tend_target_finish(tend_target *t, tend_lane *lanes, const int64_t *begins, const int64_t *ends, size_t n_lanes, int64_t n_rows,
                        int threads, tend_arena *arena, tend_column *out) {
    tend_column c = {.name = t->name, .type = t->plan.type, .n_rows = n_rows, .ints = t->ints, .floats = t->floats};
    for (size_t i = 0; i < n_lanes; i++)
        c.n_missing += lanes[i].n_missing;
    if (c.type == TEND_STRING) {
        c.bytes = join_strings(t, lanes, begins, ends, n_lanes, threads, arena);
        c.offsets = t->offsets;
    }
    if (n_rows % 8)
        t->valid[n_rows / 8] &= (uint8_t)((1u << (n_rows % 8)) - 1);
    c.valid = c.n_missing ? t->valid : NULL;
    *out = c;
}

void tend_lane_done(tend_lane *lane) {
    free(lane->bytes);
    lane->bytes = NULL;
    lane->size = lane->capacity = 0;
}

/* ---- from a column of text ---- */

void tend_kinds_of_column(const tend_column *column, const uint32_t *line, const tend_missing *missing, tend_kinds *out) {
    for (int64_t i = 0; i < column->n_rows; i++) {
        if (!tend_is_valid(column, i))
            continue;
        tend_str s = tend_str_trim(tend_column_str(column, i));
        if (!is_missing(missing, s))
            tend_kinds_add(out, s, line ? line[i] : (uint32_t)i + 1);
    }
}

bool tend_convert_column(const tend_column *text, tend_plan plan, const tend_missing *missing, int index, tend_cell_faults *faults,
                         tend_arena *arena, tend_column *out) {
    enum { STEP = 1024 };
    tend_cell cells[STEP];
    tend_target target;
    tend_lane lane = {0};
    tend_target_init(&target, text->name, plan, missing, text->n_rows, arena);
    for (int64_t begin = 0; begin < text->n_rows; begin += STEP) {
        int64_t n = text->n_rows - begin < STEP ? text->n_rows - begin : STEP;
        for (int64_t i = 0; i < n; i++) {
            tend_str s = tend_column_str(text, begin + i);
            cells[i] = (tend_cell){s.at, (uint32_t)s.size, 0};
        }
        if (!tend_convert(&target, &lane, cells, 1, n, begin, index, faults)) {
            tend_lane_done(&lane);
            return false;
        }
    }
    int64_t begins = 0, ends = text->n_rows;
    tend_target_finish(&target, &lane, &begins, &ends, 1, text->n_rows, 1, arena, out);
    return true;
}
