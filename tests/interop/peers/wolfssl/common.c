/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the client and the server share. */
#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    word16 group;
} groups[] = { { "x25519", WOLFSSL_ECC_X25519 },
               { "secp256r1", WOLFSSL_ECC_SECP256R1 },
               { "secp384r1", WOLFSSL_ECC_SECP384R1 } };

void must(int good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "%s failed\n", what);
    exit(1);
}

void must_ssl(int status, WOLFSSL *ssl, const char *what)
{
    char text[WOLFSSL_MAX_ERROR_SZ];

    if (status > 0)
        return;
    wolfSSL_ERR_error_string((unsigned long)wolfSSL_get_error(ssl, status), text);
    fprintf(stderr, "%s: %s\n", what, text);
    exit(1);
}

static int given(const char *file)
{
    return strcmp(file, "-") != 0;
}

/* A role with a CA verifies whoever is there: for a server that is mutual authentication. */
WOLFSSL_CTX *peer_context(WOLFSSL_METHOD *method, const char *ca, const char *cert, const char *key)
{
    WOLFSSL_CTX *context = wolfSSL_CTX_new(method);

    must(context != NULL, "context");
    if (given(ca)) {
        must(wolfSSL_CTX_load_verify_locations(context, ca, NULL) == WOLFSSL_SUCCESS, ca);
        wolfSSL_CTX_set_verify(context, WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                               NULL);
    }
    if (given(cert)) {
        must(wolfSSL_CTX_use_certificate_chain_file(context, cert) == WOLFSSL_SUCCESS, cert);
        must(wolfSSL_CTX_use_PrivateKey_file(context, key, WOLFSSL_FILETYPE_PEM) == WOLFSSL_SUCCESS,
             key);
    }
    return context;
}

int peer_group(const char *name)
{
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        if (strcmp(name, groups[i].name) == 0)
            return groups[i].group;
    }
    must(0, name);
    return 0;
}

void peer_groups(WOLFSSL_CTX *context, char *names)
{
    for (char *name = strtok(names, ","); name; name = strtok(NULL, ","))
        must(wolfSSL_CTX_UseSupportedCurve(context, (word16)peer_group(name)) == WOLFSSL_SUCCESS,
             name);
}

static struct {
    char identity[129];
    unsigned char key[64];
    unsigned int n;
    const char *suite;
} psk;

static unsigned int offer(WOLFSSL *ssl, const char *hint, char *identity, unsigned int room,
                          unsigned char *key, unsigned int key_room)
{
    (void)ssl, (void)hint;
    must(strlen(psk.identity) < room && psk.n <= key_room, "room for the key");
    strcpy(identity, psk.identity);
    memcpy(key, psk.key, psk.n);
    return psk.n;
}

static unsigned int offer13(WOLFSSL *ssl, const char *hint, char *identity, unsigned int room,
                            unsigned char *key, unsigned int key_room, const char **suite)
{
    *suite = psk.suite;
    return offer(ssl, hint, identity, room, key, key_room);
}

static unsigned int find(WOLFSSL *ssl, const char *identity, unsigned char *key, unsigned int room)
{
    (void)ssl;
    if (strcmp(identity, psk.identity) != 0 || psk.n > room)
        return 0;
    memcpy(key, psk.key, psk.n);
    return psk.n;
}

static unsigned int find13(WOLFSSL *ssl, const char *identity, unsigned char *key,
                           unsigned int room, const char **suite)
{
    *suite = psk.suite;
    return find(ssl, identity, key, room);
}

static void read_psk(const char *identity_and_hex)
{
    const char *hex = strchr(identity_and_hex, ':');
    size_t n = hex ? (size_t)(hex - identity_and_hex) : sizeof psk.identity;

    must(n < sizeof psk.identity, "identity:hex");
    memcpy(psk.identity, identity_and_hex, n);
    for (hex++; psk.n < sizeof psk.key && sscanf(hex, "%2hhx", &psk.key[psk.n]) == 1; hex += 2)
        psk.n++;
}

void peer_psk(WOLFSSL_CTX *context, const char *identity_and_hex, const char *suite)
{
    if (!given(identity_and_hex))
        return;
    read_psk(identity_and_hex);
    psk.suite = suite;
    wolfSSL_CTX_set_psk_client_callback(context, offer);
    wolfSSL_CTX_set_psk_client_tls13_callback(context, offer13);
    wolfSSL_CTX_set_psk_server_callback(context, find);
    wolfSSL_CTX_set_psk_server_tls13_callback(context, find13);
}
