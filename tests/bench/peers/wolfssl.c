/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * wolfSSL as a peer of the benchmark, with its default ticket encryption, its session cache switched off, and callbacks that
 * read what a step was given and write to its wire.
 */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>

#include "glue.h"

typedef struct end {
    WOLFSSL_CTX *ctx;
    WOLFSSL_SESSION *session; /* the newest; of a client that resumes */
    bool server, keeps;
    char name[GLUE_NAME_ROOM];
} end;

typedef struct conn {
    WOLFSSL *ssl;
    end *end;
    bool done, ticket_came;
    glue io;
} conn;

/* ---- input and output ---- */

static int receive(WOLFSSL *ssl, char *to, int n, void *conn_)
{
    size_t done = glue_take(&((conn *)conn_)->io, to, (size_t)n);

    (void)ssl;
    return done > 0 ? (int)done : WOLFSSL_CBIO_ERR_WANT_READ;
}

static int transmit(WOLFSSL *ssl, char *from, int n, void *conn_)
{
    (void)ssl;
    return glue_put(&((conn *)conn_)->io, from, (size_t)n) ? n : WOLFSSL_CBIO_ERR_GENERAL;
}

/* ---- an end ---- */

static WOLFSSL_METHOD *method(bool server, uint16_t version)
{
    if (version == 0x0304)
        return server ? wolfTLSv1_3_server_method() : wolfTLSv1_3_client_method();
    return server ? wolfTLSv1_2_server_method() : wolfTLSv1_2_client_method();
}

static const char *suite_name(uint16_t suite)
{
    switch (suite) {
    case 0x1301: return "TLS13-AES128-GCM-SHA256";
    case 0x1303: return "TLS13-CHACHA20-POLY1305-SHA256";
    case 0xc02b: return "ECDHE-ECDSA-AES128-GCM-SHA256";
    case 0xc02f: return "ECDHE-RSA-AES128-GCM-SHA256";
    default: return NULL;
    }
}

/* The code points are those of TLS. In TLS 1.2 the groups speak of the curves of ECDSA keys too (RFC 8422 5.1.1). */
static bool choose_group(WOLFSSL_CTX *ctx, const hf_bench_case *what)
{
    int group = what->group;

    if (group != WOLFSSL_ECC_X25519 && group != WOLFSSL_ECC_SECP256R1)
        return false;
    if (wolfSSL_CTX_UseSupportedCurve(ctx, what->group) != WOLFSSL_SUCCESS)
        return false;
    if (what->version == 0x0304)
        return wolfSSL_CTX_set_groups(ctx, &group, 1) == WOLFSSL_SUCCESS;
    return wolfSSL_CTX_UseSupportedCurve(ctx, WOLFSSL_ECC_SECP256R1) == WOLFSSL_SUCCESS;
}

static bool choose_certificates(end *e, const hf_bench_case *what)
{
    const char *chain = e->server ? what->server_chain : what->client_chain;
    const char *key = e->server ? what->server_key : what->client_key;
    bool verifies = !e->server || what->mutual, shows = e->server || what->mutual;

    if (!verifies)
        wolfSSL_CTX_set_verify(e->ctx, WOLFSSL_VERIFY_NONE, NULL);
    else
        wolfSSL_CTX_set_verify(e->ctx, WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                               NULL);
    if (verifies && wolfSSL_CTX_load_verify_locations(e->ctx, what->ca, NULL) != WOLFSSL_SUCCESS)
        return false;
    return !shows ||
           (wolfSSL_CTX_use_certificate_chain_file(e->ctx, chain) == WOLFSSL_SUCCESS &&
            wolfSSL_CTX_use_PrivateKey_file(e->ctx, key, WOLFSSL_FILETYPE_PEM) == WOLFSSL_SUCCESS);
}

static bool choose_sessions(end *e)
{
    wolfSSL_CTX_set_session_cache_mode(e->ctx, WOLFSSL_SESS_CACHE_OFF);
    if (e->server)
        return wolfSSL_CTX_set_num_tickets(e->ctx, 1) == WOLFSSL_SUCCESS;
    return wolfSSL_CTX_UseSessionTicket(e->ctx) == WOLFSSL_SUCCESS &&
           wolfSSL_CTX_UseSNI(e->ctx, WOLFSSL_SNI_HOST_NAME, e->name,
                              (unsigned short)strlen(e->name)) == WOLFSSL_SUCCESS;
}

