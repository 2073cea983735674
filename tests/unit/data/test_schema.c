/* Schemas: parsed from tend.yaml with all faults at once, through JSON and back, inferred from data. */
#include "data/schema.h"

#include "data/name.h"
#include "support/suite.h"

typedef struct parsed {
    tend_arena *arena;
    tend_diags diags;
    tend_schema *schema;
} parsed;

/* `yaml` is what stands under data: (missing and expect). */
static parsed parse(const char *yaml) {
    parsed p = {.arena = tend_arena_new()};
    tend_error err = TEND_ERROR_INIT;
    tend_node *root = NULL;
    tend_diags_init(&p.diags, p.arena);
    ASSERT_OK(tend_yaml_parse(yaml, strlen(yaml), "tend.yaml", &p.diags, &root, &err), &err);
    p.schema = tend_schema_parse(tend_node_get(root, "missing"), tend_node_get(root, "expect"), p.arena, &p.diags);
    return p;
}

static void done(parsed *p) { tend_arena_free(p->arena); }

static const tend_error *find(const parsed *p, const char *part) {
    for (const tend_diag *d = p->diags.first; d; d = d->next)
        if (strstr(d->error.message, part))
            return &d->error;
    return NULL;
}

/* One fault, whose message holds `part`, at line:column. */
static void assert_fault(const char *yaml, const char *part, uint32_t line, uint32_t column, const char *hint) {
    parsed p = parse(yaml);
    const tend_error *e = find(&p, part);
    if (!e)
        print_error("no fault with \"%s\"; first: %s\n", part, p.diags.first ? p.diags.first->error.message : "(none)");
    ASSERT_NOT_NULL(e);
    ASSERT_EQ(p.diags.n_errors, 1);
    ASSERT_EQ(e->line, line);
    ASSERT_EQ(e->column, column);
    ASSERT_STR_EQ(e->file, "tend.yaml");
    if (hint)
        ASSERT_HAS(e->hint, hint);
    done(&p);
}

TEST(reads_every_kind_of_rule) {
    parsed p = parse("missing: [\"\", \"?\", NA]\n"
                     "expect:\n"
                     "  rows: {min: 10000, max: 1000000, severity: quarantine}\n"
                     "  columns: exact\n"
                     "  age: {type: integer, range: [0, 120], required: true}\n"
                     "  workclass: {values: [Private, 7, true], severity: warning}\n"
                     "  code: {type: string, pattern: \"AB-*\", unique: true}\n"
                     "  group: {drift: {test: kl, max: 0.2}}\n"
                     "  born: {type: date, range: [1900-01-01, null]}\n"
                     "  unique: [person_id, [a, b]]\n"
                     "  no_future: \"signup <= churned\"\n"
                     "  no_debt: {sql: debt = 0, severity: warning}\n");
    const tend_schema *s = p.schema;
    ASSERT_EQ(p.diags.n_errors, 0);
    ASSERT_EQ(s->n_missing, 3);
    ASSERT_STR_EQ(s->missing[1], "?");
    ASSERT_EQ(s->min_rows, 10000);
    ASSERT_EQ(s->max_rows, 1000000);
    ASSERT_EQ(s->rows_severity, TEND_RULE_QUARANTINE);
    ASSERT_EQ(s->rows_span.line, 3);
    ASSERT_TRUE(s->exact_columns);
    ASSERT_EQ(s->n_fields, 5);
    const tend_field *age = tend_schema_find(s, "age");
    ASSERT_TRUE(age->has_type && age->type == TEND_INT && age->required && age->has_min && age->has_max);
    ASSERT_NEAR(age->max, 120, 0);
    ASSERT_EQ(age->severity, TEND_RULE_ERROR);
    ASSERT_EQ(age->span.line, 5);
    const tend_field *work = tend_schema_find(s, "workclass");
    ASSERT_EQ(work->n_values, 3);
    ASSERT_STR_EQ(work->values[1], "7");
    ASSERT_STR_EQ(work->values[2], "true");
    ASSERT_EQ(work->severity, TEND_RULE_WARNING);
    ASSERT_STR_EQ(tend_schema_find(s, "code")->pattern, "AB-*");
    ASSERT_TRUE(tend_schema_find(s, "code")->unique);
    ASSERT_STR_EQ(tend_schema_find(s, "group")->drift_test, "kl");
    ASSERT_NEAR(tend_schema_find(s, "group")->drift_max, 0.2, 0);
    ASSERT_STR_EQ(tend_schema_find(s, "group")->drift_against, "reference");
    const tend_field *born = tend_schema_find(s, "born");
    ASSERT_NEAR(born->min, (double)tend_days_from_civil(1900, 1, 1), 0);
    ASSERT_FALSE(born->has_max);
    ASSERT_EQ(s->n_unique, 2);
    ASSERT_EQ(s->unique[1].n_columns, 2);
    ASSERT_STR_EQ(s->unique[1].columns[1], "b");
    ASSERT_EQ(s->n_rules, 2);
    ASSERT_STR_EQ(s->rules[0].name, "no_future");
    ASSERT_STR_EQ(s->rules[1].sql, "debt = 0");
    ASSERT_EQ(s->rules[1].severity, TEND_RULE_WARNING);
    ASSERT_NULL(tend_schema_find(s, "nobody"));
    done(&p);
}

