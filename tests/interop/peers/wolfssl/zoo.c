/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* zoo PORT CERT KEY SUITES: every version that wolfSSL has, for an auditor to look at. SUITES are OpenSSL's names with colons, "-": its own
   choice. Many visitors, one after the other. */
#include "common.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static const char answer[] =
    "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\nwolfSSL\n";

static int listen_on(const char *port)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)atoi(port)),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int s = socket(AF_INET, SOCK_STREAM, 0), on = 1;

    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    must(bind(s, (struct sockaddr *)&at, sizeof at) == 0, "bind");
    must(listen(s, 64) == 0, "listen");
    return s;
}

/* Who says nothing for two seconds is not waited for any longer: others stand behind him. */
static void be_impatient(int visitor)
{
    struct timeval patience = { .tv_sec = 2 };

    setsockopt(visitor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

static void serve(WOLFSSL *ssl)
{
    char request[4096];

    if (wolfSSL_accept(ssl) == WOLFSSL_SUCCESS && wolfSSL_read(ssl, request, sizeof request) > 0) {
        wolfSSL_write(ssl, answer, sizeof answer - 1);
        wolfSSL_shutdown(ssl);
    }
}

static void serve_all(WOLFSSL_CTX *context, int listener)
{
    for (;;) {
        int visitor = accept(listener, NULL, NULL);
        WOLFSSL *ssl = wolfSSL_new(context);

        must(visitor >= 0 && ssl && wolfSSL_set_fd(ssl, visitor) == WOLFSSL_SUCCESS, "visitor");
        be_impatient(visitor);
        serve(ssl);
        wolfSSL_free(ssl);
        close(visitor);
    }
}

int main(int n, char **words)
{
    if (n != 5)
        return 2;
    wolfSSL_Init();
    WOLFSSL_CTX *context = peer_context(wolfSSLv23_server_method(), "-", words[2], words[3]);
    if (strcmp(words[4], "-") != 0)
        must(wolfSSL_CTX_set_cipher_list(context, words[4]) == WOLFSSL_SUCCESS, words[4]);
    serve_all(context, listen_on(words[1]));
}
