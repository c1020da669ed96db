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
    struct timeval limit = { 10, 0 }; /* seconds that a read may wait */
    int fd = -1;
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(host, port, &hints, &list) != 0)
        return -1;
    for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next)
        if ((fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol)) >= 0 &&
            (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0 ||
             connect(fd, a->ai_addr, a->ai_addrlen) != 0))
            close(fd), fd = -1;
    freeaddrinfo(list);
    return fd;
}

static hf_error make_config(hf_config **config, const char *ca_file)
{
    hf_policy policy = *hf_policy_named("default");
    hf_trust *trust = hf_trust_new();
    policy.profile = ca_file ? HF_PROFILE_PRIVATE : HF_PROFILE_WEBPKI; /* the web's CAs: strict */
    *config = hf_config_new(HF_CLIENT, &policy);
    hf_error e = trust && *config ? HF_OK : HF_E_NO_MEMORY;
    if (e == HF_OK)
        e = ca_file ? hf_os_trust_path(trust, ca_file, NULL) : hf_os_trust_system(trust, NULL, 0);
    if (e == HF_OK && (e = hf_config_set_trust(*config, trust)) == HF_OK)
        e = hf_config_seal(*config);
    hf_trust_free(trust);
    return e;
}

static hf_error fetch(hf_conn *conn, int fd, const char *host)
{
    char bytes[4096];
    int n = snprintf(bytes, sizeof bytes, "GET / HTTP/1.0\r\nHost: %.255s\r\n\r\n", host);
    size_t len = (size_t)n;
    hf_error e = hf_os_handshake(conn, fd); /* HF_OK: it is proved who answers */
    if (e == HF_OK)
        fprintf(stderr, "%s\n", hf_conn_peer(conn)->subject);
    if (e == HF_OK && (e = hf_os_write(conn, fd, bytes, len)) == HF_OK)
        while ((e = hf_os_read(conn, fd, bytes, sizeof bytes, &len)) == HF_OK && len > 0)
            fwrite(bytes, 1, len, stdout);
    hf_os_close(conn, fd);
    return e;
}

int main(int argc, char **argv)
{
    static hf_conn_options options;
    options.server_name = argc > 1 ? argv[1] : "localhost"; /* what the certificate must hold */
    int fd = dial(options.server_name, argc > 2 ? argv[2] : "443");
    hf_config *config;
    hf_worker *worker = hf_worker_new();
    hf_error e = make_config(&config, argc > 3 ? argv[3] : NULL);
    hf_conn *conn = e || !worker ? NULL : hf_conn_new(config, worker, &options);
    if (fd < 0)
        fprintf(stderr, "cannot connect to %s\n", options.server_name);
    else if (conn)
        e = fetch(conn, fd, options.server_name);
    const hf_failure *f = conn ? hf_conn_failure(conn) : NULL;
    if (e != HF_OK)
        fprintf(stderr, "%s (%s); %s\n", hf_error_row_of(e)->sentence, f ? f->field : "",
                hf_error_row_of(e)->hint);
    hf_conn_free(conn);
    hf_worker_free(worker);
    hf_config_free(config);
    return fd < 0 || close(fd) != 0 || !conn || e != HF_OK || fflush(stdout) != 0;
}
