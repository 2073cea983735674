# What tend is built with; docs/dependencies.md says why each, and what happens without it.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(FYAML REQUIRED IMPORTED_TARGET libfyaml)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)

# Only SHA-256 is used; from the static archive it costs a few kilobytes instead of loading all of libcrypto.
find_library(CRYPTO_STATIC NAMES libcrypto.a)
find_path(CRYPTO_INCLUDE openssl/sha.h REQUIRED)
if(NOT CRYPTO_STATIC)
  find_library(CRYPTO_STATIC NAMES crypto REQUIRED)
endif()

# The two large engines are loaded at run time, on first use: only their headers are needed here.
find_path(XGBOOST_INCLUDE xgboost/c_api.h REQUIRED)
find_path(DUCKDB_INCLUDE duckdb.h HINTS "${CMAKE_SOURCE_DIR}/third_party/duckdb" "$ENV{TEND_DUCKDB}" REQUIRED)
find_library(DUCKDB_LIBRARY NAMES duckdb HINTS "${CMAKE_SOURCE_DIR}/third_party/duckdb" "$ENV{TEND_DUCKDB}" REQUIRED)

# Larger data for tests, beside the repository; tests that want it are skipped when it is absent.
set(TEND_SHARED_DATA "" CACHE PATH "Folder with further real data for the tests")
if(NOT TEND_SHARED_DATA AND EXISTS "${CMAKE_SOURCE_DIR}/../shared/data/README.md")
  get_filename_component(TEND_SHARED_DATA "${CMAKE_SOURCE_DIR}/../shared/data" ABSOLUTE)
endif()
