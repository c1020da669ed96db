# SPDX-License-Identifier: Apache-2.0 OR MIT
# Manual pages (man/*.1, man/*.3, man/*.5) and shell completion (completion/SHELL/…) in the build folder, from the tables of options
# and the public headers. scdoc is no need of the build: without it there are no manual pages, and each build looks again.
file(GLOB pages_sources CONFIGURE_DEPENDS src/tool/pages/*.c)
file(GLOB pages_headers CONFIGURE_DEPENDS include/handfast/*.h)
add_executable(hf_pages ${pages_sources})
target_link_libraries(hf_pages PRIVATE hf_hosted hf_warnings handfast_tool)

set(pages_run "${CMAKE_COMMAND}" -DPAGES=$<TARGET_FILE:hf_pages> "-DSOURCE=${CMAKE_CURRENT_SOURCE_DIR}"
    "-DBINARY=${CMAKE_CURRENT_BINARY_DIR}" -P "${CMAKE_CURRENT_SOURCE_DIR}/cmake/WriteManual.cmake")
add_custom_command(OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/man.stamp"
    COMMAND ${pages_run}
    DEPENDS hf_pages ${pages_headers} "${CMAKE_CURRENT_SOURCE_DIR}/cmake/WriteManual.cmake"
    COMMENT "Writing manual pages and completion" VERBATIM)
add_custom_target(hf_manual ALL DEPENDS "${CMAKE_CURRENT_BINARY_DIR}/man.stamp")
