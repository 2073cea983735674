/* A growable byte buffer with a cap: everything that is written piece by piece goes through one.
 *
 * The text is always NUL-terminated (the NUL is not counted). When an append would pass `max` it is cut and
 * `overflow` is set: check once at the end (tend_buf_status). Zero-initialise with TEND_BUF_INIT; the buffer owns
 * malloc'd memory until tend_buf_done or tend_buf_steal. Not thread-safe.
 */
#ifndef TEND_BASE_BUF_H
#define TEND_BASE_BUF_H

#include "base/error.h"

#include <string.h>

typedef struct tend_buf {
    char *data; /* never NULL after the first append; use tend_buf_text for a C string */
    size_t size, capacity;
    size_t max; /* 0: 1 GiB */
    bool overflow;
} tend_buf;

#define TEND_BUF_INIT ((tend_buf){0})

void tend_buf_done(tend_buf *buf);
void tend_buf_clear(tend_buf *buf);                                        /* size 0, memory kept */
void tend_buf_append_slowly(tend_buf *buf, const void *data, size_t size); /* private: when there is no room yet */
/* The capacity never passes the cap and its NUL, so one comparison tells whether there is room. */
static inline void tend_buf_append(tend_buf *buf, const void *data, size_t size) {
    if (size >= buf->capacity - buf->size) {
        tend_buf_append_slowly(buf, data, size);
        return;
    }
    if (size) /* data may be NULL */
        memcpy(buf->data + buf->size, data, size);
    buf->size += size;
    buf->data[buf->size] = '\0';
}
void tend_buf_puts(tend_buf *buf, const char *text);
static inline void tend_buf_putc(tend_buf *buf, char c) { tend_buf_append(buf, &c, 1); }
void tend_buf_printf(tend_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void tend_buf_vprintf(tend_buf *buf, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
void tend_buf_pad(tend_buf *buf, size_t align); /* zero bytes up to a multiple of align */
/* Little-endian, whatever the machine. */
void tend_buf_u8(tend_buf *buf, uint8_t v);
void tend_buf_u32(tend_buf *buf, uint32_t v);
void tend_buf_u64(tend_buf *buf, uint64_t v);
void tend_buf_f32(tend_buf *buf, float v);
void tend_buf_f64(tend_buf *buf, double v);
/* u32 length, then the bytes. */
void tend_buf_str(tend_buf *buf, const char *text);
/* Room for size more bytes at the end: write there, then add what was written to `size`. NULL on overflow. */
char *tend_buf_reserve(tend_buf *buf, size_t size);
const char *tend_buf_text(const tend_buf *buf);                    /* "" when empty */
char *tend_buf_steal(tend_buf *buf, size_t *out_size);             /* out_size may be NULL; caller frees */
tend_status tend_buf_status(const tend_buf *buf, tend_error *err); /* LIMIT on overflow */
static inline void tend_buf_auto_done(tend_buf *buf) { tend_buf_done(buf); }
#define TEND_AUTO_BUF __attribute__((cleanup(tend_buf_auto_done))) tend_buf

/* The reading side: a cursor over bytes that never reads past the end. After any short read `failed` is set
 * and every further read gives zeros; check once at the end. */
typedef struct tend_cursor {
    const uint8_t *data;
    size_t size, at;
    bool failed;
} tend_cursor;

tend_cursor tend_cursor_init(const void *data, size_t size);
uint8_t tend_cursor_u8(tend_cursor *c);
uint32_t tend_cursor_u32(tend_cursor *c);
uint64_t tend_cursor_u64(tend_cursor *c);
float tend_cursor_f32(tend_cursor *c);
double tend_cursor_f64(tend_cursor *c);
const void *tend_cursor_bytes(tend_cursor *c, size_t size); /* NULL on failure */
/* u32 length, then bytes: a NUL-terminated copy in the arena; "" on failure. */
struct tend_arena;
char *tend_cursor_str(tend_cursor *c, struct tend_arena *arena);
void tend_cursor_align(tend_cursor *c, size_t align);

#endif
