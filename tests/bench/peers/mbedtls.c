/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * mbedTLS 2.28 as a peer of the benchmark: TLS 1.2 alone, tickets by its own ticket module, no session cache, and callbacks
 * that read what a step was given and write to its wire.
 */
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/version.h>
#include <stdio.h>
#include <stdlib.h>

#include "glue.h"

enum { TICKET_LIFETIME = 86400 };

typedef struct end {
    mbedtls_ssl_config config;
    mbedtls_entropy_context entropy;
    mbedtls_ctr_drbg_context random;
    mbedtls_ssl_ticket_context tickets;
    mbedtls_x509_crt ca, chain;
    mbedtls_pk_context key;
    mbedtls_ssl_session session; /* the newest; of a client that resumes */
    mbedtls_ecp_group_id groups[3];
    int suites[2];
    bool server, keeps, has_session, ticket_opened;
    char name[GLUE_NAME_ROOM];
} end;

typedef struct conn {
    mbedtls_ssl_context ssl;
    end *end;
    bool done, resumed;
    glue io;
} conn;

/* ---- input and output ---- */

static int receive(void *conn_, unsigned char *to, size_t n)
{
    size_t done = glue_take(&((conn *)conn_)->io, to, n);

    return done > 0 ? (int)done : MBEDTLS_ERR_SSL_WANT_READ;
}

static int transmit(void *conn_, const unsigned char *from, size_t n)
{
    return glue_put(&((conn *)conn_)->io, from, n) ? (int)n : MBEDTLS_ERR_SSL_INTERNAL_ERROR;
}

/* ---- an end ---- */

/* In TLS 1.2 the groups speak of the curves of ECDSA keys too (RFC 8422 5.1.1). */
static bool choose_group(end *e, uint16_t group)
{
    e->groups[0] = group == 0x001d ? MBEDTLS_ECP_DP_CURVE25519 : MBEDTLS_ECP_DP_SECP256R1;
    e->groups[1] = group == 0x001d ? MBEDTLS_ECP_DP_SECP256R1 : MBEDTLS_ECP_DP_NONE;
    e->groups[2] = MBEDTLS_ECP_DP_NONE;
    mbedtls_ssl_conf_curves(&e->config, e->groups);
    return group == 0x001d || group == 0x0017;
}

static bool choose_suite(end *e, uint16_t suite)
{
    e->suites[0] = suite; /* the code points are those of TLS */
    e->suites[1] = 0;
    mbedtls_ssl_conf_ciphersuites(&e->config, e->suites);
    return suite == MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 ||
           suite == MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256;
}

static bool choose_certificates(end *e, const hf_bench_case *what)
{
    const char *chain = e->server ? what->server_chain : what->client_chain;
    const char *key = e->server ? what->server_key : what->client_key;
    bool verifies = !e->server || what->mutual, shows = e->server || what->mutual;

    mbedtls_ssl_conf_authmode(&e->config,
                              verifies ? MBEDTLS_SSL_VERIFY_REQUIRED : MBEDTLS_SSL_VERIFY_NONE);
    if (verifies && mbedtls_x509_crt_parse_file(&e->ca, what->ca) != 0)
        return false;
    mbedtls_ssl_conf_ca_chain(&e->config, &e->ca, NULL);
    return !shows || (mbedtls_x509_crt_parse_file(&e->chain, chain) == 0 &&
                      mbedtls_pk_parse_keyfile(&e->key, key, NULL) == 0 &&
                      mbedtls_ssl_conf_own_cert(&e->config, &e->chain, &e->key) == 0);
}

/* Remembers that a ticket was opened: the library does not tell whether it resumed. */
static int open_ticket(void *end_, mbedtls_ssl_session *session, unsigned char *ticket, size_t n)
{
    end *e = end_;
    int result = mbedtls_ssl_ticket_parse(&e->tickets, session, ticket, n);

    e->ticket_opened = result == 0;
    return result;
}

static int write_ticket(void *end_, const mbedtls_ssl_session *session, unsigned char *from,
                        const unsigned char *to, size_t *n, uint32_t *lifetime)
{
    return mbedtls_ssl_ticket_write(&((end *)end_)->tickets, session, from, to, n, lifetime);
}

static bool choose_sessions(end *e)
{
    if (!e->server)
        return true;
    mbedtls_ssl_conf_session_tickets_cb(&e->config, write_ticket, open_ticket, e);
    return mbedtls_ssl_ticket_setup(&e->tickets, mbedtls_ctr_drbg_random, &e->random,
                                    MBEDTLS_CIPHER_AES_256_GCM, TICKET_LIFETIME) == 0;
}

