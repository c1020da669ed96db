# SPDX-License-Identifier: Apache-2.0 OR MIT
set(commit "unknown")
# Root, who installs, may look at the HEAD of a clone that is not his.
find_program(GIT git)
if(GIT AND EXISTS "${SOURCE}/.git")
    execute_process(COMMAND ${GIT} -c safe.directory=${SOURCE} -C ${SOURCE} rev-parse --short=12 HEAD
        OUTPUT_VARIABLE head RESULT_VARIABLE failed OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(NOT failed AND head MATCHES "^[0-9a-f]+$")
        set(commit "${head}")
    endif()
endif()
file(CONFIGURE OUTPUT "${OUTPUT}" CONTENT [[
/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Written by the build. */
#ifndef HF_BUILD_H
#define HF_BUILD_H
#define HF_VERSION "@VERSION@"
#define HF_COMMIT "@commit@"
#endif
]] @ONLY)
