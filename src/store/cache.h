/* The cache: what need not be done again. Steps by the digest of all their inputs, files by their
 * stamp.
 *
 * An entry says that the step with this key was done and which objects it left. The objects must be
 * in the store before the entry is put, so that an entry never promises what is not there. Losing
 * the newest entries to a power cut costs a repetition only.
 */
#ifndef TEND_STORE_CACHE_H
#define TEND_STORE_CACHE_H

#include "store/store.h"

typedef struct tend_cache_output {
    const char *name; /* "table", "bundle"; unique within the entry */
    tend_digest digest;
} tend_cache_output;

typedef struct tend_cache_entry {
    tend_digest key;
    const char *step;                 /* "acquire" */
    const char *meta;                 /* a JSON text of the step's own; NULL is stored as "{}" */
    const tend_cache_output *outputs; /* in the order given */
    size_t n_outputs;
    int64_t created, used; /* set by the store */
} tend_cache_entry;

/* *out_entry is NULL when there is no entry, or when one of its objects has gone: a miss is not
 * an error. */
tend_status tend_cache_get(tend_store *store, const tend_digest *key, tend_arena *arena, tend_cache_entry **out_entry,
                           tend_error *err) TEND_MUST_USE;
/* Replaces an entry of the same key. NOT_FOUND when an output's object is not in the store. */
tend_status tend_cache_put(tend_store *store, const tend_cache_entry *entry, tend_error *err) TEND_MUST_USE;
/* Renews the last-used time that gc goes by; unknown keys are ignored. Writes nothing when the
 * time is less than an hour old. */
tend_status tend_cache_touch(tend_store *store, const tend_digest *keys, size_t n, tend_error *err) TEND_MUST_USE;
bool tend_cache_is_old(const tend_cache_entry *entry); /* whether touching it would write */
tend_status tend_cache_remove(tend_store *store, const tend_digest *key, tend_error *err) TEND_MUST_USE; /* missing is fine */
/* Newest first. step NULL: all steps. limit 0: all. Use: which entry of the step was there
 * before, and how do the keys differ. */
tend_status tend_cache_list(tend_store *store, const char *step, size_t limit, tend_arena *arena, tend_cache_entry **out_entries,
                            size_t *out_n, tend_error *err) TEND_MUST_USE;

/* Files that were read: as long as the stamp is the same, so is the digest. */
typedef struct tend_file_record {
    const char *path;      /* as the project names it */
    tend_file_stamp stamp; /* taken BEFORE the file was read */
    /* When the stamp was taken (tend_file_now). A file that changed within 50 ms before that is not
     * remembered: it could change once more and keep its stamp. */
    int64_t stamped_ns;
    tend_digest digest;
    int64_t rows; /* -1: not known */
    bool known;   /* out, of tend_files_get */
} tend_file_record;

int64_t tend_file_now(void); /* the wall clock in ns, not overridden by TEND_NOW */
/* For each record: reads path and stamp; when the same stamp is on record, fills digest and rows
 * and sets known, else clears it. */
tend_status tend_files_get(tend_store *store, tend_file_record *records, size_t n, tend_error *err) TEND_MUST_USE;
/* Remembers them, in one transaction; a path's older record is replaced. */
tend_status tend_files_put(tend_store *store, const tend_file_record *records, size_t n, tend_error *err) TEND_MUST_USE;

#endif
