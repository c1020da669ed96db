/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A client that judges the server by itself.    custom_verify HOST PORT PIN [CA-FILE]
 * PIN is the SHA-256 of the one certificate that is accepted, in hex: it alone says who the server is, as for a device with a
 * self-signed certificate. With CA-FILE the chain must be good for HOST as well, by the library's validator.
 */
#define _POSIX_C_SOURCE 200809L
#include <ctype.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include <handfast/handfast.h>
#include <handfast/os.h>

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

/* HF_OK only at the very end: whatever cannot be judged is refused. That the server holds the certificate's key is proved by its
   signature, which the library checks. trust NULL: the pin is enough. */
static hf_error judge(hf_conn *conn, const char *host, const char *pin, hf_trust *trust)
{
    static hf_verify_options options; /* all zero, in C and C++ */
    hf_verify_result result;
    const hf_span *chain;
    size_t n = hf_conn_peer_chain(conn, &chain);
    hf_cert_summary leaf;
    if (n == 0 || hf_cert_summarize(chain[0], &leaf) != HF_OK)
        return HF_E_CERT_REFUSED;
    if (!same_hex(leaf.fingerprint, pin)) {
        fprintf(stderr, "the server has another certificate: %s\n", leaf.fingerprint);
        return HF_E_CERT_REFUSED;
    }
    options.trust = trust;
    options.name = host; /* without a name every certificate of the CA would do */
    options.time = time(NULL);
    options.staple = hf_conn_peer_staple(conn);
    hf_error e = trust ? hf_verify_chain(chain, n, &options, &result) : HF_OK;
    if (e != HF_OK)
        fprintf(stderr, "certificate %zu: %s\n", result.at, result.detail);
    return e;
}

static hf_error fetch(hf_conn *conn, int fd, const char *host, const char *pin, hf_trust *trust)
{
    char bytes[4096];
    int n = snprintf(bytes, sizeof bytes, "GET / HTTP/1.0\r\nHost: %.255s\r\n\r\n", host);
    size_t len = (size_t)n;
    hf_error e;
    while ((e = hf_os_handshake(conn, fd)) == HF_WAIT) /* the question: is it the right server? */
        hf_conn_verify_done(conn, judge(conn, host, pin, trust));
    if (e == HF_OK && hf_conn_peer(conn))
        fprintf(stderr, "connected to %s\n", hf_conn_peer(conn)->subject);
    if (e == HF_OK && (e = hf_os_write(conn, fd, bytes, len)) == HF_OK)
        while ((e = hf_os_read(conn, fd, bytes, sizeof bytes, &len)) == HF_OK && len > 0)
            fwrite(bytes, 1, len, stdout);
    const hf_failure *f = hf_conn_failure(conn);
    if (e != HF_OK)
        fprintf(stderr, "%s\n",
                f ? hf_failure_text(f, bytes, sizeof bytes) : hf_error_row_of(e)->sentence);
    hf_os_close(conn, fd);
    return e;
}

static int dial(const char *host, const char *port)
{
    static struct addrinfo hints, *list;
    struct timeval limit = { 10, 0 }; /* seconds that a read, a write or the connecting may wait */
    int fd = -1, error = (hints.ai_socktype = SOCK_STREAM, getaddrinfo(host, port, &hints, &list));
    if (error != 0)
        return fprintf(stderr, "%s port %s: %s\n", host, port, gai_strerror(error)), -1;
    for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next)
        if ((fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol)) < 0 ||
            setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0 ||
            setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0 ||
            connect(fd, a->ai_addr, a->ai_addrlen) != 0)
            fprintf(stderr, "%s port %s: ", host, port), perror("cannot connect"), close(fd),
                fd = -1;
    freeaddrinfo(list);
    return fd;
}

/* The config needs no CAs: it does not judge. */
static hf_error make_config(hf_config **config)
{
    *config = hf_config_new(HF_CLIENT, hf_policy_named("default"));
    hf_error e = *config ? hf_config_set(*config, HF_SET_EXTERNAL_VERIFY, 1) : HF_E_NO_MEMORY;
    return e == HF_OK ? hf_config_seal(*config) : e;
}

int main(int argc, char **argv)
{
    static hf_conn_options options;
    if (argc < 4 || argc > 5)
        return fprintf(stderr, "usage: %s HOST PORT PIN [CA-FILE]\n", argv[0]), 2;
    options.server_name = argv[1];
    hf_config *config;
    hf_worker *worker = hf_worker_new();
    hf_trust *trust = argc > 4 ? hf_trust_new() : NULL;
    hf_error e = make_config(&config);
    if (e == HF_OK && argc > 4) /* a CA-FILE that cannot be read is not the same as none */
        e = trust ? hf_os_trust_path(trust, argv[4], NULL) : HF_E_NO_MEMORY;
    if (e != HF_OK)
        fprintf(stderr, "%s: %s\n", argc > 4 ? argv[4] : argv[0], hf_error_row_of(e)->sentence);
    int fd = e == HF_OK ? dial(argv[1], argv[2]) : -1;
    hf_conn *conn = fd >= 0 && worker ? hf_conn_new(config, worker, &options) : NULL;
    if (fd >= 0 && !conn)
        fprintf(stderr, "no memory for a connection\n");
    bool good = conn && fetch(conn, fd, argv[1], argv[3], trust) == HF_OK && fflush(stdout) == 0;
    hf_conn_free(conn);
    hf_worker_free(worker);
    hf_config_free(config);
    hf_trust_free(trust);
    return fd < 0 || close(fd) != 0 || !good;
}
