/* Private to src/store: a layer between SQLite and its files that gives each page of the database a
 * checksum.
 *
 * SQLite finds damage to the structure of its pages, not to the values in them. Here each page of
 * 4096 bytes ends in 8 reserved bytes that hold tend_hash64 of the other 4088, seeded by the page's
 * number; a page read with another sum is an I/O error (SQLITE_IOERR_DATA), so that a flipped byte
 * is found and never answered with.
 *
 * The sum is set when a page is written into the database file. SQLite itself sees zeros in its
 * place, and so does the write-ahead log, which has sums of its own: when another SQLite program is
 * the one that copies the log into the database, as it may do on closing it, the pages arrive with
 * zeros. Zeros therefore mean "no sum", and such a page is taken as it is until it is next written.
 * A page that another program changes keeps a sum that is wrong, and is called damaged.
 */
#ifndef TEND_STORE_PAGES_H
#define TEND_STORE_PAGES_H

#define TEND_PAGES_SIZE     4096
#define TEND_PAGES_RESERVED 8

/* Registers the layer with SQLite on the first call and gives its name for sqlite3_open_v2; NULL
 * when out of memory. */
const char *tend_pages_vfs(void);

#endif
