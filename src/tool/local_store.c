/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The CA and the leaf that `serve` makes for this machine by itself, and `demo` in a folder of its
 * own: when they are good enough to be kept, and when they are made anew.
 */
#include "tool/ca_store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <handfast/config.h>
#include <handfast/os.h>
#include "base/clock.h"
#include "tool/exit.h"
#include "tool/say.h"
#include "tool/store_files.h"

enum { DAY = 86400, LEAF_LIMIT = 1024 * 1024, STEM_ROOM = 32 };

static const char *const local_names[] = { "localhost", "127.0.0.1", "::1" };
enum { N_LOCAL_NAMES = sizeof local_names / sizeof local_names[0] };

/* ---- where ---- */

int hf_local_store_path(char *out, size_t room)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    int n = -1;

    if (data && *data == '/') /* the specification has relative ones ignored */
        n = snprintf(out, room, "%s/handfast/ca", data);
    else if (home && *home == '/')
        n = snprintf(out, room, "%s/.local/share/handfast/ca", home);
    if (n > 0 && (size_t)n < room)
        return HF_EXIT_OK;
    hf_error_what("there is no folder for the private CA");
    hf_error_why(n < 0 ? "neither XDG_DATA_HOME nor HOME holds an absolute path"
                       : "its path would be too long");
    hf_error_next("set XDG_DATA_HOME, or give a certificate: --cert FILE --key FILE");
    return HF_EXIT_USAGE;
}

/* Every folder above and the folder itself; each new one belongs to the user alone. */
static int make_folders(const char *dir)
{
    char path[HF_STORE_PATH_MAX];
    size_t len = strlen(dir);
    bool fresh;

    if (len >= sizeof path) {
        errno = ENAMETOOLONG;
        return hf_store_folder(dir, &fresh);
    }
    memcpy(path, dir, len + 1);
    for (size_t i = 1; i < len; i++) {
        if (path[i] != '/')
            continue;
        path[i] = '\0';
        if (mkdir(path, 0700) != 0 && errno != EEXIST && errno != EROFS && errno != EACCES)
            return hf_store_folder(path, &fresh);
        path[i] = '/';
    }
    return hf_store_folder(dir, &fresh);
}

/* ---- the CA ---- */

static bool is_there(const char *path)
{
    struct stat s;

    return stat(path, &s) == 0;
}

static int make_ca(const char *dir, bool replace, hf_local_store *store)
{
    hf_ca_request request = { .dir = dir, .replace = replace };
    hf_made made;
    int status = hf_ca_make(&request, &made);

    store->new_ca = status == HF_EXIT_OK;
    return status;
}

static int open_ca(const char *dir, hf_local_store *store, hf_stored_ca *ca)
{
    char key[HF_STORE_PATH_MAX];
    int status = hf_store_paths(dir, "ca", store->ca, key);

    if (status == HF_EXIT_OK && !is_there(store->ca) && !is_there(key))
        status = make_ca(dir, false, store);
    if (status == HF_EXIT_OK)
        status = hf_store_load(dir, ca);
    if (status != HF_EXIT_OK || ca->cert.not_after > hf_clock_wall() + DAY)
        return status;
    hf_warn("the private CA in %s has expired; a new one takes its place and must be trusted again",
            dir);
    hf_store_unload(ca);
    status = make_ca(dir, true, store);
    return status == HF_EXIT_OK ? hf_store_load(dir, ca) : status;
}

/* ---- the leaf ---- */

/* Does it stand up to what a client will check, for each name? */
static bool verifies(hf_span der, const hf_stored_ca *ca, int64_t now)
{
    static const uint16_t any_scheme[] = { HF_SCHEME_ecdsa_secp256r1_sha256,
                                           HF_SCHEME_ecdsa_secp384r1_sha384,
                                           HF_SCHEME_rsa_pkcs1_sha256,
                                           HF_SCHEME_rsa_pss_rsae_sha256,
                                           HF_SCHEME_ed25519,
                                           0 };
    hf_trust *trust = hf_trust_new();
    hf_path_query query = { .chain = &der,
                            .n_chain = 1,
                            .trust = trust,
                            .now = now,
                            .purpose = HF_EKU_SERVER_AUTH,
                            .max_intermediates = -1,
                            .rsa_min_bits = 2048,
                            .rsa_max_bits = 8192,
                            .schemes = any_scheme };
    hf_path_result result;
    bool good = trust && hf_trust_add_der(trust, hf_span_of(ca->der, ca->len)) == HF_OK;

    for (size_t i = 0; good && i < N_LOCAL_NAMES; i++) {
        query.name = local_names[i];
        good = hf_path_verify(&query, &result) == HF_OK;
    }
    hf_trust_free(trust);
    return good;
}

