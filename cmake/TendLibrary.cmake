# libtend: the public C API (include/tend) as a shared library. It holds the rooms base to model; of them only what the headers mark
# TEND_API is visible, and none of the engines comes along: tests/install holds both.
add_library(libtend SHARED "${CMAKE_SOURCE_DIR}/src/model/api.c")
set_target_properties(libtend PROPERTIES OUTPUT_NAME tend EXPORT_NAME tend VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
  LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
target_include_directories(libtend PUBLIC "$<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include>" "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
target_link_libraries(libtend PRIVATE tend_model tend_warnings tend_relative)
target_link_options(libtend PRIVATE -Wl,--as-needed -Wl,--gc-sections -Wl,--exclude-libs,libcrypto.a)

file(STRINGS "${CMAKE_SOURCE_DIR}/include/tend/tend.h" header_version REGEX "^#define TEND_VERSION ")
if(NOT header_version STREQUAL "#define TEND_VERSION \"${PROJECT_VERSION}\"")
  message(FATAL_ERROR "include/tend/tend.h says '${header_version}', CMakeLists.txt says version ${PROJECT_VERSION}")
endif()
