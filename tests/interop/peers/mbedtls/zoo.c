/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* zoo PORT CERT KEY MIN SUITES HABITS: TLS up to 1.2 for an auditor to look at, from 1.0 (MIN is 1), 1.1 (2) or 1.2 (3). SUITES are mbedTLS's names with commas, "-":
   its own choice. HABITS: words with commas of `habits` below. Many visitors, one after the other. */
#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char answer[] =
    "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\nmbedTLS\n";

enum { SUITES_MAX = 64, PATIENCE_MS = 2000 };

/* A prime of 1,024 bits that is in everybody's books: Oakley group 2 (RFC 2409 6.2). */
static const unsigned char oakley2[] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc9, 0x0f, 0xda, 0xa2, 0x21, 0x68, 0xc2, 0x34,
    0xc4, 0xc6, 0x62, 0x8b, 0x80, 0xdc, 0x1c, 0xd1, 0x29, 0x02, 0x4e, 0x08, 0x8a, 0x67, 0xcc, 0x74,
    0x02, 0x0b, 0xbe, 0xa6, 0x3b, 0x13, 0x9b, 0x22, 0x51, 0x4a, 0x08, 0x79, 0x8e, 0x34, 0x04, 0xdd,
    0xef, 0x95, 0x19, 0xb3, 0xcd, 0x3a, 0x43, 0x1b, 0x30, 0x2b, 0x0a, 0x6d, 0xf2, 0x5f, 0x14, 0x37,
    0x4f, 0xe1, 0x35, 0x6d, 0x6d, 0x51, 0xc2, 0x45, 0xe4, 0x85, 0xb5, 0x76, 0x62, 0x5e, 0x7e, 0xc6,
    0xf4, 0x4c, 0x42, 0xe9, 0xa6, 0x37, 0xed, 0x6b, 0x0b, 0xff, 0x5c, 0xb6, 0xf4, 0x06, 0xb7, 0xed,
    0xee, 0x38, 0x6b, 0xfb, 0x5a, 0x89, 0x9f, 0xa5, 0xae, 0x9f, 0x24, 0x11, 0x7c, 0x4b, 0x1f, 0xe6,
    0x49, 0x28, 0x66, 0x51, 0xec, 0xe6, 0x53, 0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
};
static const unsigned char two[] = { 2 };

static void no_ems(peer *p)
{
    mbedtls_ssl_conf_extended_master_secret(&p->config, MBEDTLS_SSL_EXTENDED_MS_DISABLED);
}

static void no_etm(peer *p)
{
    mbedtls_ssl_conf_encrypt_then_mac(&p->config, MBEDTLS_SSL_ETM_DISABLED);
}

static void renegotiates(peer *p)
{
    mbedtls_ssl_conf_renegotiation(&p->config, MBEDTLS_SSL_RENEGOTIATION_ENABLED);
}

static void weak_dh(peer *p)
{
    must(mbedtls_ssl_conf_dh_param_bin(&p->config, oakley2, sizeof oakley2, two, sizeof two), "dh");
}

static void session_ids(peer *p)
{
    static mbedtls_ssl_cache_context cache;

    mbedtls_ssl_cache_init(&cache);
    mbedtls_ssl_conf_session_cache(&p->config, &cache, mbedtls_ssl_cache_get,
                                   mbedtls_ssl_cache_set);
}

static void weak_signatures(peer *p)
{
    static const int hashes[] = { MBEDTLS_MD_SHA1, MBEDTLS_MD_SHA256, MBEDTLS_MD_NONE };

    mbedtls_ssl_conf_sig_hashes(&p->config, hashes);
}

static const struct {
    const char *word;
    void (*take)(peer *p);
} habits[] = {
    { "no-ems", no_ems },           { "no-etm", no_etm },   { "renegotiates", renegotiates },
    { "session-ids", session_ids }, { "weak-dh", weak_dh }, { "weak-signatures", weak_signatures }
};

static void take_habits(peer *p, char *words)
{
    for (char *word = strtok(words, ","); word; word = strtok(NULL, ",")) {
        for (size_t i = 0; i < sizeof habits / sizeof *habits; i++) {
            if (strcmp(word, habits[i].word) == 0)
                habits[i].take(p);
        }
    }
}

static void take_suites(peer *p, char *words)
{
    static int suites[SUITES_MAX];
    size_t n = 0;

    if (strcmp(words, "-") == 0)
        return;
    for (char *word = strtok(words, ","); word && n < SUITES_MAX - 1; word = strtok(NULL, ","))
        suites[n++] = mbedtls_ssl_get_ciphersuite_id(word);
    mbedtls_ssl_conf_ciphersuites(&p->config, suites);
}

static void serve(mbedtls_ssl_context *ssl)
{
    unsigned char request[4096];
    int status = mbedtls_ssl_handshake(ssl);

    if (status == 0)
        status = mbedtls_ssl_read(ssl, request, sizeof request);
    if (status > 0 && mbedtls_ssl_write(ssl, (const unsigned char *)answer, sizeof answer - 1) > 0)
        mbedtls_ssl_close_notify(ssl);
}

static void serve_all(peer *p, const char *port)
{
    mbedtls_net_context listener, visitor;
    mbedtls_ssl_context ssl;

    mbedtls_net_init(&listener);
    mbedtls_net_init(&visitor);
    mbedtls_ssl_init(&ssl);
    must(mbedtls_net_bind(&listener, "127.0.0.1", port, MBEDTLS_NET_PROTO_TCP), "bind");
    must(mbedtls_ssl_setup(&ssl, &p->config), "setup");
    for (;;) {
        must(mbedtls_net_accept(&listener, &visitor, NULL, 0, NULL), "accept");
        mbedtls_ssl_set_bio(&ssl, &visitor, mbedtls_net_send, NULL, mbedtls_net_recv_timeout);
        serve(&ssl);
        mbedtls_net_free(&visitor);
        must(mbedtls_ssl_session_reset(&ssl), "reset");
    }
}

int main(int n, char **words)
{
    static peer p;

    if (n != 7)
        return 2;
    peer_setup(&p, MBEDTLS_SSL_IS_SERVER, "-", words[2], words[3]);
    mbedtls_ssl_conf_read_timeout(&p.config, PATIENCE_MS);
    mbedtls_ssl_conf_min_version(&p.config, MBEDTLS_SSL_MAJOR_VERSION_3, atoi(words[4]));
    mbedtls_ssl_conf_max_version(&p.config, MBEDTLS_SSL_MAJOR_VERSION_3,
                                 MBEDTLS_SSL_MINOR_VERSION_3);
    take_suites(&p, words[5]);
    take_habits(&p, words[6]);
    serve_all(&p, words[1]);
}