TEST(nothing_said_is_an_empty_schema) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_diags diags;
    tend_diags_init(&diags, arena);
    tend_schema *s = tend_schema_parse(NULL, NULL, arena, &diags);
    ASSERT_EQ(s->n_fields + s->n_rules + s->n_unique, 0);
    ASSERT_EQ(s->min_rows, -1);
    ASSERT_EQ(diags.n_errors, 0);
}

TEST(columns_may_be_named_like_the_tables_own_words) {
    parsed p = parse("expect:\n"
                     "  rows: {type: integer, range: [0, 9]}\n"
                     "  columns: {values: [a]}\n"
                     "  unique: {required: true}\n");
    ASSERT_EQ(p.diags.n_errors, 0);
    ASSERT_EQ(p.schema->n_fields, 3);
    ASSERT_EQ(p.schema->min_rows, -1);
    ASSERT_EQ(p.schema->n_unique, 0);
    done(&p);
}

TEST(unique_has_four_forms) {
    const char *const forms[] = {"expect: {unique: id}", "expect: {unique: [id]}", "expect: {unique: [[id]]}",
                                 "expect: {unique: {columns: [id], severity: warning}}"};
    for (int i = 0; i < 4; i++) {
        parsed p = parse(forms[i]);
        ASSERT_EQ(p.diags.n_errors, 0);
        ASSERT_EQ(p.schema->n_unique, 1);
        ASSERT_STR_EQ(p.schema->unique[0].columns[0], "id");
        ASSERT_EQ(p.schema->unique[0].severity, i == 3 ? TEND_RULE_WARNING : TEND_RULE_ERROR);
        done(&p);
    }
}

