/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The system's OpenSSL libssl as a peer of the benchmark: one SSL_CTX an end, released buffers as servers with many
 * connections set them, and a BIO that reads what a step was given and writes to its wire.
 */
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

#include "glue.h"

typedef struct end {
    SSL_CTX *ctx;
    BIO_METHOD *memory;
    SSL_SESSION *session; /* the newest; of a client that resumes */
    bool server;
    char name[GLUE_NAME_ROOM];
} end;

typedef struct conn {
    SSL *ssl;
    glue io;
} conn;

/* ---- input and output ---- */

static int bio_read(BIO *bio, char *to, size_t n, size_t *done)
{
    conn *c = BIO_get_data(bio);

    BIO_clear_retry_flags(bio);
    *done = glue_take(&c->io, to, n);
    if (*done == 0)
        BIO_set_retry_read(bio);
    return *done > 0;
}

static int bio_write(BIO *bio, const char *from, size_t n, size_t *done)
{
    conn *c = BIO_get_data(bio);

    BIO_clear_retry_flags(bio);
    *done = glue_put(&c->io, from, n) ? n : 0;
    return *done == n;
}

static long bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
    (void)bio, (void)number, (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

static int bio_create(BIO *bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

static BIO_METHOD *memory_method(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "benchmark");

    if (method && BIO_meth_set_read_ex(method, bio_read) &&
        BIO_meth_set_write_ex(method, bio_write) && BIO_meth_set_ctrl(method, bio_ctrl) &&
        BIO_meth_set_create(method, bio_create))
        return method;
    BIO_meth_free(method);
    return NULL;
}

/* ---- an end ---- */

static const char *suite_name(uint16_t suite)
{
    switch (suite) {
    case 0x1301: return "TLS_AES_128_GCM_SHA256";
    case 0x1303: return "TLS_CHACHA20_POLY1305_SHA256";
    case 0xc02b: return "ECDHE-ECDSA-AES128-GCM-SHA256";
    case 0xc02f: return "ECDHE-RSA-AES128-GCM-SHA256";
    default: return NULL;
    }
}

/* In TLS 1.2 the client's groups speak of the curves of ECDSA keys too (RFC 8422 5.1.1), so P-256 stands behind the one that is
   asked for. */
static const char *groups(const hf_bench_case *what)
{
    bool tls12 = what->version == TLS1_2_VERSION;

    switch (what->group) {
    case 0x001d: return tls12 ? "X25519:P-256" : "X25519";
    case 0x0017: return "P-256";
    case 0x11ec: return "X25519MLKEM768";
    default: return "";
    }
}

static bool choose_protocol(SSL_CTX *ctx, const hf_bench_case *what)
{
    const char *suite = suite_name(what->suite);

    return suite && SSL_CTX_set_min_proto_version(ctx, what->version) &&
           SSL_CTX_set_max_proto_version(ctx, what->version) &&
           (what->version == TLS1_3_VERSION ? SSL_CTX_set_ciphersuites(ctx, suite)
                                            : SSL_CTX_set_cipher_list(ctx, suite));
}

static int keep_session(SSL *ssl, SSL_SESSION *session)
{
    end *e = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

    SSL_SESSION_free(e->session);
    e->session = session;
    return 1;
}

/* Sessions come by callback or not at all: neither end has a cache. */
static void choose_sessions(end *e, int resumed)
{
    bool kept = resumed && !e->server;

    SSL_CTX_set_session_cache_mode(e->ctx, kept ? SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL
                                                : SSL_SESS_CACHE_OFF);
    SSL_CTX_set_app_data(e->ctx, e);
    if (kept)
        SSL_CTX_sess_set_new_cb(e->ctx, keep_session);
    if (e->server)
        SSL_CTX_set_num_tickets(e->ctx, 1);
}

static bool choose_identity(SSL_CTX *ctx, const char *chain, const char *key)
{
    return SSL_CTX_use_certificate_chain_file(ctx, chain) == 1 &&
           SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) == 1 &&
           SSL_CTX_check_private_key(ctx) == 1;
}

