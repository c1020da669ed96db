/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The nearest word, by the number of slips of the finger; and the table of other tools' words. */
#include "tool/suggest.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { WORD_MAX = 40 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool same(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Optimal string alignment: three rows of the usual table are enough to see a swap. */
size_t hf_edit_distance(const char *a, const char *b)
{
    size_t rows[3][WORD_MAX + 1], n = strlen(a), m = strlen(b);

    if (n > WORD_MAX || m > WORD_MAX)
        return WORD_MAX;
    for (size_t j = 0; j <= m; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            row[j] =
                least(least(above[j], row[j - 1]) + 1, above[j - 1] + !same(a[i - 1], b[j - 1]));
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
                row[j] = least(row[j], before[j - 2] + 1);
        }
    }
    return rows[n % 3][m];
}

/* One slip in three letters; the beginning of a longer word counts as one slip. */
void hf_nearest_try(hf_nearest *nearest, const char *candidate)
{
    size_t len = strlen(nearest->word), distance = hf_edit_distance(nearest->word, candidate);

    if (len >= 3 && strncasecmp(nearest->word, candidate, len) == 0)
        distance = least(distance, 1);
    if (distance > (len < 3 ? 1 : len / 3) || distance >= len)
        return;
    if (nearest->best && nearest->distance <= distance)
        return;
    nearest->best = candidate;
    nearest->distance = distance;
}

static const hf_foreign foreign[] = {
#define HF_FOREIGN(theirs, whose, ours, remark) { theirs, whose, ours, remark },
#include "tool/options/foreign.def"
#undef HF_FOREIGN
};

const hf_foreign *hf_foreign_row(size_t i)
{
    return i < sizeof foreign / sizeof foreign[0] ? &foreign[i] : NULL;
}

bool hf_foreign_is(const hf_foreign *row, const char *word, size_t len)
{
    return strlen(row->theirs) == len && memcmp(row->theirs, word, len) == 0;
}

const hf_foreign *hf_foreign_of(const char *word, size_t len)
{
    const hf_foreign *row;

    for (size_t i = 0; (row = hf_foreign_row(i)) != NULL; i++)
        if (hf_foreign_is(row, word, len))
            return row;
    return NULL;
}
