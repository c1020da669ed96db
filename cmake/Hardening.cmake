# SPDX-License-Identifier: Apache-2.0 OR MIT
# What a program that faces the network should be compiled with, where the compiler knows it; scripts/check-hardening looks
# whether what is installed has it. Most of it belongs to Release alone: _FORTIFY_SOURCE needs an optimised build and disagrees
# with the sanitizers, and the builds for tests are better off without.
include(CheckPIESupported)
include(CheckCCompilerFlag)
include(CheckCSourceCompiles)
include(CheckLinkerFlag)
check_pie_supported(LANGUAGES C)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

add_library(hf_hardening INTERFACE)

function(hf_compile_if_known flag result)
    check_c_compiler_flag(${flag} ${result})
    if(${result})
        target_compile_options(hf_hardening INTERFACE ${flag})
    endif()
endfunction()

function(hf_link_if_known flag result)
    check_linker_flag(C ${flag} ${result})
    if(${result})
        target_link_options(hf_hardening INTERFACE ${flag})
    endif()
endfunction()

# Level 3 knows the sizes of objects that are only known at run time; a C library without it says so with a warning.
function(hf_fortify)
    set(CMAKE_REQUIRED_FLAGS "-O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -Werror")
    check_c_source_compiles("#include <stdlib.h>\nint main(void) { return 0; }" HF_HAVE_FORTIFY_3)
    target_compile_options(hf_hardening INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$<IF:$<BOOL:${HF_HAVE_FORTIFY_3}>,3,2>)
endfunction()

target_compile_options(hf_hardening INTERFACE -fstack-protector-strong)
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND HF_SANITIZE STREQUAL "")
    hf_fortify()
    hf_compile_if_known(-fstack-clash-protection HF_HAVE_STACK_CLASH)
    # Where a processor can check jumps and returns: Intel and AMD, ARM.
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64|amd64")
        hf_compile_if_known(-fcf-protection=full HF_HAVE_CET)
    elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
        hf_compile_if_known(-mbranch-protection=standard HF_HAVE_BRANCH_PROTECTION)
    endif()
    # What is installed does not tell where it was built.
    target_compile_options(hf_hardening INTERFACE "-fmacro-prefix-map=${CMAKE_CURRENT_SOURCE_DIR}/=")
endif()
# Nobody replaces a function of the library from outside, so calls within it need no detour and may be inlined.
hf_compile_if_known(-fno-semantic-interposition HF_HAVE_NO_INTERPOSITION)

if(CMAKE_SYSTEM_NAME MATCHES "Linux|BSD")
    target_link_options(hf_hardening INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
endif()
# The linker marks a program for the shadow stack only if every object asks for it, and the start files of some systems (Debian
# 12) ask for nothing. A shadow stack needs no more of them than that they return to where they were called from. Indirect
# branch tracking needs a landing mark in each function, which those files do lack: it is left to the linker's own judgement.
if(HF_HAVE_CET)
    hf_link_if_known(-Wl,-z,shstk HF_HAVE_SHADOW_STACK)
endif()
