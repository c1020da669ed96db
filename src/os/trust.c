/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Where the system keeps the CA certificates that it trusts. SSL_CERT_FILE and SSL_CERT_DIR, as
 * OpenSSL has them, take the place of the usual files; set but unusable is an error and never a
 * silent step back to another store.
 */
#include <handfast/os.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum { PATH_ROOM = 1024 };

/* The first that holds a certificate wins. */
static const char *const places[] = {
    "/etc/ssl/certs/ca-certificates.crt",                /* Debian, Ubuntu, Arch, Alpine, Gentoo */
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* Fedora, RHEL */
    "/etc/pki/tls/certs/ca-bundle.crt",                  /* Fedora, RHEL, older */
    "/etc/ssl/ca-bundle.pem",                            /* openSUSE */
    "/etc/ca-certificates/extracted/tls-ca-bundle.pem",  /* Arch */
    "/etc/ssl/cert.pem",                                 /* Alpine, macOS, BSD */
    "/usr/local/etc/ssl/cert.pem",                       /* FreeBSD */
    "/opt/homebrew/etc/ca-certificates/cert.pem",        /* macOS, Homebrew */
    "/etc/ssl/certs",                                    /* a folder, when there is no bundle */
};

static const char *env_of(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? value : NULL;
}

static void tell(char *source, size_t room, const char *variable, const char *path, const char *why)
{
    if (source && room > 0)
        snprintf(source, room, "%s%s%s%s%s", variable, *variable ? "=" : "", path, *why ? ": " : "",
                 why);
}

static hf_error add_named(hf_trust *trust, const char *variable, const char *path, char *source,
                          size_t room)
{
    size_t added;

    errno = 0;
    hf_error e = hf_os_trust_path(trust, path, &added);
    if (e == HF_OK || e == HF_E_NO_MEMORY) {
        tell(source, room, variable, path, "");
        return e;
    }
    tell(source, room, variable, path,
         e == HF_E_CONFIG_PEM || errno == 0 ? "holds no certificate" : strerror(errno));
    return HF_E_CONFIG_FILE;
}

/* SSL_CERT_DIR may name several folders, divided by colons. */
static hf_error add_folders(hf_trust *trust, const char *list, char *source, size_t room)
{
    char path[PATH_ROOM];

    while (*list) {
        size_t len = strcspn(list, ":");
        if (len >= sizeof path) {
            tell(source, room, "SSL_CERT_DIR", "…", "the path is too long");
            return HF_E_CONFIG_FILE;
        }
        snprintf(path, sizeof path, "%.*s", (int)len, list);
        if (len > 0)
            TRY(add_named(trust, "SSL_CERT_DIR", path, source, room));
        list += len + (list[len] == ':');
    }
    return HF_OK;
}

static hf_error add_usual(hf_trust *trust, char *source, size_t room)
{
    size_t added;

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        hf_error e = hf_os_trust_path(trust, places[i], &added);
        if (e == HF_E_NO_MEMORY)
            return e;
        if (e == HF_OK) {
            tell(source, room, "", places[i], "");
            return HF_OK;
        }
    }
    tell(source, room, "", "none of the usual places",
         "such as /etc/ssl/certs/ca-certificates.crt");
    return HF_E_CONFIG_NO_TRUST;
}

hf_error hf_os_trust_system(hf_trust *trust, char *source, size_t room)
{
    const char *file = env_of("SSL_CERT_FILE"), *folders = env_of("SSL_CERT_DIR");

    if (!file && !folders) {
        TRY(add_usual(trust, source, room));
        return hf_trust_mark_public(trust);
    }
    if (folders)
        TRY(add_folders(trust, folders, source, room));
    return file ? add_named(trust, "SSL_CERT_FILE", file, source, room) : HF_OK;
}
