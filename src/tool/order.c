/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Making a certificate in memory, and putting it and its key in their folder. */
#include "tool/order.h"

#include <string.h>

#include "tool/exit.h"
#include "tool/say.h"

/* ---- keys ---- */

static const struct key_kind {
    const char *name;
    hf_key_type type;
    unsigned rsa_bits;
} key_kinds[] = {
    { "p256", HF_KEY_P256, 0 },      { "p384", HF_KEY_P384, 0 },
    { "rsa2048", HF_KEY_RSA, 2048 }, { "rsa3072", HF_KEY_RSA, 3072 },
    { "rsa4096", HF_KEY_RSA, 4096 }, { "ed25519", HF_KEY_ED25519, 0 },
};

hf_error hf_new_key(const char *type, hf_private_key **key)
{
    for (size_t i = 0; i < sizeof key_kinds / sizeof key_kinds[0]; i++)
        if (strcmp(key_kinds[i].name, type ? type : "p256") == 0)
            return hf_private_key_generate(key, key_kinds[i].type, key_kinds[i].rsa_bits);
    return HF_E_CONFIG_KEY_UNSUPPORTED;
}

/* ---- in memory ---- */

/* A certificate (or chain) and its key as the files will hold them. */
typedef struct pair {
    uint8_t *cert_pem, *key_pem;
    size_t cert_len, key_len;
} pair;

static void pair_wipe(pair *p)
{
    hf_free(p->cert_pem);
    hf_free_secret(p->key_pem, p->key_len);
    memset(p, 0, sizeof *p);
}

/* The chain is the certificate alone: its issuer is the anchor, which clients have. */
static hf_error pair_fill(pair *p, hf_span der, const hf_private_key *key, hf_made *made)
{
    TRY(hf_cert_summarize(der, &made->summary));
    TRY(hf_pem_write("CERTIFICATE", der, &p->cert_pem, &p->cert_len));
    return key ? hf_private_key_to_pem(key, &p->key_pem, &p->key_len) : HF_OK;
}

/* key NULL: the subject has its own. */
static hf_error issue(const hf_order *o, const hf_private_key *key, const hf_stored_ca *ca,
                      uint8_t **der, size_t *len)
{
    const hf_random random = { NULL, NULL };
    const hf_cert *issuer = ca ? &ca->cert : NULL;
    const hf_private_key *signer = ca ? ca->key : key;

    return key ? hf_cert_issue(&o->want, key, issuer, signer, &random, der, len)
               : hf_cert_issue_for(&o->want, o->spki, issuer, signer, &random, der, len);
}

static hf_error make_pair(const hf_order *o, const hf_stored_ca *ca, pair *p, hf_made *made)
{
    hf_private_key *key = NULL;
    uint8_t *der = NULL;
    size_t len = 0;
    hf_error e = o->spki.len > 0 ? HF_OK : hf_new_key(o->key_type, &key);

    if (e == HF_OK)
        e = issue(o, key, ca, &der, &len);
    if (e == HF_OK)
        e = pair_fill(p, hf_span_of(der, len), key, made);
    hf_free(der);
    hf_private_key_free(key);
    return e;
}

/* ---- in its folder ---- */

static int make_and_save(const hf_order *o, const hf_stored_ca *ca, hf_made *made)
{
    pair p = { 0 };
    hf_file_pair files = { .cert = made->cert, .key = o->spki.len > 0 ? NULL : made->key };
    int status = hf_store_may_write(o->dir, &files, o->replace);

    if (status != HF_EXIT_OK)
        return status;
    hf_error e = make_pair(o, ca, &p, made);
    files.cert_pem = hf_span_of(p.cert_pem, p.cert_len);
    files.key_pem = hf_span_of(p.key_pem, p.key_len);
    status = e == HF_OK ? hf_store_pair(&files, o->replace)
                        : hf_complain_row(e, "no certificate could be made", made->cert);
    pair_wipe(&p);
    return status;
}

int hf_order_fulfil(const hf_order *o, const hf_stored_ca *ca, hf_made *made)
{
    bool fresh;
    int status = hf_store_folder(o->dir, &fresh);

    if (status == HF_EXIT_OK)
        status = hf_store_paths(o->dir, o->stem, made->cert, made->key);
    if (status == HF_EXIT_OK)
        status = make_and_save(o, ca, made);
    if (o->spki.len > 0)
        made->key[0] = '\0';
    return hf_store_give_up(status, o->dir, fresh);
}
