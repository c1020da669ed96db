/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the client and the server on mbedTLS 2.28 share: credentials, the configuration of a role, lists by name, the end
   with a message. "-" stands for a file that is not there. */
#ifndef PEER_COMMON_H
#define PEER_COMMON_H

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/error.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_cache.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/x509_crt.h>

typedef struct {
    mbedtls_entropy_context entropy;
    mbedtls_ctr_drbg_context random;
    mbedtls_x509_crt ca, chain;
    mbedtls_pk_context key;
    mbedtls_ssl_config config;
    mbedtls_ecp_group_id groups[8];
    int suites[2];
} peer;

void must(int status, const char *what);
void peer_setup(peer *p, int role, const char *ca, const char *cert, const char *key);
void peer_groups(peer *p, char *names);
/* A key shared beforehand, identity:hex; "-": none. */
void peer_psk(peer *p, const char *identity_and_hex);
/* "1.2", or "1.3", of which 2.28 has a code point and no more. */
void peer_version(peer *p, const char *version);
void peer_describe(mbedtls_ssl_context *ssl, int resumed);

#endif
