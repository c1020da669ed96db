/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* client HOST PORT CA CERT KEY SUITE GROUPS RESUME VERSION PSK: connects, says what was agreed in a line of JSON, fetches a
   page and prints it; with RESUME "yes" once more with the session of the first time. VERSION is 1.2 or 1.3, PSK
   identity:hex. */
#include "common.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char request[] = "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n";

static int dial(const char *host, const char *port)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };
    int s = socket(AF_INET, SOCK_STREAM, 0);

    must(inet_pton(AF_INET, host, &to.sin_addr) == 1, host);
    must(connect(s, (struct sockaddr *)&to, sizeof to) == 0, "connect");
    return s;
}

static void describe(WOLFSSL *ssl)
{
    WOLFSSL_X509 *cert = wolfSSL_get_peer_certificate(ssl);
    char subject[300] = "";

    if (cert)
        wolfSSL_X509_NAME_oneline(wolfSSL_X509_get_subject_name(cert), subject, sizeof subject);
    printf("{\"version\": \"%s\", \"suite\": \"%s\", \"resumed\": %s, \"peer\": \"%s\"}\n",
           wolfSSL_get_version(ssl), wolfSSL_get_cipher_name(ssl),
           wolfSSL_session_reused(ssl) ? "true" : "false", subject);
}

static void fetch(WOLFSSL *ssl)
{
    char page[4096];
    int n;

    must_ssl(wolfSSL_write(ssl, request, sizeof request - 1), ssl, "write");
    while ((n = wolfSSL_read(ssl, page, sizeof page)) > 0)
        fwrite(page, 1, (size_t)n, stdout);
    must(wolfSSL_get_error(ssl, n) == WOLFSSL_ERROR_ZERO_RETURN, "read");
    putchar('\n');
    wolfSSL_shutdown(ssl);
}

/* Returns the session, which the caller owns. */
static WOLFSSL_SESSION *visit(WOLFSSL_CTX *context, char **words, WOLFSSL_SESSION *before)
{
    WOLFSSL *ssl = wolfSSL_new(context);
    int s = dial(words[1], words[2]);

    must(ssl != NULL, "connection");
    must(wolfSSL_set_fd(ssl, s) == WOLFSSL_SUCCESS, "descriptor");
    must(wolfSSL_check_domain_name(ssl, "localhost") == WOLFSSL_SUCCESS, "name");
    must(wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, "localhost", 9) == WOLFSSL_SUCCESS,
         "server_name");
    must(wolfSSL_UseSessionTicket(ssl) == WOLFSSL_SUCCESS, "session_ticket");
    if (strcmp(words[9], "1.3") == 0) /* by itself it would send a share of P-256 */
        must(wolfSSL_UseKeyShare(ssl, (word16)peer_group(words[7])) == WOLFSSL_SUCCESS,
             "key_share");
    if (before)
        must(wolfSSL_set_session(ssl, before) == WOLFSSL_SUCCESS, "set_session");
    must_ssl(wolfSSL_connect(ssl), ssl, "handshake");
    describe(ssl);
    fetch(ssl);
    WOLFSSL_SESSION *session = wolfSSL_get1_session(ssl);
    wolfSSL_free(ssl);
    close(s);
    return session;
}

int main(int n, char **words)
{
    if (n != 11)
        return 2;
    wolfSSL_Init();
    WOLFSSL_METHOD *method =
        strcmp(words[9], "1.3") == 0 ? wolfTLSv1_3_client_method() : wolfTLSv1_2_client_method();
    WOLFSSL_CTX *context = peer_context(method, words[3], words[4], words[5]);
    peer_psk(context, words[10], words[6]);
    must(wolfSSL_CTX_set_cipher_list(context, words[6]) == WOLFSSL_SUCCESS, words[6]);
    peer_groups(context, words[7]);
    WOLFSSL_SESSION *session = visit(context, words, NULL);
    if (strcmp(words[8], "yes") == 0)
        wolfSSL_SESSION_free(visit(context, words, session));
    wolfSSL_SESSION_free(session);
    wolfSSL_CTX_free(context);
    return 0;
}