static const char *choose(end *e, const hf_bench_case *what)
{
    const char *suite = suite_name(what->suite);

    e->ctx = wolfSSL_CTX_new(method(e->server, what->version));
    if (!e->ctx || !glue_name(e->name, what->server_name))
        return "out of memory";
    if (!suite || wolfSSL_CTX_set_cipher_list(e->ctx, suite) != WOLFSSL_SUCCESS)
        return "no such suite";
    if (!choose_group(e->ctx, what))
        return what->group == 0x11ec ? "no X25519MLKEM768" : "no such group";
    if (!choose_certificates(e, what))
        return "certificates";
    wolfSSL_CTX_SetIORecv(e->ctx, receive);
    wolfSSL_CTX_SetIOSend(e->ctx, transmit);
    return choose_sessions(e) ? NULL : "sessions";
}

static void end_free(void *end_)
{
    end *e = end_;

    wolfSSL_SESSION_free(e->session);
    wolfSSL_CTX_free(e->ctx);
    free(e);
}

static void *end_new(const hf_bench_case *what, int role, const char **why)
{
    end *e = calloc(1, sizeof *e);
    const char *fault;

    if (!e)
        return glue_cannot(why, "out of memory");
    e->server = role == HF_BENCH_SERVER;
    e->keeps = what->resumed && !e->server;
    if (!(fault = choose(e, what)))
        return e;
    end_free(e);
    return glue_cannot(why, fault);
}

/* ---- a connection ---- */

static void conn_free(void *conn_)
{
    conn *c = conn_;

    wolfSSL_free(c->ssl);
    free(c);
}

static int ticket_hook(WOLFSSL *ssl, const unsigned char *ticket, int n, void *conn_)
{
    (void)ssl, (void)ticket;
    ((conn *)conn_)->ticket_came = n > 0;
    return 0;
}

static bool begin(conn *c)
{
    end *e = c->end;

    wolfSSL_SetIOReadCtx(c->ssl, c);
    wolfSSL_SetIOWriteCtx(c->ssl, c);
    if (e->server)
        return true;
    if (e->keeps)
        wolfSSL_set_SessionTicket_cb(c->ssl, ticket_hook, c);
    return wolfSSL_check_domain_name(c->ssl, e->name) == WOLFSSL_SUCCESS &&
           (!e->session || wolfSSL_set_session(c->ssl, e->session) == WOLFSSL_SUCCESS);
}

static void *conn_new(void *end_)
{
    end *e = end_;
    conn *c = calloc(1, sizeof *c);

    if (!c)
        return NULL;
    c->end = e;
    c->ssl = wolfSSL_new(e->ctx);
    if (c->ssl && begin(c))
        return c;
    conn_free(c);
    return NULL;
}

static bool only_waits(conn *c, int result)
{
    return wolfSSL_get_error(c->ssl, result) == WOLFSSL_ERROR_WANT_READ && c->io.left == 0;
}

static hf_bench_step shake(conn *c)
{
    int result = c->end->server ? wolfSSL_accept(c->ssl) : wolfSSL_connect(c->ssl);

    c->done = result == WOLFSSL_SUCCESS;
    if (c->done)
        return HF_BENCH_DONE;
    return only_waits(c, result) ? HF_BENCH_GOING : HF_BENCH_FAILED;
}

/* What came behind the handshake is a ticket; there is no data in it. */
static bool read_tickets(conn *c)
{
    uint8_t byte;

    return c->io.left == 0 || only_waits(c, wolfSSL_read(c->ssl, &byte, 1));
}

static void keep_session(conn *c)
{
    wolfSSL_SESSION_free(c->end->session);
    c->end->session = wolfSSL_get1_session(c->ssl);
    c->ticket_came = false;
}

static hf_bench_step step(void *conn_, uint8_t *in, size_t n, hf_bench_wire *out)
{
    conn *c = conn_;
    hf_bench_step at;

    glue_begin(&c->io, in, n, out);
    if (!c->done && (at = shake(c)) != HF_BENCH_DONE)
        return at;
    if (!read_tickets(c))
        return HF_BENCH_FAILED;
    if (c->ticket_came)
        keep_session(c);
    return HF_BENCH_DONE;
}

static int was_resumed(void *conn_)
{
    return wolfSSL_session_reused(((conn *)conn_)->ssl);
}

static size_t seal(void *conn_, const uint8_t *data, size_t n, hf_bench_wire *out)
{
    conn *c = conn_;

    glue_begin(&c->io, NULL, 0, out);
    return wolfSSL_write(c->ssl, data, (int)n) == (int)n ? n : 0;
}

static size_t open_record(void *conn_, uint8_t *record, size_t n)
{
    conn *c = conn_;
    int done;

    glue_begin(&c->io, record, n, NULL);
    done = wolfSSL_read(c->ssl, record, (int)n);
    return done > 0 && c->io.left == 0 ? (size_t)done : 0;
}

static const char *version(void)
{
    static char words[64];

    snprintf(words, sizeof words, "wolfSSL %s", wolfSSL_lib_version());
    return words;
}

GLUE_ROW("wolfSSL");
