/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A client that judges the server by itself.    custom_verify HOST PORT PIN [CA-FILE]
 * PIN is the SHA-256 of the one certificate that is accepted, in hex: it alone says who the server is, as for a device with a
 * self-signed certificate. With CA-FILE the chain must be good for HOST as well, by the library's validator.
 */
#define _POSIX_C_SOURCE 200809L
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <handfast/handfast.h>
#include <handfast/os.h>

typedef struct visit {
    const char *host, *pin;
    hf_trust *trust; /* NULL: the pin is enough */
    hf_conn *conn;
    int fd;
    uint8_t in[16384]; /* the connection has not taken the bytes from `at` to `end` yet */
    size_t at, end;
    bool closed, failed;
} visit;

static void explain(hf_error code, const hf_failure *failure)
{
    const hf_error_row *row = hf_error_row_of(code);

    fprintf(stderr, "%s%s%s (%s)\n", row->sentence, failure && failure->field[0] ? ": " : "",
            failure ? failure->field : "", row->source);
    if (row->hint[0])
        fprintf(stderr, "  %s\n", row->hint);
}

/* ---- judging ---- */

/* "AB:cd…" and "abcd…" are the same fingerprint. */
static bool same_hex(const char *a, const char *b)
{
    for (;; a++, b++) {
        a += *a == ':';
        b += *b == ':';
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
        if (*a == 0)
            return true;
    }
}

static hf_error verify_chain(const visit *v, const hf_span *chain, size_t n)
{
    hf_verify_options options;
    hf_verify_result result;

    memset(&options, 0, sizeof options);
    options.trust = v->trust;
    options.name = v->host; /* without a name every certificate of the CA would do */
    options.time = time(NULL);
    options.staple = hf_conn_peer_staple(v->conn);
    hf_error e = hf_verify_chain(chain, n, &options, &result);
    if (e != HF_OK)
        fprintf(stderr, "certificate %zu: %s\n", result.at, result.detail);
    return e;
}

/* HF_OK only at the very end: whatever cannot be judged is refused. That the server holds the certificate's key is proved by
   its signature, which the library checks. */
static hf_error judge(const visit *v)
{
    const hf_span *chain;
    size_t n = hf_conn_peer_chain(v->conn, &chain);
    hf_cert_summary leaf;

    if (n == 0 || hf_cert_summarize(chain[0], &leaf) != HF_OK)
        return HF_E_CERT_REFUSED;
    if (!same_hex(leaf.fingerprint, v->pin)) {
        fprintf(stderr, "the server has another certificate: %s\n", leaf.fingerprint);
        return HF_E_CERT_REFUSED;
    }
    return v->trust ? verify_chain(v, chain, n) : HF_OK;
}

/* ---- moving bytes ---- */

static void ask_for_page(visit *v)
{
    char request[512];
    int n = snprintf(request, sizeof request,
                     "GET / HTTP/1.1\r\nHost: %.255s\r\nConnection: close\r\n\r\n", v->host);
    hf_iovec part = { request, (size_t)n };

    fprintf(stderr, "connected to %s\n", hf_conn_peer(v->conn)->subject);
    hf_conn_data_in(v->conn, &part, 1); /* the buffer is empty: it takes all */
}

static void handle(visit *v, hf_event event)
{
    hf_span data;

    switch (event) {
    case HF_EVENT_VERIFY: hf_conn_verify_done(v->conn, judge(v)); break;
    case HF_EVENT_CONNECTED: ask_for_page(v); break;
    case HF_EVENT_DATA:
        data = hf_conn_data_out(v->conn);
        fwrite(data.data, 1, data.len, stdout);
        hf_conn_data_taken(v->conn, data.len);
        break;
    case HF_EVENT_PEER_CLOSED:
        hf_conn_close_write(v->conn);
        v->closed = true;
        break;
    case HF_EVENT_FAILED:
        explain(hf_conn_failure(v->conn)->code, hf_conn_failure(v->conn));
        v->failed = true;
        break;
    default: break;
    }
}

