/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The paths that the validator tried, and its verdict: in words or as JSON. */
#ifndef HF_TOOL_VERIFY_TEXT_H
#define HF_TOOL_VERIFY_TEXT_H

#include <handfast/verify.h>
#include <jansson.h>

#include "tool/cert_bag.h"

typedef struct hf_verify_view {
    const hf_cert_bag *bag; /* what was judged: the chain */
    const hf_verify_options *options;
    bool json;
    size_t n;      /* attempts so far */
    json_t *tried; /* json: of each attempt */
} hf_verify_view;

void hf_verify_begin(hf_verify_view *view);
/* For hf_verify_options.tried; user is the view. */
void hf_verify_tried(void *user, const hf_verify_result *attempt);
/* On stdout; a refusal in words is the caller's. An exit code. */
int hf_verify_tell(hf_verify_view *view, const hf_verify_result *result);

#endif
