#include "base/buf.h"

#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>

#define DEFAULT_MAX ((size_t)1 << 30)

static size_t max_of(const tend_buf *buf) { return buf->max ? buf->max : DEFAULT_MAX; }

/* Room for `size` more bytes and the NUL; the caller has checked the cap. */
static void ensure(tend_buf *buf, size_t size) {
    size_t needed = buf->size + size + 1;
    if (needed <= buf->capacity)
        return;
    size_t capacity = buf->capacity < 32 ? 64 : buf->capacity + buf->capacity / 2;
    capacity = capacity < needed ? needed : capacity;
    buf->capacity = capacity - 1 < max_of(buf) ? capacity : max_of(buf) + 1;
    buf->data = tend_realloc(buf->data, buf->capacity);
}

/* How many of `size` bytes still fit; notes the overflow. */
static size_t admit(tend_buf *buf, size_t size) {
    size_t left = max_of(buf) > buf->size ? max_of(buf) - buf->size : 0;
    if (size <= left)
        return size;
    buf->overflow = true;
    return left;
}

void tend_buf_done(tend_buf *buf) {
    free(buf->data);
    *buf = (tend_buf){.max = buf->max};
}

void tend_buf_clear(tend_buf *buf) {
    buf->size = 0;
    buf->overflow = false;
    if (buf->data)
        buf->data[0] = '\0';
}

void tend_buf_append_slowly(tend_buf *buf, const void *data, size_t size) {
    size = admit(buf, size);
    ensure(buf, size);
    if (size)
        memcpy(buf->data + buf->size, data, size);
    buf->size += size;
    buf->data[buf->size] = '\0';
}

void tend_buf_puts(tend_buf *buf, const char *text) { tend_buf_append(buf, text, strlen(text)); }

void tend_buf_vprintf(tend_buf *buf, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    char small[256];
    int n = vsnprintf(small, sizeof small, format, again);
    va_end(again);
    if (n <= 0)
        return;
    if ((size_t)n < sizeof small) {
        tend_buf_append(buf, small, (size_t)n);
        return;
    }
    char *large = tend_malloc((size_t)n + 1);
    vsnprintf(large, (size_t)n + 1, format, args);
    tend_buf_append(buf, large, (size_t)n);
    free(large);
}

void tend_buf_printf(tend_buf *buf, const char *format, ...) {
    va_list args;
    va_start(args, format);
    tend_buf_vprintf(buf, format, args);
    va_end(args);
}

void tend_buf_pad(tend_buf *buf, size_t align) {
    static const char zeros[64];
    size_t missing = align > 1 ? (align - buf->size % align) % align : 0;
    for (; missing > sizeof zeros && !buf->overflow; missing -= sizeof zeros)
        tend_buf_append(buf, zeros, sizeof zeros);
    tend_buf_append(buf, zeros, missing > sizeof zeros ? sizeof zeros : missing);
}

void tend_buf_u8(tend_buf *buf, uint8_t v) { tend_buf_append(buf, &v, 1); }

void tend_buf_u32(tend_buf *buf, uint32_t v) {
    uint8_t bytes[4];
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(v >> (8 * i));
    tend_buf_append(buf, bytes, sizeof bytes);
}

void tend_buf_u64(tend_buf *buf, uint64_t v) {
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(v >> (8 * i));
    tend_buf_append(buf, bytes, sizeof bytes);
}

void tend_buf_f32(tend_buf *buf, float v) {
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    tend_buf_u32(buf, bits);
}

void tend_buf_f64(tend_buf *buf, double v) {
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    tend_buf_u64(buf, bits);
}

void tend_buf_str(tend_buf *buf, const char *text) {
    size_t size = strlen(text);
    if (size > UINT32_MAX) {
        buf->overflow = true;
        return;
    }
    tend_buf_u32(buf, (uint32_t)size);
    tend_buf_append(buf, text, size);
}

char *tend_buf_reserve(tend_buf *buf, size_t size) {
    if (admit(buf, size) < size)
        return NULL;
    ensure(buf, size);
    return buf->data + buf->size;
}

const char *tend_buf_text(const tend_buf *buf) { return buf->data ? buf->data : ""; }

char *tend_buf_steal(tend_buf *buf, size_t *out_size) {
    ensure(buf, 0);
    buf->data[buf->size] = '\0';
    char *data = buf->data;
    if (out_size)
        *out_size = buf->size;
    *buf = (tend_buf){.max = buf->max};
    return data;
}

tend_status tend_buf_status(const tend_buf *buf, tend_error *err) {
    if (!buf->overflow)
        return TEND_OK;
    return TEND_FAIL(err, LIMIT, "the text grew beyond its limit of %zu bytes", max_of(buf));
}

tend_cursor tend_cursor_init(const void *data, size_t size) { return (tend_cursor){data, size, 0, false}; }

const void *tend_cursor_bytes(tend_cursor *c, size_t size) {
    static const uint8_t nothing;
    if (c->failed || size > c->size - c->at) {
        c->failed = true;
        return NULL;
    }
    const uint8_t *at = c->data ? c->data + c->at : &nothing;
    c->at += size;
    return at;
}

static uint64_t read_le(tend_cursor *c, size_t size) {
    const uint8_t *bytes = tend_cursor_bytes(c, size);
    uint64_t v = 0;
    for (size_t i = 0; bytes && i < size; i++)
        v |= (uint64_t)bytes[i] << (8 * i);
    return v;
}

uint8_t tend_cursor_u8(tend_cursor *c) { return (uint8_t)read_le(c, 1); }

uint32_t tend_cursor_u32(tend_cursor *c) { return (uint32_t)read_le(c, 4); }

uint64_t tend_cursor_u64(tend_cursor *c) { return read_le(c, 8); }

float tend_cursor_f32(tend_cursor *c) {
    uint32_t bits = tend_cursor_u32(c);
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

double tend_cursor_f64(tend_cursor *c) {
    uint64_t bits = tend_cursor_u64(c);
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

char *tend_cursor_str(tend_cursor *c, struct tend_arena *arena) {
    size_t size = tend_cursor_u32(c);
    const char *bytes = tend_cursor_bytes(c, size);
    return bytes ? tend_arena_strndup(arena, bytes, size) : tend_arena_strdup(arena, "");
}

void tend_cursor_align(tend_cursor *c, size_t align) {
    if (align > 1)
        tend_cursor_bytes(c, (align - c->at % align) % align);
}
