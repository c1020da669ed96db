# SPDX-License-Identifier: Apache-2.0 OR MIT
# libhandfast.so.0 and libhandfast_os.so.0. They show what the public headers declare and nothing else.
set(version_script "${CMAKE_CURRENT_SOURCE_DIR}/cmake/libhandfast.map")

function(hf_shared_library target name)
    add_library(${target} SHARED ${ARGN})
    target_include_directories(${target} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name} VERSION ${PROJECT_VERSION} SOVERSION 0
        LINK_DEPENDS "${version_script}" INSTALL_RPATH_USE_LINK_PATH ON)
    if(CMAKE_SYSTEM_NAME MATCHES "Linux|BSD")
        target_link_options(${target} PRIVATE "LINKER:--version-script=${version_script}" LINKER:--no-undefined
            LINKER:-Bsymbolic-functions)
    endif()
endfunction()

include(GNUInstallDirs)
hf_shared_library(handfast_shared handfast $<TARGET_OBJECTS:handfast_objects>)
target_link_libraries(handfast_shared PRIVATE hf_hardening PkgConfig::CRYPTO)
set_target_properties(handfast_shared PROPERTIES EXPORT_NAME handfast)

# The library for the operating system has a copy of its own of the allocator and the wiping, which the other one hides.
# The other one lies beside it, wherever both are installed.
hf_shared_library(handfast_os_shared handfast_os $<TARGET_OBJECTS:handfast_os_objects> src/base/bytes.c)
target_link_libraries(handfast_os_shared PRIVATE hf_hosted hf_warnings PUBLIC handfast_shared)
set_target_properties(handfast_os_shared PROPERTIES EXPORT_NAME os INSTALL_RPATH "$ORIGIN")
