/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Reading certificates and CRLs for their dates alone: nothing is verified. */
#include "tool/audit/watch_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <handfast/os.h>
#include "crypto/hash.h"
#include "crypto/signature.h"
#include "x509/revocation.h"
#include "x509/x509.h"

enum { FILE_MAX = 16 << 20, DIGEST = 32 };

static void fail(hf_watch_file *f, const char *what, const char *why)
{
    if (!*f->error)
        snprintf(f->error, sizeof f->error, "%.120s: %.120s", what, why);
}

static void print_of(hf_span der, char print[65])
{
    uint8_t digest[HF_HASH_MAX] = { 0 };

    if (hf_hash_once(HF_SHA256, der, digest) != HF_OK)
        memset(digest, 0, sizeof digest);
    for (size_t i = 0; i < DIGEST; i++)
        snprintf(print + 2 * i, 3, "%02x", digest[i]);
}

static void add(hf_watch_file *f, const char *kind, hf_span name, hf_span der, int64_t from,
                int64_t to)
{
    if (f->n == HF_WATCH_FILE_ENDS) {
        fail(f, "not all of it is watched", "there are more than 500 certificates and CRLs");
        return;
    }
    hf_name_text(name, f->names[f->n], HF_WATCH_NAME_ROOM);
    print_of(der, f->fingerprints[f->n]);
    f->ends[f->n] = (hf_watch_end){ .kind = kind,
                                    .name = f->names[f->n],
                                    .fingerprint = f->fingerprints[f->n],
                                    .not_before = from,
                                    .not_after = to };
    f->n++;
}

/* ---- one ---- */

static bool add_certificate(hf_watch_file *f, hf_span der)
{
    hf_cert cert;

    if (hf_cert_parse(&cert, der, NULL) != HF_OK)
        return false;
    add(f, "certificate", cert.subject, der, cert.not_before, cert.not_after);
    return true;
}

/* One without nextUpdate does not end. */
static bool add_crl(hf_watch_file *f, hf_span der)
{
    hf_fault fault;
    hf_crl crl;

    if (hf_crl_parse(&crl, der, &fault) != HF_OK)
        return false;
    if (crl.next_update != 0)
        add(f, "CRL of", crl.issuer, der, crl.this_update, crl.next_update);
    return true;
}

/* ---- the file ---- */

/* How many blocks there were. */
static size_t add_blocks(hf_watch_file *f, hf_span file, const char *label,
                         bool (*add_one)(hf_watch_file *, hf_span))
{
    uint8_t *der;
    size_t len, n = 0;

    for (; hf_pem_next(&file, label, &der, &len) == HF_OK; n++) {
        if (!add_one(f, hf_span_of(der, len)))
            fail(f, label, "a block cannot be read");
        hf_free(der);
    }
    if (file.len > 0)
        fail(f, label, "a block is damaged");
    return n;
}

static void read_bytes(hf_watch_file *f, hf_span file)
{
    bool is_der = file.len > 2 && file.data[0] == 0x30 && file.data[1] >= 0x80;
    size_t n;

    if (is_der) {
        n = add_certificate(f, file) || add_crl(f, file);
    } else {
        n = add_blocks(f, file, "CERTIFICATE", add_certificate);
        n += add_blocks(f, file, "X509 CRL", add_crl);
    }
    if (n == 0)
        fail(f, "there is nothing to watch in it", "it holds no certificate and no CRL");
}

hf_watch_file *hf_watch_file_read(const char *path)
{
    hf_watch_file *f = calloc(1, sizeof *f);
    uint8_t *bytes;
    size_t len;

    if (!f)
        return NULL;
    if (hf_os_read_file(path, FILE_MAX, &bytes, &len) != HF_OK) {
        fail(f, "the file cannot be read", strerror(errno));
        return f;
    }
    read_bytes(f, hf_span_of(bytes, len));
    hf_os_free(bytes, len);
    return f;
}
