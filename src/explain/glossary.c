/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The table, and the look-up in it. */
#include "explain/glossary.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static const hf_term terms[] = {
#define HF_TERM(term, also, brief, more, source) { term, also, brief, more, source },
#include "explain/glossary.def"
};

const hf_term *hf_term_row(size_t i)
{
    return i < sizeof terms / sizeof *terms ? &terms[i] : NULL;
}

static bool equal(const char *a, size_t a_len, const char *b)
{
    size_t i = 0;

    while (i < a_len && b[i] != '\0' &&
           tolower((unsigned char)a[i]) == tolower((unsigned char)b[i]))
        i++;
    return i == a_len && b[i] == '\0';
}

/* True if it is one of the names of a list that commas divide. */
static bool listed(const char *list, const char *name)
{
    while (*list) {
        size_t len = strcspn(list, ",");
        if (len > 0 && equal(list, len, name))
            return true;
        list += len;
        list += strspn(list, ", ");
    }
    return false;
}

const hf_term *hf_term_named(const char *name)
{
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
        if (equal(terms[i].term, strlen(terms[i].term), name) || listed(terms[i].also, name))
            return &terms[i];
    return NULL;
}
