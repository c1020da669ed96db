/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* server PORT CA CERT KEY GROUPS TICKETS VERSION PSK SUITE: answers a request with a line, one connection after the other. A
   CA makes client certificates mandatory; TICKETS "on" resumes by ticket, "off" by session ID; VERSION is 1.2 or 1.3, PSK
   identity:hex, SUITE the only one. */
#include "common.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
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

/* A visitor's failure is his own: it is said, and the next one is served. */
static void serve(WOLFSSL *ssl)
{
    char request[4096];
    int status = wolfSSL_accept(ssl);

    if (status == WOLFSSL_SUCCESS && (status = wolfSSL_read(ssl, request, sizeof request)) > 0) {
        status = wolfSSL_write(ssl, answer, sizeof answer - 1);
        wolfSSL_shutdown(ssl);
    }
    if (status <= 0)
        fprintf(stderr, "visitor: %d\n", wolfSSL_get_error(ssl, status));
}

int main(int n, char **words)
{
    if (n != 10)
        return 2;
    wolfSSL_Init();
    int new = strcmp(words[7], "1.3") == 0;
    WOLFSSL_CTX *context =
        peer_context(new ? wolfTLSv1_3_server_method() : wolfTLSv1_2_server_method(), words[2],
                     words[3], words[4]);
    peer_groups(context, words[5]);
    peer_psk(context, words[8], words[9]);
    if (strcmp(words[9], "-") != 0)
        must(wolfSSL_CTX_set_cipher_list(context, words[9]) == WOLFSSL_SUCCESS, words[9]);
    if (!new &&strcmp(words[6], "on") != 0)
        must(wolfSSL_CTX_NoTicketTLSv12(context) == WOLFSSL_SUCCESS, "no tickets");
    int listener = listen_on(words[1]);
    for (;;) {
        int visitor = accept(listener, NULL, NULL);
        WOLFSSL *ssl = wolfSSL_new(context);

        must(visitor >= 0 && ssl && wolfSSL_set_fd(ssl, visitor) == WOLFSSL_SUCCESS, "visitor");
        serve(ssl);
        wolfSSL_free(ssl);
        close(visitor);
    }
}
