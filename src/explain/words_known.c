/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What the messages up to a step have settled and shown, read with the engine's own readers. It is what the words are made of:
 * nothing is said that does not stand in some message, or in the rows that the follower found.
 */
#include "explain/words.h"

#include <stdio.h>

/* Later hellos are renegotiations, or nonsense: they are counted and not read. */
enum { HELLOS_READ = 2, FIRST_KNOWN = 32 };

hf_reader hf_body_reader(const hf_story_step *step, hf_fault *fault)
{
    size_t header = step->bytes.len < HF_HANDSHAKE_HEADER ? step->bytes.len : HF_HANDSHAKE_HEADER;

    *fault = (hf_fault){ 0 };
    return hf_rd_start(hf_span_of(step->bytes.data + header, step->bytes.len - header), step->name,
                       HF_HANDSHAKE_HEADER, fault, NULL);
}

static bool is(const hf_story_step *step, hf_msg msg)
{
    return step->kind == HF_STEP_MESSAGE && step->msg == msg &&
           step->bytes.len >= HF_HANDSHAKE_HEADER;
}

bool hf_read_client_hello(const hf_story_step *step, hf_client_hello *hello)
{
    hf_fault fault;
    hf_reader r = hf_body_reader(step, &fault);

    if (!is(step, HF_MSG_ClientHello))
        return false;
    hf_client_hello_read(&r, &step->wire, hello);
    return fault.code == HF_OK;
}

bool hf_read_server_hello(const hf_story_step *step, hf_server_hello *hello)
{
    hf_fault fault;
    hf_reader r = hf_body_reader(step, &fault);

    if (!is(step, HF_MSG_ServerHello) && !is(step, HF_MSG_HelloRetryRequest))
        return false;
    hf_server_hello_read(&r, &step->wire, hello);
    return fault.code == HF_OK;
}

bool hf_read_certificate(const hf_story_step *step, hf_certificate *certificate)
{
    hf_fault fault;
    hf_reader r = hf_body_reader(step, &fault);

    if (!is(step, HF_MSG_Certificate))
        return false;
    hf_certificate_read(&r, &step->wire, certificate);
    return fault.code == HF_OK;
}

/* ---- what a hello offers ---- */

bool hf_offers(const hf_client_hello *hello, hf_ext ext)
{
    return hello->ext.present >> ext & 1;
}

bool hf_offers_ech(const hf_client_hello *hello)
{
    enum { ENCRYPTED_CLIENT_HELLO = 0xfe0d };

    return hello->has_extensions && hf_extension_at(&hello->ext, ENCRYPTED_CLIENT_HELLO) != NULL;
}

size_t hf_offered_versions(const hf_client_hello *hello, uint16_t versions[HF_OFFERS_MAX])
{
    hf_span list = hello->ext.supported_versions;
    size_t n = 0;

    if (!hf_offers(hello, HF_EXT_supported_versions)) {
        versions[0] = hello->legacy_version;
        return 1;
    }
    for (size_t i = 0; i < hf_list16_count(list) && n < HF_OFFERS_MAX; i++)
        versions[n++] = hf_list16_at(list, i);
    return n;
}

size_t hf_offered_shares(const hf_client_hello *hello, uint16_t groups[HF_OFFERS_MAX])
{
    hf_span rest = hello->ext.key_shares;
    hf_key_share share;
    size_t n = 0;

    while (n < HF_OFFERS_MAX && hf_key_share_next(&rest, &share))
        groups[n++] = share.group;
    return n;
}

/* ---- the key exchange ---- */

static const char *suite_name(uint16_t suite)
{
    const char *name = hf_suite_name(suite);

    if (!name)
        name = hf_name_of(HF_NAMES_SUITES, suite);
    return name ? name : "";
}

