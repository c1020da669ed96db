/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Chains as an auditor judges them: any certificates, any staple, any header of HSTS. Judging ends; what it says is text that no peer can
 * forge a line of; a good verdict has no faults, and a bad one has itself as the first; a staple is good only where it is one.
 */
#include "audit/chain_judge.h"
#include "audit/hsts.h"
#include "fuzz/fuzz.h"
#include "fuzz/pki.h"
#include "policy/policy.h"

enum { CERTS_MAX = HF_CHAIN_MAX + 2, EDITS_MAX = 4 };

typedef struct sent {
    hf_span der[CERTS_MAX];
    uint8_t *bytes[CERTS_MAX];
    size_t n;
} sent;

/* ---- the input ---- */

static void read_cert(input *in, sent *s)
{
    uint8_t which = input_u8(in);
    hf_span der =
        which < FUZZ_CERTS ? fuzz_cert_der((fuzz_cert)which) : input_take(in, input_u16(in));
    size_t edits = which < FUZZ_CERTS ? input_u8(in) % EDITS_MAX : 0;

    s->bytes[s->n] = tight_copy(der);
    for (size_t i = 0; i < edits && der.len > 0; i++) {
        size_t at = input_u16(in) % der.len;
        s->bytes[s->n][at] ^= input_u8(in);
    }
    s->der[s->n] = hf_span_of(s->bytes[s->n], der.len);
    s->n++;
}

static void read_header(input *in)
{
    hf_span value = input_take(in, input_u8(in));
    char *text = malloc(value.len + 1);
    hf_hsts hsts;

    CHECK(text);
    if (value.len > 0)
        memcpy(text, value.data, value.len);
    text[value.len] = '\0';
    hf_hsts_read(&hsts, text);
    CHECK(!hsts.wrong || (hsts.max_age == 0 && !hsts.subdomains && !hsts.preload));
    free(text);
}

/* ---- what was said ---- */

static bool starts(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

/* Every line is one of ours. */
static void check_why(const char *why)
{
    while (*why) {
        const char *end = strchr(why, '\n');
        CHECK(starts(why, "path ") || starts(why, "verdict: ") || starts(why, "remark: ") ||
              starts(why, "beside that: ") || (*why >= '1' && *why <= '9'));
        for (; *why && why != end; why++)
            CHECK((unsigned char)*why >= 0x20 && *why != 0x7f);
        why += *why == '\n';
    }
}

static void check_chain(const hf_seen_chain *c)
{
    check_why(c->why);
    check_text(c->detail, sizeof c->detail);
    check_text(c->staple_words, sizeof c->staple_words);
    check_text(c->missing_issuer, sizeof c->missing_issuer);
    CHECK(c->n_faults <= HF_SEEN_FAULTS);
    CHECK((c->verdict == HF_OK) == (c->n_faults == 0));
    CHECK(c->n_faults == 0 || c->faults[0].error == c->verdict);
    for (size_t i = 0; i < c->n_faults; i++)
        check_text(c->faults[i].detail, sizeof c->faults[i].detail);
    CHECK(c->verdict != HF_OK || (c->parsed && c->name_matches && c->path_len > 0));
    CHECK(!c->missing_intermediate || *c->missing_issuer);
    CHECK(!*c->missing_issuer || c->verdict != HF_OK);
    CHECK(c->settled || c->n_faults > 0);
    check_text(c->weakest_subject, sizeof c->weakest_subject);
    CHECK(c->staple.len > 0 || c->staple_good == HF_UNKNOWN);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = { data, size };
    hf_seen *seen = hf_seen_new();
    hf_audit_setup setup = { .trust = fuzz_pki()->trust,
                             .policy = hf_policy_named("default"),
                             .now = TEST_NOW,
                             .sni = "localhost",
                             .name = "localhost" };
    sent s = { .n = 0 };

    CHECK(seen);
    read_header(&in);
    hf_span staple = input_take(&in, input_u16(&in));
    do
        read_cert(&in, &s);
    while (s.n < CERTS_MAX && in.left > 0);
    hf_seen_chain *chain = hf_seen_chain_of(seen, s.der, s.n, false, HF_V_TLS13, 0);
    CHECK(chain);
    chain->staple = staple;
    hf_chain_judge(seen, chain, &setup);
    check_chain(chain);
    for (size_t i = 0; i < s.n; i++)
        free(s.bytes[i]);
    hf_seen_free(seen);
    return 0;
}
