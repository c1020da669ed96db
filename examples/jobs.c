/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A server whose key is in another process.    jobs CERT KEY [PORT]
 * The child alone reads the key, an ECDSA P-256 one, and signs with it over a pair of sockets; it stands for an HSM, a KMS or a
 * process of another user. The parent, which faces the network, never sees the key, and waits for a signature as it waits for
 * bytes: its event loop goes on. (One connection at a time here; poll.c shows many.)
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <handfast/handfast.h>
#include <handfast/os.h>

enum { MESSAGE_MAX = 256, SIGNATURE_MAX = 256, CHAIN_MAX = 65536, CONNECTION_MS = 10000 };

typedef struct question {
    uint32_t id;
    uint32_t len;
    uint8_t message[MESSAGE_MAX];
} question;

/* It has its question's number: the answer to a connection that is gone must not reach the next one. */
typedef struct answer {
    uint32_t id;
    uint32_t len; /* 0: refused */
    uint8_t signature[SIGNATURE_MAX];
} answer;

/* ---- the child: who has the key ---- */

/* RFC 9846 4.5.2: what a server of TLS 1.3 signs begins so. Whoever takes over the parent can have nothing else signed. */
static bool is_certificate_verify(const question *q)
{
    static const char context[] = "TLS 1.3, server CertificateVerify";
    size_t prefix = 64 + sizeof context; /* with its NUL */

    if (q->len != prefix + 32 && q->len != prefix + 48)
        return false;
    for (size_t i = 0; i < 64; i++)
        if (q->message[i] != ' ')
            return false;
    return memcmp(q->message + 64, context, sizeof context) == 0;
}

static uint32_t sign(EVP_PKEY *key, const question *q, uint8_t *signature)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t len = SIGNATURE_MAX;
    bool good = ctx && is_certificate_verify(q) &&
                EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
                EVP_DigestSign(ctx, signature, &len, q->message, q->len) == 1;

    EVP_MD_CTX_free(ctx);
    return good ? (uint32_t)len : 0;
}

static EVP_PKEY *read_key(const char *path)
{
    FILE *file = fopen(path, "r");
    EVP_PKEY *key = file ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;

    if (file)
        fclose(file);
    if (key && EVP_PKEY_get_base_id(key) == EVP_PKEY_EC && EVP_PKEY_get_bits(key) == 256)
        return key;
    fprintf(stderr, "%s: not a private key for ECDSA P-256\n", path);
    EVP_PKEY_free(key);
    return NULL;
}

/* Answers until the parent is gone. */
static int hold_key(int fd, const char *path)
{
    EVP_PKEY *key = read_key(path);
    question q;
    answer a;
    ssize_t n = 1;

    while (key && n > 0) {
        n = recv(fd, &q, sizeof q, 0);
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n == (ssize_t)sizeof q) {
            memset(&a, 0, sizeof a);
            a.id = q.id;
            a.len = sign(key, &q, a.signature);
            n = send(fd, &a, sizeof a, MSG_NOSIGNAL);
        }
    }
    EVP_PKEY_free(key);
    close(fd);
    return key ? 0 : 1;
}

/* ---- the parent: who has the connections ---- */

typedef struct server {
    hf_config *config;
    hf_worker *worker;
    int listener, holder; /* the socket to the child; -1: it is gone */
    uint32_t asked;       /* the last question's id … */
    hf_job *job;          /* … and the job that waits for its answer */
} server;

typedef struct visit {
    server *s;
    hf_conn *conn;
    int fd;
    uint8_t in[16384];
    size_t at, end;
    uint64_t over_at;
    bool answered, over;
} visit;

static void explain(hf_error code, const hf_failure *failure)
{
    const hf_error_row *row = hf_error_row_of(code);

    fprintf(stderr, "%s%s%s (%s)\n", row->sentence, failure && failure->field[0] ? ": " : "",
            failure ? failure->field : "", row->source);
    if (row->hint[0])
        fprintf(stderr, "  %s\n", row->hint);
}

