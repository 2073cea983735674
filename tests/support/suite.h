/* Unit tests on cmocka: TEST(name) { … } registers itself; one file is one binary, run by CTest.
 *
 *     #include "support/suite.h"
 *     TEST(parses_a_number) {
 *         tend_error err = TEND_ERROR_INIT;
 *         int n = 0;
 *         ASSERT_OK(parse("12", &n, &err), &err);
 *         ASSERT_EQ(n, 12);
 *     }
 *
 * `TEND_TEST=word binary` runs only the tests whose names contain the word.
 */
#ifndef TEND_TESTS_SUITE_H
#define TEND_TESTS_SUITE_H

#include "base/error.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void suite_register(const char *name, CMUnitTestFunction run);

#define TEST(name)                                                                                         \
    static void test_##name(void **);                                                                      \
    __attribute__((constructor)) static void register_##name(void) { suite_register(#name, test_##name); } \
    static void test_##name(__attribute__((unused)) void **suite_state_)

/* A folder of the test's own under the build tree, empty, removed when the binary ends. Borrowed. */
const char *suite_scratch(void);
/* A path under the shared data folder (environment TEND_SHARED_DATA), or NULL when there is none: then SKIP(). */
const char *suite_shared(const char *relative);
#define SKIP() suite_skip(__FILE__, __LINE__)

#define ASSERT_TRUE(expr)                 assert_true(expr)
#define ASSERT_FALSE(expr)                assert_false(expr)
#define ASSERT_NULL(p)                    assert_null(p)
#define ASSERT_NOT_NULL(p)                assert_non_null(p)
#define ASSERT_STR_EQ(got, want)          assert_string_equal((got), (want))
#define ASSERT_MEM_EQ(got, want, size)    assert_memory_equal((got), (want), (size))
#define ASSERT_EQ(got, want)              suite_eq((long long)(got), (long long)(want), #got, __FILE__, __LINE__)
#define ASSERT_NEAR(got, want, tolerance) suite_near((double)(got), (double)(want), (double)(tolerance), #got, __FILE__, __LINE__)
#define ASSERT_OK(expr, err)              suite_ok((expr), (err), #expr, __FILE__, __LINE__)
/* The call fails with TEND_<CODE>, and its message holds `part`. */
#define ASSERT_FAILS(expr, err, CODE, part) suite_fails((expr), (err), TEND_##CODE, (part), #expr, __FILE__, __LINE__)
#define ASSERT_HAS(text, part)              suite_has((text), (part), __FILE__, __LINE__)

void suite_skip(const char *file, int line);
void suite_eq(long long got, long long want, const char *expr, const char *file, int line);
void suite_near(double got, double want, double tolerance, const char *expr, const char *file, int line);
void suite_ok(tend_status status, const tend_error *err, const char *expr, const char *file, int line);
void suite_fails(tend_status status, const tend_error *err, tend_status want, const char *part, const char *expr, const char *file,
                 int line);
void suite_has(const char *text, const char *part, const char *file, int line);

#endif
