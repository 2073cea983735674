/* Which files a journal consists of, for readers and for its upkeep. */
#include "store/journal_private.h"

#include "base/fs_ops.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

static bool same_names(char **a, size_t n_a, char **b, size_t n_b) {
    if (n_a != n_b)
        return false;
    for (size_t i = 0; i < n_a; i++)
        if (strcmp(a[i], b[i]) != 0)
            return false;
    return true;
}

/* A folder that is read while a segment is sealed may show neither the old nor the new name of it: only what is seen twice alike
 * is believed. A folder that changes on and on is taken as it is in the end. */
static tend_status list_names(const char *folder, tend_arena *arena, char ***out, size_t *out_n, tend_error *err) {
    enum { ATTEMPTS = 16 };
    char **before;
    size_t n_before;
    TEND_TRY(tend_fs_list(folder, arena, out, out_n, err));
    int attempt = 0;
    do {
        before = *out;
        n_before = *out_n;
        TEND_TRY(tend_fs_list(folder, arena, out, out_n, err));
    } while (!same_names(before, n_before, *out, *out_n) && ++attempt < ATTEMPTS);
    return TEND_OK;
}

/* Names sort by time, and of one segment the plain name right before the sealed one. Sealed is what counts: it is whole, and the
 * plain one is on its way out. */
tend_status journal_files_list(const char *folder, tend_arena *arena, journal_file **out, size_t *out_n, tend_error *err) {
    char **names;
    size_t n;
    TEND_TRY(list_names(folder, arena, &names, &n, err));
    journal_file *files = TEND_ARRAY(arena, journal_file, n);
    size_t n_files = 0;
    for (size_t i = 0; i < n; i++) {
        bool is_sealed = tend_text_has_suffix(names[i], JOURNAL_SEALED), is_plain = tend_text_has_suffix(names[i], JOURNAL_PLAIN);
        bool is_twice =
            is_plain && i + 1 < n && tend_text_has_prefix(names[i + 1], names[i]) && tend_text_has_suffix(names[i + 1], JOURNAL_SEALED);
        if (names[i][0] == '.' || (!is_sealed && !is_plain) || is_twice)
            continue;
        journal_file *file = &files[n_files];
        tend_file_stamp stamp;
        *file = (journal_file){.path = tend_path_join(arena, folder, names[i]), .is_sealed = is_sealed};
        if (tend_fs_stamp(file->path, &stamp, NULL) == TEND_OK) {
            file->size = stamp.size;
            file->modified = stamp.mtime_ns / 1000;
        }
        n_files++;
    }
    *out = files;
    *out_n = n_files;
    return TEND_OK;
}

tend_status tend_journal_files(const char *folder, tend_arena *arena, char ***out_paths, size_t *out_n, tend_error *err) {
    journal_file *files;
    size_t n = 0;
    if (tend_fs_exists(folder))
        TEND_TRY(journal_files_list(folder, arena, &files, &n, err));
    char **paths = TEND_ARRAY(arena, char *, n);
    for (size_t i = 0; i < n; i++)
        paths[i] = files[i].path;
    *out_paths = paths;
    *out_n = n;
    return TEND_OK;
}

/* The other side is journal_seal, which removes what it packed only when nobody holds the folder. It does so in no time, so this waits. */
int tend_journal_hold(const char *folder) {
    int fd = fs_op_open(folder, O_RDONLY | O_DIRECTORY, 0);
    if (fd >= 0 && flock(fd, LOCK_SH) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

void tend_journal_release(int hold) {
    if (hold >= 0)
        close(hold);
}
