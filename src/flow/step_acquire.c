/* acquire: the sources become one table, a snapshot. Each file is read once: its table is kept under the digest of the file and of
 * how it is read, so that a folder that grows costs only its new files. */
#include "flow/state.h"
#include "store/snapshots.h"

enum { READ_VERSION = 1 };

/* ---- keys ---- */

/* The declared types decide how cells are read; the other expectations do not. */
static void types_digest(const tend_schema *schema, tend_digest *out) {
    tend_sha256 sha;
    tend_sha256_init(&sha);
    for (int i = 0; i < schema->n_fields; i++)
        if (schema->fields[i].has_type) {
            tend_sha256_text(&sha, schema->fields[i].name);
            tend_sha256_text(&sha, tend_type_name(schema->fields[i].type));
        }
    *out = tend_sha256_final(&sha);
}

tend_status tend_step_acquire_key(tend_flow *flow, tend_step_record *record, tend_error *err) {
    (void)err;
    tend_digest types;
    types_digest(flow->project->schema, &types);
    tend_flow_key_part(flow, record, "tend.yaml: types in data.expect", &types);
    for (int i = 0; i < flow->n_files; i++)
        tend_flow_key_part(flow, record, flow->files[i].path, &flow->files[i].digest);
    return TEND_OK;
}

static tend_digest read_key(tend_flow *flow, const tend_input_file *file) {
    const tend_source *s = &flow->project->sources[file->source];
    const tend_schema *schema = flow->project->schema;
    tend_digest types;
    types_digest(schema, &types);
    tend_sha256 sha;
    tend_sha256_init(&sha);
    tend_sha256_text(&sha, "tend read");
    char small[4] = {READ_VERSION, s->separator, (char)s->header, 0};
    tend_sha256_field(&sha, small, sizeof small);
    tend_sha256_field(&sha, file->digest.bytes, sizeof file->digest.bytes);
    tend_sha256_text(&sha, file->path); /* messages name it */
    tend_sha256_text(&sha, s->format);
    tend_sha256_text(&sha, s->encoding);
    tend_sha256_field(&sha, types.bytes, sizeof types.bytes);
    for (int i = 0; i < schema->n_missing; i++)
        tend_sha256_text(&sha, schema->missing[i]);
    return tend_sha256_final(&sha);
}

/* ---- bad rows as a document ---- */

static tend_node *bad_to_node(const tend_bad_rows *bad, tend_arena *arena) {
    tend_node *list = tend_node_new_list(arena);
    for (int64_t i = 0; i < bad->n; i++) {
        const tend_bad_row *b = &bad->items[i];
        tend_node *item = tend_node_push(list, tend_node_new_map(arena));
        tend_node_set_string(arena, item, "file", b->file);
        tend_node_set_int(arena, item, "line", b->line);
        tend_node_set_int(arena, item, "row", b->row);
        if (b->column)
            tend_node_set_string(arena, item, "column", b->column);
        tend_node_set_string(arena, item, "found", b->found);
        tend_node_set_string(arena, item, "reason", b->reason);
    }
    return list;
}

void tend_bad_rows_from_node(const tend_node *list, int64_t row_offset, tend_bad_rows *bad) {
    TEND_NODE_EACH(item, list) {
        int64_t row = tend_node_int(tend_node_get(item, "row"), -1);
        tend_bad_rows_add(bad, (tend_bad_row){.file = tend_node_string(tend_node_get(item, "file"), NULL),
                                              .line = (uint32_t)tend_node_int(tend_node_get(item, "line"), 0),
                                              .row = row < 0 ? -1 : row + row_offset,
                                              .column = tend_node_string(tend_node_get(item, "column"), NULL),
                                              .found = tend_node_string(tend_node_get(item, "found"), ""),
                                              .reason = tend_node_string(tend_node_get(item, "reason"), "")});
    }
}

/* ---- one file ---- */

typedef struct part {
    tend_table *table;
    const tend_node *bad, *notes;
} part;

/* Rows are placed by the name that tend.yaml gives a file, wherever the command was typed: the table's bytes must not tell. */
static const char *as_named(const tend_input_file *file, const char *found) {
    return found && !strcmp(found, file->on_disk) ? file->path : found;
}

static void name_places(tend_flow *flow, const tend_input_file *file, tend_table *table, tend_bad_rows *bad) {
    const char **names = TEND_ARRAY(flow->arena, const char *, table->n_files + 1);
    for (int i = 0; i < table->n_files; i++)
        names[i] = as_named(file, table->files[i]);
    table->files = table->n_files ? names : NULL;
    for (int64_t i = 0; i < bad->n; i++)
        bad->items[i].file = as_named(file, bad->items[i].file);
}

