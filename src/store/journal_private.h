/* Private to src/store/journal*.c: a segment of a journal, and what the parts of a journal share. */
#ifndef TEND_STORE_JOURNAL_PRIVATE_H
#define TEND_STORE_JOURNAL_PRIVATE_H

#include "store/journal.h"

#include <pthread.h>
#include <stdatomic.h>

#define JOURNAL_PLAIN  ".ndjson"
#define JOURNAL_SEALED ".ndjson.zst"

enum { JOURNAL_RESERVE = 1 << 20 }; /* bytes that are set aside at a time */

/* A segment that this process writes: it holds the file's lock (flock), by which others know that it is alive. */
typedef struct journal_segment {
    int fd;
    char *path;
    uint64_t size;     /* of the acknowledged records: what the file is cut to after a failure */
    uint64_t reserved; /* the disk has room for the file up to here */
    double opened;     /* tend_clock_seconds */
} journal_segment;

struct tend_journal {
    tend_journal_options options;
    char *folder;
    pthread_mutex_t upkeep;  /* taken before `lock`. Only its holder replaces `live` */
    pthread_mutex_t packing; /* taken before `lock`; never together with `upkeep` */
    atomic_bool is_packed;   /* nothing went wrong at the last packing */
    pthread_mutex_t lock;    /* everything below */
    journal_segment live;
    atomic_bool is_full; /* written under the lock */
    double changed;      /* when the first append came that is not synced yet; 0: all is synced */
    tend_journal_counts counts;
    int64_t named;     /* the time in the name of the newest segment: the next one has a later one */
    double pack_again; /* after a failure to pack, not before then; under `packing` */
};

/* What went wrong, for the counts; logged when it is not what went wrong before. The lock is held. */
void journal_remember(tend_journal *journal, const tend_error *err);
/* A new segment, not live yet; returns an error number. The upkeep lock is held. */
int journal_open_next(tend_journal *journal, journal_segment *out);

/* ---- journal_segment.c: each returns 0 or an error number ---- */
/* A new empty segment, locked; the time (UTC since 1970) names it. */
int journal_segment_open(journal_segment *out, const char *folder, int64_t micros);
/* Makes sure that `size` more bytes fit on the disk. */
int journal_segment_reserve(journal_segment *segment, uint64_t size);
/* Writes whole or fails; then a part may be there: cut it. */
int journal_segment_write(journal_segment *segment, const char *data, size_t size);
/* Back to the acknowledged records; gives the reserved space back. */
int journal_segment_cut(journal_segment *segment);
/* Frees the lock; an empty segment is removed. */
void journal_segment_close(journal_segment *segment);

/* ---- journal_seal.c ---- */
/* Packs a plain segment whose writer is gone or done; leaves one alone that is still written. */
tend_status journal_seal(const char *path, tend_error *err) TEND_MUST_USE;

/* ---- journal_files.c ---- */
typedef struct journal_file {
    char *path;
    uint64_t size;
    int64_t modified; /* microseconds since 1970: when its last record came */
    bool is_sealed;
} journal_file;
tend_status journal_files_list(const char *folder, tend_arena *arena, journal_file **out, size_t *out_n, tend_error *err) TEND_MUST_USE;

#endif
