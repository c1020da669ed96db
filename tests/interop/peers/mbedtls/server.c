/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* server PORT CA CERT KEY GROUPS TICKETS VERSION PSK SUITE: answers a request with a line, one connection after the other.
   A CA makes client certificates mandatory; TICKETS "on" resumes by ticket, "off" by session ID; VERSION is 1.2 or 1.3,
   PSK identity:hex, SUITE the only one. */
#include "common.h"

#include <stdio.h>
#include <string.h>

static const char answer[] =
    "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\nmbedTLS\n";

static void resumption(peer *p, const char *tickets)
{
    static mbedtls_ssl_cache_context cache;
    static mbedtls_ssl_ticket_context ticket;

    mbedtls_ssl_cache_init(&cache);
    mbedtls_ssl_ticket_init(&ticket);
    if (strcmp(tickets, "on") == 0) {
        must(mbedtls_ssl_ticket_setup(&ticket, mbedtls_ctr_drbg_random, &p->random,
                                      MBEDTLS_CIPHER_AES_256_GCM, 3600),
             "tickets");
        mbedtls_ssl_conf_session_tickets_cb(&p->config, mbedtls_ssl_ticket_write,
                                            mbedtls_ssl_ticket_parse, &ticket);
    } else {
        mbedtls_ssl_conf_session_cache(&p->config, &cache, mbedtls_ssl_cache_get,
                                       mbedtls_ssl_cache_set);
    }
}

/* A visitor's failure is his own: it is said, and the next one is served. */
static int serve(mbedtls_ssl_context *ssl)
{
    unsigned char request[4096];
    int status = mbedtls_ssl_handshake(ssl);

    if (status == 0)
        status = mbedtls_ssl_read(ssl, request, sizeof request);
    if (status > 0)
        status = mbedtls_ssl_write(ssl, (const unsigned char *)answer, sizeof answer - 1);
    if (status > 0)
        status = mbedtls_ssl_close_notify(ssl);
    return status;
}

int main(int n, char **words)
{
    static peer p;
    mbedtls_net_context listener, visitor;
    mbedtls_ssl_context ssl;

    if (n != 10)
        return 2;
    peer_setup(&p, MBEDTLS_SSL_IS_SERVER, words[2], words[3], words[4]);
    peer_groups(&p, words[5]);
    resumption(&p, words[6]);
    peer_psk(&p, words[8]);
    peer_version(&p, words[7]);
    p.suites[0] = mbedtls_ssl_get_ciphersuite_id(words[9]);
    if (strcmp(words[9], "-") != 0)
        mbedtls_ssl_conf_ciphersuites(&p.config, p.suites);
    mbedtls_net_init(&listener);
    mbedtls_net_init(&visitor);
    mbedtls_ssl_init(&ssl);
    must(mbedtls_net_bind(&listener, "127.0.0.1", words[1], MBEDTLS_NET_PROTO_TCP), "bind");
    must(mbedtls_ssl_setup(&ssl, &p.config), "setup");
    for (;;) {
        must(mbedtls_net_accept(&listener, &visitor, NULL, 0, NULL), "accept");
        mbedtls_ssl_set_bio(&ssl, &visitor, mbedtls_net_send, mbedtls_net_recv, NULL);
        int status = serve(&ssl);
        if (status < 0)
            fprintf(stderr, "visitor: -0x%04x\n", (unsigned)-status);
        mbedtls_net_free(&visitor);
        must(mbedtls_ssl_session_reset(&ssl), "reset");
    }
}
