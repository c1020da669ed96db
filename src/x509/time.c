/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Calendar times as certificates write them and as people read them, to and from seconds since
 * 1970. No clock: what time it is comes from the caller.
 */
#include "x509/time.h"

#include <stdio.h>

#include "x509/der.h"
#include "x509/x509.h"

enum { SECONDS_A_DAY = 86400, DAYS_400_YEARS = 146097 };

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Days from 1970-01-01. Years begin in March here, so that the leap day comes last. */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = year - (month <= 2), era = (y < 0 ? y - 399 : y) / 400, in_era = y - era * 400;
    int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * DAYS_400_YEARS + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

hf_civil hf_civil_of(int64_t t)
{
    int64_t days = t / SECONDS_A_DAY, seconds = t % SECONDS_A_DAY;

    if (seconds < 0)
        seconds += SECONDS_A_DAY, days--;
    days += 719468;
    int64_t era = (days < 0 ? days - (DAYS_400_YEARS - 1) : days) / DAYS_400_YEARS,
            d = days - era * DAYS_400_YEARS;
    int64_t y = (d - d / 1460 + d / 36524 - d / (DAYS_400_YEARS - 1)) / 365;
    int64_t in_year = d - (365 * y + y / 4 - y / 100), m = (5 * in_year + 2) / 153;
    hf_civil c = { .day = (int)(in_year - (153 * m + 2) / 5 + 1),
                   .month = (int)(m < 10 ? m + 3 : m - 9) };
    c.year = (int)(era * 400 + y + (c.month <= 2));
    c.hour = (int)(seconds / 3600);
    c.minute = (int)(seconds / 60 % 60);
    c.second = (int)(seconds % 60);
    return c;
}

void hf_time_text(int64_t t, char out[24])
{
    if (t < HF_TIME_MIN || t > HF_TIME_MAX) {
        snprintf(out, 24, "%s", t < HF_TIME_MIN ? "before year 0" : "after year 9999");
        return;
    }
    hf_civil c = hf_civil_of(t);
    snprintf(out, 24, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)c.year % 10000,
             (unsigned)c.month % 100, (unsigned)c.day % 100, (unsigned)c.hour % 100,
             (unsigned)c.minute % 100, (unsigned)c.second % 100);
}

/* ---- DER ---- */

/* n decimal digits, or -1. */
static int digits(const uint8_t *p, size_t n)
{
    int v = 0;

    for (size_t i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return -1;
        v = 10 * v + (p[i] - '0');
    }
    return v;
}

/* MMDDHHMMSSZ after the year. */
static bool read_rest(int year, const uint8_t *p, int64_t *t)
{
    int month = digits(p, 2), day = digits(p + 2, 2);
    int hour = digits(p + 4, 2), minute = digits(p + 6, 2), second = digits(p + 8, 2);

    if (year < 0 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) ||
        hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 ||
        p[10] != 'Z')
        return false;
    *t = days_of(year, month, day) * SECONDS_A_DAY + hour * 3600 + minute * 60 + second;
    return true;
}

/* RFC 5280 4.1.2.5.1: two digits stand for 1950 to 2049. */
static int utc_year(const uint8_t *p)
{
    int yy = digits(p, 2);

    return yy < 0 ? -1 : yy + (yy < 50 ? 2000 : 1900);
}

int64_t hf_der_time(hf_reader *r, const char *field)
{
    int64_t t = 0;
    uint8_t tag = 0;
    hf_span v = hf_der_any(r, &tag, field);

    if (!hf_rd_ok(r))
        return 0;
    if (tag == HF_DER_UTC_TIME && v.len == 13 && read_rest(utc_year(v.data), v.data + 2, &t))
        return t;
    if (tag == HF_DER_GENERALIZED_TIME && v.len == 15 &&
        read_rest(digits(v.data, 4), v.data + 4, &t))
        return t;
    hf_rd_refuse(r, HF_E_CERT_DER, v.len, field,
                 "not a time of the form YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ");
    return 0;
}
