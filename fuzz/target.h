/* A fuzz target is one function that takes any bytes and must neither crash nor break a property it checks. With clang,
 * TEND_FUZZ links it with libFuzzer; otherwise driver.c replays the corpus, as a test. */
#ifndef TEND_FUZZ_TARGET_H
#define TEND_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property that must hold whatever the input. */
#define FUZZ_CHECK(condition)                                                       \
    do {                                                                            \
        if (!(condition)) {                                                         \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition); \
            __builtin_trap();                                                       \
        }                                                                           \
    } while (0)

#endif