TEST(each_fault_has_its_place_and_the_nearest_word) {
    assert_fault("expect:\n  age: {tpye: integer}\n", "unknown key 'tpye' in age", 2, 9, "'type'");
    assert_fault("expect:\n  age: {type: intger}\n", "age.type: expected boolean, integer", 2, 15, "'integer'");
    assert_fault("expect:\n  age: {type: integer, max: 3}\n", "unknown key 'max'", 2, 24, "range: [min, max]");
    assert_fault("expect:\n  age: {range: [120, 0]}\n", "the lower bound 120 is above the upper bound 0", 2, 16, NULL);
    assert_fault("expect:\n  age: {range: [0]}\n", "age.range: expected two bounds", 2, 16, NULL);
    assert_fault("expect:\n  age: {range: [null, null]}\n", "bounds nothing", 2, 16, NULL);
    assert_fault("expect:\n  age: {range: [0, .inf]}\n", "a finite number or null", 2, 20, "null leaves a side open");
    assert_fault("expect:\n  at: {range: [2020-01-01, null]}\n", "a finite number", 2, 16, "type: date");
    assert_fault("expect:\n  at: {type: date, range: [2020-02-30, null]}\n", "a date such as", 2, 28, NULL);
    assert_fault("expect:\n  t: {type: string, range: [0, 1]}\n", "has no range", 2, 28, "pattern");
    assert_fault("expect:\n  w: {values: [a, [b]]}\n", "w.values: expected text", 2, 19, NULL);
    assert_fault("expect:\n  w: {values: [a, null]}\n", "w.values: expected a value", 2, 19, "required");
    assert_fault("expect:\n  w: {values: []}\n", "allows nothing", 2, 15, NULL);
    assert_fault("expect:\n  w: {values: a}\n", "expected a list", 2, 15, NULL);
    assert_fault("expect:\n  w: {type: integer, values: [1, x]}\n", "\"x\" is not of the column's type, integer", 2, 30, NULL);
    assert_fault("expect:\n  w: {severity: warn}\n", "warning, quarantine or error, found \"warn\"", 2, 17, NULL);
    assert_fault("expect:\n  w: {severity: qurantine}\n", "w.severity", 2, 17, "'quarantine'");
    assert_fault("expect:\n  w: {required: yes}\n", "true or false, found \"yes\"", 2, 17, NULL);
    assert_fault("expect:\n  w: {unique: 1}\n", "w.unique: expected true or false", 2, 15, NULL);
    assert_fault("expect:\n  w: {type: integer, pattern: a*}\n", "only text has patterns", 2, 31, NULL);
    assert_fault("expect:\n  w: {drift: {max: 1}}\n", "which test?", 2, 14, NULL);
    assert_fault("expect:\n  w: {drift: {test: kl}}\n", "no threshold", 2, 14, NULL);
    assert_fault("expect:\n  w: {drift: {test: kll, max: 1}}\n", "kl, psi, js or ks", 2, 21, "'kl'");
    assert_fault("expect:\n  w: {drift: {test: kl, max: -1}}\n", "a number >= 0", 2, 30, NULL);
    assert_fault("expect:\n  w: {drift: {test: kl, max: 1, agianst: x}}\n", "unknown key 'agianst'", 2, 33, "'against'");
    assert_fault("expect:\n  w: {type: string, drift: {test: ks, max: 1}}\n", "compares numbers", 2, 35, "levels");
    assert_fault("expect:\n  rows: {min: many}\n", "rows.min: expected a whole number", 2, 15, NULL);
    assert_fault("expect:\n  rows: {min: 5, max: 3}\n", "min 5 is above max 3", 2, 9, NULL);
    assert_fault("expect:\n  rows: {mim: 5}\n", "unknown key 'mim' in rows", 2, 10, "'min'");
    assert_fault("expect:\n  columns: exakt\n", "exact or any", 2, 12, "'exact'");
    assert_fault("expect:\n  unique: [3]\n", "unique: expected a column's name", 2, 12, NULL);
    assert_fault("expect:\n  unique: {severity: error}\n", "unique: no columns", 2, 11, NULL);
    assert_fault("expect:\n  age: integer\n", "expected a rule in SQL, found the type", 2, 8, "age: {type: integer}");
    assert_fault("expect:\n  age: 3\n", "age: expected what a column must be", 2, 8, NULL);
    assert_fault("expect:\n  r: {sql: 3}\n", "r.sql: expected a condition", 2, 12, NULL);
    assert_fault("expect:\n  r: \" \"\n", "an empty rule", 2, 6, NULL);
    assert_fault("expect: [a]\n", "expect: expected a map", 1, 9, NULL);
    assert_fault("missing: {a: b}\n", "missing: expected a list", 1, 10, NULL);
}

