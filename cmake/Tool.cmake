# SPDX-License-Identifier: Apache-2.0 OR MIT
pkg_check_modules(TOOL REQUIRED IMPORTED_TARGET libuv jansson libidn2 libpsl yaml-0.1)

set(main_source "${CMAKE_CURRENT_SOURCE_DIR}/src/tool/main.c")
if(main_source IN_LIST tool_sources)
    list(REMOVE_ITEM tool_sources "${main_source}")
    add_executable(handfast_exe "${main_source}")
    add_dependencies(handfast_exe hf_build_header)
    target_include_directories(handfast_exe PRIVATE "${HF_BUILD_HEADER_DIR}")
    target_link_libraries(handfast_exe PRIVATE hf_hosted hf_warnings)
    set_target_properties(handfast_exe PROPERTIES OUTPUT_NAME handfast)
endif()

if(tool_sources)
    add_library(handfast_tool STATIC ${tool_sources})
    add_dependencies(handfast_tool hf_build_header)
    target_include_directories(handfast_tool PRIVATE "${HF_BUILD_HEADER_DIR}")
    target_link_libraries(handfast_tool PRIVATE hf_hosted hf_warnings
        PUBLIC $<TARGET_NAME_IF_EXISTS:handfast_os> $<TARGET_NAME_IF_EXISTS:handfast_audit> $<TARGET_NAME_IF_EXISTS:handfast_explain> handfast PkgConfig::TOOL m)
endif()
if(TARGET handfast_exe)
    target_link_libraries(handfast_exe PRIVATE
        $<TARGET_NAME_IF_EXISTS:handfast_tool> $<TARGET_NAME_IF_EXISTS:handfast_os> handfast PkgConfig::TOOL)
endif()
