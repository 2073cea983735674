#include "base/library.h"

#include "base/fs.h"
#include "support/suite.h"

static const char *const names[] = {"libtend-no-such-thing.so", NULL};
static const char *const functions[] = {"deflate", NULL};
static const tend_library_spec absent = {.title = "the library of tests",
                                         .variable = "TEND_TEST_LIBRARY",
                                         .names = names,
                                         .functions = functions,
                                         .remedy = "apt install nothing"};

TEST(an_absent_library_is_told_with_its_remedy) {
    tend_error err = TEND_ERROR_INIT;
    void *address[1] = {NULL};
    unsetenv("TEND_TEST_LIBRARY");
    ASSERT_FAILS(tend_library_load(&absent, address, &err), &err, UNSUPPORTED, "the library of tests is not installed");
    ASSERT_HAS(err.hint, "apt install nothing");
    ASSERT_HAS(err.hint, "TEND_TEST_LIBRARY");
    ASSERT_NULL(address[0]);
}

TEST(what_the_user_names_must_work) {
    tend_error err = TEND_ERROR_INIT;
    void *address[1] = {NULL};
    char path[600];
    snprintf(path, sizeof path, "%s/broken.so", suite_scratch());
    ASSERT_OK(tend_fs_write(path, "no library", 10, 0644, &err), &err);
    setenv("TEND_TEST_LIBRARY", path, 1);
    ASSERT_FAILS(tend_library_load(&absent, address, &err), &err, UNSUPPORTED, "broken.so");
    setenv("TEND_TEST_LIBRARY", suite_scratch(), 1);
    ASSERT_FAILS(tend_library_load(&absent, address, &err), &err, UNSUPPORTED, "no such library in that folder");
    unsetenv("TEND_TEST_LIBRARY");
}

TEST(functions_are_found_or_named) {
    static const char *const zlib[] = {"libz.so.1", NULL}, *const none[] = {"deflate", "tend_no_such_function", NULL};
    tend_library_spec spec = absent;
    spec.names = zlib;
    tend_error err = TEND_ERROR_INIT;
    void *address[2] = {NULL, NULL};
    ASSERT_OK(tend_library_load(&spec, address, &err), &err);
    ASSERT_NOT_NULL(address[0]);
    address[0] = NULL;
    spec.functions = none;
    ASSERT_FAILS(tend_library_load(&spec, address, &err), &err, UNSUPPORTED, "'tend_no_such_function'");
    ASSERT_NULL(address[0]);
}
