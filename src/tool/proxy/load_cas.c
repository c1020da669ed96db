/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Files of CA certificates. One that is damaged is not used at all: half of it would let in, or keep out, the wrong ones. */
#include <stdarg.h>
#include <stdio.h>

#include "base/bytes.h"
#include "tool/proxy/loading.h"

static bool bad(hf_cas *cas, const char *todo, const char *format, ...) HF_PRINTF(3, 4);

static bool bad(hf_cas *cas, const char *todo, const char *format, ...)
{
    int n = snprintf(cas->why, sizeof cas->why, "%.250s: ", cas->path);
    va_list args;

    va_start(args, format);
    vsnprintf(cas->why + n, sizeof cas->why - (size_t)n, format, args);
    va_end(args);
    snprintf(cas->todo, sizeof cas->todo, "%s", todo);
    return false;
}

static bool no_certificate(hf_cas *cas)
{
    const hf_careful *f = cas->file;

    if (f->len > 2 && f->bytes[0] == 0x30 && f->bytes[1] > 0x7f)
        return bad(cas, "convert it: openssl x509 -inform DER -in OLD -out NEW",
                   "it is DER, and PEM is needed");
    return bad(cas, "give a PEM file of CA certificates", "it holds no certificate");
}

bool hf_cas_read(hf_loading *l, const char *path, hf_cas *cas,
                 void (*each)(hf_loading *l, const char *path, size_t site, const hf_cert *cert),
                 size_t site)
{
    *cas = (hf_cas){ .path = path, .file = hf_loading_file(l, path, HF_LOAD_PEM_MAX) };
    if (!cas->file->bytes)
        return bad(cas, cas->file->todo, "%s", cas->file->why);
    hf_span rest = hf_span_of(cas->file->bytes, cas->file->len);
    uint8_t *der;
    hf_cert cert;
    size_t len;

    while (hf_pem_next(&rest, "CERTIFICATE", &der, &len) == HF_OK) {
        cas->n++;
        bool good = hf_cert_parse(&cert, hf_span_of(der, len), NULL) == HF_OK;
        if (good) {
            cas->n_cas += cert.is_ca;
            if (each)
                each(l, path, site, &cert);
        }
        hf_free(der);
        if (!good)
            return bad(cas, "fetch the certificate again", "certificate %zu cannot be read",
                       cas->n);
    }
    if (rest.len > 0)
        return bad(cas, "write it again, whole; it is read again when it changes",
                   "certificate %zu is damaged, or not whole yet", cas->n + 1);
    return cas->n > 0 || no_certificate(cas);
}
