# SPDX-License-Identifier: Apache-2.0 OR MIT
option(HF_TOOL "Build the handfast tool" ON)
option(HF_SHARED "Build the shared libraries, and with them what make install installs" ON)
option(HF_TESTS "Build the tests (needs cmocka)" OFF)
option(HF_FUZZ "Build the fuzz targets with libFuzzer (needs clang)" OFF)
option(HF_WERROR "Warnings are errors" OFF)
option(HF_COVERAGE "Instrument for coverage" OFF)
set(HF_SANITIZE "" CACHE STRING "Value for -fsanitize=, e.g. address,undefined")

# A sanitized library asks for a sanitized program: such a build is for tests alone.
if(HF_SANITIZE OR HF_COVERAGE OR HF_FUZZ)
    set(HF_SHARED OFF)
endif()

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug or Release" FORCE)
endif()

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_C_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_C_FLAGS_DEBUG "-O1 -g -fno-omit-frame-pointer")
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_COLOR_DIAGNOSTICS ON)
