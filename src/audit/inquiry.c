/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* All inquiries as a table, and what most of them begin and end with. */
#include "audit/inquiry.h"

#include <stdarg.h>
#include <stdio.h>

#define HF_INQUIRY(name) extern const hf_inquiry_row hf_inquiry_##name;
#include "audit/inquiries.def"
#undef HF_INQUIRY

const hf_inquiry_row *const hf_inquiries[] = {
#define HF_INQUIRY(name) &hf_inquiry_##name,
#include "audit/inquiries.def"
#undef HF_INQUIRY
};
const size_t hf_n_inquiries = sizeof hf_inquiries / sizeof hf_inquiries[0];

void hf_inquiry_open(const hf_inquiry *q, uint16_t version, hf_crafted *hello)
{
    *hello = (hf_crafted){ .version = version, .server_name = q->setup->sni };
    hf_crafted_usual(hello);
}

bool hf_inquiry_say(hf_ask *ask, const hf_crafted *hello)
{
    ask->kind = HF_ASK_BYTES;
    ask->len = hf_crafted_write(hello, ask->bytes);
    return ask->len > 0;
}

static hf_span cut(hf_span bytes)
{
    return hf_span_of(bytes.data, bytes.len < HF_EVIDENCE_BYTES ? bytes.len : HF_EVIDENCE_BYTES);
}

size_t hf_inquiry_evidence(const hf_inquiry *q, const hf_reply *reply, const char *words, ...)
{
    bool raw = reply->ask->kind == HF_ASK_BYTES;
    hf_span sent = raw ? hf_span_of(reply->ask->bytes, reply->ask->len) : (hf_span){ NULL, 0 };
    hf_span received =
        raw ? hf_span_of(reply->flight->shown, reply->flight->n_shown) : (hf_span){ NULL, 0 };
    char text[HF_EVIDENCE_WORDS];
    va_list args;

    va_start(args, words);
    if (vsnprintf(text, sizeof text, words, args) < 0)
        text[0] = '\0';
    va_end(args);
    return hf_seen_evidence(q->seen, q->row->name, cut(sent), received, "%s", text);
}