static tend_status read_fresh(tend_flow *flow, const tend_input_file *file, const tend_digest *key, part *out, tend_error *err) {
    const tend_source *s = &flow->project->sources[file->source];
    const tend_schema *schema = flow->project->schema;
    tend_read_options options = TEND_READ_OPTIONS_INIT;
    options.format = s->format;
    options.separator = s->separator;
    options.header = s->header;
    options.encoding = s->encoding;
    options.schema = schema->n_fields ? schema : NULL;
    options.missing = schema->missing;
    options.n_missing = schema->n_missing;
    tend_bad_rows bad;
    tend_bad_rows_init(&bad, flow->arena);
    tend_node *notes = NULL;
    TEND_TRY(tend_read_file(tend_formats, file->on_disk, &options, flow->arena, &bad, &out->table, &notes, err));
    name_places(flow, file, out->table, &bad);
    out->bad = bad_to_node(&bad, flow->arena);
    out->notes = notes;

    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    TEND_TRY(tend_table_save(out->table, &bytes, err));
    tend_cache_output output = {.name = "table"};
    TEND_TRY(tend_objects_put(flow->objects, bytes.data, bytes.size, &output.digest, err));
    tend_node *meta = tend_node_new_map(flow->arena);
    tend_node_set(flow->arena, meta, "bad", tend_node_copy(flow->arena, out->bad));
    if (notes)
        tend_node_set(flow->arena, meta, "notes", tend_node_copy(flow->arena, notes));
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_json_format(meta, 0, &text);
    tend_cache_entry entry = {.key = *key, .step = "read", .meta = tend_buf_text(&text), .outputs = &output, .n_outputs = 1};
    return tend_cache_put(flow->store, &entry, err);
}

static tend_status read_part(tend_flow *flow, const tend_input_file *file, part *out, bool *out_known, tend_error *err) {
    tend_digest key = read_key(flow, file);
    tend_cache_entry *entry = NULL;
    TEND_TRY(tend_cache_get(flow->store, &key, flow->arena, &entry, err));
    *out_known = entry != NULL;
    if (!entry)
        return read_fresh(flow, file, &key, out, err);
    char *data;
    size_t size;
    tend_node *meta;
    const tend_digest *digest = &entry->outputs[0].digest;
    TEND_TRY(tend_flow_note_damage(flow, tend_objects_get(flow->objects, digest, flow->arena, &data, &size, err), digest,
                                   tend_arena_printf(flow->arena, "what was read of %s", file->path)));
    TEND_TRY(tend_table_load(data, size, flow->arena, &out->table, err));
    TEND_TRY(tend_json_parse(entry->meta, strlen(entry->meta), "the record of a file", flow->arena, &meta, err));
    out->bad = tend_node_get(meta, "bad");
    out->notes = tend_node_get(meta, "notes");
    return TEND_OK;
}

/* ---- all files of all sources ---- */

static tend_node *file_to_node(tend_flow *flow, const tend_input_file *file, const part *p) {
    char hex[TEND_DIGEST_HEX];
    tend_digest_format(&file->digest, hex);
    tend_node *node = tend_node_new_map(flow->arena);
    tend_node_set_string(flow->arena, node, "path", file->path);
    tend_node_set_int(flow->arena, node, "size", (int64_t)file->size);
    tend_node_set_string(flow->arena, node, "sha256", hex);
    tend_node_set_int(flow->arena, node, "rows", p->table->n_rows);
    if (p->notes && p->notes->count)
        tend_node_set(flow->arena, node, "notes", tend_node_copy(flow->arena, p->notes));
    return node;
}

static tend_status read_source(tend_flow *flow, int source, tend_bad_rows *bad, tend_node *files, int *io_known, tend_table **out,
                               tend_error *err) {
    tend_table **tables = TEND_ARRAY(flow->arena, tend_table *, flow->n_files);
    int n = 0;
    int64_t rows = 0;
    for (int i = 0; i < flow->n_files; i++) {
        if (flow->files[i].source != source)
            continue;
        part p = {0};
        bool known;
        TEND_TRY(read_part(flow, &flow->files[i], &p, &known, err));
        *io_known += known;
        tend_bad_rows_from_node(p.bad, rows, bad);
        tend_node_push(files, file_to_node(flow, &flow->files[i], &p));
        rows += p.table->n_rows;
        tables[n++] = p.table;
    }
    if (n == 1) {
        *out = tables[0];
        return TEND_OK;
    }
    return tend_table_concat(tables, n, flow->arena, out, err);
}

/* SQL forgets where rows came from, so rows with cells that could not be read are put aside before it. */
static tend_table *without_bad_rows(tend_flow *flow, const tend_table *table, tend_bad_rows *bad, int64_t first) {
    uint8_t *marks = TEND_ARRAY(flow->arena, uint8_t, table->n_rows + 1);
    int64_t *keep = TEND_ARRAY(flow->arena, int64_t, table->n_rows + 1);
    for (int64_t i = first; i < bad->n; i++)
        if (bad->items[i].row >= 0) {
            marks[bad->items[i].row] = 1;
            bad->items[i].row = -1;
        }
    int64_t n = 0;
    for (int64_t i = 0; i < table->n_rows; i++)
        if (!marks[i])
            keep[n++] = i;
    return n == table->n_rows ? (tend_table *)(uintptr_t)table : tend_table_take(table, keep, n, flow->arena);
}

