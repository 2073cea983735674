/* A journal: records that are only ever appended, one JSON object per line, in a folder of segments. The prediction log and the
 * feedback of an endpoint are journals.
 *
 *     .tend/predictions/census-income/20261128T163240.081214-3f9a12c4.ndjson        written now, by the process that holds its lock
 *     .tend/predictions/census-income/20261127T000000.930035-91be03d7.ndjson.zst    sealed: packed, with a checksum, never changed again
 *
 * What tend_journal_append returned true for is in the file (in the kernel's hands): a killed process loses nothing of it. `sync`
 * decides what a power failure may cost. A segment's live file always ends with a whole record or a torn one that was never
 * acknowledged; readers skip the torn one. Plain tools read a journal: `zstdcat *.zst | jq`, DuckDB's read_json.
 *
 * The disk: space is reserved ahead (fallocate), so that a full disk is noticed before a record is promised, and the journal says
 * `full` until there is room again. A budget and a retention remove the oldest sealed segments. Several processes may append to one
 * folder, each to its own segment; a segment whose process died is sealed by the next one that maintains the folder.
 */
#ifndef TEND_STORE_JOURNAL_H
#define TEND_STORE_JOURNAL_H

#include "base/error.h"
#include "base/fs.h"
#include "base/text.h"

typedef struct tend_journal_options {
    const char *folder;       /* made when missing */
    uint64_t segment_bytes;   /* a segment that reaches it is sealed */
    double segment_seconds;   /* or this age */
    uint64_t budget_bytes;    /* of the whole folder; 0: no limit. A segment is at most a quarter of it */
    double retention_seconds; /* sealed segments older than this are removed; 0: kept */
    double sync_seconds;      /* synced at most this long after an append (by maintain); 0: before append returns; < 0: never */
} tend_journal_options;
#define TEND_JOURNAL_OPTIONS_INIT ((tend_journal_options){.segment_bytes = 64u << 20, .segment_seconds = 86400, .sync_seconds = 1})

typedef struct tend_journal tend_journal;

tend_status tend_journal_open(const tend_journal_options *options, tend_journal **out, tend_error *err) TEND_MUST_USE;
/* Syncs, and seals nothing: the live segment stays for a later maintain (or is removed when it is empty). Nobody may use it any more. */
void tend_journal_close(tend_journal *journal);
static inline void tend_journal_free(tend_journal *journal) { tend_journal_close(journal); }
TEND_DEFINE_AUTO(tend_journal)

/* `size` bytes of n_records whole lines, each ending in a newline. Any thread. False: the journal is full or broken, nothing of it was
 * kept (a partial write is taken back), and the records are counted as lost. */
bool tend_journal_append(tend_journal *journal, const char *lines, size_t size, int64_t n_records);
/* An append failed, mostly for want of room: one atomic load. Each maintain tries whether it goes again; until then appends are refused. */
bool tend_journal_is_full(const tend_journal *journal);

/* What cannot wait, for a background thread about once a second: syncs, begins new segments, looks whether a full disk has room again.
 * Safe beside append. Errors are logged once and counted, not returned: a journal goes on. */
void tend_journal_care(tend_journal *journal);
/* What takes time and can wait, for a thread that may be slow: packs finished segments, also those of dead processes, removes by retention
 * and budget. Safe beside append and care. */
void tend_journal_pack(tend_journal *journal);
/* Both, for whoever has one thread. */
void tend_journal_maintain(tend_journal *journal);

typedef struct tend_journal_counts {
    int64_t records, bytes, lost;    /* since open */
    int64_t segments, segment_bytes; /* in the folder, as of the last maintain */
    bool is_full;
    char problem[256]; /* the last one, "" when all is well */
} tend_journal_counts;
void tend_journal_count(tend_journal *journal, tend_journal_counts *out);

/* For readers: while it is held, the files that tend_journal_files gave stay in place, whatever maintain does in any process; only
 * retention and budget may take an old one. Freed by the kernel when the process dies. No folder, or one that cannot be locked: -1. */
int tend_journal_hold(const char *folder);
void tend_journal_release(int hold); /* -1 is fine */
/* The files of a journal's folder, oldest first, for readers (both kinds). No folder: none. */
tend_status tend_journal_files(const char *folder, tend_arena *arena, char ***out_paths, size_t *out_n, tend_error *err) TEND_MUST_USE;

#endif
