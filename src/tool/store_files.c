/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The files of a CA's folder. What is in them is made in ca_store.c. */
#include "tool/store_files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <handfast/os.h>
#include "tool/exit.h"
#include "tool/say.h"

enum { PEM_LIMIT = 1024 * 1024, CERT_MODE = 0644, KEY_MODE = 0600, FOLDER_MODE = 0700 };

/* ---- names ---- */

static int too_long(const char *dir)
{
    hf_error_what("the name of the folder is too long");
    hf_error_why("%.60s...", dir);
    hf_error_next("choose a folder with a shorter name");
    return HF_EXIT_USAGE;
}

int hf_store_paths(const char *dir, const char *stem, char cert[HF_STORE_PATH_MAX],
                   char key[HF_STORE_PATH_MAX])
{
    /* ".pem.new" is the longest that is ever put behind the stem */
    if (strlen(dir) + strlen(stem) + 10 > HF_STORE_PATH_MAX)
        return too_long(dir);
    snprintf(cert, HF_STORE_PATH_MAX, "%s/%s.pem", dir, stem);
    snprintf(key, HF_STORE_PATH_MAX, "%s/%s.key", dir, stem);
    return HF_EXIT_OK;
}

int hf_store_folder(const char *dir, bool *fresh)
{
    struct stat s;

    *fresh = mkdir(dir, FOLDER_MODE) == 0;
    if (*fresh)
        return HF_EXIT_OK;
    int why = errno;
    if (why == EEXIST && stat(dir, &s) == 0 && S_ISDIR(s.st_mode))
        return HF_EXIT_OK;
    hf_error_what("the folder could not be made");
    hf_error_why("%s: %s", dir, why == EEXIST ? "there is a file of that name" : strerror(why));
    hf_error_next(why == ENOENT ? "make the folder above it first, or choose another"
                                : "choose another folder");
    return HF_EXIT_IO;
}

int hf_store_give_up(int status, const char *dir, bool fresh)
{
    if (status != HF_EXIT_OK && fresh)
        rmdir(dir);
    return status;
}

/* ---- writing ---- */

static int refuse_existing(const char *path)
{
    hf_error_what("nothing was written: a file is there already");
    hf_error_why("%s would be replaced, and with it a key that may be in use", path);
    hf_error_next("choose another folder, or replace it with --force");
    return HF_EXIT_USAGE;
}

static int refuse_write(const char *path, int why)
{
    if (why == EEXIST)
        return refuse_existing(path);
    hf_error_what("a file could not be written");
    hf_error_why("%s: %s", path, strerror(why));
    hf_error_next("check the folder's permissions and the space on its disk");
    return HF_EXIT_IO;
}

int hf_store_may_write(const char *dir, const char *stem, bool replace)
{
    char cert[HF_STORE_PATH_MAX], key[HF_STORE_PATH_MAX];
    struct stat s;
    int e = hf_store_paths(dir, stem, cert, key);

    if (e != HF_EXIT_OK)
        return e;
    if (access(dir, W_OK) != 0)
        return refuse_write(dir, errno);
    if (replace)
        return HF_EXIT_OK;
    if (lstat(key, &s) == 0)
        return refuse_existing(key);
    return lstat(cert, &s) == 0 ? refuse_existing(cert) : HF_EXIT_OK;
}

/* Neither name is taken, or nothing happens. */
static int write_fresh(const hf_file_pair *p)
{
    if (hf_os_write_file(p->key, p->key_pem, KEY_MODE, false) != HF_OK)
        return refuse_write(p->key, errno);
    if (hf_os_write_file(p->cert, p->cert_pem, CERT_MODE, false) == HF_OK)
        return HF_EXIT_OK;
    int why = errno;
    unlink(p->key);
    return refuse_write(p->cert, why);
}

/* Both are written whole beside the old ones; only then two renames make the change. */
static int write_over(const hf_file_pair *p)
{
    char cert[HF_STORE_PATH_MAX + 8], key[HF_STORE_PATH_MAX + 8];

    snprintf(cert, sizeof cert, "%s.new", p->cert);
    snprintf(key, sizeof key, "%s.new", p->key);
    if (hf_os_write_file(key, p->key_pem, KEY_MODE, true) == HF_OK &&
        hf_os_write_file(cert, p->cert_pem, CERT_MODE, true) == HF_OK && rename(key, p->key) == 0 &&
        rename(cert, p->cert) == 0)
        return HF_EXIT_OK;
    int why = errno;
    unlink(key);
    unlink(cert);
    return refuse_write(p->cert, why);
}

