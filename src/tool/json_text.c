/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Strings, times and output of JSON. */
#include "tool/json_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "tool/exit.h"
#include "tool/say.h"

static json_t *from_latin1(const char *text)
{
    size_t len = strlen(text), n = 0;
    char *wide = malloc(2 * len + 1);

    if (!wide)
        return NULL;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c >= 0x80) {
            wide[n++] = (char)(0xc0 | c >> 6);
            c = 0x80 | (c & 0x3f);
        }
        wide[n++] = (char)c;
    }
    json_t *value = json_stringn(wide, n);
    free(wide);
    return value;
}

json_t *hf_json_text(const char *text)
{
    json_t *value;

    if (!text)
        return json_null();
    value = json_string(text);
    return value ? value : from_latin1(text);
}

json_t *hf_json_text_or_null(const char *text)
{
    return hf_json_text(text && *text ? text : NULL);
}

json_t *hf_json_ms(double ms)
{
    return json_real(floor(ms * 1000 + 0.5) / 1000);
}

json_t *hf_json_time(int64_t seconds)
{
    time_t t = (time_t)seconds;
    char text[32];
    struct tm utc;

    if (seconds == 0 || !gmtime_r(&t, &utc) ||
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
        return json_null();
    return json_string(text);
}

json_t *hf_json_now(void)
{
    return hf_json_time(hf_clock_wall());
}

int hf_json_print(json_t *value, bool indented)
{
    char *text = value ? json_dumps(value, (indented ? JSON_INDENT(2) : JSON_COMPACT) |
                                               JSON_REAL_PRECISION(12))
                       : NULL;

    json_decref(value);
    if (!text) {
        hf_complain_row(HF_E_NO_MEMORY, "cannot write the report", "JSON");
        return HF_EXIT_BUG;
    }
    bool written =
        hf_out_bytes(hf_span_str(text)) && hf_out_bytes(hf_span_str("\n")) && hf_out_flush();
    free(text);
    return written ? HF_EXIT_OK : HF_EXIT_IO;
}
