#include "support/suite.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_TESTS = 1024, MAX_PATH = 4096 };

static struct CMUnitTest tests[MAX_TESTS];
static size_t n_tests;
static bool skipped;
static const char *current_test = "";
static char scratch_root[MAX_PATH];
static pid_t scratch_owner; /* a child that a test forks must not remove it */
static char scratch_folder[MAX_PATH + 128];

static int remember_test(void **state) {
    current_test = *state;
    return 0;
}

void suite_register(const char *name, CMUnitTestFunction run) {
    const char *wanted = getenv("TEND_TEST");
    if (wanted && *wanted && !strstr(name, wanted))
        return;
    if (n_tests == MAX_TESTS) {
        fprintf(stderr, "suite: more than %d tests in one file\n", MAX_TESTS);
        abort();
    }
    union {
        const char *in;
        void *out;
    } name_of = {name}; /* cmocka's state is not const */
    tests[n_tests++] = (struct CMUnitTest){name, run, remember_test, NULL, name_of.out};
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *ftw) {
    (void)info, (void)kind, (void)ftw;
    return remove(path);
}

static void remove_scratch(void) {
    if (scratch_owner == getpid())
        nftw(scratch_root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* Beside the test's binary: that is the build tree, whatever the current folder. */
static void make_root(void) {
    char folder[MAX_PATH - 32];
    ssize_t n = readlink("/proc/self/exe", folder, sizeof folder - 1);
    folder[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash)
        *slash = '\0';
    snprintf(scratch_root, sizeof scratch_root, "%s/scratch-XXXXXX", slash ? folder : ".");
    if (!mkdtemp(scratch_root)) {
        fprintf(stderr, "suite: cannot make the scratch folder '%s'\n", scratch_root);
        abort();
    }
    scratch_owner = getpid();
    atexit(remove_scratch);
}

const char *suite_scratch(void) {
    if (!scratch_root[0])
        make_root();
    snprintf(scratch_folder, sizeof scratch_folder, "%s/%.100s", scratch_root, current_test);
    mkdir(scratch_folder, 0777);
    return scratch_folder;
}

const char *suite_shared(const char *relative) {
    static char path[MAX_PATH];
    const char *root = getenv("TEND_SHARED_DATA");
    if (!root || !*root)
        return NULL;
    snprintf(path, sizeof path, "%s/%s", root, relative);
    return access(path, R_OK) == 0 ? path : NULL;
}

/* The whole error: what it says, the hint, the place in the user's file and the one in ours. */
static void show_error(const tend_error *err) {
    if (!err)
        return;
    print_error("  message: %s\n", err->message);
    if (err->hint[0])
        print_error("  hint: %s\n", err->hint);
    if (err->line || err->file[0])
        print_error("  place: %s:%u:%u\n", err->file, err->line, err->column);
    if (err->src_file)
        print_error("  raised at: %s:%d\n", err->src_file, err->src_line);
}

void suite_skip(const char *file, int line) {
    skipped = true;
    _skip(file, line);
}

void suite_eq(long long got, long long want, const char *expr, const char *file, int line) {
    if (got == want)
        return;
    print_error("%s: got %lld, want %lld\n", expr, got, want);
    _fail(file, line);
}

void suite_near(double got, double want, double tolerance, const char *expr, const char *file, int line) {
    bool both_nan = isnan(got) && isnan(want);
    if (both_nan || got == want || fabs(got - want) <= tolerance)
        return;
    print_error("%s: got %.17g, want %.17g, off by %.3g, allowed %.3g\n", expr, got, want, fabs(got - want), tolerance);
    _fail(file, line);
}

void suite_ok(tend_status status, const tend_error *err, const char *expr, const char *file, int line) {
    if (status == TEND_OK)
        return;
    print_error("%s: failed with %s\n", expr, tend_status_name(status));
    show_error(err);
    _fail(file, line);
}

void suite_fails(tend_status status, const tend_error *err, tend_status want, const char *part, const char *expr, const char *file,
                 int line) {
    bool says = !err || (strstr(err->message, part) && err->code == want);
    if (status == want && says)
        return;
    print_error("%s: got %s, want %s with a message that holds \"%s\"\n", expr, tend_status_name(status), tend_status_name(want), part);
    if (status != TEND_OK)
        show_error(err);
    _fail(file, line);
}

void suite_has(const char *text, const char *part, const char *file, int line) {
    if (text && strstr(text, part))
        return;
    print_error("expected a text that holds \"%s\", found \"%s\"\n", part, text ? text : "(null)");
    _fail(file, line);
}

int main(void) {
    int failed = _cmocka_run_group_tests("tests", tests, n_tests, NULL, NULL);
    /* What a failed assertion or a skipped test jumped over was not freed: a leak report would only hide the result. */
    if (failed || skipped) {
        remove_scratch();
        fflush(NULL);
        _exit(failed ? 1 : 0);
    }
    return 0;
}
