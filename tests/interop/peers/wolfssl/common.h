/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the client and the server on wolfSSL share: credentials, groups by name, the end with a message. "-" stands for a
   file that is not there. */
#ifndef PEER_COMMON_H
#define PEER_COMMON_H

#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

void must(int good, const char *what);
void must_ssl(int status, WOLFSSL *ssl, const char *what);
WOLFSSL_CTX *peer_context(WOLFSSL_METHOD *method, const char *ca, const char *cert,
                          const char *key);
int peer_group(const char *name);
/* "x25519,secp384r1", best first; leaves the first alone in `names` */
void peer_groups(WOLFSSL_CTX *context, char *names);
/* A key shared beforehand, for both roles; it is for that suite. "-": none. */
void peer_psk(WOLFSSL_CTX *context, const char *identity_and_hex, const char *suite);

#endif
