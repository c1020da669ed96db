# SPDX-License-Identifier: Apache-2.0 OR MIT
# cmake -DINPUT=page.css -DNAME=hf_page_css -DHEADER=explain/page.h -DOUTPUT=page.css.c -P EmbedFile.cmake
# A file as a C source that defines `const hf_span NAME`; HEADER declares it. An array, as a string may have 4095 characters.
file(READ "${INPUT}" hex HEX)
string(REGEX REPLACE "(................................)" "\\1\n    " hex "${hex}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1, " bytes "${hex}")
get_filename_component(file "${INPUT}" NAME)
file(WRITE "${OUTPUT}" "/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Written by the build from ${file}. */
#include \"${HEADER}\"

static const uint8_t bytes[] = {
    ${bytes}
};
const hf_span ${NAME} = { bytes, sizeof bytes };
")
