#include "base/arena.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { ALIGN = 16, FIRST_BLOCK = 4 << 10, LAST_BLOCK = 1 << 20 };

typedef struct block {
    struct block *next;
    size_t size, used; /* of the bytes behind the header */
    size_t reserved;   /* keeps the header a multiple of ALIGN */
} block;
_Static_assert(sizeof(block) % ALIGN == 0, "data behind the header must be aligned");

typedef struct deferred {
    struct deferred *next;
    void (*fn)(void *ctx);
    void *ctx;
} deferred;

struct tend_arena {
    block *current; /* the newest shared block; older ones follow */
    block *alone;   /* blocks of one large allocation each */
    deferred *deferred;
    void *newest; /* the newest allocation in `current`: it may grow in place */
    size_t used;
};

static void (*oom_hook)(size_t size);

static void default_oom(size_t size) {
    fprintf(stderr, "tend: out of memory (%zu bytes wanted)\n", size);
    abort();
}

void tend_set_oom_hook(void (*hook)(size_t size)) { oom_hook = hook; }

__attribute__((noreturn)) static void out_of_memory(size_t size) {
    if (oom_hook)
        oom_hook(size);
    default_oom(size);
    abort();
}

size_t tend_mul_or_die(size_t a, size_t b) {
    size_t product;
    if (__builtin_mul_overflow(a, b, &product))
        out_of_memory(SIZE_MAX);
    return product;
}

static size_t add_or_die(size_t a, size_t b) {
    size_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        out_of_memory(SIZE_MAX);
    return sum;
}

void *tend_malloc(size_t size) {
    void *p = malloc(size ? size : 1);
    if (!p)
        out_of_memory(size);
    return p;
}

void *tend_calloc(size_t n, size_t size) {
    void *p = calloc(n ? n : 1, size ? size : 1);
    if (!p)
        out_of_memory(tend_mul_or_die(n, size));
    return p;
}

void *tend_realloc(void *old, size_t size) {
    void *p = realloc(old, size ? size : 1);
    if (!p)
        out_of_memory(size);
    return p;
}

tend_arena *tend_arena_new(void) { return tend_calloc(1, sizeof(tend_arena)); }

static char *block_data(block *b) { return (char *)(b + 1); }

static size_t round_up(size_t n, size_t align) { return add_or_die(n, align - 1) & ~(align - 1); }

static void free_blocks(block *b) {
    while (b) {
        block *next = b->next;
        free(b);
        b = next;
    }
}

static void run_deferred(tend_arena *arena) {
    while (arena->deferred) {
        deferred *d = arena->deferred;
        arena->deferred = d->next;
        d->fn(d->ctx);
    }
}

void tend_arena_free(tend_arena *arena) {
    if (!arena)
        return;
    run_deferred(arena);
    free_blocks(arena->current);
    free_blocks(arena->alone);
    free(arena);
}

void tend_arena_clear(tend_arena *arena) {
    run_deferred(arena);
    block *kept = arena->current;
    if (kept) {
        free_blocks(kept->next);
        kept->next = NULL;
        kept->used = 0;
    }
    free_blocks(arena->alone);
    *arena = (tend_arena){.current = kept};
}

#ifdef TEND_ARENA_MALLOC
/* Each allocation alone, its end at the end of a malloc block: a sanitizer sees the first byte too
 * far. */
static bool is_alone(__attribute__((unused)) size_t size) { return true; }

static void *alloc_alone(tend_arena *arena, size_t size, size_t align) {
    size_t header = round_up(sizeof(block), align);
    char *raw = NULL;
    if (posix_memalign((void **)&raw, align, add_or_die(header, size ? size : 1)) != 0)
        out_of_memory(size);
    block *b = (block *)raw;
    *b = (block){.next = arena->alone};
    arena->alone = b;
    return memset(raw + header, 0, size ? size : 1);
}
#else
/* Large allocations would waste the rest of a shared block; calloc also gets its zeros for nothing.
 */
static bool is_alone(size_t size) { return size >= LAST_BLOCK / 4; }

