/* tend init: from data files to a tend.yaml that runs as it stands and that its owner understands line by line. */
#include "base/dict.h"
#include "base/fs.h"
#include "data/cell.h"
#include "data/check.h"
#include "flow/flow.h"
#include "flow/target.h"
#include "stats/metric.h"

#include <math.h>
#include <stdlib.h>

/* Below this, small trees in small steps do better than XGBoost's usual ones (docs/benchmarks.md, Model quality). */
enum { FEW_FOR_DEEP_TREES = 1250 };

typedef struct init_state {
    const tend_init_options *options;
    tend_arena *arena;
    tend_table **tables; /* one per file */
    tend_node **notes;
    tend_table *table; /* all files together, when they have the same columns */
    bool one_source;
    const char **missing; /* texts read as missing; NULL: the usual ones */
    int n_missing;
    tend_target target;
    const char **drop; /* identifiers and constants */
    int n_drop;
} init_state;

static bool same_columns(const tend_table *a, const tend_table *b) {
    if (a->n_columns != b->n_columns)
        return false;
    for (int i = 0; i < a->n_columns; i++)
        if (tend_table_find(b, a->columns[i].name) < 0)
            return false;
    return true;
}

/* All files that one argument stands for, as one table; the notes are of the first. */
static tend_status read_argument(init_state *s, const char *path, tend_table **out, tend_node **out_notes, tend_error *err) {
    char **files;
    size_t n;
    TEND_TRY(tend_data_files(path, s->arena, &files, &n, err));
    tend_table **parts = TEND_ARRAY(s->arena, tend_table *, n);
    tend_read_options options = TEND_READ_OPTIONS_INIT;
    options.missing = s->missing;
    options.n_missing = s->n_missing;
    tend_bad_rows bad;
    tend_bad_rows_init(&bad, s->arena);
    for (size_t i = 0; i < n; i++)
        TEND_TRY(tend_read_file(tend_formats, files[i], &options, s->arena, &bad, &parts[i], i ? NULL : out_notes, err));
    return tend_table_concat(parts, (int)n, s->arena, out, err);
}

static tend_status read_arguments(init_state *s, tend_error *err) {
    s->one_source = true;
    for (int i = 0; i < s->options->n_data; i++) {
        TEND_TRY(read_argument(s, s->options->data[i], &s->tables[i], &s->notes[i], err));
        s->one_source = s->one_source && same_columns(s->tables[0], s->tables[i]);
    }
    return TEND_OK;
}

/* A text column that holds numbers but for the marker. */
static bool is_number_without(const tend_column *column, const char *marker) {
    int64_t numbers = 0;
    double value;
    for (int64_t i = 0; column->type == TEND_STRING && i < column->n_rows; i++) {
        if (!tend_is_valid(column, i) || tend_str_is(tend_column_str(column, i), marker))
            continue;
        if (!tend_text_parse_double(tend_column_str(column, i), false, &value))
            return false;
        numbers++;
    }
    return numbers > 0;
}

static bool makes_text_of_numbers(const init_state *s, const tend_node *marker) {
    for (int i = 0; i < s->options->n_data; i++)
        TEND_NODE_EACH(column, marker) {
            int at = tend_table_find(s->tables[i], column->key);
            if (at >= 0 && is_number_without(&s->tables[i]->columns[at], marker->key))
                return true;
        }
    return false;
}

/* A marker such as "?" that turns numbers into text is read as missing. One that stands among words stays a word: that nobody answered may
 * say something. */
static bool choose_missing(init_state *s) {
    tend_missing usual;
    tend_missing_init(&usual, NULL, 0, s->arena);
    const tend_node *like = tend_node_get(s->notes[0], "missing_like");
    const char **words = TEND_ARRAY(s->arena, const char *, (size_t)usual.n + 1 + (like ? like->count : 0));
    int n = 0, n_usual = usual.n + 1;
    words[n++] = "";
    for (int i = 0; i < usual.n; i++)
        words[n++] = usual.words[i].at;
    TEND_NODE_EACH(marker, like)
        if (makes_text_of_numbers(s, marker))
            words[n++] = marker->key;
    if (n == n_usual)
        return false;
    s->missing = words;
    s->n_missing = n;
    return true;
}

