/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* One GeneralName by its tag. */
#include "tool/name_words.h"

#include <stdio.h>

#include "x509/der.h"
#include "x509/ip.h"
#include "x509/oid.h"
#include "x509/summary.h"

enum { ONE_ROOM = 300 };

/* Address and mask, as constraints have them; a mask without holes is a length. */
static void put_range(hf_span v, char *out, size_t room)
{
    size_t half = v.len / 2, ones = 0;
    char address[HF_IP_TEXT_MAX], mask[HF_IP_TEXT_MAX];
    bool ended = false, holes = false;

    for (size_t i = 0; i < 8 * half; i++) {
        bool one = v.data[half + i / 8] & (0x80u >> (i % 8));
        holes = holes || (one && ended);
        ended = ended || !one;
        ones += one;
    }
    hf_ip_text(hf_span_of(v.data, half), address);
    hf_ip_text(hf_span_of(v.data + half, half), mask);
    if (holes)
        snprintf(out, room, "IP:%s/%s", address, mask);
    else
        snprintf(out, room, "IP:%s/%zu", address, ones);
}

static void put_directory(hf_span v, char *out, size_t room)
{
    snprintf(out, room, "name:");
    hf_name_text(v, out + 5, room - 5);
}

static void put_other(hf_span v, char *out, size_t room)
{
    hf_fault fault = { .code = HF_OK };
    hf_reader r = hf_rd_start(v, "OtherName", 0, &fault, NULL);
    char type[96];

    hf_oid_text(hf_der_oid(&r, "type-id"), type, sizeof type);
    snprintf(out, room, "other:%s", fault.code == HF_OK ? type : "?");
}

static void put_name(uint8_t tag, hf_span v, char *out, size_t room)
{
    switch (tag) {
    case HF_DER_CONTEXT(1): hf_san_text(HF_SAN_EMAIL, v, out, room); return;
    case HF_DER_CONTEXT(2): hf_san_text(HF_SAN_DNS, v, out, room); return;
    case HF_DER_CONTEXT(6): hf_san_text(HF_SAN_URI, v, out, room); return;
    case HF_DER_CONTEXT(7):
        if (v.len == 8 || v.len == 32)
            put_range(v, out, room);
        else
            hf_san_text(HF_SAN_IP, v, out, room);
        return;
    case HF_DER_CONTEXT(8):
        snprintf(out, room, "id:");
        hf_oid_text(v, out + 3, room - 3);
        return;
    case HF_DER_CONTEXT_CONS(0): put_other(v, out, room); return;
    case HF_DER_CONTEXT_CONS(4): put_directory(v, out, room); return;
    default: snprintf(out, room, "a name of another kind"); return;
    }
}

void hf_general_name_add(hf_label *t, hf_reader *r)
{
    char one[ONE_ROOM];
    uint8_t tag = 0;
    hf_span value = hf_der_any(r, &tag, "GeneralName");

    if (!hf_rd_ok(r))
        return;
    put_name(tag, value, one, sizeof one);
    hf_label_add(t, one);
}

void hf_general_names_add(hf_label *t, hf_reader *r)
{
    for (bool more = false; hf_rd_left(r) > 0; more = true) {
        hf_label_add(t, more ? ", " : "");
        hf_general_name_add(t, r);
    }
}
