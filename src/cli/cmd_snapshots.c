/* tend snapshots: the versions of the data; listed, named, brought back. */
#include "cli/cli.h"

#include "base/clock.h"
#include "base/fs.h"
#include "flow/flow.h"
#include "store/snapshots.h"

static const char *name_list(cli *c, const tend_snapshot *s) {
    tend_buf text = TEND_BUF_INIT;
    for (size_t i = 0; i < s->n_names; i++)
        tend_buf_printf(&text, "%s%s", i ? ", " : "", s->names[i]);
    const char *out = tend_arena_strdup(c->arena, tend_buf_text(&text));
    tend_buf_done(&text);
    return out;
}

static tend_node *snapshot_node(cli *c, const tend_snapshot *s) {
    char hex[TEND_DIGEST_HEX], when[32];
    tend_digest_format(&s->digest, hex);
    tend_clock_format(s->created, when);
    tend_node *node = tend_node_new_map(c->arena);
    tend_node_set_string(c->arena, node, "snapshot", hex);
    tend_node_set_int(c->arena, node, "rows", s->rows);
    tend_node_set_int(c->arena, node, "columns", s->columns);
    tend_node_set_string(c->arena, node, "created", when);
    tend_node *names = tend_node_set_list(c->arena, node, "names");
    for (size_t i = 0; i < s->n_names; i++)
        tend_node_push(names, tend_node_new_string(c->arena, s->names[i]));
    return node;
}

tend_status cmd_snapshots_list(cli *c, tend_error *err) {
    TEND_AUTO(tend_store) *store = NULL;
    TEND_TRY(cli_store(c, false, &store, err));
    tend_snapshot *items;
    size_t n;
    TEND_TRY(tend_snapshots_list(store, c->arena, &items, &n, err));
    tend_node *doc = tend_node_new_map(c->arena), *list = tend_node_set_list(c->arena, doc, "snapshots");
    const char *const head[] = {"snapshot", "names", "rows", "columns", "created"};
    cli_table table = {.head = head, .n_columns = 5};
    for (size_t i = 0; i < n; i++) {
        char rows[32], hex[TEND_DIGEST_HEX], when[32];
        tend_node_push(list, snapshot_node(c, &items[i]));
        tend_digest_format(&items[i].digest, hex);
        tend_clock_format(items[i].created, when);
        cli_table_row(c, &table, tend_arena_strndup(c->arena, hex, 12), name_list(c, &items[i]),
                      tend_arena_strdup(c->arena, tend_text_thousands(items[i].rows, rows)),
                      tend_arena_printf(c->arena, "%lld", (long long)items[i].columns), tend_arena_strdup(c->arena, when));
    }
    if (c->json)
        cli_print_json(doc);
    if (!c->quiet)
        cli_table_print(c, &table);
    return TEND_OK;
}

tend_status cmd_snapshots_name(cli *c, tend_error *err) {
    TEND_AUTO(tend_store) *store = NULL;
    TEND_TRY(cli_store(c, true, &store, err));
    tend_snapshot snapshot;
    TEND_TRY(tend_snapshots_get(store, c->args[0], c->arena, &snapshot, err));
    TEND_TRY(tend_snapshots_name(store, c->args[1], &snapshot.digest, err));
    if (c->json)
        cli_print_json(snapshot_node(c, &snapshot));
    if (!c->quiet) {
        char hex[TEND_DIGEST_HEX];
        tend_digest_format(&snapshot.digest, hex);
        printf("'%s' is snapshot %.12s now.\n", c->args[1], hex);
    }
    return TEND_OK;
}

tend_status cmd_snapshots_export(cli *c, tend_error *err) {
    TEND_AUTO(tend_store) *store = NULL;
    TEND_TRY(cli_store(c, false, &store, err));
    tend_snapshot snapshot;
    tend_table *table;
    char *data;
    size_t size;
    TEND_TRY(tend_snapshots_get(store, c->args[0], c->arena, &snapshot, err));
    TEND_TRY(tend_objects_get(tend_store_objects(store), &snapshot.digest, c->arena, &data, &size, err));
    TEND_TRY(tend_table_load(data, size, c->arena, &table, err));
    const char *path = cli_value(c, "output") ? cli_value(c, "output") : tend_arena_printf(c->arena, "%s.parquet", c->args[0]);
    TEND_TRY(cli_table_write(table, path, err));
    if (c->json)
        cli_print_json(snapshot_node(c, &snapshot));
    if (!c->quiet)
        printf("%s\n", path);
    return TEND_OK;
}