static tend_status read_all(init_state *s, tend_error *err) {
    int n = s->options->n_data;
    s->tables = TEND_ARRAY(s->arena, tend_table *, n);
    s->notes = TEND_ARRAY(s->arena, tend_node *, n);
    TEND_TRY(read_arguments(s, err));
    if (choose_missing(s))
        TEND_TRY(read_arguments(s, err));
    if (s->one_source)
        return tend_table_concat(s->tables, n, s->arena, &s->table, err);
    s->table = s->tables[0];
    return TEND_OK;
}

/* A target that is not said: name those columns that often are one. */
static tend_status need_target(init_state *s, tend_error *err) {
    if (s->options->target) {
        const tend_column *column;
        TEND_TRY_WRAP(tend_table_need(s->table, s->options->target, &column, err), err, "looking for the target in %s",
                      s->options->data[0]);
        return TEND_OK;
    }
    static const char *const usual[] = {"target", "label", "class", "y", "outcome", "churn", "price", "salary", "survived"};
    const tend_table *t = s->table;
    const char *likely = t->n_columns ? t->columns[t->n_columns - 1].name : "COLUMN";
    for (int i = 0; i < t->n_columns; i++)
        for (size_t k = 0; k < sizeof(usual) / sizeof(usual[0]); k++)
            if (!strcasecmp(t->columns[i].name, usual[k]))
                likely = t->columns[i].name;
    tend_buf names = TEND_BUF_INIT;
    for (int i = 0; i < t->n_columns && names.size < 300; i++)
        tend_buf_printf(&names, "%s%s", i ? ", " : "", t->columns[i].name);
    tend_status status = TEND_FAIL(err, USAGE, "which column is to be predicted? The columns are: %s", tend_buf_text(&names));
    tend_buf_done(&names);
    return tend_error_hint(err, status, "tend init %s --target '%s'", s->options->data[0], likely);
}

static tend_status find_drops(init_state *s, tend_error *err) {
    tend_check check = {0};
    tend_leak_options options = {.target = NULL, .ignore = &s->options->target, .n_ignore = 1, .seed = 42};
    return tend_check_leaks(s->table, &options, s->arena, &check, &s->drop, &s->n_drop, err);
}

/* ---- writing ---- */

