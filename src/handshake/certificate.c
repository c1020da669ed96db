/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Certificate (RFC 9846 4.5.1, RFC 5246 7.4.2): the chain that says who an end is. Which of its identities a server
 * shows is choose.c; whether a chain proves anything is src/x509. The proof is owed: the handshake
 * goes on while the chain is checked, but says nothing before the result is in.
 */
#include "handshake/hello.h"

#include <stdio.h>

enum { PER_ENTRY = 8, CERTIFICATE_ROOM = 64, STAPLE_ROOM = 16 };

/* ---- writing ---- */

static size_t room_for(const hf_identity *id)
{
    size_t room = CERTIFICATE_ROOM;

    for (size_t i = 0; id && i < id->n; i++)
        room += id->chain[i].len + PER_ENTRY;
    return room;
}

/* The context stays empty, as that of a request within the handshake is (RFC 9846 4.5.1#5); the leaf is first (4.5.1#8). */
static void fill(hf_certificate *c, const hf_identity *id)
{
    c->n_entries = id ? id->n : 0;
    for (size_t i = 0; i < c->n_entries; i++)
        c->entries[i].cert_data = id->chain[i];
}

/* TLS 1.3: it stands beside the leaf (RFC 9846 4.5.1.1#1). Returns the room that it takes. */
static size_t add_staple(hf_engine *e, hf_certificate *c)
{
    hf_extensions *ext = &c->entries[0].ext;

    if (e->suite->version == HF_TLS12)
        return 0;
    ext->ocsp_response = hf_staple_to_send(e);
    if (ext->ocsp_response.len == 0)
        return 0;
    ext->present |= HF_EXT_BIT(status_request);
    return ext->ocsp_response.len + STAPLE_ROOM;
}

static hf_error build(hf_engine *e)
{
    hf_certificate *c = hf_arena_alloc(&e->hs->arena, sizeof *c);
    hf_wire w = hf_engine_wire(e, e->role);
    size_t staple;
    hf_builder b;

    if (!c)
        return HF_E_NO_MEMORY;
    fill(c, e->hs->identity); /* a client may have none: an empty list (RFC 9846 4.5.1#3) */
    staple = add_staple(e, c);
    if (e->role == HF_CLIENT && e->hs->identity) {
        e->script.facts |= HF_F_CLIENT_CERT;
        e->info.certificate_sent = true;
    }
    TRY(hf_message_start(e, room_for(e->hs->identity) + staple, &b));
    hf_certificate_write(&b, &w, c);
    return hf_message_send(e, &b, NULL);
}

/* ---- accepting ---- */

/* Entries may hold only what was asked for. (RFC 9846 4.5.1#6 #7) */
static hf_error check(hf_engine *e, const hf_certificate *c)
{
    if (c->certificate_request_context.len > 0) /* RFC 9846 4.5.1#5 */
        return hf_refuse(e, HF_E_CERTIFICATE_CONTEXT, "certificate_request_context", "empty", NULL);
    if (c->n_entries == 0 && e->role == HF_CLIENT) /* RFC 9846 4.5.1.3#1, 4.5.1#12 */
        return hf_refuse(e, HF_E_CERTIFICATE_EMPTY, "certificate_list", NULL, NULL);
    if (c->n_entries == 0 && e->config->client_auth == HF_CLIENT_AUTH_REQUIRE)
        return hf_refuse(e,
                         e->suite->version == HF_TLS12
                             ? HF_E_CLIENT_CERT_REQUIRED_12 /* RFC 5246 7.4.6 */
                             : HF_E_CLIENT_CERT_REQUIRED,   /* RFC 9846 4.5.1.3 */
                         "certificate_list", NULL, NULL);
    for (size_t i = 0; i < c->n_entries; i++)
        TRY(hf_check_solicited(e, &c->entries[i].ext, 0));
    return HF_OK;
}

static hf_error keep_chain(hf_engine *e, const hf_certificate *c, size_t n)
{
    size_t room = n * sizeof *e->peer_chain;

    for (size_t i = 0; i < n; i++)
        room += c->entries[i].cert_data.len;
    e->peer_chain = hf_alloc(room);
    if (!e->peer_chain)
        return HF_E_NO_MEMORY;
    uint8_t *at = (uint8_t *)(e->peer_chain + n);
    for (size_t i = 0; i < n; i++) {
        hf_span der = c->entries[i].cert_data;
        memcpy(at, der.data, der.len);
        e->peer_chain[e->n_peer_chain++] = hf_span_of(at, der.len);
        at += der.len;
    }
    return HF_OK;
}

/* As many as could be read, whatever is wrong with them or behind them. */
static hf_error show_chain(hf_engine *e, const hf_certificate *c)
{
    size_t n = 0;

    while (n < c->n_entries && c->entries[n].cert_data.len > 0)
        n++;
    return n > 0 ? keep_chain(e, c, n) : HF_OK;
}

/* The leaf's key is needed for CertificateVerify, whoever judges the chain. It is the first (RFC 9846 4.5.1#9). */
static hf_error parse_leaf(hf_engine *e)
{
    hf_fault fault = { 0 };
    hf_error code = hf_cert_parse(&e->hs->peer_leaf, e->peer_chain[0], &fault);

    if (code == HF_OK)
        return HF_OK;
    hf_refusal_write(e, code,
                     &(hf_refusal){ .message = "Certificate",
                                    .field = "Certificate.certificate_list[0]",
                                    .offset = e->hs->leaf_offset,
                                    .rule = fault.rule,
                                    .offered = fault.path });
    return code;
}

/* RFC 8422 5.3: the curve of a certificate must be one that was offered. */
static bool curve_offered(const hf_engine *e, hf_key_type key)
{
    uint16_t curve = hf_curve_of(key);

    return curve == 0 || hf_list16_has(e->hs->hello.ext.supported_groups, curve);
}

