/* cross: the texts of several columns joined into one level, "Female|White". The pipeline joins
 * (apply.c), since a transform sees one column only; the row says what may stand there. */
#include "feature/transform.h"

const tend_transform tend_transform_cross = {
    .name = "cross",
    .help = "Joins several columns into one category, `Female|White`; a one_hot, hash, frequency "
            "or target_encode follows. What stands before it in the chain is done to each column "
            "(quantile_bin for numbers).",
    .takes = TEND_TAKES_TEXT,
    .gives = TEND_GIVES_TEXT,
    .joins = true,
};
