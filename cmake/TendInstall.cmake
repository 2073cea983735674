# Where things go: `cmake --install`, and a .deb by `cpack`.
include(CMakePackageConfigHelpers)

install(TARGETS tend tend-serve RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
# Not in the multi-arch folder: the program looks for it at ../lib/tend from where it is.
install(FILES "${DUCKDB_LIBRARY}" DESTINATION lib/tend)
install(FILES README.md CHANGELOG.md LICENSE ARCHITECTURE.md cmake/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES "deploy/tend-serve@.service" DESTINATION lib/systemd/system)
install(FILES deploy/Containerfile DESTINATION ${CMAKE_INSTALL_DOCDIR}/deploy)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs FILES_MATCHING PATTERN "*.md")
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DOCDIR} PATTERN ".tend" EXCLUDE PATTERN "report" EXCLUDE)

# libtend: library, headers, and what finds them. Both descriptions are relative to where they stand, so a prefix may be moved.
install(TARGETS libtend EXPORT tendTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/tend DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/tend)
install(EXPORT tendTargets NAMESPACE tend:: DESTINATION ${package_folder})
configure_package_config_file(cmake/tendConfig.cmake.in "${CMAKE_CURRENT_BINARY_DIR}/tendConfig.cmake" INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/tendConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/tendConfig.cmake" "${CMAKE_CURRENT_BINARY_DIR}/tendConfigVersion.cmake" DESTINATION ${package_folder})
file(RELATIVE_PATH pc_to_prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file(cmake/tend.pc.in "${CMAKE_CURRENT_BINARY_DIR}/tend.pc" @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/tend.pc" DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# The manual page and the completions come from the program's own tables.
function(tend_generated file folder name)
  add_custom_command(OUTPUT ${file} COMMAND tend ${ARGN} > ${file} DEPENDS tend VERBATIM)
  install(FILES "${CMAKE_CURRENT_BINARY_DIR}/${file}" DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/${folder} RENAME ${name})
  set_property(GLOBAL APPEND PROPERTY TEND_GENERATED ${file})
endfunction()
tend_generated(tend.1 man/man1 tend.1 help man)
tend_generated(tend.bash bash-completion/completions tend completion bash)
tend_generated(tend.zsh zsh/vendor-completions _tend completion zsh)
tend_generated(tend.fish fish/vendor_completions.d tend.fish completion fish)
get_property(generated GLOBAL PROPERTY TEND_GENERATED)
add_custom_target(tend_generated ALL DEPENDS ${generated})

# cpack needs dpkg-dev, for the versions of the libraries that tend is linked with. XGBoost is loaded at run time, so it is named here.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME tend)
set(CPACK_PACKAGE_CONTACT "The tend authors <tend@users.noreply.github.com>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "from a table to a model in production, and back again")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "${PROJECT_DESCRIPTION}: validates data, trains and evaluates models, keeps a registry,
predicts, and writes reports. With the C library libtend, which loads a model and predicts.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE zstd)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libxgboost0 (>= 1.7)")
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
include(CPack)
