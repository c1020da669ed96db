/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A server says "bad certificate" and no more: dates and purpose can be seen from here. */
#include "tool/own_cert.h"

#include <stdio.h>
#include <string.h>

#include <handfast/config.h>
#include <handfast/os.h>
#include "base/bytes.h"
#include "base/clock.h"
#include "tool/cert_text.h"
#include "x509/x509.h"

enum { FILE_LIMIT = 1024 * 1024, DAY = 10 };

void hf_own_cert_read(hf_own_cert *own, const char *file)
{
    uint8_t *bytes, *der = NULL;
    size_t len, n;

    memset(own, 0, sizeof *own);
    if (hf_os_read_file(file, FILE_LIMIT, &bytes, &len) != HF_OK)
        return;
    hf_span pem = hf_span_of(bytes, len);
    if (hf_pem_next(&pem, "CERTIFICATE", &der, &n) == HF_OK) {
        own->known = hf_cert_summarize(hf_span_of(der, n), &own->leaf) == HF_OK;
        hf_free(der);
    }
    hf_os_free(bytes, len);
}

/* An extendedKeyUsage that names servers and nobody else. */
static bool is_for_servers_only(const hf_cert_summary *leaf)
{
    const char *purposes = strchr(leaf->usage, ';') ? strchr(leaf->usage, ';') : leaf->usage;

    return strstr(purposes, "serverAuth") && !strstr(purposes, "clientAuth") &&
           !strstr(purposes, "any");
}

void hf_own_cert_fault(const hf_own_cert *own, char out[HF_OWN_FAULT_ROOM])
{
    const hf_cert_summary *leaf = &own->leaf;
    int64_t now = hf_clock_wall();
    char when[HF_WHEN_ROOM];

    *out = '\0';
    if (!own->known)
        return;
    hf_when_text(now > leaf->not_after ? leaf->not_after : leaf->not_before, now, when);
    if (now > leaf->not_after)
        snprintf(out, HF_OWN_FAULT_ROOM, "it expired on %.*s", DAY, when);
    else if (now < leaf->not_before)
        snprintf(out, HF_OWN_FAULT_ROOM, "it is not valid before %.*s", DAY, when);
    else if (is_for_servers_only(leaf))
        snprintf(out, HF_OWN_FAULT_ROOM, "it is for servers only (serverAuth without clientAuth)");
    else if (leaf->is_ca)
        snprintf(out, HF_OWN_FAULT_ROOM, "it is the certificate of a CA");
}

void hf_own_cert_withheld(const hf_own_cert *own, bool authorities, char out[HF_OWN_WITHHELD_ROOM])
{
    *out = '\0';
    if (own->known)
        snprintf(out, HF_OWN_WITHHELD_ROOM,
                 "yours (%s, issued by %s) was not sent: the server does not take its %s",
                 own->leaf.subject, own->leaf.issuer, authorities ? "issuer" : "kind of key");
}
