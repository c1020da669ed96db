/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Signers and identities: a chain and whoever can sign for its leaf. */
#include "crypto/hash.h"
#include "crypto/rsa_premaster.h"
#include "policy/policy.h"

/* ---- signers ---- */

/* Whoever answers HF_JOB_SIGN by hf_job_set_output needs no function; without an answer the handshake fails. */
static hf_error sign_nowhere(void *user, uint16_t scheme, hf_span message, uint8_t *signature,
                             size_t *len)
{
    (void)user, (void)scheme, (void)message, (void)signature, (void)len;
    return HF_E_JOB_FAILED;
}

hf_signer *hf_signer_new(const hf_signer_ops *ops, void *user, const uint16_t *schemes)
{
    hf_signer *signer = hf_alloc(sizeof *signer);

    if (!signer)
        return NULL;
    signer->ops = *ops;
    if (!ops->sign)
        signer->ops.sign = sign_nowhere;
    signer->user = user;
    for (size_t i = 0; i < HF_SIGNER_SCHEMES - 1 && schemes[i]; i++)
        signer->schemes[i] = schemes[i];
    atomic_init(&signer->refs, 1);
    return signer;
}

hf_signer *hf_signer_ref(hf_signer *signer)
{
    atomic_fetch_add(&signer->refs, 1);
    return signer;
}

void hf_signer_free(hf_signer *signer)
{
    if (!signer || atomic_fetch_sub(&signer->refs, 1) != 1)
        return;
    if (signer->ops.free)
        signer->ops.free(signer->user);
    hf_free(signer);
}

/* A key in this process as a signer. */
static hf_error sign_here(void *user, uint16_t scheme, hf_span message, uint8_t *signature,
                          size_t *len)
{
    const hf_scheme *s = hf_scheme_of(scheme);

    return s ? hf_sign(user, s->kind, s->hash, message, signature, len) : HF_E_INTERNAL;
}

static void free_key(void *user)
{
    hf_private_key_free(user);
}

static void premaster_here(void *user, uint16_t client_version, hf_span ciphertext,
                           const uint8_t *substitute, uint8_t *premaster)
{
    hf_rsa_premaster(user, client_version, ciphertext, substitute, premaster);
}

/* Those of TLS 1.3 first, then what only TLS 1.2 may use. */
static void schemes_of_key(hf_key_type type, uint16_t *schemes)
{
    size_t n = 0;
    const hf_scheme *s;

    for (size_t i = 0; (s = hf_scheme_row(i)) != NULL && n < HF_SIGNER_SCHEMES - 1; i++)
        if (hf_scheme_fits(s, type, HF_TLS13))
            schemes[n++] = s->code;
    for (size_t i = 0; (s = hf_scheme_row(i)) != NULL && n < HF_SIGNER_SCHEMES - 1; i++)
        if (!hf_scheme_fits(s, type, HF_TLS13) && hf_scheme_fits(s, type, HF_TLS12))
            schemes[n++] = s->code;
    schemes[n] = 0;
}

/* ---- identities ---- */

static hf_error add_certificate(hf_identity *id, hf_span der)
{
    if (id->n == HF_CHAIN_MAX)
        return HF_E_CERT_CHAIN_TOO_LONG;
    uint8_t *copy = hf_copy(der);
    if (!copy)
        return HF_E_NO_MEMORY;
    id->chain[id->n++] = hf_span_of(copy, der.len);
    return HF_OK;
}

static hf_error parse_leaf(hf_identity *id)
{
    hf_fault fault = { 0 };

    if (id->n == 0)
        return HF_E_CONFIG_PEM;
    return hf_cert_parse(&id->leaf, id->chain[0], &fault);
}

static hf_error identity_of_chain(hf_identity **identity, const hf_span *chain_der, size_t n,
                                  hf_signer *signer)
{
    hf_identity *id = hf_alloc(sizeof *id);
    hf_error e = HF_OK;

    *identity = NULL;
    if (!id)
        return HF_E_NO_MEMORY;
    atomic_init(&id->refs, 1);
    atomic_flag_clear(&id->staple_lock);
    for (size_t i = 0; i < n && e == HF_OK; i++)
        e = add_certificate(id, chain_der[i]);
    if (e == HF_OK)
        e = parse_leaf(id);
    if (e != HF_OK) {
        hf_identity_free(id);
        return e;
    }
    hf_identity_note_chain(id);
    id->signer = hf_signer_ref(signer);
    *identity = id;
    return HF_OK;
}

/* All CERTIFICATE blocks of the PEM, in order. */
static hf_error read_chain(hf_span pem, hf_span chain[HF_CHAIN_MAX], size_t *n)
{
    uint8_t *der;
    size_t len;
    hf_error e;

    *n = 0;
    while ((e = hf_pem_next(&pem, "CERTIFICATE", &der, &len)) == HF_OK) {
        if (*n == HF_CHAIN_MAX) {
            hf_free(der);
            return HF_E_CERT_CHAIN_TOO_LONG;
        }
        chain[(*n)++] = hf_span_of(der, len);
    }
    return *n > 0 && pem.len == 0 ? HF_OK : e; /* anything left is a damaged block */
}