static tend_status select_table(tend_flow *flow, tend_table **tables, tend_table **out, tend_error *err) {
    const tend_project *p = flow->project;
    if (!p->select) {
        *out = tables[0];
        return TEND_OK;
    }
    tend_engine *engine;
    TEND_TRY(tend_flow_engine(flow, &engine, err));
    for (int i = 0; i < p->n_sources; i++)
        TEND_TRY(tend_engine_register(engine, p->sources[i].name, tables[i], err));
    return tend_engine_query(engine, p->select, p->select_span, flow->arena, out, err);
}

static tend_status put_snapshot(tend_flow *flow, tend_step_record *record, const tend_table *table, const tend_node *manifest,
                                tend_error *err) {
    TEND_AUTO_BUF text = TEND_BUF_INIT;
    tend_json_format(manifest, 0, &text);
    tend_snapshot snapshot = {
        .digest = record->outputs[0].digest, .rows = table->n_rows, .columns = table->n_columns, .manifest = tend_buf_text(&text)};
    TEND_TRY(tend_snapshots_put(flow->store, &snapshot, err));
    return tend_snapshots_name(flow->store, "latest", &snapshot.digest, err);
}

/* What a reader had to decide that changes the values: a person should see it without asking. */
static void say_notes(const tend_node *sources, tend_buf *out) {
    bool latin = false, header = true;
    const char *odd = NULL;
    TEND_NODE_EACH(source, sources)
        TEND_NODE_EACH(file, source) {
            const tend_node *notes = tend_node_get(file, "notes");
            latin = latin || tend_node_get(notes, "encoding");
            header = header && tend_node_bool(tend_node_get(notes, "header"), true);
            const tend_node *columns = tend_node_get(notes, "columns");
            odd = odd || !columns ? odd : columns->first->key;
        }
    tend_buf_puts(out, latin ? ", read as latin-1" : "");
    tend_buf_puts(out, header ? "" : ", without a header");
    if (odd)
        tend_buf_printf(out, ", %s kept as text (`tend profile` says why)", odd);
}

tend_status tend_step_acquire(tend_flow *flow, tend_step_record *record, tend_error *err) {
    const tend_project *p = flow->project;
    tend_bad_rows bad;
    tend_bad_rows_init(&bad, flow->arena);
    tend_node *manifest = tend_node_new_map(flow->arena);
    tend_node *sources = tend_node_set_map(flow->arena, manifest, "sources");
    tend_table **tables = TEND_ARRAY(flow->arena, tend_table *, p->n_sources);
    int known = 0;
    for (int i = 0; i < p->n_sources; i++) {
        tend_node *files = tend_node_set_list(flow->arena, sources, p->sources[i].name);
        int64_t first = bad.n;
        TEND_TRY(read_source(flow, i, &bad, files, &known, &tables[i], err));
        if (p->select)
            tables[i] = without_bad_rows(flow, tables[i], &bad, first);
    }
    tend_table *table;
    TEND_TRY(select_table(flow, tables, &table, err));
    tend_node_set_int(flow->arena, manifest, "rows", table->n_rows);
    tend_node_set_int(flow->arena, manifest, "columns", table->n_columns);

    TEND_AUTO_BUF bytes = TEND_BUF_INIT;
    TEND_TRY(tend_table_save(table, &bytes, err));
    TEND_TRY(tend_flow_emit(flow, record, "table", bytes.data, bytes.size, err));
    char hex[TEND_DIGEST_HEX];
    tend_digest_format(&record->outputs[0].digest, hex);
    tend_node_set_string(flow->arena, manifest, "snapshot", hex);
    TEND_TRY(tend_flow_emit_json(flow, record, "snapshot", manifest, err));
    TEND_TRY(tend_flow_emit_json(flow, record, "bad", bad_to_node(&bad, flow->arena), err));
    TEND_TRY(put_snapshot(flow, record, table, manifest, err));
    flow->raw = table;

    char rows[32];
    tend_buf note = TEND_BUF_INIT;
    say_notes(sources, &note);
    if (known)
        tend_buf_printf(&note, ", %d known already", known);
    if (bad.n_total)
        tend_buf_printf(&note, ", %lld cells or rows could not be read", (long long)bad.n_total);
    tend_flow_summary(flow, record, "%s rows, %d columns from %d file%s%s", tend_text_thousands(table->n_rows, rows), table->n_columns,
                      flow->n_files, flow->n_files == 1 ? "" : "s", tend_buf_text(&note));
    tend_buf_done(&note);
    return TEND_OK;
}

/* `latest` is what the last run had, also when that was known already. */
tend_status tend_step_acquire_ensure(tend_flow *flow, tend_step_record *record, tend_error *err) {
    (void)record;
    const tend_digest *table = tend_flow_output(flow, TEND_STEP_ACQUIRE, "table");
    tend_snapshot latest;
    if (tend_snapshots_get(flow->store, "latest", flow->arena, &latest, NULL) == TEND_OK && tend_digest_eq(&latest.digest, table))
        return TEND_OK;
    return tend_snapshots_name(flow->store, "latest", table, err);
}
