/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* client HOST PORT CA CERT KEY SUITE GROUPS RESUME VERSION PSK: connects, says what was agreed in a line of JSON, fetches
   a page and prints it; with RESUME "yes" once more with the session of the first time. VERSION is 1.2 or 1.3, PSK
   identity:hex. */
#include "common.h"

#include <stdio.h>
#include <string.h>

static const char request[] = "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n";

/* Step by step, because nothing else tells a resumed handshake: only a full one waits for a Certificate. */
static int shake(mbedtls_ssl_context *ssl)
{
    int resumed = 1;

    while (ssl->state != MBEDTLS_SSL_HANDSHAKE_OVER) {
        must(mbedtls_ssl_handshake_step(ssl), "handshake");
        if (ssl->state == MBEDTLS_SSL_SERVER_CERTIFICATE)
            resumed = 0;
    }
    return resumed;
}

static void fetch(mbedtls_ssl_context *ssl)
{
    unsigned char page[4096];
    int n;

    must(mbedtls_ssl_write(ssl, (const unsigned char *)request, sizeof request - 1), "write");
    while ((n = mbedtls_ssl_read(ssl, page, sizeof page)) > 0)
        fwrite(page, 1, (size_t)n, stdout);
    if (n != MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY)
        must(n, "read");
    putchar('\n');
    must(mbedtls_ssl_close_notify(ssl), "close");
}

static void visit(peer *p, char **words, mbedtls_ssl_session *session, int second)
{
    mbedtls_net_context net;
    mbedtls_ssl_context ssl;

    mbedtls_net_init(&net);
    mbedtls_ssl_init(&ssl);
    must(mbedtls_net_connect(&net, words[1], words[2], MBEDTLS_NET_PROTO_TCP), "connect");
    must(mbedtls_ssl_setup(&ssl, &p->config), "setup");
    must(mbedtls_ssl_set_hostname(&ssl, "localhost"), "name");
    if (second)
        must(mbedtls_ssl_set_session(&ssl, session), "set_session");
    mbedtls_ssl_set_bio(&ssl, &net, mbedtls_net_send, mbedtls_net_recv, NULL);
    peer_describe(&ssl, shake(&ssl));
    if (!second)
        must(mbedtls_ssl_get_session(&ssl, session), "get_session");
    fetch(&ssl);
    mbedtls_ssl_free(&ssl);
    mbedtls_net_free(&net);
}

int main(int n, char **words)
{
    static peer p;
    mbedtls_ssl_session session;

    if (n != 11)
        return 2;
    peer_setup(&p, MBEDTLS_SSL_IS_CLIENT, words[3], words[4], words[5]);
    p.suites[0] = mbedtls_ssl_get_ciphersuite_id(words[6]);
    mbedtls_ssl_conf_ciphersuites(&p.config, p.suites);
    peer_groups(&p, words[7]);
    peer_psk(&p, words[10]);
    peer_version(&p, words[9]);
    mbedtls_ssl_session_init(&session);
    visit(&p, words, &session, 0);
    if (strcmp(words[8], "yes") == 0)
        visit(&p, words, &session, 1);
    return 0;
}
