/* TREE_TARGET_BEGIN("avx2,...") ... TREE_TARGET_END: the functions in between may use these
 * instructions, the rest of the program may not. So one binary runs anywhere and picks at run time.
 */
#ifndef TEND_MODEL_TREES_TARGET_H
#define TEND_MODEL_TREES_TARGET_H

#define TREE_PRAGMA(text) _Pragma(#text)
#if defined(__clang__)
#define TREE_TARGET_BEGIN(set) TREE_PRAGMA(clang attribute push(__attribute__((target(set))), apply_to = function))
#define TREE_TARGET_END        TREE_PRAGMA(clang attribute pop)
#else
#define TREE_TARGET_BEGIN(set) TREE_PRAGMA(GCC push_options) TREE_PRAGMA(GCC target(set))
#define TREE_TARGET_END        TREE_PRAGMA(GCC pop_options)
#endif

#endif
