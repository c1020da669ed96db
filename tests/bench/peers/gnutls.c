/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * GnuTLS as a peer of the benchmark: credentials and priorities once an end, tickets sent by hand so that it is one, and
 * callbacks that read what a step was given and write to its wire.
 */
#include <errno.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>

#include "glue.h"

typedef struct end {
    gnutls_certificate_credentials_t credentials;
    gnutls_priority_t priorities;
    gnutls_datum_t ticket_key;
    gnutls_datum_t session; /* the newest; of a client that resumes */
    bool server, verifies, tls13, keeps;
    char name[GLUE_NAME_ROOM];
} end;

typedef struct conn {
    gnutls_session_t session;
    end *end;
    bool done, ticket_came;
    glue io;
} conn;

/* ---- input and output ---- */

static ssize_t pull(gnutls_transport_ptr_t conn_, void *to, size_t n)
{
    conn *c = conn_;
    size_t done = glue_take(&c->io, to, n);

    if (done > 0)
        return (ssize_t)done;
    gnutls_transport_set_errno(c->session, EAGAIN);
    return -1;
}

static ssize_t push(gnutls_transport_ptr_t conn_, const giovec_t *parts, int n)
{
    conn *c = conn_;
    size_t done = 0;

    for (int i = 0; i < n; i++) {
        if (!glue_put(&c->io, parts[i].iov_base, parts[i].iov_len)) {
            gnutls_transport_set_errno(c->session, EIO);
            return -1;
        }
        done += parts[i].iov_len;
    }
    return (ssize_t)done;
}

static int pull_timeout(gnutls_transport_ptr_t conn_, unsigned ms)
{
    (void)ms;
    return ((conn *)conn_)->io.left > 0;
}

/* ---- an end ---- */

static const char *suite_words(uint16_t suite)
{
    switch (suite) {
    case 0x1301: return "+VERS-TLS1.3:+AES-128-GCM:+AEAD";
    case 0x1303: return "+VERS-TLS1.3:+CHACHA20-POLY1305:+AEAD";
    case 0xc02b: return "+VERS-TLS1.2:+ECDHE-ECDSA:+AES-128-GCM:+AEAD";
    case 0xc02f: return "+VERS-TLS1.2:+ECDHE-RSA:+AES-128-GCM:+AEAD";
    default: return NULL;
    }
}

/* In TLS 1.2 the groups speak of the curves of ECDSA keys too (RFC 8422 5.1.1). */
static const char *group_words(const hf_bench_case *what)
{
    switch (what->group) {
    case 0x001d:
        return what->version == 0x0303 ? "+GROUP-X25519:+GROUP-SECP256R1" : "+GROUP-X25519";
    case 0x0017: return "+GROUP-SECP256R1";
    case 0x11ec: return "+GROUP-X25519-MLKEM768";
    default: return NULL;
    }
}

static const char *choose_protocol(end *e, const hf_bench_case *what)
{
    static const char signatures[] = "+SIGN-ECDSA-SECP256R1-SHA256:+SIGN-ECDSA-SHA256:+SIGN-RSA-"
                                     "PSS-RSAE-SHA256:+SIGN-RSA-SHA256";
    const char *suite = suite_words(what->suite), *group = group_words(what);
    char words[512];

    if (!suite || !group)
        return "no such suite or group";
    snprintf(words, sizeof words, "NONE:%s:%s:%s:+CTYPE-X509:+COMP-NULL", suite, group, signatures);
    if (gnutls_priority_init(&e->priorities, words, NULL) == 0)
        return NULL;
    return what->group == 0x11ec ? "no X25519MLKEM768" : "no such priorities";
}

static bool choose_certificates(end *e, const hf_bench_case *what)
{
    const char *chain = e->server ? what->server_chain : what->client_chain;
    const char *key = e->server ? what->server_key : what->client_key;

    if (gnutls_certificate_allocate_credentials(&e->credentials) < 0)
        return false;
    if (e->verifies &&
        gnutls_certificate_set_x509_trust_file(e->credentials, what->ca, GNUTLS_X509_FMT_PEM) != 1)
        return false;
    if (!e->server && !what->mutual)
        return true;
    return gnutls_certificate_set_x509_key_file(e->credentials, chain, key, GNUTLS_X509_FMT_PEM) >=
           0;
}

static void end_free(void *end_)
{
    end *e = end_;

    if (e->credentials)
        gnutls_certificate_free_credentials(e->credentials);
    if (e->priorities)
        gnutls_priority_deinit(e->priorities);
    gnutls_free(e->ticket_key.data);
    gnutls_free(e->session.data);
    free(e);
}

static const char *choose(end *e, const hf_bench_case *what)
{
    const char *fault;

    if (!glue_name(e->name, what->server_name))
        return "name too long";
    if ((fault = choose_protocol(e, what)))
        return fault;
    if (!choose_certificates(e, what))
        return "certificates";
    return e->server && gnutls_session_ticket_key_generate(&e->ticket_key) < 0 ? "no ticket key"
                                                                               : NULL;
}