int hf_store_pair(const hf_file_pair *pair, bool replace)
{
    return replace ? write_over(pair) : write_fresh(pair);
}

/* ---- reading ---- */

static hf_error load_cert(const char *path, hf_stored_ca *ca)
{
    hf_fault fault = { .code = HF_OK };
    uint8_t *bytes;
    size_t len;

    TRY(hf_os_read_file(path, PEM_LIMIT, &bytes, &len));
    hf_span pem = hf_span_of(bytes, len);
    hf_error e = hf_pem_next(&pem, "CERTIFICATE", &ca->der, &ca->len);
    hf_os_free(bytes, len);
    return e == HF_OK ? hf_cert_parse(&ca->cert, hf_span_of(ca->der, ca->len), &fault) : e;
}

static hf_error load_key(const char *path, hf_stored_ca *ca)
{
    uint8_t *bytes;
    size_t len;

    TRY(hf_os_read_file(path, PEM_LIMIT, &bytes, &len));
    hf_error e = hf_private_key_from_pem(&ca->key, hf_span_of(bytes, len), NULL);
    hf_os_free(bytes, len);
    return e;
}

static hf_error check_match(const hf_stored_ca *ca)
{
    uint8_t *spki;
    size_t len;

    TRY(hf_private_key_spki(ca->key, &spki, &len));
    bool same = hf_span_equal(hf_span_of(spki, len), ca->cert.spki);
    hf_free(spki);
    if (!same)
        return HF_E_CONFIG_KEY_MISMATCH;
    return ca->cert.is_ca ? HF_OK : HF_E_CERT_NOT_CA;
}

/* A CA of our own that does not work is a matter of configuration, whatever the row says. */
static int refuse_load(hf_error e, const char *path, const char *dir, int why)
{
    hf_error_what("the CA cannot be used");
    hf_error_why("%s: %s", path, e == HF_E_CONFIG_FILE ? strerror(why) : hf_error_sentence(e));
    if (e == HF_E_CONFIG_FILE && why == ENOENT)
        hf_error_next("make one: handfast cert ca --out %s", dir);
    else
        hf_error_next("%s", hf_error_hint(e));
    return HF_EXIT_USAGE;
}

/* --ca ca/ca.pem: other tools want the file. */
static int refuse_file_for_folder(const char *dir)
{
    const char *slash = strrchr(dir, '/');
    struct stat s;

    if (stat(dir, &s) != 0 || S_ISDIR(s.st_mode))
        return HF_EXIT_OK;
    hf_error_what("the CA cannot be used");
    hf_error_why("%s is a file, and the CA's certificate and key are looked for in its folder",
                 dir);
    hf_error_next("--ca takes the folder: --ca %.*s", slash ? (int)(slash - dir) : 1,
                  slash ? dir : ".");
    return HF_EXIT_USAGE;
}

int hf_store_load(const char *dir, hf_stored_ca *ca)
{
    char cert[HF_STORE_PATH_MAX], key[HF_STORE_PATH_MAX];
    const char *at = cert;
    int status = hf_store_paths(dir, "ca", cert, key);

    memset(ca, 0, sizeof *ca);
    if (status != HF_EXIT_OK)
        return status;
    status = refuse_file_for_folder(dir);
    if (status != HF_EXIT_OK)
        return status;
    hf_error e = load_cert(cert, ca);
    if (e == HF_OK) {
        at = key;
        e = load_key(key, ca);
    }
    if (e == HF_OK)
        e = check_match(ca);
    if (e == HF_OK)
        return HF_EXIT_OK;
    status = refuse_load(e, at, dir, errno);
    hf_store_unload(ca);
    return status;
}

void hf_store_unload(hf_stored_ca *ca)
{
    hf_private_key_free(ca->key);
    hf_free(ca->der);
    memset(ca, 0, sizeof *ca);
}
