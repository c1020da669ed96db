/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A server whose key is in another process.    jobs CERT KEY [PORT]
 * The child alone reads the key, an ECDSA P-256 one, and signs with it over a pair of sockets; it stands for an HSM, a KMS or a
 * process of another user. The parent, which faces the network, has no use of the key: its signer asks the child and waits.
 * Here both are one user's: whoever takes over the parent can read the key's file, or the child's memory. Against that the child
 * must be another user's process, started by itself.
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <handfast/handfast.h>
#include <handfast/os.h>

/* A question is what is to be signed, its answer the signature, empty if it is refused. The answer has its question's number: one
   that came too late must not pass for the next one's. */
typedef struct note {
    uint32_t id, len;
    uint8_t bytes[256];
} note;

/* ---- the child: who has the key ---- */

/* RFC 9846 4.5.2: what a server of TLS 1.3 signs begins so. Whoever takes over the parent can have nothing else signed. */
static bool is_certificate_verify(const note *q)
{
    static const char context[] = "TLS 1.3, server CertificateVerify";
    size_t prefix = 64 + sizeof context; /* with its NUL; then a hash */

    for (size_t i = 0; i < 64; i++)
        if (q->bytes[i] != ' ')
            return false;
    return (q->len == prefix + 32 || q->len == prefix + 48) &&
           memcmp(q->bytes + 64, context, sizeof context) == 0;
}

static void sign(EVP_PKEY *key, const note *q, note *a)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t len = sizeof a->bytes;

    if (ctx && is_certificate_verify(q) &&
        EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
        EVP_DigestSign(ctx, a->bytes, &len, q->bytes, q->len) == 1)
        a->len = (uint32_t)len;
    EVP_MD_CTX_free(ctx);
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
    note q;

    while (key && recv(fd, &q, sizeof q, 0) == (ssize_t)sizeof q) {
        note a = { q.id, 0, { 0 } };
        sign(key, &q, &a);
        if (send(fd, &a, sizeof a, MSG_NOSIGNAL) < 0)
            break;
    }
    EVP_PKEY_free(key);
    return key ? 0 : 1;
}

/* ---- the parent: who has the connections ---- */

typedef struct holder {
    int fd; /* the socket to the child */
    uint32_t asked;
    bool gone;
} holder;

/* Neither a visitor nor the child may keep us waiting for ever. */
static bool limit_waiting(int fd)
{
    struct timeval limit = { 5, 0 };

    return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0 &&
           setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == 0;
}

/* One thread asks; several would need a lock, or a pair of sockets each. */
static bool ask(holder *h, const note *q, note *a)
{
    ssize_t n = send(h->fd, q, sizeof *q, MSG_NOSIGNAL);

    while (n > 0) {
        n = recv(h->fd, a, sizeof *a, 0);
        if (n == (ssize_t)sizeof *a && a->id == q->id)
            return a->len > 0 && a->len <= sizeof a->bytes;
    }
    h->gone = n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
    return false;
}

/* hf_signer_ops.sign. Whatever fails here fails the handshake, and so does a wrong signature: the client refuses it. */
static hf_error sign_there(void *user, uint16_t scheme, hf_span message, uint8_t *signature,
                           size_t *len)
{
    holder *h = (holder *)user;
    note q = { ++h->asked, (uint32_t)message.len, { 0 } }, a;

    (void)scheme; /* the signer has one */
    if (message.len > sizeof q.bytes)
        return HF_E_JOB_FAILED;
    memcpy(q.bytes, message.data, message.len);
    if (!ask(h, &q, &a))
        return HF_E_JOB_FAILED;
    memcpy(signature, a.bytes, a.len);
    *len = a.len;
    return HF_OK;
}