static uint64_t now_ms(void *user)
{
    struct timespec t;

    (void)user;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void holder_gone(server *s)
{
    fprintf(stderr, "the process with the key is gone\n");
    close(s->holder);
    s->holder = -1;
}

/* Hands the job to the child; its answer will come through poll(). */
static void ask(visit *v, hf_job *job)
{
    hf_span message = hf_job_input(job, NULL); /* the signer has one scheme, so it is that */
    question q;

    memset(&q, 0, sizeof q);
    q.id = ++v->s->asked;
    q.len = (uint32_t)message.len;
    if (v->s->job || message.len > sizeof q.message || v->s->holder < 0) {
        hf_conn_job_done(v->conn, job, HF_E_JOB_FAILED);
        return;
    }
    memcpy(q.message, message.data, message.len);
    if (send(v->s->holder, &q, sizeof q, MSG_NOSIGNAL) == (ssize_t)sizeof q) {
        v->s->job = job;
        return;
    }
    holder_gone(v->s);
    hf_conn_job_done(v->conn, job, HF_E_JOB_FAILED);
}

/* A wrong signature does no harm but to this handshake: the client refuses it. */
static void take_answer(visit *v)
{
    server *s = v->s;
    answer a;
    hf_error e = HF_E_JOB_FAILED;
    ssize_t n = recv(s->holder, &a, sizeof a, 0);

    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (n != (ssize_t)sizeof a)
        holder_gone(s);
    else if (!s->job || a.id != s->asked)
        return;
    else if (a.len > 0 && a.len <= sizeof a.signature) {
        hf_span signature = { a.signature, a.len };
        e = hf_job_set_output(s->job, signature);
    }
    if (s->job)
        hf_conn_job_done(v->conn, s->job, e);
    s->job = NULL;
}

/* Only signatures need the key: all other kinds are done here. */
static void run_jobs(visit *v)
{
    hf_job *job;

    while ((job = hf_conn_job_next(v->conn)) != NULL)
        if (hf_job_kind_of(job) == HF_JOB_SIGN)
            ask(v, job);
        else
            hf_conn_job_done(v->conn, job, hf_job_run(job));
}

static void reply(visit *v)
{
    static const char page[] = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 28\r\n\r\n"
                               "signed by another process\r\n\n";
    hf_iovec part = { page, sizeof page - 1 };

    hf_conn_data_taken(v->conn, hf_conn_data_out(v->conn).len); /* whatever was asked */
    if (v->answered)
        return;
    v->answered = true;
    hf_conn_data_in(v->conn, &part, 1); /* less than 64 KiB: it takes all */
    hf_conn_close_write(v->conn);
}

static bool take_events(visit *v)
{
    hf_event event = hf_conn_next(v->conn);

    switch (event) {
    case HF_EVENT_JOB: run_jobs(v); break;
    case HF_EVENT_DATA: reply(v); break;
    case HF_EVENT_PEER_CLOSED: hf_conn_close_write(v->conn); break;
    case HF_EVENT_FAILED: explain(hf_conn_failure(v->conn)->code, hf_conn_failure(v->conn)); break;
    default: break;
    }
    v->over = v->over || event == HF_EVENT_PEER_CLOSED || event == HF_EVENT_FAILED;
    return event != HF_EVENT_NONE;
}

static bool would_block(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static bool flush(visit *v)
{
    hf_span out = hf_conn_wire_out(v->conn);
    ssize_t n = out.len > 0 ? send(v->fd, out.data, out.len, MSG_NOSIGNAL) : 0;

    if (n < 0 && !would_block()) {
        hf_conn_wire_eof(v->conn);
        hf_conn_wire_sent(v->conn, out.len); /* nobody is there to get it */
        return true;
    }
    hf_conn_wire_sent(v->conn, n > 0 ? (size_t)n : 0);
    return n > 0;
}

static void fill(visit *v)
{
    ssize_t n = recv(v->fd, v->in, sizeof v->in, 0);

    if (n > 0) {
        v->at = 0;
        v->end = (size_t)n;
    } else if (n == 0 || !would_block()) {
        hf_conn_wire_eof(v->conn);
    }
}

static void move(visit *v)
{
    for (bool moved = true; moved;) {
        size_t n = hf_conn_wire_in(v->conn, v->in + v->at, v->end - v->at);
        v->at += n;
        moved = take_events(v) || n > 0;
        moved = flush(v) || moved;
    }
}

/* For the socket, the child or the deadline, whichever is first. */
static void wait_for_work(visit *v)
{
    uint64_t deadline, now = now_ms(NULL);
    unsigned wants = hf_conn_wants(v->conn, &deadline);
    bool reads = v->at == v->end && (wants & HF_WANT_WIRE_IN);
    struct pollfd polled[2];

    polled[0].fd = v->fd;
    polled[0].events = (short)((reads ? POLLIN : 0) | (wants & HF_WANT_WIRE_OUT ? POLLOUT : 0));
    polled[1].fd = v->s->holder;
    polled[1].events = POLLIN;
    deadline = deadline < v->over_at ? deadline : v->over_at;
    if (poll(polled, 2, deadline > now ? (int)(deadline - now) : 0) <= 0)
        return;
    if (polled[1].revents != 0)
        take_answer(v);
    if (polled[0].revents != 0 && reads)
        fill(v);
}

static void serve(server *s, int fd)
{
    static visit v;

    memset(&v, 0, sizeof v);
    v.s = s;
    v.fd = fd;
    v.over_at = now_ms(NULL) + CONNECTION_MS;
    if (fcntl(fd, F_SETFL, O_NONBLOCK) == 0)
        v.conn = hf_conn_new(s->config, s->worker, NULL);
    while (v.conn && now_ms(NULL) < v.over_at) {
        hf_conn_tick(v.conn);
        move(&v);
        if (v.over && hf_conn_wire_out(v.conn).len == 0)
            break;
        wait_for_work(&v);
    }
    if (s->job) /* legal: the answer will find nobody */
        hf_job_free(s->job);
    s->job = NULL;
    hf_conn_free(v.conn);
    close(fd);
}

/* ---- putting it together ---- */

/* Nobody signs in this process: jobs go out as events. */
static hf_error sign_here(void *user, uint16_t scheme, hf_span message, uint8_t *signature,
                          size_t *len)
{
    (void)user, (void)scheme, (void)message, (void)signature, (void)len;
    return HF_E_JOB_FAILED;
}

/* The chain alone, as PEM. */
static hf_error make_identity(hf_identity **identity, const char *cert)
{
    hf_signer_ops ops = { sign_here, NULL, NULL };
    uint16_t schemes[] = { hf_code(HF_SCHEMES, "ecdsa_secp256r1_sha256"), 0 };
    hf_signer *signer = hf_signer_new(&ops, NULL, schemes);
    uint8_t *bytes = NULL;
    size_t len = 0;
    hf_error e = signer ? hf_os_read_file(cert, CHAIN_MAX, &bytes, &len) : HF_E_NO_MEMORY;

    if (e == HF_OK) {
        hf_span chain = { bytes, len };
        e = hf_identity_new(identity, &chain, 1, signer);
        hf_os_free(bytes, len);
    }
    hf_signer_free(signer);
    return e;
}

static hf_config *make_config(const char *cert)
{
    hf_policy policy = *hf_policy_named("default");
    hf_identity *identity = NULL;
    hf_hooks hooks;

    policy.min_version = HF_TLS13; /* whose signatures the child can tell from everything else */
    memset(&hooks, 0, sizeof hooks);
    hooks.clock_ms = now_ms;
    hf_config *config = hf_config_new(HF_SERVER, &policy);
    hf_error e = config ? make_identity(&identity, cert) : HF_E_NO_MEMORY;
    if (e == HF_OK)
        e = hf_config_add_identity(config, identity);
    if (e == HF_OK)
        e = hf_config_set_hooks(config, &hooks);
    if (e == HF_OK)
        e = hf_config_set(config, HF_SET_EXTERNAL_JOBS, 1);
    if (e == HF_OK)
        e = hf_config_seal(config);
    hf_identity_free(identity);
    if (e == HF_OK)
        return config;
    explain(e, NULL);
    hf_config_free(config);
    return NULL;
}

static int listen_on(const char *port)
{
    struct sockaddr_in address;
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)atoi(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
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

/* As long as there is a key. */
static void accept_all(server *s)
{
    while (s->holder >= 0) {
        int fd = accept(s->listener, NULL, NULL);
        if (fd >= 0)
            serve(s, fd);
        else if (errno != EINTR && errno != ECONNABORTED)
            break;
    }
}

int main(int argc, char **argv)
{
    server s = { NULL, NULL, -1, -1, 0, NULL };
    int pair[2];

    if (argc < 3 || argc > 4) {
        fprintf(stderr, "usage: %s CERT KEY [PORT]\n", argv[0]);
        return 2;
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) != 0) {
        perror("socketpair");
        return 1;
    }
    pid_t child = fork(); /* before anything else is there that the child would inherit */
    if (child == 0) {
        close(pair[0]);
        return hold_key(pair[1], argv[2]);
    }
    if (child < 0)
        perror("fork");
    close(pair[1]);
    s.holder = pair[0];
    s.config = child > 0 ? make_config(argv[1]) : NULL;
    s.worker = hf_worker_new();
    s.listener = s.config && s.worker ? listen_on(argc > 3 ? argv[3] : "0") : -1;
    if (s.listener >= 0) {
        accept_all(&s);
        close(s.listener);
    }
    if (s.holder >= 0)
        close(s.holder); /* which ends the child */
    hf_worker_free(s.worker);
    hf_config_free(s.config);
    if (child > 0)
        waitpid(child, NULL, 0);
    return 1; /* it serves until it cannot */
}
