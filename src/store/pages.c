#include "store/pages.h"

#include "base/hash.h"

#include <pthread.h>
#include <sqlite3.h>
#include <string.h>

enum {
    PAGE = TEND_PAGES_SIZE,
    PAYLOAD = TEND_PAGES_SIZE - TEND_PAGES_RESERVED,
    HEADER = 100 /* read without a lock, to learn the page size, and again as part of page 1 */
};

/* The real file, of the layer below, follows directly. */
typedef struct pages_file {
    sqlite3_file base;
    unsigned char page[PAGE];
} pages_file;

static sqlite3_file *under(sqlite3_file *file) { return (sqlite3_file *)(void *)((pages_file *)file + 1); }

/* SQLite's counters on the first page (of changes, of the schema, and which library wrote last), by
 * which it only knows what to read anew. A backup by another program sets them. */
static void clear_counters(unsigned char *first_page) {
    memset(first_page + 24, 0, 4);
    memset(first_page + 40, 0, 4);
    memset(first_page + 92, 0, 8);
}

static uint64_t sum_of(const unsigned char *page, sqlite3_int64 number) {
    unsigned char copy[PAYLOAD];
    if (number == 0) {
        memcpy(copy, page, PAYLOAD);
        clear_counters(copy);
        page = copy;
    }
    return tend_hash64(page, PAYLOAD, (uint64_t)number);
}

static void put_sum(unsigned char *page, sqlite3_int64 number) {
    uint64_t sum = sum_of(page, number);
    for (int i = 0; i < TEND_PAGES_RESERVED; i++)
        page[PAYLOAD + i] = (unsigned char)(sum >> (8 * i));
}

/* Takes the sum out, so that SQLite never has one that is out of date: see pages.h. */
static uint64_t take_sum(unsigned char *page) {
    uint64_t sum = 0;
    for (int i = 0; i < TEND_PAGES_RESERVED; i++)
        sum |= (uint64_t)page[PAYLOAD + i] << (8 * i);
    memset(page + PAYLOAD, 0, TEND_PAGES_RESERVED);
    return sum;
}

/* Reads and checks one whole page into the file's buffer. */
static int read_page(sqlite3_file *file, sqlite3_int64 number) {
    unsigned char *page = ((pages_file *)file)->page;
    int code = under(file)->pMethods->xRead(under(file), page, PAGE, number * PAGE);
    if (code != SQLITE_OK)
        return code;
    uint64_t sum = take_sum(page);
    return sum == 0 || sum == sum_of(page, number) ? SQLITE_OK : SQLITE_IOERR_DATA;
}

/* Whatever piece is asked for, the pages that cover it are read and checked whole. At the end of
 * the file SQLite expects zeros and SQLITE_IOERR_SHORT_READ. */
static int pages_read(sqlite3_file *file, void *out, int size, sqlite3_int64 offset) {
    if (offset + size <= HEADER)
        return under(file)->pMethods->xRead(under(file), out, size, offset);
    unsigned char *to = out;
    while (size > 0) {
        int skip = (int)(offset % PAGE), part = PAGE - skip < size ? PAGE - skip : size;
        int code = read_page(file, offset / PAGE);
        if (code == SQLITE_IOERR_SHORT_READ)
            memset(to, 0, (size_t)size);
        if (code != SQLITE_OK)
            return code;
        memcpy(to, ((pages_file *)file)->page + skip, (size_t)part);
        to += part;
        offset += part;
        size -= part;
    }
    return SQLITE_OK;
}

/* SQLite writes its database by whole pages. */
static int pages_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 offset) {
    sqlite3_file *real = under(file);
    if (size != PAGE || offset % PAGE != 0)
        return real->pMethods->xWrite(real, data, size, offset);
    unsigned char *page = ((pages_file *)file)->page;
    memcpy(page, data, PAGE);
    put_sum(page, offset / PAGE);
    return real->pMethods->xWrite(real, page, PAGE, offset);
}

/* The rest hands down. */
static int pages_close(sqlite3_file *file) { return under(file)->pMethods->xClose(under(file)); }
static int pages_truncate(sqlite3_file *file, sqlite3_int64 size) { return under(file)->pMethods->xTruncate(under(file), size); }
static int pages_sync(sqlite3_file *file, int flags) { return under(file)->pMethods->xSync(under(file), flags); }
static int pages_size(sqlite3_file *file, sqlite3_int64 *out_size) { return under(file)->pMethods->xFileSize(under(file), out_size); }
static int pages_lock(sqlite3_file *file, int level) { return under(file)->pMethods->xLock(under(file), level); }
static int pages_unlock(sqlite3_file *file, int level) { return under(file)->pMethods->xUnlock(under(file), level); }
static int pages_check_lock(sqlite3_file *file, int *out) { return under(file)->pMethods->xCheckReservedLock(under(file), out); }
static int pages_control(sqlite3_file *file, int operation, void *argument) {
    return under(file)->pMethods->xFileControl(under(file), operation, argument);
}
static int pages_sector(sqlite3_file *file) { return under(file)->pMethods->xSectorSize(under(file)); }
static int pages_device(sqlite3_file *file) { return under(file)->pMethods->xDeviceCharacteristics(under(file)); }
static int pages_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out) {
    return under(file)->pMethods->xShmMap(under(file), page, size, extend, out);
}
static int pages_shm_lock(sqlite3_file *file, int offset, int n, int flags) {
    return under(file)->pMethods->xShmLock(under(file), offset, n, flags);
}
static void pages_shm_barrier(sqlite3_file *file) { under(file)->pMethods->xShmBarrier(under(file)); }
static int pages_shm_unmap(sqlite3_file *file, int remove) { return under(file)->pMethods->xShmUnmap(under(file), remove); }

static const sqlite3_io_methods methods = {
    .iVersion = 2, /* without xFetch: mapped pages would come in unchecked */
    .xClose = pages_close,
    .xRead = pages_read,
    .xWrite = pages_write,
    .xTruncate = pages_truncate,
    .xSync = pages_sync,
    .xFileSize = pages_size,
    .xLock = pages_lock,
    .xUnlock = pages_unlock,
    .xCheckReservedLock = pages_check_lock,
    .xFileControl = pages_control,
    .xSectorSize = pages_sector,
    .xDeviceCharacteristics = pages_device,
    .xShmMap = pages_shm_map,
    .xShmLock = pages_shm_lock,
    .xShmBarrier = pages_shm_barrier,
    .xShmUnmap = pages_shm_unmap,
};

/* Journals and temporary files go to the layer below untouched. */
static int pages_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags) {
    sqlite3_vfs *real = vfs->pAppData;
    if (!(flags & SQLITE_OPEN_MAIN_DB))
        return real->xOpen(real, name, file, flags, out_flags);
    file->pMethods = NULL;
    int code = real->xOpen(real, name, under(file), flags, out_flags);
    if (under(file)->pMethods)
        file->pMethods = &methods;
    return code;
}

static sqlite3_vfs layer; /* written once, by do_register; SQLite links it into its list */
static bool is_registered;

static void do_register(void) {
    sqlite3_vfs *real = sqlite3_vfs_find("unix");
    if (!real)
        return;
    layer = *real; /* all but opening is left to its functions */
    layer.pNext = NULL;
    layer.zName = "tend";
    layer.pAppData = real;
    layer.szOsFile = (int)sizeof(pages_file) + real->szOsFile;
    layer.xOpen = pages_open;
    is_registered = sqlite3_vfs_register(&layer, 0) == SQLITE_OK;
}

const char *tend_pages_vfs(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, do_register);
    return is_registered ? layer.zName : NULL;
}
