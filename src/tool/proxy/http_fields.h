/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Lines of a response's head that the proxy writes into its own responses and into those of backends alike. */
#ifndef HF_TOOL_PROXY_HTTP_FIELDS_H
#define HF_TOOL_PROXY_HTTP_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

enum { HF_FIELD_LINE = 96 }; /* room for any of them, with its CRLF and a NUL */

typedef struct hf_hsts {
    bool on, include_subdomains, preload;
    uint64_t max_age;
} hf_hsts;

/* now: seconds since 1970; "" when there is no such time. */
void hf_date_line(int64_t now, char line[HF_FIELD_LINE]);
/* "" when it is not on, and for a status that promises nothing: 1xx, 503, and 421, which is another host's. */
void hf_hsts_line(const hf_hsts *hsts, unsigned status, char line[HF_FIELD_LINE]);

#endif
