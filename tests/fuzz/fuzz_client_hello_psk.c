/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A server that has tickets, keys shared beforehand and 0-RTT, and visitors whose ClientHello the input
 * composes: which identities they name, how old they say their tickets are, by which key and over
 * what each binder was made, which modes and whether early data they offer, where the extension
 * stands, and what is changed afterwards. The same bytes may come again.
 *
 * Whatever they say:
 *   - the server goes on with a key only if it is one of its own, named at that place, offered with
 *     psk_dhe_ke, and its binder was made by that key for these very bytes;
 *   - early data is accepted only with the first identity, a ticket of the age that it has, with which
 *     none came before, accepted or refused, and never more than the ticket allows;
 *   - a visitor who does everything right gets what he asks for.
 */
#include "fuzz/fuzz.h"
#include "fuzz/hello_psk.h"

enum { VISITS_MAX = 4 };

/* ---- what the server did, judged by the bytes that it got ---- */

static bool binder_is_right(const hello_parts *h, const psk_key *key, size_t at)
{
    uint8_t binder[HF_HASH_MAX];

    make_binder(key, key->external, h->partial, binder);
    return hf_span_equal(hf_span_of(binder, hf_hash_len(key->hash)), h->binders[at]);
}

static void check_chosen(const psk_scene *s, const psk_visit *v, const hello_parts *h)
{
    const hf_conn_info *info = hf_conn_info_of(v->conn);

    CHECK(v->chosen >= 0 && (size_t)v->chosen < h->n && h->n == h->n_binders);
    const psk_key *key = psk_key_named(s, h->identities[v->chosen]);
    CHECK(key && key->external == info->psk_used && key->external == !info->resumed);
    CHECK(key->good && !(key->external ? s->no_keys : s->how & PSK_ONLY));
    CHECK(h->has_dhe && binder_is_right(h, key, (size_t)v->chosen));
    CHECK(!key->external || hf_span_equal(info->psk_identity, key->identity));
    CHECK(hf_suite_of(info->cipher_suite)->hash == key->hash);
}

/* The register has room for all. */
static void check_flight(const psk_scene *s, const psk_key *key, int64_t age)
{
    int64_t now = (int64_t)(s->clock_ms - PSK_ISSUED);

    CHECK(age - now <= HF_EARLY_WINDOW_MS && now - age <= HF_EARLY_WINDOW_MS);
    CHECK(!key->claimed);
}

static void check_early(const psk_scene *s, const psk_visit *v, const hello_parts *h)
{
    const hf_conn_info *info = hf_conn_info_of(v->conn);
    size_t most = 0;

    CHECK(info->early != HF_EARLY_OFFERED && (info->early == HF_EARLY_NONE || h->has_early));
    if (info->early == HF_EARLY_ACCEPTED) {
        const psk_key *key = psk_key_named(s, h->identities[0]);
        CHECK(info->resumed && v->chosen == 0 && !(s->how & (PSK_EARLY_OFF | PSK_RETRY)));
        CHECK(info->cipher_suite == key->suite);
        CHECK(info->alpn && strcmp(info->alpn, PSK_PROTOCOL) == 0);
        check_flight(s, key, (int32_t)(h->ages[0] - key->age_add));
        most = PSK_EARLY_MAX;
    }
    CHECK(v->n_early <= most && v->n_early <= v->n_sent);
    CHECK(info->early != HF_EARLY_ACCEPTED || v->n_sent > most || v->n_early == v->n_sent);
}

/* RFC 9846 8.1: a ticket that is taken is claimed by its first early data, whatever becomes of that. One that is named and not
   taken may be, as its client could send that data again: who saw a ticket can spoil its early data, and nothing else. */
static void note_claim(const psk_scene *s, const psk_visit *v, const hello_parts *h)
{
    psk_key *key = h->n > 0 && h->has_early ? psk_key_named(s, h->identities[0]) : NULL;

    if (!key)
        return;
    key->named = true;
    if (hf_conn_info_of(v->conn)->resumed && v->chosen == 0)
        key->claimed = true;
}

/* A binder is blamed only if one that counts is wrong. */
static void check_failure(const psk_scene *s, const psk_visit *v, const hello_parts *h)
{
    const hf_failure *f = hf_conn_failure(v->conn);
    bool wrong = false;

    if (!f)
        return;
    CHECK(f->code != HF_E_INTERNAL && f->code != HF_E_NO_MEMORY);
    if (f->code != HF_E_PSK_BINDER_WRONG)
        return;
    for (size_t i = 0; i < h->n && i < h->n_binders; i++) {
        const psk_key *key = psk_key_named(s, h->identities[i]);
        wrong |= key && !binder_is_right(h, key, i);
    }
    CHECK(wrong);
}

static void judge(psk_scene *s, const psk_visit *v, hf_span hello)
{
    const hf_conn_info *info = hf_conn_info_of(v->conn);
    hello_parts h = { .n = 0 };
    bool formed = hello_parts_of(hello, &h);

    CHECK(!info->connected && !(info->resumed && info->psk_used));
    CHECK((info->resumed || info->psk_used) == (v->chosen >= 0));
    if (info->resumed || info->psk_used) {
        CHECK(formed);
        check_chosen(s, v, &h);
    }
    bool early = info->early == HF_EARLY_ACCEPTED;
    if (formed) {
        check_failure(s, v, &h);
        check_early(s, v, &h);
        note_claim(s, v, &h);
    } else {
        CHECK(!early && v->n_early == 0);
    }
    if (!v->honest)
        return;
    CHECK(v->chosen == 0 && (early || !v->due_early));
    bool may_fail = v->n_records > 0 && (info->early == HF_EARLY_NONE || v->n_sent > PSK_EARLY_MAX);
    CHECK(!hf_conn_failure(v->conn) || may_fail);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static hostile_bytes hello;
    static psk_scene s;
    input in = { data, size };
    psk_visit v;

    psk_scene_start(&s, input_u8(&in));
    for (int i = 0; i < VISITS_MAX && in.left > 0; i++) {
        psk_visit_start(&s, &v);
        uint8_t how = input_u8(&in);
        psk_time_passes(&s, how);
        if (i > 0 && how & 1) /* the same again */
            v.honest = false;
        else
            compose_hello(&s, &v, &in, &hello);
        psk_visit_run(&s, &v, &hello, &in);
        judge(&s, &v, hb_span(&hello));
        psk_visit_end(&v);
    }
    psk_scene_end(&s);
    hb_free(&hello);
    return 0;
}