/* TLS 1.2: the suite says what kind of key the server has. */
static hf_error check_suite(hf_engine *e)
{
    hf_key_type key = e->hs->peer_leaf.key.type;

    if (e->suite->version != HF_TLS12 || e->role != HF_CLIENT)
        return HF_OK;
    if (!hf_kx_fits(e->suite->kx, key)) /* RFC 5246 7.4.2 */
        return hf_refuse(e, HF_E_CERT_SUITE, "certificate_list", e->suite->name, NULL);
    if (!curve_offered(e, key)) /* RFC 8422 5.3 */
        return hf_refuse(e, HF_E_CERT_SUITE, "certificate_list", "a curve that was offered",
                         hf_group_name(hf_curve_of(key)));
    return HF_OK;
}

/* Whoever judges the chain, the key must be for what it does here (RFC 9846 4.5.1.2, RFC 5246 7.4.2). */
static hf_error check_usage(hf_engine *e)
{
    const hf_cert *leaf = &e->hs->peer_leaf;
    bool decrypts = e->role == HF_CLIENT && e->suite->kx == HF_KX_RSA;
    uint16_t needed = decrypts ? HF_KU_KEY_ENCIPHERMENT : HF_KU_DIGITAL_SIGNATURE;

    if (leaf->has_key_usage && !(leaf->key_usage & needed))
        return hf_refuse_at(e, HF_E_CERT_USAGE, HF_MSG_Certificate, "certificate_list",
                            e->hs->leaf_offset, NULL);
    return HF_OK;
}

hf_error hf_owe_chain(hf_engine *e)
{
    bool client = e->role == HF_CLIENT;

    if (!e->hs->chain_due)
        return HF_OK;
    e->hs->chain_due = false;
    if (e->config->external_verify) {
        TRY(check_usage(e));
        e->verify_wanted = true;
        e->script.owed++;
        return HF_OK;
    }
    hf_job *job = hf_job_verify_chain(
        hf_job_home(e), e->peer_chain, e->n_peer_chain, e->config, client ? e->verify_name : NULL,
        client ? HF_EKU_SERVER_AUTH : HF_EKU_CLIENT_AUTH, e->peer_staple);
    if (!job)
        return HF_E_NO_MEMORY;
    job->decrypts = client && e->suite->kx == HF_KX_RSA;
    job->about = HF_MSG_Certificate;
    job->field = "certificate_list";
    job->offset = e->hs->leaf_offset;
    return hf_owe(e, job, HF_CHAIN);
}

static hf_error accept(hf_engine *e)
{
    hf_certificate *c = hf_arena_alloc(&e->hs->arena, sizeof *c);
    hf_fault fault = { 0 };
    hf_wire w = hf_engine_wire(e, (hf_role)!e->role);
    hf_reader r = hf_message_reader(e, &fault);

    if (!c)
        return HF_E_NO_MEMORY;
    hf_certificate_read(&r, &w, c);
    if (e->config->any_chain && e->role == HF_CLIENT && c->n_entries > 0)
        TRY(show_chain(e, c)); /* before anything is refused: an auditor wants to see it */
    TRY(hf_read_done(e, &fault));
    TRY(check(e, c));
    TRY(hf_transcribe(e));
    if (c->n_entries == 0)
        return HF_OK;
    if (!e->peer_chain)
        TRY(keep_chain(e, c, c->n_entries));
    e->hs->leaf_offset = c->entries[0].cert_data.data - e->message.data;
    TRY(parse_leaf(e));
    TRY(check_suite(e));
    if (e->role == HF_SERVER) {
        e->script.facts |= HF_F_CLIENT_CERT;
        e->info.certificate_sent = true;
    }
    TRY(hf_script_claim(&e->script, HF_CHAIN)); /* by this row, whichever comes before its check */
    e->hs->chain_due = true;
    if (e->role == HF_CLIENT) { /* those of the other entries are not used */
        hf_count_scts(e, &c->entries[0].ext);
        TRY(hf_keep_staple(e, c->entries[0].ext.ocsp_response));
    }
    if (e->role == HF_CLIENT && e->script.facts & HF_F_OCSP_PROMISED)
        return HF_OK; /* what verifies it may come next */
    return hf_owe_chain(e);
}

/* ---- the verdict ---- */

/* Where the leaf stands is known; a failure higher up is told by its place in the list. (RFC 9846 4.5.1.2#8) */
static hf_error refuse_chain(hf_engine *e, const hf_job *job)
{
    char field[48];

    snprintf(field, sizeof field, "certificate_list[%zu]", job->at);
    return hf_refuse_at(e, job->result, job->about, field, job->at == 0 ? job->offset : -1,
                        job->detail);
}

/* Words for people: no memory for them is no failure. */
static const char *keep_detail(hf_engine *e, const char *detail)
{
    hf_free(e->detail);
    e->detail = *detail ? (char *)hf_copy(hf_span_str(detail)) : NULL;
    return e->detail ? e->detail : "";
}

hf_error hf_chain_verdict(hf_engine *e, const hf_job *job)
{
    e->chain_verified = job->result == HF_OK;
    e->info.staple = job->known.staple;
    e->info.revocation = job->known.leaf;
    if (job->result == HF_OK) {
        e->info.revocation_detail = keep_detail(e, job->detail);
        return HF_OK;
    }
    e->info.peer_error = job->result;
    e->info.peer_error_detail = keep_detail(e, job->detail);
    if (e->config->insecure)
        return HF_OK; /* asked for by name; the tool is loud about it */
    return refuse_chain(e, job);
}

const hf_step hf_step_certificate = { build, accept };