static void serve(hf_conn *conn, int fd)
{
    static const char page[] = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 26\r\n\r\n"
                               "signed by another process\n";
    char request[4096]; /* whatever is asked */
    size_t len;
    hf_error e = hf_os_handshake(conn, fd);
    const hf_failure *f;

    if (e == HF_OK && (e = hf_os_read(conn, fd, request, sizeof request, &len)) == HF_OK)
        e = hf_os_write(conn, fd, page, sizeof page - 1);
    if ((f = hf_conn_failure(conn)) != NULL || e != HF_OK)
        fprintf(stderr, "%s\n",
                f ? hf_failure_text(f, request, sizeof request) : hf_error_row_of(e)->sentence);
    hf_os_close(conn, fd);
}

/* ---- putting it together ---- */

/* The chain alone, as PEM: a file that holds the key as well would bring it here after all. */
static hf_error make_identity(hf_identity **identity, const char *cert, holder *h)
{
    hf_signer_ops ops = { sign_there, NULL, NULL };
    uint16_t schemes[] = { hf_code(HF_SCHEMES, "ecdsa_secp256r1_sha256"), 0 };
    hf_signer *signer = hf_signer_new(&ops, h, schemes);
    uint8_t *bytes = NULL;
    size_t len = 0;
    hf_error e = signer ? hf_os_read_file(cert, 65536, &bytes, &len) : HF_E_NO_MEMORY;

    if (e == HF_OK) {
        hf_span chain = { bytes, len };
        bool holds_key = strstr((const char *)bytes, "PRIVATE KEY-----") != NULL;
        if (holds_key)
            fprintf(stderr, "this file must not hold a private key\n");
        e = holds_key ? HF_E_CONFIG_PEM : hf_identity_new(identity, &chain, 1, signer);
        hf_os_free(bytes, len);
    }
    hf_signer_free(signer);
    return e;
}

static hf_error make_config(hf_config **config, const char *cert, holder *h)
{
    hf_policy policy = *hf_policy_named("default");
    hf_identity *identity = NULL;

    policy.min_version = HF_TLS13; /* whose signatures the child can tell from everything else */
    *config = hf_config_new(HF_SERVER, &policy);
    hf_error e = *config ? make_identity(&identity, cert, h) : HF_E_NO_MEMORY;
    if (e == HF_OK && (e = hf_config_add_identity(*config, identity)) == HF_OK)
        e = hf_config_seal(*config);
    hf_identity_free(identity);
    if (e != HF_OK)
        fprintf(stderr, "%s: %s\n", cert, hf_error_row_of(e)->sentence);
    return e;
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
        getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        return perror("cannot listen"), -1;
    printf("listening on 127.0.0.1:%u\n", (unsigned)ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

/* One connection at a time, as long as there is a key. */
static void accept_all(int listener, hf_config *config, hf_worker *worker, const holder *h)
{
    while (!h->gone) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
            continue;
        if (fd < 0)
            break;
        hf_conn *conn = limit_waiting(fd) ? hf_conn_new(config, worker, NULL) : NULL;
        if (conn)
            serve(conn, fd);
        hf_conn_free(conn);
        close(fd);
    }
    fprintf(stderr, "%s\n", h->gone ? "the process with the key is gone" : strerror(errno));
}

int main(int argc, char **argv)
{
    holder h = { -1, 0, false };
    hf_config *config = NULL;
    int pair[2], listener = -1;
    pid_t child;

    if (argc < 3 || argc > 4)
        return fprintf(stderr, "usage: %s CERT KEY [PORT]\n", argv[0]), 2;
    /* The child comes first: it inherits nothing but the socket. */
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) != 0 || (child = fork()) < 0)
        return perror("no process for the key"), 1;
    close(pair[child == 0 ? 0 : 1]);
    if (child == 0)
        return hold_key(pair[1], argv[2]);
    h.fd = pair[0];
    hf_worker *worker = hf_worker_new();
    if (worker && limit_waiting(h.fd) && make_config(&config, argv[1], &h) == HF_OK)
        listener = listen_on(argc > 3 ? argv[3] : "0");
    if (listener >= 0)
        accept_all(listener, config, worker, &h);
    hf_worker_free(worker);
    hf_config_free(config);
    close(h.fd); /* which ends the child */
    return 1;    /* it serves until it cannot */
}
