#include "rows.h"

#include "base/hash.h"
#include "data/profile.h"

#include <stdlib.h>

/* More rows for a profile, of the columns that it says it has. */
static tend_table *rows_for(const tend_node *node, tend_arena *arena) {
    const tend_node *columns = tend_node_get(node, "columns");
    tend_table *table = tend_table_new(arena, (int)columns->count, ODD_ROWS);
    int i = 0;
    TEND_NODE_EACH(column, columns) {
        tend_type type = TEND_STRING;
        tend_type_parse(tend_node_string(tend_node_get(column, "type"), ""), &type);
        odd_column(arena, tend_node_string(tend_node_get(column, "name"), ""), type, &table->columns[i++]);
    }
    return table;
}

/* What loads can be read, added to, merged, saved, and loaded again. */
static void check_profile(tend_profile *profile) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO(tend_profile) *again = NULL, *summary = NULL;
    TEND_AUTO_BUF bytes = TEND_BUF_INIT, json = TEND_BUF_INIT;
    tend_error err = TEND_ERROR_INIT;
    tend_node *node = tend_profile_to_node(profile, arena);
    tend_json_format(node, 0, &json);
    tend_profile_save(profile, &bytes);
    FUZZ_CHECK(tend_profile_load(bytes.data, bytes.size, &again, &err) == TEND_OK);
    FUZZ_CHECK(tend_profile_from_node(node, &summary, &err) == TEND_OK);
    const tend_table *table = rows_for(node, arena);
    if (tend_profile_add(again, table, NULL, ODD_ROWS, &err) != TEND_OK || tend_profile_merge(profile, again, &err) != TEND_OK)
        return; /* a summary only, or two columns of one name */
    FUZZ_CHECK(table->n_columns == 0 || tend_profile_rows(profile) == 2 * tend_profile_rows(again) - ODD_ROWS);
    tend_json_format(tend_profile_to_node(profile, arena), 0, &json);
    tend_buf_clear(&bytes);
    tend_profile_save(profile, &bytes);
    TEND_AUTO(tend_profile) *last = NULL;
    FUZZ_CHECK(tend_profile_load(bytes.data, bytes.size, &last, &err) == TEND_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    TEND_AUTO(tend_profile) *profile = NULL;
    tend_error err = TEND_ERROR_INIT;
    uint8_t *file = tend_malloc(size);
    if (size)
        memcpy(file, data, size);
    if (size >= 8) { /* the checksum made right, so that what it guards is reached */
        uint64_t hash = tend_hash64(file, size - 8, 0);
        memcpy(file + size - 8, &hash, sizeof hash);
    }
    tend_status status = tend_profile_load(file, size, &profile, &err);
    free(file);
    if (status == TEND_OK)
        check_profile(profile);
    else
        FUZZ_CHECK(err.message[0] && err.code != TEND_BUG);
    return 0;
}
