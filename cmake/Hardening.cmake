# SPDX-License-Identifier: Apache-2.0 OR MIT
# What a program that faces the network should be compiled with. _FORTIFY_SOURCE needs an optimised build and
# disagrees with the sanitizers, so it belongs to Release alone.
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

add_library(hf_hardening INTERFACE)
target_compile_options(hf_hardening INTERFACE -fstack-protector-strong)
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND HF_SANITIZE STREQUAL "")
    target_compile_options(hf_hardening INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
    # What is installed does not tell where it was built.
    target_compile_options(hf_hardening INTERFACE "-fmacro-prefix-map=${CMAKE_CURRENT_SOURCE_DIR}/=")
endif()
# Nobody replaces a function of the library from outside, so calls within it need no detour and may be inlined.
include(CheckCCompilerFlag)
check_c_compiler_flag(-fno-semantic-interposition HF_HAVE_NO_INTERPOSITION)
if(HF_HAVE_NO_INTERPOSITION)
    target_compile_options(hf_hardening INTERFACE -fno-semantic-interposition)
endif()
if(CMAKE_SYSTEM_NAME MATCHES "Linux|BSD")
    target_link_options(hf_hardening INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
endif()
