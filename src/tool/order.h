/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A certificate that is wanted and the folder that it goes to: what making a CA and making a leaf share. */
#ifndef HF_TOOL_ORDER_H
#define HF_TOOL_ORDER_H

#include "tool/store_files.h"
#include "x509/issue.h"

enum { HF_DAY = 86400, HF_CLOCK_SLACK = 3600, HF_COMMON_NAME_MAX = 64 };

typedef struct hf_order {
    hf_cert_request want;
    const char *dir, *stem, *key_type;
    hf_span spki; /* whose certificate it is to be; empty: a new key's, which is written too */
    bool replace;
} hf_order;

/* By the names of --key-type; NULL: p256. */
hf_error hf_new_key(const char *type, hf_private_key **key);
/* Signed by the CA (NULL: by itself), in its folder. An exit code, after it said what failed. */
int hf_order_fulfil(const hf_order *order, const hf_stored_ca *ca, hf_made *made);

#endif
