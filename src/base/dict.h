/* A dictionary from byte strings to dense numbers 0, 1, 2 … in order of first insertion: the levels of a category, the
 * distinct rows of a table, the keys of a large map. Open addressing; keys are copied. Not thread-safe.
 */
#ifndef TEND_BASE_DICT_H
#define TEND_BASE_DICT_H

#include "base/text.h"

typedef struct tend_dict tend_dict;

tend_dict *tend_dict_new(void);
void tend_dict_free(tend_dict *dict);
TEND_DEFINE_AUTO(tend_dict)
int64_t tend_dict_add(tend_dict *dict, const void *key, size_t size, bool *out_new); /* out_new may be NULL */
int64_t tend_dict_find(const tend_dict *dict, const void *key, size_t size);         /* -1: absent */
int64_t tend_dict_count(const tend_dict *dict);
tend_str tend_dict_key(const tend_dict *dict, int64_t number); /* borrowed until the next add */

#endif