TEST(all_faults_are_told_at_once_and_the_rest_is_kept) {
    parsed p = parse("expect:\n"
                     "  age: {type: intger, range: [5, 1], required: true}\n"
                     "  job: {values: 3, severity: bad}\n"
                     "  ok: {type: integer}\n"
                     "  rows: {min: -1}\n");
    ASSERT_EQ(p.diags.n_errors, 5);
    ASSERT_TRUE(tend_schema_find(p.schema, "age")->required);
    ASSERT_FALSE(tend_schema_find(p.schema, "age")->has_type);
    ASSERT_TRUE(tend_schema_find(p.schema, "ok")->has_type);
    done(&p);
}

TEST(timestamps_take_whole_days_as_upper_bounds) {
    parsed p = parse("expect: {t: {type: timestamp, range: [\"2026-01-01T12:00+02:00\", 2026-12-31]}}");
    const tend_field *f = tend_schema_find(p.schema, "t");
    double day = 86400e6;
    ASSERT_EQ(p.diags.n_errors, 0);
    ASSERT_NEAR(f->min, (double)tend_days_from_civil(2026, 1, 1) * day + 10 * 3600e6, 0);
    ASSERT_NEAR(f->max, (double)tend_days_from_civil(2027, 1, 1) * day - 1, 0);
    done(&p);
}

static void json_of(const tend_schema *s, tend_arena *arena, tend_buf *out) { tend_json_format(tend_schema_to_node(s, arena), 0, out); }

TEST(json_gives_the_schema_back) {
    parsed p = parse("missing: [\"?\"]\n"
                     "expect:\n"
                     "  rows: {min: 3}\n"
                     "  columns: exact\n"
                     "  age: {type: number, range: [-0.5, 120], required: true}\n"
                     "  big: {type: integer, range: [null, 9007199254740991]}\n"
                     "  w: {values: [Private, \"a\\\"b\"], severity: quarantine, unique: true}\n"
                     "  t: {type: timestamp, range: [2020-01-01, 2021-01-01]}\n"
                     "  g: {type: string, pattern: x*, drift: {test: psi, max: 0.1, against: may}}\n"
                     "  unique: [[a, b], c]\n"
                     "  rule: a < b\n");
    tend_error err = TEND_ERROR_INIT;
    TEND_AUTO_BUF first = TEND_BUF_INIT, second = TEND_BUF_INIT;
    ASSERT_EQ(p.diags.n_errors, 0);
    json_of(p.schema, p.arena, &first);
    tend_node *node = NULL;
    tend_schema *back = NULL;
    ASSERT_OK(tend_json_parse(tend_buf_text(&first), first.size, "schema", p.arena, &node, &err), &err);
    ASSERT_OK(tend_schema_from_node(node, p.arena, &back, &err), &err);
    json_of(back, p.arena, &second);
    ASSERT_STR_EQ(tend_buf_text(&second), tend_buf_text(&first));
    ASSERT_EQ(back->n_fields, 5);
    ASSERT_NEAR(tend_schema_find(back, "t")->max, tend_schema_find(p.schema, "t")->max, 0);
    ASSERT_NEAR(tend_schema_find(back, "age")->min, -0.5, 0);
    ASSERT_EQ(back->unique[0].n_columns, 2);
    ASSERT_EQ(back->rules[0].severity, TEND_RULE_ERROR);
    ASSERT_TRUE(back->exact_columns);
    ASSERT_EQ(back->min_rows, 3);
    ASSERT_STR_EQ(tend_schema_find(back, "g")->drift_against, "may");
    done(&p);
}

TEST(a_broken_json_schema_is_an_error) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_error err = TEND_ERROR_INIT;
    tend_schema *s = NULL;
    const char *const texts[] = {"[]", "{\"columns\": [3]}", "{\"columns\": [{\"name\": \"a\", \"type\": \"x\"}]}",
                                 "{\"columns\": [{\"name\": \"a\", \"range\": [2, 1]}]}", "{\"rules\": [{\"name\": \"a\"}]}"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        tend_node *node = NULL;
        ASSERT_OK(tend_json_parse(texts[i], strlen(texts[i]), "t", arena, &node, &err), &err);
        ASSERT_TRUE(tend_schema_from_node(node, arena, &s, &err) != TEND_OK);
        ASSERT_TRUE(err.message[0] != '\0');
        ASSERT_NULL(s);
    }
}

