/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The files of a CA's folder. What is in them is made in ca_store.c. */
#include "tool/store_files.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <handfast/os.h>
#include "base/bytes.h"
#include "tool/exit.h"
#include "tool/password.h"
#include "tool/say.h"

enum { LOCK_TRIES = 100, LOCK_PAUSE_MS = 50 };
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

int hf_store_may_write(const char *dir, const hf_file_pair *pair, bool replace)
{
    struct stat s;

    if (access(dir, W_OK) != 0)
        return refuse_write(dir, errno);
    if (replace)
        return HF_EXIT_OK;
    if (pair->key && lstat(pair->key, &s) == 0)
        return refuse_existing(pair->key);
    return lstat(pair->cert, &s) == 0 ? refuse_existing(pair->cert) : HF_EXIT_OK;
}

/* Neither name is taken, or nothing happens. */
static int write_fresh(const hf_file_pair *p)
{
    if (p->key && hf_os_write_file(p->key, p->key_pem, KEY_MODE, false) != HF_OK)
        return refuse_write(p->key, errno);
    if (hf_os_write_file(p->cert, p->cert_pem, CERT_MODE, false) == HF_OK)
        return HF_EXIT_OK;
    int why = errno;
    if (p->key)
        unlink(p->key);
    return refuse_write(p->cert, why);
}

/* The old key keeps a second name until the certificate is there too: a key goes with its certificate. */
static bool exchange(const hf_file_pair *p, const char *new_cert, const char *new_key)
{
    char old[HF_STORE_PATH_MAX + 8];

    snprintf(old, sizeof old, "%s.old", p->key);
    unlink(old);
    bool kept = link(p->key, old) == 0, done = false;
    if (rename(new_key, p->key) == 0)
        done = rename(new_cert, p->cert) == 0;
    int why = errno;
    if (!done && kept)
        rename(old, p->key);
    unlink(old);
    errno = why;
    return done;
}

/* Both are written whole beside the old ones; only then two renames make the change. */
static int write_over_both(const hf_file_pair *p)
{
    char cert[HF_STORE_PATH_MAX + 8], key[HF_STORE_PATH_MAX + 8];

    snprintf(cert, sizeof cert, "%s.new", p->cert);
    snprintf(key, sizeof key, "%s.new", p->key);
    if (hf_os_write_file(key, p->key_pem, KEY_MODE, true) == HF_OK &&
        hf_os_write_file(cert, p->cert_pem, CERT_MODE, true) == HF_OK && exchange(p, cert, key))
        return HF_EXIT_OK;
    int why = errno;
    unlink(key);
    unlink(cert);
    return refuse_write(p->cert, why);
}

static int write_over(const hf_file_pair *p)
{
    if (p->key)
        return write_over_both(p);
    return hf_os_write_file(p->cert, p->cert_pem, CERT_MODE, true) == HF_OK
               ? HF_EXIT_OK
               : refuse_write(p->cert, errno);
}

int hf_store_pair(const hf_file_pair *pair, bool replace)
{
    return replace ? write_over(pair) : write_fresh(pair);
}

/* ---- one at a time ---- */

int hf_store_lock(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    for (int i = 0; fd >= 0 && i < LOCK_TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return fd;
        if (errno != EWOULDBLOCK && errno != EINTR)
            break;
        poll(NULL, 0, LOCK_PAUSE_MS);
    }
    if (fd >= 0)
        close(fd);
    return -1;
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

/* An encrypted key without a password file: only a person can help. */
static hf_error open_key(hf_span pem, const char *path, const char *password, hf_private_key **key)
{
    char asked[HF_PASSWORD_MAX];
    hf_error e = hf_private_key_from_pem(key, pem, password);

    if (e != HF_E_CONFIG_KEY_ENCRYPTED || password || !hf_password_ask(path, asked))
        return e;
    e = hf_private_key_from_pem(key, pem, asked);
    hf_wipe(asked, sizeof asked);
    return e;
}

hf_error hf_store_key(const char *path, const char *password, hf_private_key **key)
{
    uint8_t *bytes;
    size_t len;

    TRY(hf_os_read_file(path, PEM_LIMIT, &bytes, &len));
    hf_error e = open_key(hf_span_of(bytes, len), path, password, key);
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
    hf_error_why("%s: %s", path,
                 e == HF_E_CONFIG_FILE ? strerror(why) : hf_error_row_of(e)->sentence);
    if (e == HF_E_CONFIG_FILE && why == ENOENT)
        hf_error_next("make one: handfast cert ca --out %s", dir);
    else
        hf_error_next("%s", hf_error_row_of(e)->hint);
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

static int load(const char *dir, const char *password, hf_stored_ca *ca)
{
    char cert[HF_STORE_PATH_MAX], key[HF_STORE_PATH_MAX];
    const char *at = cert;
    int status = hf_store_paths(dir, "ca", cert, key);

    if (status == HF_EXIT_OK)
        status = refuse_file_for_folder(dir);
    if (status != HF_EXIT_OK)
        return status;
    hf_error e = load_cert(cert, ca);
    if (e == HF_OK) {
        at = key;
        e = hf_store_key(key, password, &ca->key);
    }
    if (e == HF_OK)
        e = check_match(ca);
    if (e == HF_OK)
        return HF_EXIT_OK;
    status = refuse_load(e, at, dir, errno);
    hf_store_unload(ca);
    return status;
}

int hf_store_load(const char *dir, hf_stored_ca *ca)
{
    return hf_store_load_with(dir, NULL, ca);
}

int hf_store_load_with(const char *dir, const char *password_file, hf_stored_ca *ca)
{
    char password[HF_PASSWORD_MAX] = "";
    int status = password_file ? hf_password_file(password_file, password) : HF_EXIT_OK;

    memset(ca, 0, sizeof *ca);
    if (status == HF_EXIT_OK)
        status = load(dir, password_file ? password : NULL, ca);
    hf_wipe(password, sizeof password);
    return status;
}

void hf_store_unload(hf_stored_ca *ca)
{
    hf_private_key_free(ca->key);
    hf_free(ca->der);
    memset(ca, 0, sizeof *ca);
}
