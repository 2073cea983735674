#include "support/suite.h"

#include "base/arena.h"

#include <setjmp.h>

TEST(memory_is_zeroed_and_aligned) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    size_t total = 0;
    for (size_t size = 0; size < 3000; size += 7) {
        unsigned char *p = tend_arena_alloc(arena, size);
        ASSERT_NOT_NULL(p);
        ASSERT_EQ((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < size; i++)
            ASSERT_EQ(p[i], 0);
        memset(p, 0xFF, size); /* the next must not see this */
        total += size;
    }
    ASSERT_EQ(tend_arena_used(arena), total);
}

TEST(empty_allocations_differ) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    ASSERT_TRUE(tend_arena_alloc(arena, 0) != tend_arena_alloc(arena, 0));
}

TEST(wider_alignment_is_kept) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    static const size_t sizes[] = {1, 100, 5000, 300000, 2000000};
    for (size_t align = 1; align <= 4096; align *= 2)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            char *p = tend_arena_alloc_aligned(arena, sizes[i], align);
            ASSERT_EQ((uintptr_t)p % align, 0);
            ASSERT_EQ(p[0] | p[sizes[i] - 1], 0);
            memset(p, 1, sizes[i]);
        }
}

TEST(clearing_gives_zeroed_memory_again) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 100; i++) {
            char *p = tend_arena_alloc(arena, 1000);
            for (size_t k = 0; k < 1000; k++)
                ASSERT_EQ(p[k], 0);
            memset(p, 0xAA, 1000);
        }
        tend_arena_clear(arena);
        ASSERT_EQ(tend_arena_used(arena), 0);
    }
}

TEST(growing_keeps_the_contents) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    size_t size = 0;
    unsigned char *p = NULL;
    for (size_t wanted = 1; wanted < 500000; wanted = wanted * 3 / 2 + 1) {
        p = tend_arena_grow(arena, p, size, wanted);
        for (size_t i = 0; i < size; i++)
            ASSERT_EQ(p[i], (i * 31) & 0xFF);
        for (size_t i = size; i < wanted; i++) {
            ASSERT_EQ(p[i], 0);
            p[i] = (unsigned char)(i * 31);
        }
        size = wanted;
        if (wanted % 2)
            memset(tend_arena_alloc(arena, 64), 0xEE, 64); /* something behind it */
    }
}

TEST(texts_are_copied) {
    TEND_AUTO(tend_arena) *arena = tend_arena_new();
    ASSERT_STR_EQ(tend_arena_strdup(arena, "tend"), "tend");
    ASSERT_STR_EQ(tend_arena_strndup(arena, "tender", 4), "tend");
    ASSERT_STR_EQ(tend_arena_printf(arena, "%s-%d", "run", 12), "run-12");
    char *large = tend_arena_printf(arena, "%0*d", 10000, 7);
    ASSERT_EQ(strlen(large), 10000);
    ASSERT_MEM_EQ(tend_arena_memdup(arena, "a\0b", 3), "a\0b", 3);
}

static char order[8];
static void note(void *ctx) { strcat(order, ctx); }

TEST(deferred_calls_run_newest_first) {
    static char a[] = "a", b[] = "b", c[] = "c";
    order[0] = '\0';
    tend_arena *arena = tend_arena_new();
    tend_arena_defer(arena, note, a);
    tend_arena_defer(arena, note, b);
    tend_arena_clear(arena);
    ASSERT_STR_EQ(order, "ba");
    tend_arena_defer(arena, note, c);
    tend_arena_free(arena);
    ASSERT_STR_EQ(order, "bac");
    tend_arena_free(NULL);
}

TEST(auto_and_steal_hand_over_ownership) {
    tend_arena *kept;
    {
        TEND_AUTO(tend_arena) *arena = tend_arena_new();
        tend_arena_strdup(arena, "x");
        kept = TEND_STEAL(arena);
        ASSERT_NULL(arena);
    }
    ASSERT_EQ(tend_arena_used(kept), 2);
    tend_arena_free(kept);
}

static jmp_buf out;
static size_t oom_size;
static void jump_out(size_t size) {
    oom_size = size;
    longjmp(out, 1);
}

TEST(out_of_memory_goes_to_the_hook) {
    tend_set_oom_hook(jump_out);
    oom_size = 0;
    if (!setjmp(out))
        tend_mul_or_die(SIZE_MAX / 2, 3);
    ASSERT_EQ(oom_size, SIZE_MAX);
    tend_set_oom_hook(NULL);
    ASSERT_EQ(tend_mul_or_die(6, 7), 42);
}