/* ---- inference ---- */

typedef struct cells {
    tend_table *table;
    int n;
    tend_arena *arena;
} cells;

static void add_numbers(cells *c, const char *name, tend_type type, double (*value)(int64_t i)) {
    tend_column_builder *b = tend_column_builder_new(c->arena, name, type);
    for (int64_t i = 0; i < c->table->n_rows; i++) {
        if (type == TEND_FLOAT)
            tend_column_add_double(b, value(i));
        else if (isnan(value(i)))
            tend_column_add_missing(b);
        else
            tend_column_add_int(b, (int64_t)value(i));
    }
    tend_column_build(b, &c->table->columns[c->n++]);
}

static void add_texts(cells *c, const char *name, const char *(*value)(int64_t i)) {
    tend_column_builder *b = tend_column_builder_new(c->arena, name, TEND_STRING);
    for (int64_t i = 0; i < c->table->n_rows; i++)
        tend_column_add_string(b, tend_str_of(value(i)));
    tend_column_build(b, &c->table->columns[c->n++]);
}

static double serial(int64_t i) { return (double)(1000 + i); }
static double age(int64_t i) { return (double)(17 + i % 74); }
static double year(int64_t i) { return (double)(1990 + i % 31); }
static double lat(int64_t i) { return 40.5 + (double)(i % 70) / 100; }
static double share(int64_t i) { return (double)(i % 90) / 100; }
static double month(int64_t i) { return (double)(1 + i % 12); }
static double holiday(int64_t i) { return i % 40 == 0; }
static double gain(int64_t i) { return i % 50 == 0 ? (double)(i * 100) : (double)(i % 3); }
static double both(int64_t i) { return (double)(i % 41) - 20; }
static double holes(int64_t i) { return i % 7 ? (double)(i % 5) : (double)NAN; }
static double same(int64_t i) { return 0 * (double)i + 4; }
static const char *colour(int64_t i) { return i % 3 == 0 ? "red" : i % 3 == 1 ? "blue" : "green"; }
static const char *word(int64_t i) {
    static char text[24];
    snprintf(text, sizeof text, "word %d", (int)(i % 200));
    return text;
}

TEST(inferred_expectations_are_what_an_engineer_would_write) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    cells c = {tend_table_new(arena, 15, 500), 0, arena};
    add_numbers(&c, "person_id", TEND_INT, serial);
    add_numbers(&c, "age", TEND_INT, age);
    add_numbers(&c, "year", TEND_INT, year);
    add_numbers(&c, "latitude", TEND_FLOAT, lat);
    add_numbers(&c, "humidity", TEND_FLOAT, share);
    add_numbers(&c, "capital_gain", TEND_INT, gain);
    add_numbers(&c, "delta", TEND_INT, both);
    add_numbers(&c, "score", TEND_INT, holes);
    add_numbers(&c, "constant", TEND_INT, same);
    add_texts(&c, "colour", colour);
    add_texts(&c, "title", word);
    add_numbers(&c, "day", TEND_DATE, age);
    add_numbers(&c, "mnth", TEND_INT, month);
    add_numbers(&c, "holiday", TEND_INT, holiday);
    add_numbers(&c, "instant", TEND_INT, serial);
    tend_schema *s = tend_schema_infer(c.table, arena);
    const tend_field *f = s->fields;
    ASSERT_EQ(s->n_fields, 15);
    ASSERT_TRUE(f[0].unique && !f[0].has_min && f[0].required);
    ASSERT_NEAR(f[1].min, 0, 0);
    ASSERT_NEAR(f[1].max, 110, 0);
    ASSERT_NEAR(f[2].min, 1980, 0); /* not 0: 1990 … 2020 lies far from it */
    ASSERT_NEAR(f[2].max, 2030, 0);
    ASSERT_NEAR(f[3].min, -90, 0);
    ASSERT_NEAR(f[3].max, 90, 0);
    ASSERT_NEAR(f[4].min, 0, 0);
    ASSERT_NEAR(f[4].max, 1, 0);
    ASSERT_TRUE(f[5].has_min && f[5].min == 0 && !f[5].has_max); /* a long tail stays open */
    ASSERT_NEAR(f[6].min, -30, 0);
    ASSERT_NEAR(f[6].max, 30, 0);
    ASSERT_FALSE(f[7].required);
    ASSERT_FALSE(f[8].has_min || f[8].has_max);
    ASSERT_EQ(f[9].n_values, 3);
    ASSERT_STR_EQ(f[9].values[0], "blue");
    ASSERT_NULL(f[10].values);
    ASSERT_FALSE(f[11].has_min || f[11].has_max);
    ASSERT_TRUE(f[12].min == 1 && f[12].max == 12);
    ASSERT_TRUE(f[13].min == 0 && f[13].max == 1 && f[13].has_max); /* rare, but one of two */
    ASSERT_TRUE(f[14].unique && !f[14].has_max);                    /* a running number goes on */
    for (int i = 0; i < s->n_fields; i++) {
        ASSERT_EQ(f[i].severity, TEND_RULE_WARNING);
        ASSERT_EQ(f[i].type, c.table->columns[i].type);
    }
}

