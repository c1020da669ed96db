/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* server PORT CERT KEY EARLY PRIORITY: a server on GnuTLS that takes EARLY bytes of early data, as gnutls-serv does, but also
   gives them to its application. It answers a request, wherever that came, with a line of JSON that says what happened, one
   connection after the other. A first flight is taken once. */
#include <gnutls/gnutls.h>

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { KEPT = 256, KEY_MAX = 64, REQUEST_MAX = 65536 };

static struct {
    unsigned char key[KEY_MAX];
    unsigned int n;
} seen[KEPT];
static size_t n_seen;

static void must(int status, const char *what)
{
    if (status >= 0)
        return;
    fprintf(stderr, "%s: %s\n", what, gnutls_strerror(status));
    exit(1);
}

/* 0 for who comes first. They are never forgotten: the program does not live long. */
static int remember(void *user, time_t until, const gnutls_datum_t *key, const gnutls_datum_t *data)
{
    (void)user, (void)until, (void)data;
    if (n_seen == KEPT || key->size > KEY_MAX)
        return GNUTLS_E_DB_ERROR;
    for (size_t i = 0; i < n_seen; i++) {
        if (seen[i].n == key->size && memcmp(seen[i].key, key->data, key->size) == 0)
            return GNUTLS_E_DB_ENTRY_EXISTS;
    }
    memcpy(seen[n_seen].key, key->data, key->size);
    seen[n_seen++].n = key->size;
    return 0;
}

static int listen_on(const char *port)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)atoi(port)),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int s = socket(AF_INET, SOCK_STREAM, 0), on = 1;

    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(s, (struct sockaddr *)&at, sizeof at) != 0 || listen(s, 64) != 0)
        must(GNUTLS_E_INVALID_REQUEST, "listen");
    return s;
}

/* How much came with the first flight. */
static size_t read_early(gnutls_session_t session, char *request)
{
    size_t n = 0;
    ssize_t got;

    while (n < REQUEST_MAX &&
           (got = gnutls_record_recv_early_data(session, request + n, REQUEST_MAX - n)) > 0)
        n += (size_t)got;
    return n;
}

static int answer(gnutls_session_t session)
{
    static char request[REQUEST_MAX + 1];
    char page[400], body[300];
    size_t early = read_early(session, request), n = early;

    for (request[n] = '\0'; !strstr(request, "\r\n\r\n"); request[n] = '\0') {
        ssize_t got = gnutls_record_recv(session, request + n, REQUEST_MAX - n);
        if (got <= 0)
            return (int)got;
        n += (size_t)got;
    }
    snprintf(body, sizeof body,
             "{\"kind\": \"%s\", \"early\": \"%s\", \"early_bytes\": %zu, \"bytes\": %zu}\n",
             gnutls_session_is_resumed(session) ? "resumed" : "full",
             gnutls_session_get_flags(session) & GNUTLS_SFLAGS_EARLY_DATA ? "accepted" : "none",
             early, n);
    int length = snprintf(page, sizeof page,
                          "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s",
                          strlen(body), body);
    ssize_t sent = gnutls_record_send(session, page, (size_t)length);
    return sent < 0 ? (int)sent : gnutls_bye(session, GNUTLS_SHUT_WR);
}

/* A visitor's failure is his own: it is said, and the next one is served. */
static void serve(gnutls_session_t session)
{
    int status;

    do
        status = gnutls_handshake(session);
    while (status < 0 && !gnutls_error_is_fatal(status));
    if (status >= 0)
        status = answer(session);
    if (status < 0)
        fprintf(stderr, "visitor: %s\n", gnutls_strerror(status));
}

int main(int n, char **words)
{
    gnutls_certificate_credentials_t credentials;
    gnutls_anti_replay_t register_of_used;
    gnutls_datum_t ticket_key;

    if (n != 6)
        return 2;
    must(gnutls_certificate_allocate_credentials(&credentials), "credentials");
    must(gnutls_certificate_set_x509_key_file(credentials, words[2], words[3], GNUTLS_X509_FMT_PEM),
         words[2]);
    must(gnutls_session_ticket_key_generate(&ticket_key), "ticket key");
    must(gnutls_anti_replay_init(&register_of_used), "register");
    gnutls_anti_replay_set_window(register_of_used, 10000);
    gnutls_anti_replay_set_add_function(register_of_used, remember);
    int listener = listen_on(words[1]);
    size_t limit = (size_t)atoi(words[4]);
    for (;;) {
        gnutls_session_t session;
        int visitor = accept(listener, NULL, NULL);

        must(gnutls_init(&session, GNUTLS_SERVER | (limit > 0 ? GNUTLS_ENABLE_EARLY_DATA : 0)),
             "session");
        must(gnutls_priority_set_direct(session, words[5], NULL), words[5]);
        must(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials), "credentials");
        must(gnutls_session_ticket_enable_server(session, &ticket_key), "tickets");
        if (limit > 0)
            must(gnutls_record_set_max_early_data_size(session, limit), words[4]);
        gnutls_anti_replay_enable(session, register_of_used);
        gnutls_handshake_set_timeout(session, 20000);
        gnutls_transport_set_int(session, visitor);
        serve(session);
        gnutls_deinit(session);
        close(visitor);
    }
}
