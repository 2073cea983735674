# How every target is compiled: one interface target for warnings, one for code generation.
add_library(tend_warnings INTERFACE)
# Not -Wmaybe-uninitialized: outputs are written only on success, which gcc cannot follow through TEND_TRY; the sanitizers
# and clang-tidy look for real ones.
target_compile_options(tend_warnings INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wmissing-prototypes -Wstrict-prototypes
  -Wold-style-definition -Wvla -Wwrite-strings -Wpointer-arith -Wundef -Wcast-qual -Wformat=2)
# gcc decides; clang, which builds the fuzzers, has warnings of its own (NAN and INFINITY are floats to it).
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  target_compile_options(tend_warnings INTERFACE -Werror -Wdouble-promotion -Wno-maybe-uninitialized)
endif()

# Of what is installed: source positions are relative, so that no path of the build is in it. Tests find their data by theirs.
add_library(tend_relative INTERFACE)
target_compile_options(tend_relative INTERFACE "-fmacro-prefix-map=${CMAKE_SOURCE_DIR}/=")

add_library(tend_codegen INTERFACE)
# No contraction into fused multiply-add: the same source must give the same bits on every machine.
# The sign of char is not left to the machine either.
target_compile_options(tend_codegen INTERFACE -ffp-contract=off -fno-math-errno -fvisibility=hidden -fsigned-char)
target_compile_definitions(tend_codegen INTERFACE _GNU_SOURCE)
if(TEND_SANITIZE)
  target_compile_options(tend_codegen INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=undefined
                         -fno-omit-frame-pointer)
  target_link_options(tend_codegen INTERFACE -fsanitize=address,undefined)
  target_compile_definitions(tend_codegen INTERFACE TEND_ARENA_MALLOC=1)
elseif(TEND_TSAN)
  target_compile_options(tend_codegen INTERFACE -fsanitize=thread)
  target_link_options(tend_codegen INTERFACE -fsanitize=thread)
endif()
if(TEND_COVERAGE)
  target_compile_options(tend_codegen INTERFACE --coverage)
  target_link_options(tend_codegen INTERFACE --coverage)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(tend_codegen INTERFACE -O2 -fstack-protector-strong)
  target_compile_definitions(tend_codegen INTERFACE _FORTIFY_SOURCE=2)
  target_link_options(tend_codegen INTERFACE -Wl,-z,relro,-z,now -Wl,--as-needed)
endif()
