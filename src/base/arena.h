/* Arenas: memory with the lifetime of a unit of work (process > run > step > batch).
 *
 * Allocation cannot fail from the caller's point of view: out of memory goes to one hook that ends the
 * process. Sizes that come from users, files or the network must be checked before they
 * arrive here. A debug build (TEND_ARENA_MALLOC) makes each allocation a malloc so that sanitizers see it.
 * Not thread-safe: one arena per thread, or a lock around it.
 *
 *     TEND_AUTO(tend_arena) *arena = tend_arena_new();
 *     char *name = tend_arena_printf(arena, "%s-%d", stem, n);
 */
#ifndef TEND_BASE_ARENA_H
#define TEND_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct tend_arena tend_arena;

tend_arena *tend_arena_new(void);
void tend_arena_free(tend_arena *arena);  /* runs the deferred callbacks, newest first; NULL is fine */
void tend_arena_clear(tend_arena *arena); /* as free, but keeps the arena (and one block) for reuse */

/* Zeroed memory, aligned for any type (16 bytes). size 0 gives a unique non-NULL pointer. */
void *tend_arena_alloc(tend_arena *arena, size_t size);
/* Zeroed, aligned to `align`, a power of two up to 4096. */
void *tend_arena_alloc_aligned(tend_arena *arena, size_t size, size_t align);
/* A copy of `old` (old_size bytes) in a block of new_size; the newest block grows in place when it can. */
void *tend_arena_grow(tend_arena *arena, void *old, size_t old_size, size_t new_size);
char *tend_arena_strdup(tend_arena *arena, const char *text);
char *tend_arena_strndup(tend_arena *arena, const char *text, size_t size); /* NUL-terminated copy */
void *tend_arena_memdup(tend_arena *arena, const void *data, size_t size);
char *tend_arena_printf(tend_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *tend_arena_vprintf(tend_arena *arena, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
/* Calls fn(ctx) when the arena is cleared or freed. */
void tend_arena_defer(tend_arena *arena, void (*fn)(void *ctx), void *ctx);
size_t tend_arena_used(const tend_arena *arena); /* bytes handed out */

#define TEND_NEW(arena, T)      ((T *)tend_arena_alloc((arena), sizeof(T)))
#define TEND_ARRAY(arena, T, n) ((T *)tend_arena_alloc((arena), tend_mul_or_die(sizeof(T), (size_t)(n))))

/* a*b, or the out-of-memory hook on overflow. */
size_t tend_mul_or_die(size_t a, size_t b);
/* malloc and friends that never return NULL (out of memory goes to the hook). */
void *tend_malloc(size_t size);
void *tend_calloc(size_t n, size_t size);
void *tend_realloc(void *old, size_t size);
/* Called with the size asked for when memory is out; must not return. NULL restores the default (a line on
 * stderr and abort). */
void tend_set_oom_hook(void (*hook)(size_t size));

/* TEND_AUTO(tend_arena) *a = …: freed when the scope ends. T_free must accept NULL. */
#define TEND_AUTO(T) __attribute__((cleanup(T##_auto_free))) T
#define TEND_DEFINE_AUTO(T) \
    static inline __attribute__((unused)) void T##_auto_free(T **p) { T##_free(*p); }
/* Takes the value out of an owning pointer: TEND_STEAL(p) returns p and leaves NULL. */
#define TEND_STEAL(p)               \
    __extension__({                 \
        __typeof__(p) steal_ = (p); \
        (p) = NULL;                 \
        steal_;                     \
    })
TEND_DEFINE_AUTO(tend_arena)

#endif