/* Pads to a column and adds a comment. `from` is where the line began. */
static void comment(tend_buf *out, size_t from, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void comment(tend_buf *out, size_t from, const char *format, ...) {
    size_t width = out->size - from;
    do
        tend_buf_putc(out, ' ');
    while (++width < 42);
    tend_buf_puts(out, "# ");
    va_list args;
    va_start(args, format);
    tend_buf_vprintf(out, format, args);
    va_end(args);
    tend_buf_putc(out, '\n');
}

static const char *project_name(init_state *s) {
    if (s->options->name)
        return s->options->name;
    char *absolute = realpath(s->options->folder, NULL);
    const char *base = absolute ? tend_path_base(absolute) : "project";
    char *name = tend_arena_strdup(s->arena, *base ? base : "project");
    free(absolute);
    for (char *c = name; *c; c++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-", *c))
            *c = '-';
    if (*name == '.')
        *name = '-';
    return name;
}

/* A path as the project's folder sees it. */
static const char *relative_path(init_state *s, const char *path) {
    if (!strcmp(s->options->folder, "."))
        return path;
    char *file = realpath(path, NULL), *folder = realpath(s->options->folder, NULL);
    const char *out = path;
    if (file && folder) {
        size_t n = strlen(folder);
        out = tend_arena_strdup(s->arena, !strncmp(file, folder, n) && file[n] == '/' ? file + n + 1 : file);
    }
    free(file);
    free(folder);
    return out;
}

static char *source_name(init_state *s, const char *path) {
    char *name = tend_arena_strdup(s->arena, tend_path_base(path));
    name[strcspn(name, ".*?[")] = '\0';
    for (char *c = name; *c; c++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", *c))
            *c = '_';
    size_t n = strlen(name);
    while (n && name[n - 1] == '_')
        name[--n] = '\0';
    if (!*name)
        return tend_arena_strdup(s->arena, "data");
    return *name >= '0' && *name <= '9' ? tend_arena_printf(s->arena, "t%s", name) : name;
}

static void write_problem(init_state *s, tend_buf *out) {
    const tend_target *t = &s->target;
    size_t at;
    tend_buf_puts(out, "problem:\n");
    at = out->size;
    tend_buf_puts(out, "  question: ");
    tend_yaml_scalar(out, tend_arena_printf(s->arena, "What is %s, given the other columns?", s->options->target));
    comment(out, at, "say it in your own words: it heads the report");
    at = out->size;
    tend_buf_puts(out, "  target: ");
    tend_yaml_scalar(out, s->options->target);
    comment(out, at, "the column to predict");
    at = out->size;
    tend_buf_printf(out, "  task: %s", tend_task_name(t->task));
    if (t->task == TEND_TASK_MULTICLASS)
        comment(out, at, "%d classes; `regression` when they are amounts", t->n_classes);
    else
        comment(out, at, "binary, multiclass or regression");
    if (t->task == TEND_TASK_BINARY) {
        at = out->size;
        tend_buf_puts(out, "  positive: ");
        tend_buf quoted = TEND_BUF_INIT;
        tend_yaml_scalar(&quoted, t->classes[1]);
        tend_buf_puts(out, tend_buf_text(&quoted));
        tend_buf_done(&quoted);
        comment(out, at, "the class that is looked for: %.1f %% of the rows", 100 * t->share_positive);
    }
    at = out->size;
    tend_buf_printf(out, "  metric: %s", tend_metric_default(t->task == TEND_TASK_REGRESSION ? 0 : t->n_classes));
    comment(out, at, "what learners are compared by; see `tend help metrics`");
    at = out->size;
    tend_buf_puts(out, "  # goal: 0.9");
    comment(out, at, "a gate: a model that misses it is not released");
    at = out->size;
    tend_buf_puts(out, "  # baseline: \"some_column > 10\"");
    comment(out, at, "today's rule, as SQL; ML must beat it");
    at = out->size;
    tend_buf_puts(out, "  min_gain: 0");
    comment(out, at, "how much better than the best baseline pays for itself");
}

static void write_sources(init_state *s, tend_buf *out) {
    const tend_init_options *o = s->options;
    tend_buf_puts(out, "  sources:\n");
    if (s->one_source && o->n_data > 1) {
        tend_buf_printf(out, "    %s:\n", source_name(s, o->data[0]));
        for (int i = 0; i < o->n_data; i++) {
            tend_buf_puts(out, "      - ");
            tend_yaml_scalar(out, relative_path(s, o->data[i]));
            tend_buf_putc(out, '\n');
        }
        return;
    }
    for (int i = 0; i < o->n_data; i++) {
        size_t at = out->size;
        tend_buf_printf(out, "    %s: ", source_name(s, o->data[i]));
        tend_yaml_scalar(out, relative_path(s, o->data[i]));
        comment(out, at, "a file, a pattern or a folder that grows");
    }
    if (!s->one_source)
        tend_buf_printf(out, "  select: SELECT * FROM %s   # the sources have different columns: join them here, in SQL\n",
                        source_name(s, o->data[0]));
}

static void put_words(tend_buf *out, const char *const *words, int n) {
    for (int i = 0; i < n; i++) {
        tend_buf_puts(out, i ? ", " : "[");
        tend_buf quoted = TEND_BUF_INIT;
        tend_json_escape(&quoted, words[i], strlen(words[i]));
        tend_buf_puts(out, tend_buf_text(&quoted));
        tend_buf_done(&quoted);
    }
    tend_buf_puts(out, "]\n");
}

/* "workclass (1,836), occupation (1,843) and 5 more columns" */
static void put_where(tend_buf *out, const tend_node *marker) {
    enum { NAMED = 4 };
    size_t n = 0;
    TEND_NODE_EACH(column, marker) {
        char count[32];
        if (n++ < NAMED)
            tend_buf_printf(out, "%s%s (%s)", n > 1 ? ", " : "", column->key, tend_text_thousands(tend_node_int(column, 0), count));
    }
    if (n > NAMED)
        tend_buf_printf(out, " and %zu more column%s", n - NAMED, n == NAMED + 1 ? "" : "s");
}

/* Markers such as "?" that the reader saw: what they were taken for, and how to take them otherwise. */
static void write_missing(init_state *s, tend_buf *out) {
    if (s->missing) {
        tend_buf_puts(out, "  # what is read as missing; the last of them would make text of columns of numbers\n  missing: ");
        put_words(out, s->missing, s->n_missing);
    }
    const tend_node *like = tend_node_get(s->notes[0], "missing_like");
    TEND_NODE_EACH(marker, like) {
        const char *words[] = {"", "NA", marker->key};
        tend_buf_printf(out, "  # '%s' stands in ", marker->key);
        put_where(out, marker);
        tend_buf_puts(out, ". It is kept as a category of its own;\n");
        if (s->missing) {
            tend_buf_puts(out, "  # to read it as missing instead, add it to the list\n");
        } else {
            tend_buf_puts(out, "  # to read it as missing instead, take the # off the next line:\n  # missing: ");
            put_words(out, words, 3);
        }
    }
}

static void put_number(tend_buf *out, tend_type type, double v) {
    if (type == TEND_DATE || type == TEND_TIMESTAMP) {
        int64_t year;
        unsigned month, day;
        tend_civil_from_days((int64_t)(type == TEND_DATE ? v : floor(v / 86400e6)), &year, &month, &day);
        tend_buf_printf(out, "%04lld-%02u-%02u", (long long)year, month, day);
        return;
    }
    char text[32];
    tend_text_format_double(v, text);
    tend_buf_puts(out, text);
}

static void write_field(tend_buf *out, const tend_field *f) {
    tend_buf_puts(out, "    ");
    tend_yaml_scalar(out, f->name);
    tend_buf_printf(out, ": {type: %s", tend_type_name(f->type));
    if (f->required)
        tend_buf_puts(out, ", required: true");
    if (f->has_min || f->has_max) {
        tend_buf_puts(out, ", range: [");
        if (f->has_min)
            put_number(out, f->type, f->min);
        else
            tend_buf_puts(out, "null");
        tend_buf_puts(out, ", ");
        if (f->has_max)
            put_number(out, f->type, f->max);
        else
            tend_buf_puts(out, "null");
        tend_buf_putc(out, ']');
    }
    if (f->n_values) {
        tend_buf_puts(out, ", values: [");
        for (int i = 0; i < f->n_values; i++) {
            tend_buf_puts(out, i ? ", " : "");
            tend_buf quoted = TEND_BUF_INIT;
            tend_json_escape(&quoted, f->values[i], strlen(f->values[i]));
            tend_buf_puts(out, tend_buf_text(&quoted));
            tend_buf_done(&quoted);
        }
        tend_buf_putc(out, ']');
    }
    if (f->unique)
        tend_buf_puts(out, ", unique: true");
    tend_buf_printf(out, ", severity: %s}\n", tend_rule_severity_name(f->severity));
}

static void write_expectations(init_state *s, tend_buf *out) {
    const tend_schema *schema = tend_schema_infer(s->table, s->arena);
    char rows[32];
    tend_buf_printf(out, "  expect:                                 # inferred from %s rows; yours from here on.\n",
                    tend_text_thousands(s->table->n_rows, rows));
    tend_buf_puts(out, "    # severity: warning reports, quarantine puts rows aside, error stops the run\n");
    for (int i = 0; i < schema->n_fields; i++)
        write_field(out, &schema->fields[i]);
}

static bool has_time(const init_state *s) {
    for (int i = 0; i < s->table->n_columns; i++)
        if (s->table->columns[i].type == TEND_DATE || s->table->columns[i].type == TEND_TIMESTAMP)
            return true;
    return false;
}

static void write_data(init_state *s, tend_buf *out) {
    tend_buf_puts(out, "\ndata:\n");
    write_sources(s, out);
    write_missing(s, out);
    write_expectations(s, out);
    size_t at = out->size;
    tend_buf_puts(out, "  split: {by: random, test: 0.2, seed: 42}");
    comment(out, at, "%s", has_time(s) ? "or {by: time, column: …}: test on the newest rows" : "or by: group, by: time, by: rows");
}

static void write_features(init_state *s, tend_buf *out) {
    tend_buf_puts(out, "\nfeatures:                                 # inferred per column; `tend status --features` shows them\n");
    size_t at = out->size;
    tend_buf_puts(out, "  drop: [");
    for (int i = 0; i < s->n_drop; i++) {
        tend_buf_puts(out, i ? ", " : "");
        tend_buf quoted = TEND_BUF_INIT;
        tend_yaml_scalar(&quoted, s->drop[i]);
        tend_buf_puts(out, tend_buf_text(&quoted));
        tend_buf_done(&quoted);
    }
    tend_buf_putc(out, ']');
    comment(out, at, "%s", s->n_drop ? "identifiers and constants, from the look of them" : "columns that must not be used");
}

static void write_training(init_state *s, tend_buf *out) {
    bool numbers = s->target.task == TEND_TASK_REGRESSION;
    size_t at;
    tend_buf_puts(out, "\ntrain:\n");
    at = out->size;
    const char *boosting = s->table->n_rows < FEW_FOR_DEEP_TREES ? "{xgboost: {max_depth: 4, eta: 0.05}}" : "xgboost";
    tend_buf_printf(out, "  learners: [%s, random_forest, %s]", boosting, numbers ? "ridge" : "logistic");
    comment(out, at, "the best on the validation rows is kept");
    at = out->size;
    tend_buf_printf(out, "  folds: %d", s->table->n_rows < 5000 ? 5 : 0);
    comment(out, at,
            s->table->n_rows < 5000 ? "few rows: cross-validation compares them better" : "0: one validation part; 5: cross-validation");
    tend_buf_puts(out, "\nevaluate:\n");
    at = out->size;
    tend_buf_puts(out, "  gates: []");
    comment(out, at, "such as \"%s\"", numbers ? "r2 >= 0.5" : "min(slice.accuracy) >= 0.7");
}

tend_status tend_flow_init(const tend_init_options *options, tend_arena *arena, const char **out_path, tend_node **out_summary,
                           tend_error *err) {
    init_state s = {.options = options, .arena = arena};
    const char *path = !strcmp(options->folder, ".") ? "tend.yaml" : tend_path_join(arena, options->folder, "tend.yaml");
    if (tend_fs_exists(path) && !options->force) {
        tend_status status = TEND_FAIL(err, REFUSED, "%s exists already", path);
        return tend_error_hint(err, status, "edit it, or replace it with: tend init --force …");
    }
    if (!options->n_data)
        return tend_error_hint(err, TEND_FAIL(err, USAGE, "no data given"), "tend init DATA.csv --target COLUMN");
    TEND_TRY(read_all(&s, err));
    TEND_TRY(need_target(&s, err));
    tend_target_options target = {.column = options->target, .span = {NULL, 0, 0, 0}};
    TEND_TRY(tend_target_make(s.table, &target, arena, &s.target, err));
    TEND_TRY(find_drops(&s, err));

    TEND_AUTO_BUF out = TEND_BUF_INIT;
    tend_buf_puts(&out, "# Written by `tend init`, yours to change. `tend run` brings everything up to date with it;\n"
                        "# `tend status` says what would run and why; `tend help tend.yaml` explains each key.\n");
    tend_buf_puts(&out, "name: ");
    tend_yaml_scalar(&out, project_name(&s));
    tend_buf_puts(&out, "\n\n");
    write_problem(&s, &out);
    write_data(&s, &out);
    write_features(&s, &out);
    write_training(&s, &out);
    TEND_TRY(tend_buf_status(&out, err));
    TEND_TRY(tend_fs_write(path, out.data, out.size, 0644, err));

    tend_node *summary = tend_node_new_map(arena);
    tend_node_set_string(arena, summary, "file", path);
    tend_node_set_int(arena, summary, "rows", s.table->n_rows);
    tend_node_set_int(arena, summary, "columns", s.table->n_columns);
    tend_node_set_string(arena, summary, "target", options->target);
    tend_node_set_string(arena, summary, "task", tend_task_name(s.target.task));
    tend_node *drop = tend_node_set_list(arena, summary, "dropped");
    for (int i = 0; i < s.n_drop; i++)
        tend_node_push(drop, tend_node_new_string(arena, s.drop[i]));
    if (s.notes[0])
        tend_node_set(arena, summary, "notes", tend_node_copy(arena, s.notes[0]));
    *out_path = path;
    *out_summary = summary;
    return TEND_OK;
}
