# SPDX-License-Identifier: Apache-2.0 OR MIT
# What `make install` (scripts/install) puts where. The prefix may be chosen as late as that, so files that name it are
# written then.
include(CMakePackageConfigHelpers)
# Whatever the umask: what root installs is there for everybody.
set(CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(doc_dir ${CMAKE_INSTALL_DATAROOTDIR}/doc/handfast)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/handfast)

# ---- libraries, headers, tool ----
install(TARGETS handfast_shared handfast_os_shared EXPORT handfastTargets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS handfast handfast_os ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/handfast DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN "*.h" PATTERN "*.def")
if(TARGET handfast_exe)
    install(TARGETS handfast_exe RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
if(TARGET hf_bench_libssl)
    install(TARGETS hf_bench_libssl OPTIONAL
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/handfast/bench
        RUNTIME DESTINATION ${CMAKE_INSTALL_LIBDIR}/handfast/bench)
endif()

# What is installed if it is there, and is no part of a build otherwise.
add_custom_target(hf_installable ALL)
foreach(target IN ITEMS hf_bench_libssl hf_manual)
    if(TARGET ${target})
        add_dependencies(hf_installable ${target})
    endif()
endforeach()

# ---- pkg-config: all is settled here but the prefix ----
# Who links the static libraries needs libcrypto as well.
if(HANDFAST_CRYPTO_ROOT)
    set(static_libs "${HF_CRYPTO_LIBRARY}" -ldl -pthread)
    set(static_targets "${HF_CRYPTO_LIBRARY};dl;pthread")
    set(find_static "")
else()
    set(static_libs ${CRYPTO_STATIC_LDFLAGS})
    foreach(folder IN LISTS CMAKE_C_IMPLICIT_LINK_DIRECTORIES)
        list(REMOVE_ITEM static_libs "-L${folder}")
    endforeach()
    set(static_targets OpenSSL::Crypto)
    set(find_static "find_dependency(OpenSSL 3.0 COMPONENTS Crypto)")
endif()
list(JOIN static_libs " " static_libs)
set(prefix "@prefix@")
foreach(folder IN ITEMS LIBDIR INCLUDEDIR)
    string(TOLOWER ${folder} name)
    set(${name} "\${prefix}/${CMAKE_INSTALL_${folder}}")
    if(IS_ABSOLUTE "${CMAKE_INSTALL_${folder}}")
        set(${name} "${CMAKE_INSTALL_${folder}}")
    endif()
endforeach()
set(pkgconfig_dir "${CMAKE_CURRENT_BINARY_DIR}/pkgconfig")
foreach(name IN ITEMS handfast handfast_os)
    configure_file(cmake/${name}.pc.in "${pkgconfig_dir}/${name}.pc.in" @ONLY)
    install(CODE "set(prefix \"\${CMAKE_INSTALL_PREFIX}\")
        configure_file(\"${pkgconfig_dir}/${name}.pc.in\" \"${pkgconfig_dir}/${name}.pc\" @ONLY)")
    install(FILES "${pkgconfig_dir}/${name}.pc" DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()

# ---- find_package(handfast) ----
install(EXPORT handfastTargets NAMESPACE handfast:: DESTINATION ${package_dir})
configure_package_config_file(cmake/handfastConfig.cmake.in "${CMAKE_CURRENT_BINARY_DIR}/handfastConfig.cmake"
    INSTALL_DESTINATION ${package_dir} PATH_VARS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/handfastConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/handfastConfig.cmake" "${CMAKE_CURRENT_BINARY_DIR}/handfastConfigVersion.cmake"
    DESTINATION ${package_dir})

# ---- what people read ----
# The folders stand to each other as they do in the source, so that links between the pages hold; the others are mended.
file(RELATIVE_PATH include_from_doc "${CMAKE_INSTALL_FULL_DATAROOTDIR}/doc/handfast" "${CMAKE_INSTALL_FULL_INCLUDEDIR}")
install(CODE "execute_process(COMMAND \"${CMAKE_COMMAND}\" \"-DSOURCE=${CMAKE_CURRENT_SOURCE_DIR}\"
    \"-DOUT=${CMAKE_CURRENT_BINARY_DIR}/doc\" \"-DINCLUDE=${include_from_doc}\"
    -P \"${CMAKE_CURRENT_SOURCE_DIR}/cmake/InstallDocs.cmake\" COMMAND_ERROR_IS_FATAL ANY)")
install(DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/doc/" DESTINATION ${doc_dir})
install(FILES LICENSE-APACHE LICENSE-MIT DESTINATION ${doc_dir})
install(DIRECTORY examples DESTINATION ${doc_dir} OPTIONAL
    FILES_MATCHING PATTERN "*.c" PATTERN "CMakeLists.txt" PATTERN "*.md")
foreach(section IN ITEMS 1 3 5)
    install(DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/man/" DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} OPTIONAL
        FILES_MATCHING PATTERN "*.${section}")
endforeach()
set(completion "${CMAKE_CURRENT_BINARY_DIR}/completion")
install(FILES "${completion}/bash/handfast" DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/bash-completion/completions OPTIONAL)
install(FILES "${completion}/zsh/_handfast" DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/zsh/site-functions OPTIONAL)
install(FILES "${completion}/fish/handfast.fish" DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/fish/vendor_completions.d OPTIONAL)

# ---- services ----
# Where systemd looks, whatever LIBDIR is. Nothing is enabled and no account is made: that is for whoever runs it (docs/proxy.md,
# docs/audit.md).
foreach(name IN ITEMS handfast-proxy handfast-watch)
    set(unit "${CMAKE_CURRENT_BINARY_DIR}/systemd/${name}.service")
    install(CODE "execute_process(COMMAND \"${CMAKE_COMMAND}\" \"-DUNIT=${CMAKE_CURRENT_SOURCE_DIR}/packaging/${name}.service\"
        \"-DOUT=${unit}\" \"-DTOOL=\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/handfast\"
        -P \"${CMAKE_CURRENT_SOURCE_DIR}/cmake/InstallUnit.cmake\" COMMAND_ERROR_IS_FATAL ANY)")
    install(FILES "${unit}" DESTINATION lib/systemd/system)
endforeach()
install(FILES packaging/handfast-watch.timer DESTINATION lib/systemd/system)
install(FILES packaging/handfast.sysusers.conf DESTINATION lib/sysusers.d RENAME handfast.conf)
install(FILES packaging/proxy.yaml packaging/handfast-proxy.socket packaging/hosts.watch DESTINATION ${doc_dir}/packaging)
