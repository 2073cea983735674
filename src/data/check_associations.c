#include "data/check.h"
#include "data/check_score.h"

#include <math.h>

tend_status tend_check_associations(const tend_table *table, const char *target, uint64_t seed, tend_arena *arena, tend_node **out,
                                    tend_error *err) {
    const tend_column *column;
    TEND_TRY(tend_table_need(table, target, &column, err));
    tend_node *list = tend_node_new_list(arena);
    score_target scored;
    if (score_target_init(&scored, column, seed, arena))
        for (int i = 0; i < table->n_columns; i++) {
            if (&table->columns[i] == column)
                continue;
            double score = score_column(&scored, &table->columns[i]);
            tend_node *item = tend_node_push(list, tend_node_new_map(arena));
            tend_node_set_string(arena, item, "column", table->columns[i].name);
            tend_node_set_double(arena, item, "score", score);
            tend_node_set_string(arena, item, "kind", score_name(&scored));
        }
    *out = list;
    return TEND_OK;
}
