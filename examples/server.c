/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A blocking server: one connection at a time, the same page for everybody.    server CERT KEY [PORT] */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <handfast/handfast.h>
#include <handfast/os.h>

enum { REQUEST_MAX = 8192, REQUEST_SECONDS = 10 };

/* The row says what is wrong and what helps; the failure of a connection, if it is one, all about it in one line. */
static void explain(hf_error code, const hf_failure *failure)
{
    const hf_error_row *row = hf_error_row_of(code);
    char text[512];

    fprintf(stderr, "%s\n", failure ? hf_failure_text(failure, text, sizeof text) : row->sentence);
    if (row->hint[0])
        fprintf(stderr, "  %s\n", row->hint);
}

static int listen_on(const char *port)
{
    struct sockaddr_in address;
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)atoi(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK); /* this machine only */
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(fd, (struct sockaddr *)&address, len) != 0 || listen(fd, 16) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0) {
        perror("cannot listen");
        if (fd >= 0)
            close(fd);
        return -1;
    }
    printf("listening on 127.0.0.1:%u\n", (unsigned)ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

static hf_config *make_config(const char *cert, const char *key)
{
    hf_config *config = hf_config_new(HF_SERVER, hf_policy_named("default"));
    hf_identity *identity = NULL;
    hf_error e = config ? hf_os_identity(&identity, cert, key, NULL) : HF_E_NO_MEMORY;

    if (e == HF_OK)
        e = hf_config_add_identity(config, identity);
    if (e == HF_OK)
        e = hf_config_seal(config);
    hf_identity_free(identity); /* the config has a reference of its own */
    if (e == HF_OK)
        return config;
    explain(e, NULL);
    hf_config_free(config);
    return NULL;
}

static time_t seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

/* Up to the empty line that ends an HTTP request's head; *left: the visitor has gone before. */
static hf_error read_request(hf_conn *conn, int fd, bool *left)
{
    char request[REQUEST_MAX + 1];
    size_t have = 0, len = 1;
    time_t end = seconds() + REQUEST_SECONDS;
    hf_error e = HF_OK;

    for (request[0] = 0; e == HF_OK && len > 0 && !strstr(request, "\r\n\r\n"); have += len) {
        if (have == REQUEST_MAX)
            return HF_E_LIMIT;
        if (seconds() > end)
            return HF_E_TIMEOUT;
        e = hf_os_read(conn, fd, request + have, REQUEST_MAX - have, &len);
        request[have + len] = 0;
    }
    *left = e == HF_OK && len == 0;
    return e;
}

static void serve(hf_conn *conn, int fd)
{
    static const char page[] =
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n"
        "Connection: close\r\n\r\nhello\n";
    bool left = false;
    hf_error e = hf_os_handshake(conn, fd);

    if (e == HF_OK)
        e = read_request(conn, fd, &left);
    if (left)
        fprintf(stderr, "the visitor left\n");
    else if (e == HF_OK)
        e = hf_os_write(conn, fd, page, sizeof page - 1);
    if (e != HF_OK)
        explain(e, hf_conn_failure(conn));
    hf_os_close(conn, fd); /* also after a failure, so that our alert arrives */
}

/* No visitor may keep the next one waiting for long: neither with a record, nor with many small ones (read_request). */
static bool limit_waiting(int fd)
{
    struct timeval limit = { 5, 0 };

    return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0 &&
           setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == 0;
}

static void accept_all(int listener, hf_config *config, hf_worker *worker)
{
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
            continue;
        if (fd < 0) {
            perror("accept");
            return;
        }
        hf_conn *conn = limit_waiting(fd) ? hf_conn_new(config, worker, NULL) : NULL;
        if (conn)
            serve(conn, fd);
        else
            fprintf(stderr, "no memory for a connection\n");
        hf_conn_free(conn);
        close(fd);
    }
}

int main(int argc, char **argv)
{
    if (argc < 3 || argc > 4) {
        fprintf(stderr, "usage: %s CERT KEY [PORT]\n", argv[0]);
        return 2;
    }
    hf_config *config = make_config(argv[1], argv[2]);
    hf_worker *worker = hf_worker_new();
    int listener = config && worker ? listen_on(argc > 3 ? argv[3] : "0") : -1;
    if (listener >= 0) {
        accept_all(listener, config, worker);
        close(listener);
    }
    hf_worker_free(worker);
    hf_config_free(config);
    return 1; /* it serves until it cannot */
}
