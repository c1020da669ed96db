/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A blocking client: says who answers, and prints what GET / brings.    client HOST [PORT [CA-FILE]] */
#define _POSIX_C_SOURCE 200809L
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <handfast/handfast.h>
#include <handfast/os.h>

static int dial(const char *host, const char *port)
{
    static struct addrinfo hints, *list;
    struct timeval limit = { 10, 0 }; /* seconds that a read or a write may wait */
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

static hf_config *make_config(const char *ca)
{
    char source[256] = "";
    hf_config *config = hf_config_new(HF_CLIENT, hf_policy_named("default"));
    hf_trust *trust = hf_trust_new();
    hf_error e = trust && config ? HF_OK : HF_E_NO_MEMORY;
    if (e == HF_OK)
        e = ca ? hf_os_trust_path(trust, ca, NULL) : hf_os_trust_system(trust, source, 256);
    if (e == HF_OK && (e = hf_config_set_trust(config, trust)) == HF_OK)
        e = hf_config_seal(config);
    hf_trust_free(trust);
    if (e != HF_OK)
        fprintf(stderr, "%s: %s\n", ca ? ca : source, hf_error_row_of(e)->sentence);
    return e == HF_OK ? config : (hf_config_free(config), (hf_config *)NULL);
}

static hf_error fetch(hf_conn *conn, int fd, const char *host)
{
    char text[4096];
    size_t len = (size_t)snprintf(text, 4096, "GET / HTTP/1.0\r\nHost: %.255s\r\n\r\n", host);
    hf_error e = hf_os_handshake(conn, fd); /* HF_OK: it is proved who answers */
    if (e == HF_OK && hf_conn_peer(conn))   /* NULL if that was a shared key */
        fprintf(stderr, "%s\n", hf_conn_peer(conn)->subject);
    if (e == HF_OK && (e = hf_os_write(conn, fd, text, len)) == HF_OK)
        while ((e = hf_os_read(conn, fd, text, sizeof text, &len)) == HF_OK && len > 0)
            fwrite(text, 1, len, stdout);
    const hf_failure *f = hf_conn_failure(conn);
    if (e != HF_OK)
        fprintf(stderr, "%s\n", f ? hf_failure_text(f, text, 4096) : hf_error_row_of(e)->sentence);
    hf_os_close(conn, fd);
    return e;
}

int main(int argc, char **argv)
{
    static hf_conn_options options;
    if (argc < 2 || argc > 4)
        return fprintf(stderr, "usage: %s HOST [PORT [CA-FILE]]\n", argv[0]), 2;
    options.server_name = argv[1]; /* what the certificate must hold */
    hf_config *config = make_config(argc > 3 ? argv[3] : NULL);
    hf_worker *worker = hf_worker_new();
    int fd = config ? dial(argv[1], argc > 2 ? argv[2] : "443") : -1;
    hf_conn *conn = fd >= 0 && worker ? hf_conn_new(config, worker, &options) : NULL;
    hf_error e = conn ? fetch(conn, fd, argv[1]) : HF_E_NO_MEMORY;
    if (fd >= 0 && !conn)
        fprintf(stderr, "no memory for a connection\n");
    hf_conn_free(conn);
    hf_worker_free(worker);
    hf_config_free(config);
    return fd < 0 || close(fd) != 0 || e != HF_OK || fflush(stdout) != 0;
}