static void free_chain(const hf_span *chain, size_t n)
{
    for (size_t i = 0; i < n; i++)
        hf_free((void *)(uintptr_t)chain[i].data);
}

static hf_error identity_of_pem_chain(hf_identity **identity, hf_span pem, hf_signer *signer)
{
    hf_span chain[HF_CHAIN_MAX];
    size_t n = 0;
    hf_error e = read_chain(pem, chain, &n);

    if (e == HF_OK)
        e = identity_of_chain(identity, chain, n, signer);
    free_chain(chain, n);
    return e;
}

/* Every certificate is a SEQUENCE of more than 127 bytes. */
static bool is_der(hf_span bytes)
{
    return bytes.len > 1 && bytes.data[0] == 0x30 && bytes.data[1] > 0x80;
}

hf_error hf_identity_new(hf_identity **identity, const hf_span *chain, size_t n, hf_signer *signer)
{
    *identity = NULL;
    return n == 1 && !is_der(chain[0]) ? identity_of_pem_chain(identity, chain[0], signer)
                                       : identity_of_chain(identity, chain, n, signer);
}

/* The certificate must be for this key: compared as SubjectPublicKeyInfo. */
static hf_error key_fits(const hf_identity *id, const hf_private_key *key)
{
    uint8_t *spki;
    size_t len;

    TRY(hf_private_key_spki(key, &spki, &len));
    bool same = hf_span_equal(hf_span_of(spki, len), id->leaf.spki);
    hf_free(spki);
    return same ? HF_OK : HF_E_CONFIG_KEY_MISMATCH;
}

static hf_error identity_of_key(hf_identity **identity, const hf_span *chain, size_t n,
                                hf_private_key *key)
{
    hf_signer_ops here = { .sign = sign_here, .free = free_key };
    uint16_t schemes[HF_SIGNER_SCHEMES];

    if (hf_private_key_type(key) == HF_KEY_RSA)
        here.premaster = premaster_here;
    schemes_of_key(hf_private_key_type(key), schemes);
    hf_signer *signer = hf_signer_new(&here, key, schemes);
    if (!signer) {
        hf_private_key_free(key);
        return HF_E_NO_MEMORY;
    }
    hf_error e = identity_of_chain(identity, chain, n, signer);
    if (e == HF_OK && (e = key_fits(*identity, key)) != HF_OK) {
        hf_identity_free(*identity);
        *identity = NULL;
    }
    hf_signer_free(signer);
    return e;
}

hf_error hf_identity_from_pem(hf_identity **identity, hf_span chain_pem, hf_span key_pem,
                              const char *password)
{
    hf_span chain[HF_CHAIN_MAX];
    hf_private_key *key;
    size_t n = 0;

    *identity = NULL;
    hf_error e = read_chain(chain_pem, chain, &n);
    if (e == HF_OK && (e = hf_private_key_from_pem(&key, key_pem, password)) == HF_OK)
        e = identity_of_key(identity, chain, n, key);
    free_chain(chain, n);
    return e;
}

hf_identity *hf_identity_ref(hf_identity *identity)
{
    atomic_fetch_add(&identity->refs, 1);
    return identity;
}

void hf_identity_free(hf_identity *identity)
{
    if (!identity || atomic_fetch_sub(&identity->refs, 1) != 1)
        return;
    for (size_t i = 0; i < identity->n; i++)
        hf_free((void *)(uintptr_t)identity->chain[i].data);
    hf_staple_free(identity->staple);
    hf_signer_free(identity->signer);
    hf_free(identity);
}

/* PSS wants the hash, a salt as long and two bytes more (RFC 8017 9.1.1): a small key has no room for a long hash. */
static bool has_room(const hf_public_key *key, const hf_scheme *s)
{
    return s->kind != HF_SIG_RSA_PSS || key->n.len > 2 * hf_hash_len(s->hash) + 2;
}

/* RFC 9846 4.5.1.2#2 #3 #4, 4.5.2#4 #5 #6 #7 */
const hf_scheme *hf_identity_scheme(const hf_identity *identity, const hf_policy *policy,
                                    uint16_t version, hf_span peer_schemes)
{
    if (identity->leaf.has_key_usage && !(identity->leaf.key_usage & HF_KU_DIGITAL_SIGNATURE))
        return NULL; /* RFC 5280 4.2.1.3 */
    for (size_t i = 0; identity->signer->schemes[i]; i++) {
        const hf_scheme *s = hf_scheme_of(identity->signer->schemes[i]);
        if (s && hf_scheme_fits(s, identity->leaf.key.type, version) &&
            (identity->signer->beyond_policy || hf_in_list(policy->schemes, s->code)) &&
            has_room(&identity->leaf.key, s) && hf_list16_has(peer_schemes, s->code))
            return s;
    }
    return NULL;
}