TEST(inference_survives_empty_tables) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    for (int64_t rows = 0; rows < 2; rows++) {
        cells c = {tend_table_new(arena, 3, rows), 0, arena};
        add_numbers(&c, "id", TEND_INT, serial);
        add_texts(&c, "colour", colour);
        add_numbers(&c, "x", TEND_FLOAT, share);
        tend_schema *s = tend_schema_infer(c.table, arena);
        ASSERT_EQ(s->n_fields, 3);
        ASSERT_EQ(s->fields[0].required, rows == 1);
        ASSERT_EQ(s->fields[0].has_type, rows == 1);
        ASSERT_NULL(s->fields[1].values);
    }
}

TEST(what_is_inferred_can_be_read_back_from_yaml) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    cells c = {tend_table_new(arena, 2, 500), 0, arena};
    add_numbers(&c, "age", TEND_INT, age);
    add_texts(&c, "colour", colour);
    tend_schema *s = tend_schema_infer(c.table, arena);
    TEND_AUTO_BUF yaml = TEND_BUF_INIT;
    tend_buf_puts(&yaml, "expect:\n");
    for (int i = 0; i < s->n_fields; i++) {
        tend_buf_printf(&yaml, "  %s: ", s->fields[i].name);
        tend_json_format(tend_schema_field_to_node(&s->fields[i], arena), 0, &yaml);
        tend_buf_putc(&yaml, '\n');
    }
    parsed p = parse(tend_buf_text(&yaml));
    TEND_AUTO_BUF first = TEND_BUF_INIT, second = TEND_BUF_INIT;
    json_of(s, arena, &first);
    json_of(p.schema, arena, &second);
    ASSERT_EQ(p.diags.n_errors, 0);
    ASSERT_STR_EQ(tend_buf_text(&second), tend_buf_text(&first));
    done(&p);
}

TEST(names_are_read_as_words) {
    ASSERT_TRUE(tend_name_is_id("id"));
    ASSERT_TRUE(tend_name_is_id("PassengerId"));
    ASSERT_TRUE(tend_name_is_id("customer_id"));
    ASSERT_TRUE(tend_name_is_id("Customer ID"));
    ASSERT_TRUE(tend_name_is_id("uuid"));
    ASSERT_FALSE(tend_name_is_id("paid"));
    ASSERT_FALSE(tend_name_is_id("humidity"));
    ASSERT_FALSE(tend_name_is_id(""));
    ASSERT_TRUE(tend_name_has_word("pickup_lat", "latitude lat"));
    ASSERT_FALSE(tend_name_has_word("flat", "latitude lat"));
}
