/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The private key: can it be read and opened, may others touch it, and is it the leaf's? */
#include <stdio.h>
#include <sys/stat.h>

#include "base/error.h"
#include "tool/password.h"
#include "tool/proxy/judge.h"

/* ---- who may touch it ---- */

static bool check_mode(const hf_pair_case *c, hf_pair *pair)
{
    unsigned mode = c->key.file->mode;

    if (mode & S_IWOTH)
        return hf_pair_bad(
            pair, c->key.path, "chmod 600 the key, and have a new one made",
            "everybody may write to the key (mode %04o), so that it may be anybody's", mode);
    if (mode & S_IROTH)
        hf_pair_warn(c, "%s: everybody on this machine may read the key (mode %04o); chmod 600 it",
                     c->key.path, mode);
    else if (mode & S_IWGRP)
        hf_pair_warn(c, "%s: its group may write to the key (mode %04o); chmod 640 it, or 600",
                     c->key.path, mode);
    return true;
}

/* ---- opening it ---- */

static bool holds(const hf_careful *file, const char *words)
{
    return strstr((const char *)file->bytes, words) != NULL;
}

static bool no_key(const hf_pair_case *c, hf_pair *pair)
{
    const hf_careful *f = c->key.file;

    if (f->len > 2 && f->bytes[0] == 0x30 && f->bytes[1] > 0x7f)
        return hf_pair_bad(pair, c->key.path,
                           "convert it: openssl pkey -inform DER -in OLD -out NEW",
                           "it is DER, and PEM is needed");
    if (holds(f, "PRIVATE KEY-----"))
        return hf_pair_bad(pair, c->key.path,
                           "write the key again, whole; it is read again when it changes",
                           "the key is damaged, or not whole yet");
    if (holds(f, "-----BEGIN CERTIFICATE"))
        return hf_pair_bad(pair, c->key.path, "see whether chain and key are swapped",
                           "it holds a certificate and no private key");
    return hf_pair_bad(pair, c->key.path, "give the PEM file of the certificate's key",
                       "it holds no private key");
}

static bool refuse(const hf_pair_case *c, hf_pair *pair, hf_error e)
{
    switch (e) {
    case HF_E_CONFIG_PEM: return no_key(c, pair);
    case HF_E_CONFIG_KEY_ENCRYPTED:
        return hf_pair_bad(pair, c->key.path, "name a file with its password: password_file",
                           "the key is encrypted, and there is no password for it");
    case HF_E_CONFIG_KEY_PASSWORD:
        return hf_pair_bad(pair, c->key.path, "put the right password into the password_file",
                           "the password in %s does not open the key", c->password.path);
    default:
        return hf_pair_bad(pair, c->key.path, hf_error_row_of(e)->hint, "%s",
                           hf_error_row_of(e)->sentence);
    }
}

/* The first line. False: why. */
static bool password_of(const hf_pair_case *c, hf_pair *pair, char out[HF_PASSWORD_MAX])
{
    const hf_careful *f = c->password.file;

    if (!f->bytes)
        return hf_pair_bad(pair, c->password.path, f->todo, "%s", f->why);
    size_t n = strcspn((const char *)f->bytes, "\r\n");
    if (n == 0 || n >= HF_PASSWORD_MAX)
        return hf_pair_bad(pair, c->password.path, "write the password into its first line",
                           n == 0 ? "its first line is empty" : "its first line is too long");
    memcpy(out, f->bytes, n);
    out[n] = '\0';
    return true;
}

static bool open_key(const hf_pair_case *c, hf_pair *pair, hf_private_key **key)
{
    hf_span pem = hf_span_of(c->key.file->bytes, c->key.file->len);
    char password[HF_PASSWORD_MAX];
    hf_error e = hf_private_key_from_pem(key, pem, NULL);

    if (e == HF_E_CONFIG_KEY_ENCRYPTED && c->password.path) {
        if (!password_of(c, pair, password))
            return false;
        e = hf_private_key_from_pem(key, pem, password);
        hf_wipe(password, sizeof password);
    }
    return e == HF_OK || refuse(c, pair, e);
}

/* ---- whose it is ---- */

static bool no_memory(const hf_pair_case *c, hf_pair *pair)
{
    return hf_pair_bad(pair, c->key.path, "give the machine more memory", "there is no memory");
}

/* Of a chain that is out of order the key shows which certificate is the leaf. */
static bool check_owner(const hf_pair_case *c, hf_pair *pair, hf_span spki)
{
    char name[128];

    if (hf_span_equal(spki, pair->certs[0].spki))
        return true;
    for (size_t i = 1; i < pair->n; i++)
        if (hf_span_equal(spki, pair->certs[i].spki))
            return hf_pair_bad(
                pair, c->chain.path, "put them in order, leaf first: handfast cert chain FILE",
                "it is out of order: the certificate of the key is number %zu", i + 1);
    hf_leaf_name(&pair->certs[0], name, sizeof name);
    return hf_pair_bad(pair, c->key.path,
                       "give the key that the certificate was issued for; while both are being "
                       "replaced, this passes when the second is there",
                       "the key is not that of the certificate in %s (%s)", c->chain.path, name);
}

static bool take_key(const hf_pair_case *c, hf_pair *pair, const hf_private_key *key)
{
    uint8_t *spki;
    size_t len;

    if (hf_private_key_spki(key, &spki, &len) != HF_OK)
        return no_memory(c, pair);
    bool good = check_owner(c, pair, hf_span_of(spki, len));
    hf_free(spki);
    if (good && hf_private_key_to_pem(key, &pair->key, &pair->key_len) != HF_OK)
        return no_memory(c, pair);
    return good;
}

bool hf_judge_key(const hf_pair_case *c, hf_pair *pair)
{
    hf_private_key *key = NULL;

    if (!c->key.file->bytes)
        return hf_pair_bad(pair, c->key.path, c->key.file->todo, "%s", c->key.file->why);
    bool good = open_key(c, pair, &key) && check_mode(c, pair) && take_key(c, pair, key);
    hf_private_key_free(key);
    return good;
}