static const char *choose(end *e, const hf_bench_case *what)
{
    int role = e->server ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT;

    if (what->version != 0x0303)
        return "no TLS 1.3";
    if (mbedtls_ssl_config_defaults(&e->config, role, MBEDTLS_SSL_TRANSPORT_STREAM,
                                    MBEDTLS_SSL_PRESET_DEFAULT) != 0 ||
        mbedtls_ctr_drbg_seed(&e->random, mbedtls_entropy_func, &e->entropy, NULL, 0) != 0 ||
        !glue_name(e->name, what->server_name))
        return "out of memory";
    mbedtls_ssl_conf_rng(&e->config, mbedtls_ctr_drbg_random, &e->random);
    mbedtls_ssl_conf_min_version(&e->config, MBEDTLS_SSL_MAJOR_VERSION_3,
                                 MBEDTLS_SSL_MINOR_VERSION_3);
    mbedtls_ssl_conf_max_version(&e->config, MBEDTLS_SSL_MAJOR_VERSION_3,
                                 MBEDTLS_SSL_MINOR_VERSION_3);
    if (!choose_suite(e, what->suite) || !choose_group(e, what->group))
        return "no such suite or group";
    if (!choose_certificates(e, what))
        return "certificates";
    return choose_sessions(e) ? NULL : "no ticket key";
}

static void end_free(void *end_)
{
    end *e = end_;

    mbedtls_ssl_config_free(&e->config);
    mbedtls_ssl_session_free(&e->session);
    mbedtls_ssl_ticket_free(&e->tickets);
    mbedtls_pk_free(&e->key);
    mbedtls_x509_crt_free(&e->chain);
    mbedtls_x509_crt_free(&e->ca);
    mbedtls_ctr_drbg_free(&e->random);
    mbedtls_entropy_free(&e->entropy);
    free(e);
}

static void begin_end(end *e)
{
    mbedtls_ssl_config_init(&e->config);
    mbedtls_ssl_session_init(&e->session);
    mbedtls_ssl_ticket_init(&e->tickets);
    mbedtls_pk_init(&e->key);
    mbedtls_x509_crt_init(&e->chain);
    mbedtls_x509_crt_init(&e->ca);
    mbedtls_ctr_drbg_init(&e->random);
    mbedtls_entropy_init(&e->entropy);
}

static void *end_new(const hf_bench_case *what, int role, const char **why)
{
    end *e = calloc(1, sizeof *e);
    const char *fault;

    if (!e)
        return glue_cannot(why, "out of memory");
    begin_end(e);
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

    mbedtls_ssl_free(&c->ssl);
    free(c);
}

/* Called for certificates; a handshake that resumes has none. */
static int see_certificate(void *conn_, mbedtls_x509_crt *crt, int depth, uint32_t *flags)
{
    (void)crt, (void)depth, (void)flags;
    ((conn *)conn_)->resumed = false;
    return 0;
}

static bool begin_client(conn *c)
{
    end *e = c->end;

    c->resumed = true;
    mbedtls_ssl_set_verify(&c->ssl, see_certificate, c);
    return mbedtls_ssl_set_hostname(&c->ssl, e->name) == 0 &&
           (!e->has_session || mbedtls_ssl_set_session(&c->ssl, &e->session) == 0);
}

static void *conn_new(void *end_)
{
    end *e = end_;
    conn *c = calloc(1, sizeof *c);

    if (!c)
        return NULL;
    c->end = e;
    mbedtls_ssl_init(&c->ssl);
    mbedtls_ssl_set_bio(&c->ssl, c, transmit, receive, NULL);
    if (mbedtls_ssl_setup(&c->ssl, &e->config) == 0 && (e->server || begin_client(c)))
        return c;
    conn_free(c);
    return NULL;
}

static bool keep_session(conn *c)
{
    end *e = c->end;

    if (!e->keeps)
        return true;
    mbedtls_ssl_session_free(&e->session);
    e->has_session = mbedtls_ssl_get_session(&c->ssl, &e->session) == 0;
    return e->has_session;
}

static hf_bench_step step(void *conn_, uint8_t *in, size_t n, hf_bench_wire *out)
{
    conn *c = conn_;
    int result;

    glue_begin(&c->io, in, n, out);
    if (c->done)
        return n == 0 ? HF_BENCH_DONE : HF_BENCH_FAILED;
    c->end->ticket_opened = false;
    result = mbedtls_ssl_handshake(&c->ssl);
    if (c->end->server && c->end->ticket_opened)
        c->resumed = true;
    if (c->io.left > 0)
        return HF_BENCH_FAILED;
    c->done = result == 0;
    if (!c->done)
        return result == MBEDTLS_ERR_SSL_WANT_READ ? HF_BENCH_GOING : HF_BENCH_FAILED;
    return keep_session(c) ? HF_BENCH_DONE : HF_BENCH_FAILED;
}

static int was_resumed(void *conn_)
{
    return ((conn *)conn_)->resumed;
}

static size_t seal(void *conn_, const uint8_t *data, size_t n, hf_bench_wire *out)
{
    conn *c = conn_;

    glue_begin(&c->io, NULL, 0, out);
    return mbedtls_ssl_write(&c->ssl, data, n) == (int)n ? n : 0;
}

static size_t open_record(void *conn_, uint8_t *record, size_t n)
{
    conn *c = conn_;
    int done;

    glue_begin(&c->io, record, n, NULL);
    done = mbedtls_ssl_read(&c->ssl, record, n);
    return done > 0 && c->io.left == 0 ? (size_t)done : 0;
}

static const char *version(void)
{
    static char words[64];
    char number[16];

    mbedtls_version_get_string(number);
    snprintf(words, sizeof words, "mbedTLS %s", number);
    return words;
}

GLUE_ROW("mbedTLS");
