/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Dates of the proleptic Gregorian calendar, UTC: what certificates count in. */
#include "tool/moment.h"

#include <string.h>

enum { HOUR = 3600, DAY = 86400, WEEK = 7 * DAY, DIGITS_MAX = 11 };

/* n digits, no fewer. */
static bool take_number(const char **text, size_t n, int *out)
{
    *out = 0;
    for (size_t i = 0; i < n; i++) {
        char c = (*text)[i];
        if (c < '0' || c > '9')
            return false;
        *out = *out * 10 + (c - '0');
    }
    *text += n;
    return true;
}

static bool take_char(const char **text, char c)
{
    if (**text != c)
        return false;
    ++*text;
    return true;
}

static int days_of(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

static int64_t day_number(int year, int month, int day)
{
    int64_t before = year - 1, days = before * 365 + before / 4 - before / 100 + before / 400;

    for (int m = 1; m < month; m++)
        days += days_of(year, m);
    return days + day - 1 - 719162; /* 1970-01-01 */
}

static bool read_date(const char **text, int64_t *seconds)
{
    int year, month, day;
    bool shape = take_number(text, 4, &year) && take_char(text, '-') &&
                 take_number(text, 2, &month) && take_char(text, '-') && take_number(text, 2, &day);

    if (!shape || year < 1 || month < 1 || month > 12 || day < 1 || day > days_of(year, month))
        return false;
    *seconds = day_number(year, month, day) * DAY;
    return true;
}

static bool read_clock(const char **text, int64_t *seconds)
{
    int hour, minute, second;
    bool shape = take_char(text, 'T') && take_number(text, 2, &hour) && take_char(text, ':') &&
                 take_number(text, 2, &minute) && take_char(text, ':') &&
                 take_number(text, 2, &second) && take_char(text, 'Z');

    if (!shape || hour > 23 || minute > 59 || second > 59)
        return false;
    *seconds += hour * HOUR + minute * 60 + second;
    return true;
}

/* All digits up to `end`. */
static bool read_count(const char *text, const char *end, int64_t *out)
{
    *out = 0;
    if (text == end || end - text > DIGITS_MAX)
        return false;
    for (; text < end; text++) {
        if (*text < '0' || *text > '9')
            return false;
        *out = *out * 10 + (*text - '0');
    }
    return true;
}

bool hf_moment_read(const char *text, int64_t *seconds)
{
    if (read_count(text, text + strlen(text), seconds))
        return true;
    if (!read_date(&text, seconds))
        return false;
    return *text == '\0' || (read_clock(&text, seconds) && *text == '\0');
}

bool hf_span_of_time(const char *text, int64_t *seconds)
{
    size_t len = strlen(text);
    char unit = len > 0 ? text[len - 1] : '\0';
    int64_t count;

    if (len < 2 || len > 7 || !read_count(text, text + len - 1, &count))
        return false;
    *seconds = count * (unit == 'h' ? HOUR : unit == 'd' ? DAY : unit == 'w' ? WEEK : 0);
    return unit == 'h' || unit == 'd' || unit == 'w';
}
