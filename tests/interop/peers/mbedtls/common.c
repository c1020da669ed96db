/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the client and the server share. */
#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void must(int status, const char *what)
{
    char text[200];

    if (status >= 0)
        return;
    mbedtls_strerror(status, text, sizeof text);
    fprintf(stderr, "%s: %s (-0x%04x)\n", what, text, (unsigned)-status);
    exit(1);
}

static int given(const char *file)
{
    return strcmp(file, "-") != 0;
}

static void credentials(peer *p, const char *ca, const char *cert, const char *key)
{
    mbedtls_x509_crt_init(&p->ca);
    mbedtls_x509_crt_init(&p->chain);
    mbedtls_pk_init(&p->key);
    if (given(ca)) {
        must(mbedtls_x509_crt_parse_file(&p->ca, ca), ca);
        mbedtls_ssl_conf_ca_chain(&p->config, &p->ca, NULL);
    }
    if (given(cert)) {
        must(mbedtls_x509_crt_parse_file(&p->chain, cert), cert);
        must(mbedtls_pk_parse_keyfile(&p->key, key, NULL), key);
        must(mbedtls_ssl_conf_own_cert(&p->config, &p->chain, &p->key), cert);
    }
}

/* A role with a CA verifies whoever is there: for a server that is mutual authentication. */
void peer_setup(peer *p, int role, const char *ca, const char *cert, const char *key)
{
    mbedtls_entropy_init(&p->entropy);
    mbedtls_ctr_drbg_init(&p->random);
    must(mbedtls_ctr_drbg_seed(&p->random, mbedtls_entropy_func, &p->entropy, NULL, 0), "seed");
    mbedtls_ssl_config_init(&p->config);
    must(mbedtls_ssl_config_defaults(&p->config, role, MBEDTLS_SSL_TRANSPORT_STREAM,
                                     MBEDTLS_SSL_PRESET_DEFAULT),
         "defaults");
    mbedtls_ssl_conf_rng(&p->config, mbedtls_ctr_drbg_random, &p->random);
    mbedtls_ssl_conf_authmode(&p->config,
                              given(ca) ? MBEDTLS_SSL_VERIFY_REQUIRED : MBEDTLS_SSL_VERIFY_NONE);
    credentials(p, ca, cert, key);
}

/* "x25519,secp384r1", best first */
void peer_groups(peer *p, char *names)
{
    size_t n = 0;

    for (char *name = strtok(names, ","); name && n < 7; name = strtok(NULL, ",")) {
        const mbedtls_ecp_curve_info *known = mbedtls_ecp_curve_info_from_name(name);

        p->groups[n++] = known ? known->grp_id : MBEDTLS_ECP_DP_NONE;
    }
    p->groups[n] = MBEDTLS_ECP_DP_NONE;
    mbedtls_ssl_conf_curves(&p->config, p->groups);
}

void peer_version(peer *p, const char *version)
{
    int minor =
        strcmp(version, "1.3") == 0 ? MBEDTLS_SSL_MINOR_VERSION_4 : MBEDTLS_SSL_MINOR_VERSION_3;

    mbedtls_ssl_conf_min_version(&p->config, MBEDTLS_SSL_MAJOR_VERSION_3, minor);
    mbedtls_ssl_conf_max_version(&p->config, MBEDTLS_SSL_MAJOR_VERSION_3, minor);
}

void peer_psk(peer *p, const char *identity_and_hex)
{
    const char *hex = strchr(identity_and_hex, ':');
    unsigned char key[32];
    size_t n = 0;

    if (!hex)
        return;
    size_t length = (size_t)(hex - identity_and_hex);
    for (hex++; n < sizeof key && sscanf(hex, "%2hhx", &key[n]) == 1; hex += 2)
        n++;
    must(mbedtls_ssl_conf_psk(&p->config, key, n, (const unsigned char *)identity_and_hex, length),
         "pre-shared key");
}

void peer_describe(mbedtls_ssl_context *ssl, int resumed)
{
    const mbedtls_x509_crt *cert = mbedtls_ssl_get_peer_cert(ssl);
    char subject[300] = "";

    if (cert)
        must(mbedtls_x509_dn_gets(subject, sizeof subject, &cert->subject), "subject");
    printf("{\"version\": \"%s\", \"suite\": \"%s\", \"resumed\": %s, \"peer\": \"%s\"}\n",
           mbedtls_ssl_get_version(ssl), mbedtls_ssl_get_ciphersuite(ssl),
           resumed ? "true" : "false", subject);
    fflush(stdout);
}
