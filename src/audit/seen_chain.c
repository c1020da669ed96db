/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The chains that a server shows, one a distinct leaf. A certificate that we cannot read is a fact about the server and no reason to
 * forget it: the bytes and their fingerprint are kept in any case, and what the reader made of it stands beside them.
 */
#include <stdio.h>

#include <handfast/cert.h>
#include "audit/seen.h"
#include "crypto/hash.h"
#include "x509/summary.h"

enum { DIGEST_LEN = 32 };

/* Its number among them; n_chains: it is not there. */
static size_t with_leaf(const hf_seen *seen, hf_span leaf)
{
    size_t i = 0;

    while (i < seen->n_chains && !hf_span_equal(seen->chains[i].der[0], leaf))
        i++;
    return i;
}

hf_seen_answer hf_seen_answer_of(const hf_seen *seen, const hf_flight *f, uint16_t version)
{
    size_t at = f->n_certs > 0 ? with_leaf(seen, f->certs[0]) : seen->n_chains;

    if (!hf_flight_took(f, version))
        return (hf_seen_answer){ .said = f->hello || f->has_alert };
    return (hf_seen_answer){ .said = true,
                             .taken = true,
                             .retry = f->retry,
                             .ems = f->ems,
                             .encrypt_then_mac = f->encrypt_then_mac,
                             .renegotiation_info = f->renegotiation_info,
                             .heartbeat = f->heartbeat,
                             .suite = f->suite,
                             .group = f->group,
                             .scheme = f->scheme,
                             .chain = f->n_certs > 0 ? at + 1 : 0 };
}

static bool copy_certificates(hf_seen *seen, hf_seen_chain *chain, const hf_span *der, size_t n)
{
    for (size_t i = 0; i < n && i < HF_CHAIN_MAX; i++) {
        chain->der[i] = hf_arena_copy(&seen->arena, der[i]);
        if (!chain->der[i].data)
            return false;
        chain->n++;
    }
    return true;
}

static void write_fingerprint(hf_span der, char *out, size_t room)
{
    uint8_t digest[HF_HASH_MAX];

    if (hf_hash_once(HF_SHA256, der, digest) != HF_OK)
        return;
    for (size_t i = 0; i < DIGEST_LEN; i++)
        snprintf(out + 3 * i, room - 3 * i, "%02x%s", digest[i], i + 1 < DIGEST_LEN ? ":" : "");
}

/* The validator refuses other versions than 3, and their fields can be read all the same. A fault leaves the fields up to it: of a key that is not supported issuer, subject and dates. */
static void read_leaf(hf_seen_chain *chain)
{
    hf_cert_summary summary;

    write_fingerprint(chain->der[0], chain->fingerprint, sizeof chain->fingerprint);
    chain->parse_error = hf_cert_parse(&chain->leaf, chain->der[0], NULL);
    chain->parsed =
        chain->parse_error == HF_OK || (chain->parse_error == HF_E_CERT_VERSION &&
                                        hf_cert_look_at(&chain->leaf, chain->der[0]) == HF_OK);
    if (!chain->parsed || hf_cert_summarize_any(chain->der[0], &summary) != HF_OK)
        return;
    snprintf(chain->sans, sizeof chain->sans, "%s", summary.sans);
    chain->must_staple = chain->leaf.must_staple;
}

static hf_seen_chain *new_chain(hf_seen *seen, const hf_span *der, size_t n, bool more,
                                size_t evidence)
{
    hf_seen_chain *chain = &seen->chains[seen->n_chains];

    memset(chain, 0, sizeof *chain);
    if (!copy_certificates(seen, chain, der, n))
        return NULL;
    chain->more = more || n > HF_CHAIN_MAX;
    chain->evidence = evidence;
    read_leaf(chain);
    seen->n_chains++;
    return chain;
}

hf_seen_chain *hf_seen_chain_of(hf_seen *seen, const hf_span *der, size_t n, bool more,
                                hf_seen_version_id version, size_t evidence)
{
    if (n == 0)
        return NULL;
    size_t at = with_leaf(seen, der[0]);
    hf_seen_chain *chain = at < seen->n_chains ? &seen->chains[at] : NULL;
    if (!chain && seen->n_chains < HF_SEEN_CHAINS)
        chain = new_chain(seen, der, n, more, evidence);
    if (chain && version < HF_V_COUNT)
        chain->versions = (uint16_t)(chain->versions | 1u << version);
    return chain;
}
