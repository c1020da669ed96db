# SPDX-License-Identifier: Apache-2.0 OR MIT
# The shim that BoringSSL's protocol tests drive (tests/bogo/README.md). Part of a build with tests, else made when asked for.
file(GLOB bogo_sources CONFIGURE_DEPENDS tests/bogo/shim/*.c)
add_executable(bogo_shim ${bogo_sources})
target_link_libraries(bogo_shim PRIVATE hf_hosted hf_warnings_tests handfast_os handfast)
if(NOT HF_TESTS)
    set_target_properties(bogo_shim PROPERTIES EXCLUDE_FROM_ALL ON)
endif()
