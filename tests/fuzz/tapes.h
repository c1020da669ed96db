/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What must hold of a tape, whoever made it and of whatever bytes, and of everything that it is shown as. */
#ifndef TESTS_FUZZ_TAPES_H
#define TESTS_FUZZ_TAPES_H

#include "explain/outputs.h"
#include "fuzz/fuzz.h"

/* Places, counts and texts are within their limits. */
void check_tape(const hf_tape *tape);
/* What that writer's records and the bytes before them come to (free). */
uint8_t *wire_of(const hf_tape *tape, hf_role writer, size_t *len);
/* Its story can be made, and a capture, which has the same bytes when it is read again. The other outputs take a hundred times
   as long: one of them at most is made; the JSON is read as the same tape again. */
enum { SHOW_TEXT, SHOW_JSON, SHOW_PAGE };
void check_shown(const hf_tape *tape, unsigned which);

#endif
