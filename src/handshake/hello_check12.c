/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A server's judgement of what a ClientHello must hold when TLS 1.2 is spoken. */
#include "handshake/hello.h"

#define HAS(ext, name) ((ext)->present & HF_EXT_BIT(name))

/* The client shows by either that it binds renegotiations to their connection; that we never renegotiate does not help one
   whose first handshake is somebody else's second. */
static hf_error check_renegotiation(hf_engine *e, const hf_client_hello *h)
{
    bool required = e->config->policy.require_renegotiation_info;

    if (HAS(&h->ext, renegotiation_info) &&
        h->ext.renegotiated_connection.len > 0) /* RFC 5746 3.6 */
        return hf_refuse(e, HF_E_RENEGOTIATION_INFO_FULL, "renegotiated_connection", "empty", NULL);
    if (required && !HAS(&h->ext, renegotiation_info) &&
        !hf_list16_has(h->cipher_suites, HF_RENEGOTIATION_SCSV)) /* RFC 9325 3.5 */
        return hf_refuse(e, HF_E_RENEGOTIATION_INFO, "extensions", "renegotiation_info", NULL);
    return HF_OK;
}

static hf_error check_point_formats(hf_engine *e, const hf_extensions *x)
{
    if (HAS(x, ec_point_formats) && HAS(x, supported_groups) &&
        !memchr(x->point_formats.data, 0, x->point_formats.len)) /* RFC 8422 5.1.2 */
        return hf_refuse(e, HF_E_POINT_FORMATS, "ec_point_formats", "00", NULL);
    return HF_OK;
}

/* extended_main_secret is judged with the session, which may depend on it (resume12.c), signature_algorithms with the suite
   (choose12.c). */
hf_error hf_check_client_hello12(hf_engine *e)
{
    const hf_client_hello *h = &e->hs->hello;

    TRY(check_renegotiation(e, h));
    return check_point_formats(e, &h->ext);
}
