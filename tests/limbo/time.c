/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* RFC 3339 by hand: mktime knows only the local time zone. */
#include <stdio.h>
#include <string.h>

#include "case.h"

/* Days since 1970-01-01 in the Gregorian calendar. */
static int64_t days_since_1970(int year, int month, int day)
{
    int64_t y = month > 2 ? year : year - 1;
    int64_t from_march = (month + 9) % 12;

    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * from_march + 2) / 5 + day - 1 - 719468;
}

static const char *skip_fraction(const char *text)
{
    return *text == '.' ? text + 1 + strspn(text + 1, "0123456789") : text;
}

/* Seconds east of Greenwich. */
static bool read_offset(const char *text, int64_t *offset)
{
    int hours, minutes, used = 0;
    char sign;

    *offset = 0;
    if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0)
        return true;
    if (sscanf(text, "%c%2d:%2d%n", &sign, &hours, &minutes, &used) != 3 || text[used] != '\0' ||
        (sign != '+' && sign != '-'))
        return false;
    *offset = (sign == '-' ? -60 : 60) * (60 * (int64_t)hours + minutes);
    return true;
}

bool read_time(const char *text, int64_t *seconds)
{
    int year, month, day, hour, minute, second, used = 0;
    int64_t offset;

    if (sscanf(text, "%4d-%2d-%2d%*[Tt ]%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute,
               &second, &used) != 6 ||
        month < 1 || month > 12 || !read_offset(skip_fraction(text + used), &offset))
        return false;
    *seconds =
        86400 * days_since_1970(year, month, day) + 3600 * hour + 60 * minute + second - offset;
    return true;
}
