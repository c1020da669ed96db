/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The dialogues before TLS. The first byte chooses the protocol, the second the pieces in which the rest
 * comes from the server. What is said to it is what the protocol's words are; TLS starts only when they
 * are all said and nothing is left over; a refusal says why in text that is safe to print; and where
 * nothing came unasked, the pieces make no difference.
 */
#include "fuzz/fuzz.h"
#include "tool/starttls.h"

enum { WORDS_MAX = 4 * HF_STARTTLS_OUT_MAX };

static const hf_starttls_script *const scripts[] = {
    &hf_starttls_smtp, &hf_starttls_imap,     &hf_starttls_pop3,  &hf_starttls_ldap,
    &hf_starttls_xmpp, &hf_starttls_postgres, &hf_starttls_mysql,
};
enum { SCRIPTS = sizeof scripts / sizeof *scripts };

typedef struct dialogue {
    hf_starttls s;
    char words[WORDS_MAX]; /* all that we said */
    size_t n_words, n_fed;
} dialogue;

static size_t n_answers; /* bytes of the peer that were told to the trace: whole answers */

static void on_trace(const char *title, bool ours, hf_span bytes)
{
    CHECK(title[0] && bytes.len > 0);
    n_answers += ours ? 0 : bytes.len;
}

static void take_words(dialogue *d)
{
    CHECK(d->s.out_len <= sizeof d->s.out && d->n_words + d->s.out_len <= sizeof d->words);
    memcpy(d->words + d->n_words, d->s.out, d->s.out_len);
    d->n_words += d->s.out_len;
    hf_starttls_sent(&d->s, d->s.out_len);
}

static void check_state(const dialogue *d)
{
    CHECK(d->s.in_len <= sizeof d->s.in && d->s.expected);
    check_text(d->s.said, sizeof d->s.said);
    CHECK(d->s.state != HF_STARTTLS_GO || (d->s.in_len == 0 && n_answers == d->n_fed));
}

static void talk(dialogue *d, const hf_starttls_script *script, hf_span bytes, size_t piece)
{
    memset(d, 0, sizeof *d);
    n_answers = 0;
    hf_starttls_start(&d->s, script, "mail.example.test", on_trace);
    take_words(d);
    while (bytes.len > 0) {
        size_t n = bytes.len < piece ? bytes.len : piece;
        uint8_t *copy = tight_copy(hf_span_of(bytes.data, n));
        hf_starttls_feed(&d->s, hf_span_of(copy, n));
        free(copy);
        d->n_fed += n;
        take_words(d);
        check_state(d);
        bytes = hf_span_of(bytes.data + n, bytes.len - n);
    }
}

/* ---- what was said ---- */

/* What each says before TLS starts. */
static const char *const last_words[SCRIPTS] = {
    "EHLO localhost\r\nSTARTTLS\r\n",
    "a1 CAPABILITY\r\na2 STARTTLS\r\n",
    "STLS\r\n",
    "1.3.6.1.4.1.1466.20037",
    "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    "",
    ""
};

static void check_words(const dialogue *d, size_t protocol)
{
    static const size_t binary_words[SCRIPTS] = { [5] = 8, [6] = 36 };
    const char *last = last_words[protocol];
    size_t n = strlen(last);

    if (d->s.state != HF_STARTTLS_GO)
        return;
    CHECK(d->n_words >= n && memcmp(d->words + d->n_words - n, last, n) == 0);
    CHECK(n > 0 || d->n_words == binary_words[protocol]);
}

static void check_trouble(hf_starttls *s)
{
    static hf_trouble t;

    if (s->state == HF_STARTTLS_TALKING)
        hf_starttls_end(s, HF_STARTTLS_CLOSED);
    if (s->state != HF_STARTTLS_NO)
        return;
    memset(&t, 0, sizeof t);
    hf_starttls_trouble(s, &t, "mail.example.test:25");
    CHECK(t.happened && t.exit != 0 && t.code && t.sentence[0] && t.where[0] && t.hint[0]);
    check_text(t.sentence, sizeof t.sentence);
    check_text(t.where, sizeof t.where);
    check_text(t.hint, sizeof t.hint);
    check_text(t.record.offered, sizeof t.record.offered);
}

/* In one piece what follows too early is seen at once, and of a bad answer more may have come. */
static void check_same(const dialogue *whole, const dialogue *pieces)
{
    const hf_starttls *a = &whole->s, *b = &pieces->s;

    if (a->state == HF_STARTTLS_NO && a->why == HF_STARTTLS_EARLY)
        return;
    CHECK(a->state == b->state);
    CHECK(a->state != HF_STARTTLS_NO || a->why == b->why);
    CHECK(whole->n_words == pieces->n_words &&
          memcmp(whole->words, pieces->words, whole->n_words) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static dialogue whole, pieces;
    input in = { data, size };
    size_t protocol = input_u8(&in) % SCRIPTS, piece = 1u + input_u8(&in) % 64;
    hf_span bytes = { in.p, in.left };

    talk(&whole, scripts[protocol], bytes, size + 1);
    talk(&pieces, scripts[protocol], bytes, piece);
    check_words(&whole, protocol);
    check_words(&pieces, protocol);
    check_same(&whole, &pieces);
    check_trouble(&whole.s);
    check_trouble(&pieces.s);
    return 0;
}