static void *end_new(const hf_bench_case *what, int role, const char **why)
{
    end *e = calloc(1, sizeof *e);
    const char *fault;

    if (!e)
        return glue_cannot(why, "out of memory");
    e->server = role == HF_BENCH_SERVER;
    e->verifies = !e->server || what->mutual;
    e->tls13 = what->version == 0x0304;
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

    if (c->session)
        gnutls_deinit(c->session);
    free(c);
}

static void keep_session(conn *c)
{
    gnutls_datum_t session = { NULL, 0 };

    if (gnutls_session_get_data2(c->session, &session) < 0)
        return;
    gnutls_free(c->end->session.data);
    c->end->session = session;
}

static int ticket_hook(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
                       const gnutls_datum_t *message)
{
    (void)type, (void)when, (void)message;
    ((conn *)gnutls_session_get_ptr(session))->ticket_came = incoming;
    return 0;
}

static bool begin_server(conn *c)
{
    if (c->end->verifies)
        gnutls_certificate_server_set_request(c->session, GNUTLS_CERT_REQUIRE);
    return gnutls_session_ticket_enable_server(c->session, &c->end->ticket_key) == 0;
}

static bool begin_client(conn *c)
{
    end *e = c->end;

    gnutls_handshake_set_hook_function(c->session, GNUTLS_HANDSHAKE_NEW_SESSION_TICKET,
                                       GNUTLS_HOOK_POST, ticket_hook);
    if (e->session.size > 0 &&
        gnutls_session_set_data(c->session, e->session.data, e->session.size) < 0)
        return false;
    return gnutls_server_name_set(c->session, GNUTLS_NAME_DNS, e->name, strlen(e->name)) == 0;
}

static bool begin(conn *c)
{
    end *e = c->end;

    if (gnutls_priority_set(c->session, e->priorities) < 0 ||
        gnutls_credentials_set(c->session, GNUTLS_CRD_CERTIFICATE, e->credentials) < 0)
        return false;
    if (e->verifies)
        gnutls_session_set_verify_cert(c->session, e->server ? NULL : e->name, 0);
    gnutls_session_set_ptr(c->session, c);
    gnutls_transport_set_ptr(c->session, c);
    gnutls_transport_set_pull_function(c->session, pull);
    gnutls_transport_set_pull_timeout_function(c->session, pull_timeout);
    gnutls_transport_set_vec_push_function(c->session, push);
    return e->server ? begin_server(c) : begin_client(c);
}

static void *conn_new(void *end_)
{
    end *e = end_;
    conn *c = calloc(1, sizeof *c);
    unsigned role = e->server ? GNUTLS_SERVER : GNUTLS_CLIENT;

    if (!c)
        return NULL;
    c->end = e;
    if (gnutls_init(&c->session,
                    role | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_NO_AUTO_SEND_TICKET) == 0 &&
        begin(c))
        return c;
    conn_free(c);
    return NULL;
}

/* The server's one ticket of TLS 1.3; those of TLS 1.2 are within the handshake. */
static hf_bench_step shake(conn *c)
{
    int result = gnutls_handshake(c->session);

    if (result == GNUTLS_E_AGAIN || result == GNUTLS_E_INTERRUPTED)
        return HF_BENCH_GOING;
    if (result < 0 ||
        (c->end->server && c->end->tls13 && gnutls_session_ticket_send(c->session, 1, 0) < 0))
        return HF_BENCH_FAILED;
    c->done = true;
    return HF_BENCH_DONE;
}

/* What came behind the handshake is a ticket; there is no data in it. */
static bool read_tickets(conn *c)
{
    uint8_t byte;

    return c->io.left == 0 ||
           (gnutls_record_recv(c->session, &byte, 1) == GNUTLS_E_AGAIN && c->io.left == 0);
}

static hf_bench_step step(void *conn_, uint8_t *in, size_t n, hf_bench_wire *out)
{
    conn *c = conn_;
    hf_bench_step at = HF_BENCH_DONE;

    glue_begin(&c->io, in, n, out);
    if (!c->done && (at = shake(c)) != HF_BENCH_DONE)
        return c->io.left == 0 ? at : HF_BENCH_FAILED;
    if (!read_tickets(c))
        return HF_BENCH_FAILED;
    if (c->ticket_came && c->end->keeps)
        keep_session(c);
    c->ticket_came = false;
    return HF_BENCH_DONE;
}

static int was_resumed(void *conn_)
{
    return gnutls_session_is_resumed(((conn *)conn_)->session);
}

static size_t seal(void *conn_, const uint8_t *data, size_t n, hf_bench_wire *out)
{
    conn *c = conn_;

    glue_begin(&c->io, NULL, 0, out);
    return gnutls_record_send(c->session, data, n) == (ssize_t)n ? n : 0;
}

static size_t open_record(void *conn_, uint8_t *record, size_t n)
{
    conn *c = conn_;
    ssize_t done;

    glue_begin(&c->io, record, n, NULL);
    done = gnutls_record_recv(c->session, record, n);
    return done > 0 && c->io.left == 0 ? (size_t)done : 0;
}

static const char *version(void)
{
    static char words[64];

    snprintf(words, sizeof words, "GnuTLS %s", gnutls_check_version(NULL));
    return words;
}

GLUE_ROW("GnuTLS");