static void send_some(visit *v, hf_span out)
{
    ssize_t n = send(v->fd, out.data, out.len, MSG_NOSIGNAL);

    if (n < 0 && errno != EINTR) {
        hf_conn_wire_eof(v->conn);
        n = (ssize_t)out.len; /* nobody is there to get it */
    }
    hf_conn_wire_sent(v->conn, n > 0 ? (size_t)n : 0);
}

/* Only into an empty buffer: data_out may point into it. */
static void receive_some(visit *v)
{
    if (v->at == v->end) {
        ssize_t n = recv(v->fd, v->in, sizeof v->in, 0);
        if (n < 0 && errno == EINTR)
            return;
        if (n <= 0) /* its end, an error, or too long a silence */
            hf_conn_wire_eof(v->conn);
        v->at = 0;
        v->end = n > 0 ? (size_t)n : 0;
    }
    v->at += hf_conn_wire_in(v->conn, v->in + v->at, v->end - v->at);
}

static bool run(visit *v)
{
    for (;;) {
        hf_event event;
        while ((event = hf_conn_next(v->conn)) != HF_EVENT_NONE)
            handle(v, event);
        hf_span out = hf_conn_wire_out(v->conn);
        if (out.len > 0)
            send_some(v, out);
        else if (v->closed || v->failed)
            return v->closed && !v->failed;
        else
            receive_some(v);
        hf_conn_tick(v->conn); /* the handshake's deadline, however slowly bytes drip in */
    }
}

/* ---- putting it together ---- */

static int dial(const char *host, const char *port)
{
    struct addrinfo hints, *list = NULL;
    struct timeval limit = { 10, 0 };
    int fd = -1;

    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(host, port, &hints, &list) != 0)
        return -1;
    for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0 ||
                        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0 ||
                        connect(fd, a->ai_addr, a->ai_addrlen) != 0)) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(list);
    return fd;
}

/* The config needs no CAs: it does not judge. */
static hf_config *make_config(void)
{
    hf_config *config = hf_config_new(HF_CLIENT, hf_policy_named("default"));
    hf_error e = config ? hf_config_set(config, HF_SET_EXTERNAL_VERIFY, 1) : HF_E_NO_MEMORY;

    if (e == HF_OK)
        e = hf_config_seal(config);
    if (e == HF_OK)
        return config;
    explain(e, NULL);
    hf_config_free(config);
    return NULL;
}

static bool read_trust(visit *v, const char *path)
{
    v->trust = hf_trust_new();
    hf_error e = v->trust ? hf_os_trust_path(v->trust, path, NULL) : HF_E_NO_MEMORY;

    if (e != HF_OK)
        explain(e, NULL);
    return e == HF_OK;
}

int main(int argc, char **argv)
{
    static visit v;
    hf_conn_options options;

    if (argc < 4 || argc > 5) {
        fprintf(stderr, "usage: %s HOST PORT PIN [CA-FILE]\n", argv[0]);
        return 2;
    }
    v.host = argv[1];
    v.pin = argv[3];
    memset(&options, 0, sizeof options);
    options.server_name = v.host;
    hf_config *config = make_config();
    hf_worker *worker = hf_worker_new();
    bool good = config && worker && (argc < 5 || read_trust(&v, argv[4]));
    v.fd = dial(v.host, argv[2]);
    if (v.fd < 0)
        fprintf(stderr, "cannot connect to %s\n", v.host);
    else if (good)
        v.conn = hf_conn_new(config, worker, &options);
    good = v.conn && run(&v);
    hf_conn_free(v.conn);
    hf_worker_free(worker);
    hf_config_free(config);
    hf_trust_free(v.trust);
    if (v.fd >= 0)
        close(v.fd);
    return good ? 0 : 1;
}
