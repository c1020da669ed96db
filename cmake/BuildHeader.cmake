# SPDX-License-Identifier: Apache-2.0 OR MIT
# hf_build.h (HF_VERSION, HF_COMMIT) lies in the build folder and is looked at by every build: it is rewritten only when
# the version or HEAD has changed, so nothing is compiled for nothing.
set(HF_BUILD_HEADER_DIR "${CMAKE_CURRENT_BINARY_DIR}/generated")
add_custom_target(hf_build_header
    COMMAND ${CMAKE_COMMAND} -DSOURCE=${CMAKE_CURRENT_SOURCE_DIR} -DVERSION=${PROJECT_VERSION}
            -DOUTPUT=${HF_BUILD_HEADER_DIR}/hf_build.h -P ${CMAKE_CURRENT_SOURCE_DIR}/cmake/WriteBuildHeader.cmake
    BYPRODUCTS ${HF_BUILD_HEADER_DIR}/hf_build.h
    COMMENT "Looking at version and HEAD" VERBATIM)