/* RFC 5246 C: TLS_<key exchange>_WITH_<…>. The longer beginnings stand first. */
hf_exchange hf_exchange_of(uint16_t version, uint16_t suite)
{
    static const struct {
        const char *start;
        hf_exchange exchange;
    } rows[] = {
        { "TLS_ECDHE_PSK_", HF_EXCHANGE_ECDHE_PSK },
        { "TLS_ECDHE_", HF_EXCHANGE_ECDHE },
        { "TLS_DHE_PSK_", HF_EXCHANGE_DHE_PSK },
        { "TLS_DHE_", HF_EXCHANGE_DHE },
        { "TLS_RSA_PSK_", HF_EXCHANGE_RSA_PSK },
        { "TLS_RSA_", HF_EXCHANGE_RSA },
        { "TLS_PSK_", HF_EXCHANGE_PSK },
        { "TLS_ECDH_anon_", HF_EXCHANGE_ANON },
        { "TLS_DH_anon_", HF_EXCHANGE_ANON },
        { "TLS_ECDH_", HF_EXCHANGE_STATIC_DH },
        { "TLS_DH_", HF_EXCHANGE_STATIC_DH },
    };
    const char *name = suite_name(suite);

    if (hf_is_13(version))
        return HF_EXCHANGE_TLS13;
    for (size_t i = 0; version && i < sizeof rows / sizeof *rows; i++)
        if (strncmp(name, rows[i].start, strlen(rows[i].start)) == 0)
            return rows[i].exchange;
    return HF_EXCHANGE_UNKNOWN;
}

/* ---- one message after the other ---- */

static void learn_hello(hf_known *k, const hf_story_step *step)
{
    if (++k->hellos <= HELLOS_READ)
        k->offer_read = hf_read_client_hello(step, &k->offer);
}

static void learn_retry(hf_known *k, const hf_story_step *step)
{
    k->retry = hf_read_server_hello(step, &k->asked);
    if (k->retry)
        k->group = k->asked.ext.selected_group;
    k->early_refused =
        k->offer_read && hf_offers(&k->offer, HF_EXT_early_data); /* RFC 9846 4.3.10 */
}

static void learn_answer(hf_known *k, const hf_story *story, const hf_story_step *step)
{
    if (k->answer_read || !hf_read_server_hello(step, &k->answer))
        return;
    k->answer_read = true;
    bool tls13 = k->answer.ext.present & HF_EXT_BIT(supported_versions);
    k->version = tls13 ? k->answer.ext.selected_version : k->answer.legacy_version;
    k->suite = k->answer.cipher_suite;
    k->exchange = hf_exchange_of(k->version, k->suite);
    k->resumed = !tls13 && story->end.facts & HF_F_RESUMED;
    k->psk = tls13 ? k->answer.ext.present & HF_EXT_BIT(pre_shared_key)
                   : !k->resumed && hf_exchange_is_psk(k->exchange);
    if (tls13)
        k->group = k->answer.ext.key_share.group;
}

static void learn_certificate(hf_known *k, const hf_story_step *step)
{
    hf_certificate certificate;

    if (k->certificates[step->writer] == 0 && hf_read_certificate(step, &certificate))
        k->certificates[step->writer] = certificate.n_entries;
    k->cert_clear[step->writer] = !step->encrypted;
}

/* Its group, and whether it is signed: that of a suite with a PSK never is. */
static void learn_key_exchange(hf_known *k, const hf_story_step *step)
{
    hf_server_key_exchange ske;
    hf_fault fault;
    hf_reader r = hf_body_reader(step, &fault);

    k->signature[HF_SERVER] = k->exchange == HF_EXCHANGE_ECDHE || k->exchange == HF_EXCHANGE_DHE;
    if (!hf_exchange_is_read(step) || !hf_kx_is_ephemeral(step->wire.kx))
        return;
    hf_server_key_exchange_read(&r, &step->wire, &ske);
    if (fault.code == HF_OK)
        k->group = ske.named_curve;
}

static void learn_extensions(hf_known *k, const hf_story_step *step)
{
    hf_encrypted_extensions ee;
    hf_fault fault;
    hf_reader r = hf_body_reader(step, &fault);

    hf_encrypted_extensions_read(&r, &step->wire, &ee);
    if (fault.code == HF_OK && k->offer_read && hf_offers(&k->offer, HF_EXT_early_data))
        k->early_refused |= !(ee.ext.present & HF_EXT_BIT(early_data));
}

