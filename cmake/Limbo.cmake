# SPDX-License-Identifier: Apache-2.0 OR MIT
# The harness for path validation cases of the limbo schema. It stands beside the tool, is part of a build with tests, and
# is otherwise made when asked for: make limbo-harness.
pkg_check_modules(LIMBO REQUIRED IMPORTED_TARGET jansson libpsl)
file(GLOB limbo_sources CONFIGURE_DEPENDS tests/limbo/*.c)
add_executable(limbo-harness ${limbo_sources} src/tool/suffix.c)
target_link_libraries(limbo-harness PRIVATE hf_hosted hf_warnings handfast PkgConfig::LIMBO)
if(NOT HF_TESTS)
    set_target_properties(limbo-harness PROPERTIES EXCLUDE_FROM_ALL ON)
endif()