static bool choose_trust(end *e, const hf_bench_case *what)
{
    static const unsigned char context[] = "benchmark";

    if (e->server && !what->mutual)
        return true;
    SSL_CTX_set_verify(e->ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    if (SSL_CTX_load_verify_locations(e->ctx, what->ca, NULL) != 1)
        return false;
    if (e->server)
        return SSL_CTX_set_session_id_context(e->ctx, context, sizeof context - 1) == 1;
    return X509_VERIFY_PARAM_set1_host(SSL_CTX_get0_param(e->ctx), what->server_name, 0) == 1;
}

static const char *choose(end *e, const hf_bench_case *what)
{
    const char *chain = e->server ? what->server_chain : what->client_chain;
    const char *key = e->server ? what->server_key : what->client_key;

    e->memory = memory_method();
    e->ctx = SSL_CTX_new(e->server ? TLS_server_method() : TLS_client_method());
    if (!e->ctx || !e->memory || !glue_name(e->name, what->server_name))
        return "out of memory";
    if (!choose_protocol(e->ctx, what))
        return "no such version or suite";
    if (!SSL_CTX_set1_groups_list(e->ctx, groups(what)))
        return what->group == 0x11ec ? "no X25519MLKEM768" : "no such group";
    if (!choose_trust(e, what) ||
        ((e->server || what->mutual) && !choose_identity(e->ctx, chain, key)))
        return "certificates";
    SSL_CTX_set_mode(e->ctx, SSL_MODE_RELEASE_BUFFERS);
    choose_sessions(e, what->resumed);
    return NULL;
}

static void end_free(void *end_)
{
    end *e = end_;

    SSL_SESSION_free(e->session);
    SSL_CTX_free(e->ctx);
    BIO_meth_free(e->memory);
    free(e);
}

static void *end_new(const hf_bench_case *what, int role, const char **why)
{
    end *e = calloc(1, sizeof *e);
    const char *fault;

    if (!e)
        return glue_cannot(why, "out of memory");
    e->server = role == HF_BENCH_SERVER;
    if (!(fault = choose(e, what)))
        return e;
    end_free(e);
    return glue_cannot(why, fault);
}

/* ---- a connection ---- */

/* Ended in good order as far as libssl is told, else it would spoil the session. */
static void conn_free(void *conn_)
{
    conn *c = conn_;

    if (c->ssl)
        SSL_set_shutdown(c->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(c->ssl);
    free(c);
}

static bool begin(end *e, SSL *ssl)
{
    if (e->server) {
        SSL_set_accept_state(ssl);
        return true;
    }
    SSL_set_connect_state(ssl);
    return SSL_set_tlsext_host_name(ssl, e->name) == 1 &&
           (!e->session || SSL_set_session(ssl, e->session) == 1);
}

static void *conn_new(void *end_)
{
    end *e = end_;
    conn *c = calloc(1, sizeof *c);
    BIO *bio = BIO_new(e->memory);

    if (!c || !bio || !(c->ssl = SSL_new(e->ctx))) {
        BIO_free(bio);
        free(c);
        return NULL;
    }
    BIO_set_data(bio, c);
    SSL_set_bio(c->ssl, bio, bio);
    if (begin(e, c->ssl))
        return c;
    conn_free(c);
    return NULL;
}

static bool only_waits(SSL *ssl, int result)
{
    return result > 0 || SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ;
}

/* What came behind the handshake is tickets; there is no data in it. */
static bool read_tickets(conn *c)
{
    uint8_t byte;

    return c->io.left == 0 || (only_waits(c->ssl, SSL_read(c->ssl, &byte, 1)) && c->io.left == 0);
}

static hf_bench_step step(void *conn_, uint8_t *in, size_t n, hf_bench_wire *out)
{
    conn *c = conn_;

    glue_begin(&c->io, in, n, out);
    ERR_clear_error();
    if (SSL_in_init(c->ssl) && !only_waits(c->ssl, SSL_do_handshake(c->ssl)))
        return HF_BENCH_FAILED;
    if (SSL_in_init(c->ssl))
        return c->io.left == 0 ? HF_BENCH_GOING : HF_BENCH_FAILED;
    return read_tickets(c) ? HF_BENCH_DONE : HF_BENCH_FAILED;
}

static int was_resumed(void *conn_)
{
    return SSL_session_reused(((conn *)conn_)->ssl);
}

static size_t seal(void *conn_, const uint8_t *data, size_t n, hf_bench_wire *out)
{
    conn *c = conn_;
    size_t done = 0;

    glue_begin(&c->io, NULL, 0, out);
    return SSL_write_ex(c->ssl, data, n, &done) == 1 && done == n ? n : 0;
}

static size_t open_record(void *conn_, uint8_t *record, size_t n)
{
    conn *c = conn_;
    size_t done = 0;

    glue_begin(&c->io, record, n, NULL);
    return SSL_read_ex(c->ssl, record, n, &done) == 1 && c->io.left == 0 ? done : 0;
}

static const char *version(void)
{
    static char words[64];

    snprintf(words, sizeof words, "OpenSSL %s", OpenSSL_version(OPENSSL_VERSION_STRING));
    return words;
}

GLUE_ROW("libssl");
