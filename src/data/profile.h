/* Profiles: what a table looks like, column by column, in a few kilobytes, mergeable.
 *
 * A profile is built by adding tables (batches of any size, in any number); two profiles of the same columns can be merged.
 * Counts, minimum, maximum, mean and standard deviation are exact (up to rounding), quantiles exact up to 4,096 values and
 * from a KLL sketch beyond, distinct counts exact up to 1,024 and from HyperLogLog beyond, frequent values of text exact up
 * to 1,024 levels and from a Misra-Gries summary beyond. The same rows in the same order give the same profile, however
 * they were split over tables; merging adds counts exactly, but the last digits of sketches depend on the order of merges.
 *
 * A profile is the reference that drift is measured against, so numbers carry a histogram: at most 32 bins of equal width,
 * a power of two, on a grid that starts at 0, so that the histograms of two windows have bins in common and merge exactly.
 * Text carries its most frequent levels.
 *
 *     TEND_AUTO(tend_profile) *profile = tend_profile_new();
 *     TEND_TRY(tend_profile_add(profile, table, NULL, table->n_rows, err));
 *     tend_node *json = tend_profile_to_node(profile, arena);
 */
#ifndef TEND_DATA_PROFILE_H
#define TEND_DATA_PROFILE_H

#include "base/node.h"
#include "data/table.h"

typedef struct tend_profile tend_profile;

tend_profile *tend_profile_new(void);
void tend_profile_free(tend_profile *profile);
TEND_DEFINE_AUTO(tend_profile)
/* The first n rows or, with `rows`, the n rows of those numbers. The first table fixes the columns; later ones must have
 * the same names and types (INT and FLOAT go together, as FLOAT), in any order: else INVALID, and the profile is as it was. */
tend_status tend_profile_add(tend_profile *profile, const tend_table *table, const int64_t *rows, int64_t n, tend_error *err) TEND_MUST_USE;
tend_status tend_profile_merge(tend_profile *into, const tend_profile *other, tend_error *err) TEND_MUST_USE;
int64_t tend_profile_rows(const tend_profile *profile);

/* {"rows": n, "columns": [{"name", "type", "count", "missing", "distinct", "distinct_exact", and by type
 *   numbers:    "min", "max", "mean", "sd", "quantiles": {"0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99"}, "quantiles_exact",
 * "histogram":
 *               {"edges": [k + 1 numbers], "counts": [k]}, "zeros", "negatives", and "infinite" when there are such values (they enter
 * nothing else) dates:      as numbers, with min, max, mean and quantiles in ISO 8601, edges and sd in days (timestamps: microseconds)
 *   booleans:   "mean", "top"
 *   text:       "top": [{"value", "count"}] the 100 most frequent, "top_error" when counts may be short by that much, "length":
 *               {"min", "mean", "max"} in characters}]}
 * "count" is the values that are not missing. What has no value (the mean of nothing) is null. Deterministic. */
tend_node *tend_profile_to_node(const tend_profile *profile, tend_arena *arena);
/* A profile of the summary alone: to_node gives it back, but it cannot be added to or merged (UNSUPPORTED). */
tend_status tend_profile_from_node(const tend_node *node, tend_profile **out, tend_error *err) TEND_MUST_USE;
/* With the sketches, so that adding and merging go on after a reload (docs/formats/profile.md). */
void tend_profile_save(const tend_profile *profile, tend_buf *out);
tend_status tend_profile_load(const void *bytes, size_t size, tend_profile **out, tend_error *err) TEND_MUST_USE;

#endif
