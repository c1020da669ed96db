/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A client that does not ask for a staple (without -enable-ocsp-stapling). The library always asks: status_request is taken out of
 * the ClientHello that it made, as its own tests change messages (hf_override), and what it then makes of an answer is its own. Only
 * where no binder covers the hello: on a process's first connection.
 */
#include "inside.h"
#include "settings.h"
#include "wire/extension.h"

#include <string.h>

enum { STATUS_REQUEST = 5, BEFORE_SESSION_ID = 2 + HF_RANDOM };

/* Of a ClientHello's body; reads nothing further if it is not one. */
static hf_reader extensions_of(hf_span body, hf_fault *fault)
{
    hf_reader r = hf_rd_start(body, "ClientHello", 0, fault, NULL);

    (void)hf_rd_bytes(&r, BEFORE_SESSION_ID, "random");
    (void)hf_rd_vec8(&r, 0, HF_VEC8_MAX, "legacy_session_id");
    (void)hf_rd_vec16(&r, 0, HF_VEC16_MAX, "cipher_suites");
    (void)hf_rd_vec8(&r, 0, HF_VEC8_MAX, "legacy_compression_methods");
    return hf_rd_sub16(&r, 0, HF_VEC16_MAX, "extensions");
}

static void copy_others(hf_builder *b, hf_reader *extensions)
{
    while (hf_rd_left(extensions) > 0) {
        uint16_t type = hf_rd_u16(extensions, "extension_type");
        hf_span data = hf_rd_vec16(extensions, 0, HF_VEC16_MAX, "extension_data");
        if (type == STATUS_REQUEST)
            continue;
        hf_wr_u16(b, type);
        hf_wr_vec16(b, data);
    }
}

static bool without_status_request(void *user, hf_msg msg, hf_span *body)
{
    seen *s = user;
    hf_fault fault = { 0 };
    hf_builder b = hf_wr_start(s->hello, sizeof s->hello);

    if (msg != HF_MSG_ClientHello)
        return false;
    hf_reader extensions = extensions_of(*body, &fault);
    size_t before = body->len - hf_rd_left(&extensions) - 2;
    hf_wr_bytes(&b, hf_span_of(body->data, before));
    hf_wr_open16(&b);
    copy_others(&b, &extensions);
    hf_wr_close(&b);
    return hf_rd_ok(&extensions) && hf_wr_finish(&b, body) == HF_OK;
}

void settings_hello(visit *v)
{
    if (!v->options->server && !v->options->enable_ocsp_stapling && v->number == 0)
        v->config->override = (hf_override){ without_status_request, seen_of(v) };
}