static bool key_fits(const char *path, const hf_cert *leaf)
{
    hf_private_key *key = NULL;
    uint8_t *bytes, *spki = NULL;
    size_t len, spki_len = 0;

    if (hf_os_read_file(path, LEAF_LIMIT, &bytes, &len) != HF_OK)
        return false;
    bool good = hf_private_key_from_pem(&key, hf_span_of(bytes, len), NULL) == HF_OK &&
                hf_private_key_spki(key, &spki, &spki_len) == HF_OK &&
                hf_span_equal(hf_span_of(spki, spki_len), leaf->spki);
    hf_os_free(bytes, len);
    hf_free(spki);
    hf_private_key_free(key);
    return good;
}

/* A leaf is renewed in the last third of its life, so that a server that runs for weeks is safe. */
static bool is_worth_keeping(hf_span der, const hf_stored_ca *ca, hf_local_store *store)
{
    hf_fault fault = { .code = HF_OK };
    int64_t now = hf_clock_wall();
    hf_cert leaf;

    if (hf_cert_parse(&leaf, der, &fault) != HF_OK)
        return false;
    store->not_after = leaf.not_after;
    return leaf.not_after - now > (leaf.not_after - leaf.not_before) / 3 &&
           key_fits(store->key, &leaf) && verifies(der, ca, now);
}

static bool leaf_is_good(const hf_stored_ca *ca, hf_local_store *store)
{
    uint8_t *bytes, *der = NULL;
    size_t len, der_len = 0;

    if (hf_os_read_file(store->cert, LEAF_LIMIT, &bytes, &len) != HF_OK)
        return false;
    hf_span pem = hf_span_of(bytes, len);
    bool good = hf_pem_next(&pem, "CERTIFICATE", &der, &der_len) == HF_OK &&
                is_worth_keeping(hf_span_of(der, der_len), ca, store);
    hf_free(der);
    hf_os_free(bytes, len);
    return good;
}

/* A leaf of another kind than the usual one stands beside it: other policies go on with theirs. */
static int open_leaf(const char *dir, const char *key_type, const hf_stored_ca *ca,
                     hf_local_store *store)
{
    char stem[STEM_ROOM];
    hf_leaf_request request = {
        .ca_dir = dir,
        .dir = dir,
        .stem = stem,
        .key_type = key_type,
        .names = local_names,
        .n_names = N_LOCAL_NAMES,
        .replace = true,
    };
    hf_made made;
    bool usual = strcmp(key_type, "p256") == 0;

    snprintf(stem, sizeof stem, "leaf%s%s", usual ? "" : "-", usual ? "" : key_type);
    int status = hf_store_paths(dir, stem, store->cert, store->key);
    if (status != HF_EXIT_OK || leaf_is_good(ca, store))
        return status;
    status = hf_leaf_make(&request, &made);
    store->new_leaf = status == HF_EXIT_OK;
    store->not_after = made.summary.not_after;
    return status;
}

int hf_local_store_open(const char *dir, hf_local_store *store)
{
    return hf_local_store_open_kind(dir, "p256", store);
}

int hf_local_store_open_kind(const char *dir, const char *key_type, hf_local_store *store)
{
    char standard[HF_STORE_PATH_MAX];
    hf_stored_ca ca = { 0 };
    int status = dir ? HF_EXIT_OK : hf_local_store_path(standard, sizeof standard);

    memset(store, 0, sizeof *store);
    dir = dir ? dir : standard;
    if (status == HF_EXIT_OK)
        status = make_folders(dir);
    if (status != HF_EXIT_OK)
        return status;
    /* two servers that start for the first time must not make two CAs */
    int lock = hf_store_lock(dir);
    status = open_ca(dir, store, &ca);
    if (status == HF_EXIT_OK)
        status = open_leaf(dir, key_type, &ca, store);
    hf_store_unload(&ca);
    if (lock >= 0)
        close(lock);
    return status;
}
