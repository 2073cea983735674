# What tend is built with; docs/dependencies.md says why each, and what happens without it.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(FYAML REQUIRED IMPORTED_TARGET libfyaml)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)

# The program takes the four from their static archives where these are there: finding and relocating shared ones is a third of the time
# of a command that has nothing to do. A target asks for it by its property TEND_STATIC_LIBRARIES; the shared library does not.
option(TEND_STATIC_LIBRARIES "Link the program to static archives of its libraries" ON)
foreach(library FYAML SQLITE ZSTD ZLIB)
  add_library(tend_lib_${library} INTERFACE)
  list(GET ${library}_LIBRARIES 0 name)
  find_library(${library}_ARCHIVE NAMES lib${name}.a HINTS ${${library}_LIBRARY_DIRS})
  mark_as_advanced(${library}_ARCHIVE)
  if(${library}_ARCHIVE)
    target_link_libraries(tend_lib_${library} INTERFACE
      "$<IF:$<BOOL:$<TARGET_PROPERTY:TEND_STATIC_LIBRARIES>>,${${library}_ARCHIVE},PkgConfig::${library}>")
  else()
    target_link_libraries(tend_lib_${library} INTERFACE PkgConfig::${library})
  endif()
  target_include_directories(tend_lib_${library} SYSTEM INTERFACE ${${library}_INCLUDE_DIRS})
endforeach()

target_link_libraries(tend_lib_SQLITE INTERFACE m) # its archive needs it, and cannot say so

# Only SHA-256 is used; from the static archive it costs a few kilobytes instead of loading all of libcrypto.
find_library(CRYPTO_STATIC NAMES libcrypto.a)
find_path(CRYPTO_INCLUDE openssl/sha.h REQUIRED)
if(NOT CRYPTO_STATIC)
  find_library(CRYPTO_STATIC NAMES crypto REQUIRED)
endif()

if(TEND_ONLY_SERVER)
  return()
endif()

# The two large engines are loaded at run time, on first use: only their headers are needed here.
find_path(XGBOOST_INCLUDE xgboost/c_api.h REQUIRED)
find_path(DUCKDB_INCLUDE duckdb.h HINTS "${CMAKE_SOURCE_DIR}/third_party/duckdb" "$ENV{TEND_DUCKDB}" REQUIRED)
find_library(DUCKDB_LIBRARY NAMES duckdb HINTS "${CMAKE_SOURCE_DIR}/third_party/duckdb" "$ENV{TEND_DUCKDB}" REQUIRED)

# Programs look for it at ../lib/tend from where they are. In the build tree that is a link; no path of the build is in what it makes.
get_filename_component(duckdb_name "${DUCKDB_LIBRARY}" NAME)
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/lib/tend")
file(CREATE_LINK "${DUCKDB_LIBRARY}" "${PROJECT_BINARY_DIR}/lib/tend/${duckdb_name}" SYMBOLIC)

# Larger data for tests, beside the repository; tests that want it are skipped when it is absent.
set(TEND_SHARED_DATA "" CACHE PATH "Folder with further real data for the tests")
if(NOT TEND_SHARED_DATA AND EXISTS "${CMAKE_SOURCE_DIR}/../shared/data/README.md")
  get_filename_component(TEND_SHARED_DATA "${CMAKE_SOURCE_DIR}/../shared/data" ABSOLUTE)
endif()
