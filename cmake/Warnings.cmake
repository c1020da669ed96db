# SPDX-License-Identifier: Apache-2.0 OR MIT
# hf_warnings_tests: the same without -Wconversion, whose casts would hide what a test says.
add_library(hf_warnings_tests INTERFACE)
target_compile_options(hf_warnings_tests INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wvla $<$<BOOL:${HF_WERROR}>:-Werror>)
add_library(hf_warnings INTERFACE)
target_compile_options(hf_warnings INTERFACE -Wconversion)
target_link_libraries(hf_warnings INTERFACE hf_warnings_tests)
