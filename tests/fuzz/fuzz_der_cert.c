/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A certificate in DER. Whatever the parser hands out lies within the input, faults have a place in
 * it, texts are ended and safe to print in a buffer of any size, and a name that the certificate
 * holds is a name that it matches.
 */
#include <handfast/cert.h>

#include "fuzz/fuzz.h"
#include "x509/ip.h"
#include "x509/time.h"
#include "x509/x509.h"

static void check_fault(hf_span der, const hf_fault *fault)
{
    CHECK(fault->offset <= der.len);
    check_text(fault->path, sizeof fault->path);
    check_text(fault->rule, sizeof fault->rule);
}

static void check_spans(hf_span der, const hf_cert *c)
{
    const hf_span spans[] = { c->der,       c->tbs,
                              c->serial,    c->issuer,
                              c->subject,   c->spki,
                              c->key.n,     c->key.e,
                              c->key.point, c->signature,
                              c->san,       c->ski,
                              c->aki,       c->unknown_critical_oid };

    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++)
        CHECK(spans[i].len == 0 || hf_span_within(spans[i], der));
    CHECK(hf_span_equal(c->der, der) && c->version == 3 && c->key.type != HF_KEY_NONE);
    CHECK(c->serial.len >= 1 && c->serial.len <= 20 && c->path_len >= -1);
    CHECK(hf_span_within(c->subject, c->tbs) && hf_span_within(c->spki, c->tbs));
}

static void check_times(const hf_cert *c)
{
    const int64_t times[] = { c->not_before, c->not_after };

    for (size_t i = 0; i < 2; i++) {
        char *text = malloc(24);
        CHECK(text && times[i] >= HF_TIME_MIN && times[i] <= HF_TIME_MAX);
        hf_time_text(times[i], text);
        check_text(text, 24);
        CHECK(strlen(text) == 20);
        free(text);
    }
}

/* The same text in any room is a beginning of the whole. */
static void check_name(hf_span name, size_t room)
{
    static char whole[1 << 16];
    char *text = malloc(room);

    CHECK(text);
    hf_name_text(name, whole, sizeof whole);
    hf_name_text(name, text, room);
    check_text(text, room);
    CHECK(memcmp(whole, text, strlen(text)) == 0);
    free(text);
}

static void check_san(const hf_cert *c, hf_san_kind kind, hf_span name)
{
    char text[HF_IP_TEXT_MAX];

    if (kind == HF_SAN_IP) {
        hf_ip_text(name, text);
        check_text(text, sizeof text);
        CHECK(hf_cert_matches(c, text));
    } else if (kind == HF_SAN_DNS) {
        char *reference = (char *)hf_copy(name);
        CHECK(reference);
        bool matches = hf_cert_matches(c, reference);
        CHECK(matches || !hf_is_host_name(name));
        hf_free(reference);
    }
}

static void check_sans(const hf_cert *c)
{
    enum { SHOWN = 40 };
    hf_span rest = c->san, name;
    hf_san_kind kind;
    size_t n = 0;

    while (hf_san_next(&rest, &kind, &name)) {
        CHECK(hf_span_within(name, c->san) && ++n <= HF_CERT_SANS_MAX);
        if (n <= SHOWN)
            check_san(c, kind, name);
    }
    CHECK(rest.len == 0 && (n > 0 || c->san.len == 0));
}

static void check_summary(hf_span der)
{
    hf_cert_summary *s = malloc(sizeof *s);

    CHECK(s && hf_cert_summarize(der, s) == HF_OK);
    check_text(s->subject, sizeof s->subject);
    check_text(s->issuer, sizeof s->issuer);
    check_text(s->serial, sizeof s->serial);
    check_text(s->key, sizeof s->key);
    check_text(s->signature, sizeof s->signature);
    check_text(s->sans, sizeof s->sans);
    check_text(s->fingerprint, sizeof s->fingerprint);
    check_text(s->usage, sizeof s->usage);
    free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = tight_copy(hf_span_of(data, size));
    hf_span der = hf_span_of(copy, size);
    hf_fault fault = { .code = HF_OK };
    hf_cert cert, again;
    hf_error e = hf_cert_parse(&cert, der, &fault);

    CHECK(e == fault.code && e == hf_cert_parse(&again, der, NULL));
    if (e == HF_OK) {
        check_spans(der, &cert);
        check_times(&cert);
        check_name(cert.subject, 1 + size % 80);
        check_name(cert.issuer, 256);
        check_sans(&cert);
        check_summary(der);
    } else {
        check_fault(der, &fault);
    }
    free(copy);
    return 0;
}