static void learn_message(hf_known *k, const hf_story *story, const hf_story_step *step)
{
    switch (step->msg) {
    case HF_MSG_ClientHello: learn_hello(k, step); break;
    case HF_MSG_HelloRetryRequest:
        if (!k->retry)
            learn_retry(k, step);
        break;
    case HF_MSG_ServerHello: learn_answer(k, story, step); break;
    case HF_MSG_EncryptedExtensions: learn_extensions(k, step); break;
    case HF_MSG_Certificate: learn_certificate(k, step); break;
    case HF_MSG_CertificateRequest: k->cert_asked = true; break;
    case HF_MSG_ServerKeyExchange: learn_key_exchange(k, step); break;
    case HF_MSG_CertificateVerify: k->signature[step->writer] = true; break;
    case HF_MSG_ClientKeyExchange: k->psk_named = k->psk && !step->encrypted; break;
    case HF_MSG_Finished: k->finished[step->writer] = true; break;
    case HF_MSG_NewSessionTicket:
        k->ticket = true;
        k->ticket_clear |= !step->encrypted;
        break;
    default: break;
    }
}

static void learn(hf_known *k, const hf_story *story, const hf_story_step *step)
{
    k->encrypted |= step->encrypted;
    k->bare |= step->bare;
    switch (step->kind) {
    case HF_STEP_MESSAGE: learn_message(k, story, step); break;
    case HF_STEP_CCS: k->ccs[step->writer] = true; break;
    case HF_STEP_SEALED: k->sealed[step->writer] |= !step->refused; break;
    case HF_STEP_PRELUDE: k->prelude = true; break;
    case HF_STEP_DATA:
        k->early |= step->epoch == HF_EARLY;
        k->data[step->writer] |= step->epoch != HF_EARLY;
        break;
    default: break;
    }
    /* Sealed bytes between the hellos can be nothing else: TLS 1.3 has no other keys there. */
    if (step->kind == HF_STEP_SEALED && !k->answer_read && k->offer_read)
        k->early |= hf_offers(&k->offer, HF_EXT_early_data);
}

/* ---- step by step ---- */

/* All that a step can change that is no message. */
static unsigned marks(const hf_known *k)
{
    const bool all[] = { k->encrypted, k->bare,    k->ccs[0],  k->ccs[1], k->sealed[0],
                         k->sealed[1], k->data[0], k->data[1], k->early,  k->prelude };
    unsigned bits = 0;

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        bits |= (unsigned)all[i] << i;
    return bits;
}

static bool keep(hf_story *story, size_t *room, const hf_known *known)
{
    if (story->n_known == *room) {
        size_t more = *room ? 2 * *room : FIRST_KNOWN;
        hf_known *bigger = hf_alloc(more * sizeof *bigger);
        if (!bigger)
            return false;
        if (story->n_known > 0)
            memcpy(bigger, story->known, story->n_known * sizeof *bigger);
        hf_free(story->known);
        story->known = bigger;
        *room = more;
    }
    story->known[story->n_known++] = *known;
    return true;
}

/* A connection may have any number of steps, but no more than HF_STORY_MESSAGES_MAX are messages: what is known is kept once for
   each of those, and for the few others that add to it. */
bool hf_known_learn(hf_story *story)
{
    hf_known now = { 0 };
    size_t room = 0;

    for (size_t i = 0; i < story->n; i++) {
        hf_story_step *step = &story->steps[i];
        unsigned before = marks(&now);
        learn(&now, story, step);
        bool same = i > 0 && step->kind != HF_STEP_MESSAGE && marks(&now) == before;
        if (!same && !keep(story, &room, &now))
            return false;
        step->known = story->n_known - 1;
    }
    return true;
}

void hf_known_at(const hf_story *story, size_t step, hf_known *known)
{
    size_t last = step < story->n ? step : story->n - 1;

    *known = (hf_known){ 0 };
    if (story->n > 0)
        *known = story->known[story->steps[last].known];
}
