/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The files are read once more: the library tells what is wrong, and here it shows which file it is. */
#include "tool/pair_fault.h"

#include <errno.h>
#include <string.h>

#include <handfast/os.h>
#include "base/bytes.h"
#include "tool/exit.h"
#include "tool/say.h"
#include "tool/text.h"

enum { FILE_LIMIT = 1024 * 1024 };

/* What a look at one file finds. */
typedef struct look {
    int why; /* errno; 0: it was read */
    bool certificate, key, der;
} look;

static look look_at(const char *path)
{
    look l = { 0 };
    uint8_t *bytes;
    size_t len;

    if (hf_os_read_file(path, FILE_LIMIT, &bytes, &len) != HF_OK) {
        l.why = errno ? errno : EIO;
        return l;
    }
    const char *text = (const char *)bytes; /* a NUL stands behind it */
    l.certificate = strstr(text, "-----BEGIN CERTIFICATE-----") != NULL;
    l.key = strstr(text, "PRIVATE KEY-----") != NULL;
    l.der = len > 2 && bytes[0] == 0x30 && bytes[1] > 0x7f;
    hf_os_free(bytes, len);
    return l;
}

/* Quoted, so that it can be pasted whatever the names are. */
static void say_swapped(const char *key, const char *cert)
{
    hf_text words = hf_text_new(FILE_LIMIT);

    hf_text_print(&words, "--cert ");
    hf_text_say_word(&words, key);
    hf_text_print(&words, " --key ");
    hf_text_say_word(&words, cert);
    hf_error_next("write: %s", words.data ? words.data : "--cert CERTIFICATE --key KEY");
    hf_text_free(&words);
}

static int say(const char *what, const char *path, const char *why, const char *next)
{
    hf_error_what("%s", what);
    hf_error_why("%s: %s", path, why);
    hf_error_next("%s", next);
    return HF_EXIT_USAGE;
}

static int refuse_cert(const char *path, const look *l)
{
    if (l->why)
        return say("cannot read the certificate", path, strerror(l->why),
                   "give a PEM file that can be read: --cert FILE");
    return say("cannot use the certificate", path,
               l->der ? "holds no certificate in PEM: it is DER" : "holds no certificate",
               "give a PEM file with the chain, its leaf first: --cert FILE");
}

static int refuse_key(const char *path, const look *l)
{
    if (l->why)
        return say("cannot read the private key", path, strerror(l->why),
                   "give a PEM file that can be read: --key FILE");
    return say("cannot use the private key", path,
               l->der ? "holds no private key in PEM: it is DER" : "holds no private key",
               "give the PEM file of the certificate's key: --key FILE");
}

static int refuse_both(hf_error e, const char *cert, const char *key)
{
    hf_error_what("cannot use a certificate and its key");
    if (e == HF_E_CONFIG_KEY_ENCRYPTED || e == HF_E_CONFIG_KEY_PASSWORD ||
        e == HF_E_CONFIG_KEY_UNSUPPORTED)
        hf_error_why("%s: %s", key, hf_error_row_of(e)->sentence);
    else if (cert == key || e != HF_E_CONFIG_KEY_MISMATCH)
        hf_error_why("%s: %s", cert, hf_error_row_of(e)->sentence);
    else
        hf_error_why("%s with %s: %s", cert, key, hf_error_row_of(e)->sentence);
    hf_error_next("%s", hf_error_row_of(e)->hint);
    return HF_EXIT_USAGE;
}

int hf_pair_refuse(hf_error e, const char *cert, const char *key)
{
    look c = look_at(cert), k = cert == key ? c : look_at(key);

    if (!c.why && !k.why && !c.certificate && !k.key && c.key && k.certificate) {
        hf_error_what("these two look swapped");
        hf_error_why("%s holds a private key, %s a certificate", cert, key);
        say_swapped(key, cert);
        return HF_EXIT_USAGE;
    }
    if (c.why || !c.certificate)
        return refuse_cert(cert, &c);
    if (cert == key && !k.key)
        return say("--key FILE is missing", cert,
                   "holds no private key, and no other file was given for it",
                   "give the certificate's key: --cert FILE --key FILE");
    if (k.why || !k.key)
        return refuse_key(key, &k);
    return refuse_both(e, cert, key);
}