static void *alloc_alone(tend_arena *arena, size_t size, size_t align) {
    block *b = tend_calloc(1, add_or_die(sizeof(block) + align, size));
    b->next = arena->alone;
    arena->alone = b;
    uintptr_t data = (uintptr_t)block_data(b);
    return block_data(b) + (-data & (align - 1));
}
#endif

static void add_block(tend_arena *arena, size_t at_least) {
    size_t size = arena->current ? 2 * arena->current->size : FIRST_BLOCK;
    size = size > LAST_BLOCK ? LAST_BLOCK : size;
    size = size < at_least ? round_up(at_least, FIRST_BLOCK) : size;
    block *b = tend_malloc(sizeof(block) + size);
    *b = (block){.next = arena->current, .size = size};
    arena->current = b;
}

/* Bytes to skip in the current block before the next `align` boundary. */
static size_t padding(const block *b, size_t align) {
    uintptr_t at = (uintptr_t)(b + 1) + b->used;
    return -at & (align - 1);
}

void *tend_arena_alloc_aligned(tend_arena *arena, size_t size, size_t align) {
    align = align < ALIGN ? ALIGN : align;
    arena->used = add_or_die(arena->used, size);
    if (is_alone(size))
        return alloc_alone(arena, size, align);
    size_t taken = round_up(size ? size : 1, ALIGN);
    block *b = arena->current;
    if (!b || b->size - b->used < taken + padding(b, align)) {
        add_block(arena, taken + align);
        b = arena->current;
    }
    char *p = block_data(b) + b->used + padding(b, align);
    b->used = (size_t)(p - block_data(b)) + taken;
    arena->newest = p;
    return memset(p, 0, taken);
}

void *tend_arena_alloc(tend_arena *arena, size_t size) { return tend_arena_alloc_aligned(arena, size, ALIGN); }

/* Room behind the newest allocation is taken over without moving it. */
static bool grow_in_place(tend_arena *arena, char *old, size_t old_size, size_t new_size) {
    block *b = arena->current;
    if (!old || old != arena->newest)
        return false;
    size_t start = (size_t)(old - block_data(b));
    if (new_size > b->size - start || b->size - start < round_up(new_size, ALIGN))
        return false;
    size_t end = start + round_up(new_size ? new_size : 1, ALIGN);
    if (end > b->used) {
        memset(block_data(b) + b->used, 0, end - b->used);
        b->used = end;
    }
    arena->used += new_size - old_size;
    return true;
}

void *tend_arena_grow(tend_arena *arena, void *old, size_t old_size, size_t new_size) {
    if (old && new_size <= old_size)
        return old;
    if (grow_in_place(arena, old, old_size, new_size))
        return old;
    void *p = tend_arena_alloc(arena, new_size);
    if (old_size)
        memcpy(p, old, old_size);
    return p;
}

void *tend_arena_memdup(tend_arena *arena, const void *data, size_t size) {
    void *p = tend_arena_alloc(arena, size);
    if (size)
        memcpy(p, data, size);
    return p;
}

char *tend_arena_strndup(tend_arena *arena, const char *text, size_t size) {
    char *p = tend_arena_alloc(arena, add_or_die(size, 1));
    if (size)
        memcpy(p, text, size);
    return p;
}

char *tend_arena_strdup(tend_arena *arena, const char *text) { return tend_arena_strndup(arena, text, strlen(text)); }

char *tend_arena_vprintf(tend_arena *arena, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    size_t size = n < 0 ? 0 : (size_t)n;
    char *p = tend_arena_alloc(arena, size + 1);
    if (n > 0)
        vsnprintf(p, size + 1, format, args);
    return p;
}

char *tend_arena_printf(tend_arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *p = tend_arena_vprintf(arena, format, args);
    va_end(args);
    return p;
}

void tend_arena_defer(tend_arena *arena, void (*fn)(void *ctx), void *ctx) {
    deferred *d = TEND_NEW(arena, deferred);
    *d = (deferred){.next = arena->deferred, .fn = fn, .ctx = ctx};
    arena->deferred = d;
}

size_t tend_arena_used(const tend_arena *arena) { return arena->used; }
