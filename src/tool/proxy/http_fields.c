/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Date and Strict-Transport-Security, as lines. When they are due is the caller's to say. */
#include "tool/proxy/http_fields.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

/* IMF-fixdate (RFC 9110 5.6.7), in no locale. */
void hf_date_line(int64_t now, char line[HF_FIELD_LINE])
{
    static const char days[] = "SunMonTueWedThuFriSat",
                      months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t seconds = (time_t)now;
    struct tm tm;

    line[0] = '\0';
    if (gmtime_r(&seconds, &tm))
        snprintf(line, HF_FIELD_LINE, "Date: %.3s, %02d %.3s %04d %02d:%02d:%02d GMT\r\n",
                 days + 3 * tm.tm_wday, tm.tm_mday, months + 3 * tm.tm_mon, tm.tm_year + 1900,
                 tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void hf_hsts_line(const hf_hsts *hsts, unsigned status, char line[HF_FIELD_LINE])
{
    line[0] = '\0';
    if (hsts->on && status >= 200 && status != 421 && status != 503)
        snprintf(line, HF_FIELD_LINE, "Strict-Transport-Security: max-age=%" PRIu64 "%s%s\r\n",
                 hsts->max_age, hsts->include_subdomains ? "; includeSubDomains" : "",
                 hsts->preload ? "; preload" : "");
}
