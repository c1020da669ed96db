/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A crowd of TLS clients in one process, for scripts/bench-proxy: what is measured is the server's, so this end only has to be quick
 * and to notice what is wrong. One epoll loop; a client speaks TLS and HTTP, a slow client is a bare socket.
 */
#ifndef HF_BENCH_PROXY_LOAD_H
#define HF_BENCH_PROXY_LOAD_H

#include <netinet/in.h>
#include <stdio.h>

#include <handfast/handfast.h>

/* What epoll points to. */
typedef struct watched {
    void (*ready)(struct watched *watched, uint32_t events);
    int fd;
} watched;

typedef struct load {
    struct sockaddr_in to;
    uint64_t port;
    uint64_t sources; /* 127.0.1.1 and so on, in turn: one address has too few ports */
    uint64_t next_source;
    uint64_t at_once;     /* handshakes, or connections that ask */
    uint64_t connections; /* idle, slow: how many */
    uint64_t rate;        /* a second: rate, slow */
    uint64_t run_ms;
    uint64_t body;   /* bytes that every response must have */
    uint64_t silent; /* idle: nothing is asked after the handshake */
    uint64_t again;  /* slow: one that was cut comes back */
    bool resumes;    /* with the tickets that came before */
    char request[512];
    hf_config *config;
    hf_worker *worker;
    int epoll;
    FILE *out;            /* the result, which is printed in one piece */
    bool told, stop_told; /* lines that came on stdin: "go", "stop" */
} load;

extern load here;

/* loop.c */
uint64_t now_us(void);
void die(const char *what);
void loop_start(void);
void loop_watch(watched *watched, uint32_t events);
void loop_turn(int ms);
void loop_wait_told(void); /* says "ready", and goes on at a line on stdin */
int dial(void);            /* a connection that is under way */

/* What became of times: sorted, told in percentiles. */
typedef struct times {
    uint32_t *us;
    size_t n, room;
} times;
void times_add(times *times, uint64_t us);
void times_print(times *times, const char *name);

/* client.c: a client's life. A hook that wants it to end sets `ending`; outside of hooks client_close does. */
typedef struct client {
    watched socket;
    hf_conn *conn;
    uint64_t began_us, asked_us;
    size_t head_len,
        left; /* of the response: bytes of head that are here, of body that are missing */
    unsigned asked, answers, tickets;
    bool connecting, connected, in_body, ending, wrong;
    char head[1024];
    struct client *before, *after; /* the mode's */
} client;

typedef struct client_hooks {
    void (*connected)(client *link);
    void (*answered)(client *link);
    void (*gone)(client *link); /* freed after it */
} client_hooks;
extern client_hooks hooks;

client *client_new(void);
void client_ask(client *link);
void client_close(client *link); /* close_notify and close */

/* What all links saw. */
typedef struct seen {
    uint64_t connected, answered, resumed, tickets, wrong;
    uint16_t version, suite, group;
    char why[256]; /* the first that was wrong */
} seen;
extern seen saw;
void saw_wrong(const char *why);

/* The modes (crowd.c, slow.c): each runs to its end and prints its part of the result. */
void run_new(void);
void run_keepalive(void);
void run_idle(void);
void run_rate(void);
void run_slow(void);

#endif
