#include "support/suite.h"

#include "base/diag.h"

TEST(every_code_has_its_row) {
    ASSERT_STR_EQ(tend_status_name(TEND_NOT_FOUND), "NOT_FOUND");
    ASSERT_STR_EQ(tend_status_text(TEND_NOT_FOUND), "not found");
    ASSERT_EQ(tend_status_exit(TEND_NOT_FOUND), 3);
    ASSERT_EQ(tend_status_http(TEND_NOT_FOUND), 404);
    ASSERT_EQ(tend_status_exit(TEND_OK), 0);
    ASSERT_STR_EQ(tend_status_name((tend_status)999), "BUG");
}

TEST(an_error_may_be_null) {
    ASSERT_EQ(TEND_FAIL(NULL, IO, "x"), TEND_IO);
    ASSERT_EQ(tend_error_hint(NULL, TEND_IO, "x"), TEND_IO);
    ASSERT_EQ(tend_error_wrap(NULL, TEND_IO, "x"), TEND_IO);
    ASSERT_EQ(TEND_FAIL_AT(NULL, DATA, ((tend_span){"f", 1, 2, 3}), "x"), TEND_DATA);
}

TEST(a_message_is_printable_whatever_it_quotes) {
    tend_error err = TEND_ERROR_INIT;
    TEND_FAIL(&err, DATA, "column 'a\033[2J\xC3' of 'b\nc\td\xC2\x9Bm'");
    tend_error_hint(&err, TEND_DATA, "é\x80\x7F");
    ASSERT_STR_EQ(err.hint, "é??");
    ASSERT_STR_EQ(err.message, "column 'a?[2J?' of 'b c d??m'");
    tend_error_wrap(&err, TEND_DATA, "in \a");
    ASSERT_STR_EQ(err.message, "while in ?: column 'a?[2J?' of 'b c d??m'");
}

TEST(failing_fills_everything) {
    tend_error err = {.hint = "an old one"};
    tend_span span = {"tend.yaml", 12, 9, 4};
    ASSERT_EQ(TEND_FAIL_AT(&err, CONFIG, span, "unknown key '%s'", "x"), TEND_CONFIG);
    ASSERT_STR_EQ(err.message, "unknown key 'x'");
    ASSERT_STR_EQ(err.hint, "");
    ASSERT_STR_EQ(err.file, "tend.yaml");
    ASSERT_EQ(err.line, 12);
    ASSERT_EQ(err.column, 9);
    ASSERT_EQ(err.length, 4);
    ASSERT_HAS(err.src_file, "test_error.c");
    tend_error_hint(&err, TEND_CONFIG, "did you mean '%s'?", "y");
    ASSERT_STR_EQ(err.hint, "did you mean 'y'?");
}

static tend_status inner(tend_error *err) { return TEND_FAIL(err, IO, "the disk is full"); }

static tend_status outer(tend_error *err) {
    TEND_TRY_WRAP(inner(err), err, "writing '%s'", "a.txt");
    return TEND_OK;
}

TEST(wrapping_says_what_was_done) {
    tend_error err = TEND_ERROR_INIT;
    ASSERT_FAILS(outer(&err), &err, IO, "while writing 'a.txt': the disk is full");
}

TEST(an_error_may_be_its_own_argument) {
    tend_error err = TEND_ERROR_INIT;
    TEND_FAIL(&err, IO, "first");
    TEND_FAIL(&err, DATA, "second after %s", err.message);
    ASSERT_STR_EQ(err.message, "second after first");
}

TEST(long_texts_are_cut_between_characters) {
    tend_error err = TEND_ERROR_INIT;
    for (int shift = 0; shift < 4; shift++) {
        char text[2000];
        memset(text, 'x', sizeof text);
        for (size_t i = (size_t)shift; i + 2 < sizeof text; i += 2)
            memcpy(text + i, "\xC3\xA9", 2); /* é */
        text[sizeof text - 1] = '\0';
        TEND_FAIL(&err, IO, "%s", text);
        size_t size = strlen(err.message);
        ASSERT_TRUE(size < sizeof err.message && size > sizeof err.message - 6);
        ASSERT_STR_EQ(err.message + size - 3, "\xE2\x80\xA6");
        ASSERT_TRUE((unsigned char)err.message[size - 4] != 0xC3);
        tend_error_wrap(&err, TEND_IO, "%s", text);
        ASSERT_STR_EQ(err.message + strlen(err.message) - 3, "\xE2\x80\xA6");
    }
}

TEST(diagnostics_keep_their_order_and_counts) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_diags diags;
    tend_diags_init(&diags, arena);
    ASSERT_EQ(tend_diags_status(&diags, NULL), TEND_OK);
    tend_diags_add(&diags, TEND_SEVERITY_WARNING, TEND_DATA, (tend_span){0}, "w");
    ASSERT_EQ(tend_diags_status(&diags, NULL), TEND_OK);
    tend_error *first = tend_diags_add(&diags, TEND_SEVERITY_ERROR, TEND_CONFIG, (tend_span){"f", 3, 1, 1}, "e%d", 1);
    tend_error_hint(first, TEND_CONFIG, "h");
    tend_diags_push(&diags, TEND_SEVERITY_ERROR, first);
    tend_error err = TEND_ERROR_INIT;
    ASSERT_FAILS(tend_diags_status(&diags, &err), &err, CONFIG, "e1");
    ASSERT_STR_EQ(err.hint, "h");
    ASSERT_EQ(err.line, 3);
    ASSERT_EQ(diags.n_errors, 2);
    ASSERT_EQ(diags.n_warnings, 1);
    ASSERT_STR_EQ(diags.first->error.message, "w");
    ASSERT_STR_EQ(diags.last->error.message, "e1");
}

TEST(a_full_list_counts_on_and_keeps_the_first_error) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    tend_diags diags;
    tend_diags_init(&diags, arena);
    for (int i = 0; i < TEND_DIAG_MAX + 50; i++)
        ASSERT_NOT_NULL(tend_diags_add(&diags, TEND_SEVERITY_WARNING, TEND_DATA, (tend_span){0}, "w%d", i));
    for (int i = 0; i < 3; i++)
        ASSERT_NOT_NULL(tend_diags_add(&diags, TEND_SEVERITY_ERROR, TEND_LIMIT, (tend_span){0}, "e%d", i));
    tend_error err = TEND_ERROR_INIT;
    ASSERT_FAILS(tend_diags_status(&diags, &err), &err, LIMIT, "e0");
    ASSERT_EQ(diags.n_warnings, TEND_DIAG_MAX + 50);
    ASSERT_EQ(diags.n_errors, 3);
    ASSERT_EQ(diags.n_dropped, 52);
}
