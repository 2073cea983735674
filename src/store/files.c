/* The files that were read: the second half of cache.h. */
#include "store/cache.h"

#include "store/db.h"

#include <time.h>

/* File systems stamp with the time of a kernel tick (1 to 10 ms, some virtual ones more): within
 * one tick a second change leaves the stamp as it was. A stamp taken long enough after the last
 * change cannot hide one. */
#define TICK_NS INT64_C(50000000)

int64_t tend_file_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static bool is_settled(const tend_file_record *record) {
    int64_t changed = record->stamp.ctime_ns > record->stamp.mtime_ns ? record->stamp.ctime_ns : record->stamp.mtime_ns;
    return record->stamped_ns - changed > TICK_NS;
}

static tend_status get_one(tend_db *db, tend_file_record *record, tend_error *err) {
    const tend_file_stamp *stamp = &record->stamp;
    tend_db_rows rows;
    TEND_TRY(tend_db_select(&rows, db,
                            "SELECT digest, rows FROM file WHERE path = ? AND size = ? AND mtime_ns = ?"
                            " AND ctime_ns = ? AND inode = ? AND device = ?",
                            DB_BIND(DB_TEXT(record->path), DB_INT(stamp->size), DB_INT(stamp->mtime_ns), DB_INT(stamp->ctime_ns),
                                    DB_INT(stamp->inode), DB_INT(stamp->device)),
                            err));
    record->known = tend_db_next(&rows);
    if (record->known) {
        record->digest = tend_db_digest(&rows, 0);
        record->rows = tend_db_int(&rows, 1);
    }
    return tend_db_close_rows(&rows, err);
}

static tend_status get_all(tend_db *db, tend_file_record *records, size_t n, tend_error *err) {
    for (size_t i = 0; i < n; i++)
        TEND_TRY(get_one(db, &records[i], err));
    return TEND_OK;
}

/* One read transaction: thousands of files need not lock and unlock the database thousands of
 * times. */
tend_status tend_files_get(tend_store *store, tend_file_record *records, size_t n, tend_error *err) {
    TEND_TRY(tend_db_run(&store->db, "BEGIN", DB_NONE, err));
    return tend_db_end(&store->db, get_all(&store->db, records, n, err), err);
}

static tend_status put_all(tend_db *db, const tend_file_record *records, size_t n, tend_error *err) {
    for (size_t i = 0; i < n; i++) {
        const tend_file_record *r = &records[i];
        TEND_TRY(tend_db_run(db, "DELETE FROM file WHERE path = ?", DB_BIND(DB_TEXT(r->path)), err));
        if (!is_settled(r))
            continue;
        TEND_TRY(tend_db_run(db,
                             "INSERT INTO file (path, size, mtime_ns, ctime_ns, inode, device, stamped_ns, digest,"
                             " rows)"
                             " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                             DB_BIND(DB_TEXT(r->path), DB_INT(r->stamp.size), DB_INT(r->stamp.mtime_ns), DB_INT(r->stamp.ctime_ns),
                                     DB_INT(r->stamp.inode), DB_INT(r->stamp.device), DB_INT(r->stamped_ns), DB_DIGEST(&r->digest),
                                     DB_INT(r->rows)),
                             err));
    }
    return TEND_OK;
}

tend_status tend_files_put(tend_store *store, const tend_file_record *records, size_t n, tend_error *err) {
    TEND_TRY(tend_db_begin(&store->db, TEND_DB_LAZY, err));
    return tend_db_end(&store->db, put_all(&store->db, records, n, err), err);
}
