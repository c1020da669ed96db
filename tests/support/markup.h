/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A strict look at a page of HTML: stricter than a browser, which mends what it is given. Every element is closed where it should
 * be, none stands where HTML does not allow it, text and values are escaped and are UTF-8, no id is there twice, and every link
 * within the page leads somewhere.
 */
#ifndef TESTS_SUPPORT_MARKUP_H
#define TESTS_SUPPORT_MARKUP_H

#include "base/bytes.h"

enum { MARKUP_WHY = 256 };

/* False: why says what is wrong, and in which line. */
bool markup_is_right(hf_span page, char why[MARKUP_WHY]);
/* The text between the tags, with blanks left out, style and script too. To be freed with free(). */
char *markup_words(hf_span page);

#endif
