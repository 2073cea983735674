#include "support/suite.h"

#include "base/arena.h"
#include "base/buf.h"

TEST(pieces_add_up) {
    TEND_AUTO_BUF b = TEND_BUF_INIT;
    ASSERT_STR_EQ(tend_buf_text(&b), "");
    tend_buf_puts(&b, "a");
    tend_buf_putc(&b, 'b');
    tend_buf_append(&b, "cd", 2);
    tend_buf_printf(&b, "%d%s", 5, "!");
    ASSERT_STR_EQ(tend_buf_text(&b), "abcd5!");
    ASSERT_EQ(b.size, 6);
    tend_buf_printf(&b, "%0*d", 1000, 0);
    ASSERT_EQ(b.size, 1006);
    ASSERT_EQ(strlen(b.data), 1006);
    tend_buf_clear(&b);
    ASSERT_STR_EQ(tend_buf_text(&b), "");
    ASSERT_OK(tend_buf_status(&b, NULL), NULL);
}

TEST(the_cap_cuts_and_is_told) {
    TEND_AUTO_BUF b = {.max = 5};
    tend_buf_puts(&b, "abc");
    ASSERT_OK(tend_buf_status(&b, NULL), NULL);
    tend_buf_puts(&b, "defgh");
    tend_buf_puts(&b, "more");
    ASSERT_STR_EQ(tend_buf_text(&b), "abcde");
    ASSERT_NULL(tend_buf_reserve(&b, 1));
    tend_error err = TEND_ERROR_INIT;
    ASSERT_FAILS(tend_buf_status(&b, &err), &err, LIMIT, "5 bytes");
    tend_buf_clear(&b);
    ASSERT_OK(tend_buf_status(&b, &err), &err);
}

TEST(reserved_room_is_written_by_the_caller) {
    TEND_AUTO_BUF b = TEND_BUF_INIT;
    for (int i = 0; i < 100; i++) {
        char *room = tend_buf_reserve(&b, 37);
        memset(room, 'x', 37);
        b.size += 37;
    }
    tend_buf_putc(&b, '.');
    ASSERT_EQ(b.size, 3701);
    ASSERT_EQ(strlen(b.data), 3701);
}

TEST(stealing_leaves_an_empty_buffer) {
    tend_buf b = TEND_BUF_INIT;
    size_t size = 99;
    char *nothing = tend_buf_steal(&b, &size);
    ASSERT_STR_EQ(nothing, "");
    ASSERT_EQ(size, 0);
    free(nothing);
    tend_buf_puts(&b, "text");
    char *text = tend_buf_steal(&b, NULL);
    ASSERT_STR_EQ(text, "text");
    free(text);
    ASSERT_NULL(b.data);
    tend_buf_done(&b);
}

TEST(numbers_are_little_endian) {
    TEND_AUTO_BUF b = TEND_BUF_INIT;
    tend_buf_u8(&b, 0xAB);
    tend_buf_u32(&b, 0x01020304);
    tend_buf_u64(&b, 0x1122334455667788);
    tend_buf_f32(&b, 1.0f); /* IEEE 754: 0x3F800000 */
    tend_buf_f64(&b, -2.0); /* 0xC000000000000000 */
    static const unsigned char want[] = {0xAB, 4, 3,    2,    1, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11,
                                         0,    0, 0x80, 0x3F, 0, 0,    0,    0,    0,    0,    0,    0xC0};
    ASSERT_EQ(b.size, sizeof want);
    ASSERT_MEM_EQ(b.data, want, sizeof want);
}

TEST(what_is_written_reads_back) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    TEND_AUTO_BUF b = TEND_BUF_INIT;
    tend_buf_u8(&b, 7);
    tend_buf_str(&b, "h\xC3\xA9");
    tend_buf_pad(&b, 64);
    ASSERT_EQ(b.size, 64);
    tend_buf_pad(&b, 64);
    ASSERT_EQ(b.size, 64);
    tend_buf_f64(&b, 0.1);
    tend_buf_f32(&b, 0.1f);
    tend_buf_u64(&b, UINT64_MAX);
    tend_cursor c = tend_cursor_init(b.data, b.size);
    ASSERT_EQ(tend_cursor_u8(&c), 7);
    ASSERT_STR_EQ(tend_cursor_str(&c, arena), "h\xC3\xA9");
    tend_cursor_align(&c, 64);
    ASSERT_TRUE(tend_cursor_f64(&c) == 0.1);
    ASSERT_TRUE(tend_cursor_f32(&c) == 0.1f);
    ASSERT_TRUE(tend_cursor_u64(&c) == UINT64_MAX);
    ASSERT_FALSE(c.failed);
    ASSERT_EQ(c.at, c.size);
}

TEST(a_short_read_fails_for_good) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    static const unsigned char bytes[] = {255, 255, 255, 255, 'a', 'b'};
    tend_cursor c = tend_cursor_init(bytes, sizeof bytes);
    ASSERT_STR_EQ(tend_cursor_str(&c, arena), ""); /* four billion bytes are not there */
    ASSERT_TRUE(c.failed);
    ASSERT_EQ(tend_cursor_u8(&c), 0);
    ASSERT_NULL(tend_cursor_bytes(&c, 0));
    for (size_t size = 0; size < 8; size++) {
        c = tend_cursor_init("\1\1\1\1\1\1\1\1", size);
        ASSERT_EQ(tend_cursor_u64(&c), 0);
        ASSERT_TRUE(c.failed);
    }
    c = tend_cursor_init(NULL, 0);
    ASSERT_NOT_NULL(tend_cursor_bytes(&c, 0));
    ASSERT_FALSE(c.failed);
}
