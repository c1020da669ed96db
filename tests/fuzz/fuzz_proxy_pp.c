/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The PROXY protocol. The first byte says where the bytes are cut. A part is judged as the whole is, or not yet; what was read, written
 * again in either version with facts of the input, is read as the same; no header that is short of room is half written.
 */
#include "fuzz/fuzz.h"
#include "tool/proxy/pp.h"

static int read_pp(hf_span bytes, hf_pp *pp, const char **why)
{
    uint8_t *copy = tight_copy(bytes);
    int n = hf_pp_read(hf_span_of(copy, bytes.len), pp, why);

    free(copy);
    CHECK((n < 0) == (*why != NULL) && (n <= 0 || (size_t)n <= bytes.len) && n <= HF_PP_MAX);
    CHECK(n > 0 ? pp->version == 1 || pp->version == 2 : pp->version == 0);
    return n;
}

static void check_part(hf_span bytes, size_t cut, int n, const char *why)
{
    hf_pp pp;
    const char *part_why;
    int part = read_pp(hf_span_of(bytes.data, cut), &pp, &part_why);

    if (part != 0)
        CHECK(part == n && part_why == why);
    else
        CHECK(n <= 0 || cut < (size_t)n);
}

static void check_same(const hf_pp *a, const hf_pp *b)
{
    CHECK(a->local == b->local);
    if (a->local)
        return;
    CHECK(a->ipv6 == b->ipv6 && a->source_port == b->source_port &&
          a->destination_port == b->destination_port);
    CHECK(memcmp(a->source, b->source, sizeof a->source) == 0);
    CHECK(memcmp(a->destination, b->destination, sizeof a->destination) == 0);
}

static void check_written(const hf_pp *pp, const hf_pp_facts *facts)
{
    uint8_t out[HF_PP_MAX];
    hf_pp again;
    const char *why;
    size_t n = hf_pp_write(pp, facts, out, sizeof out);

    CHECK(n > 0);
    CHECK(read_pp(hf_span_of(out, n), &again, &why) == (int)n && again.version == pp->version);
    check_same(pp, &again);
    CHECK(hf_pp_write(pp, facts, out, n - 1) == 0 && hf_pp_write(pp, facts, out, n) == n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = { data, size };
    uint8_t cut = input_u8(&in);
    hf_span bytes = { in.p, in.left };
    hf_pp pp;
    const char *why;
    int n = read_pp(bytes, &pp, &why);

    check_part(bytes, bytes.len * cut / 256, n, why);
    if (n <= 0)
        return 0;
    char text[64] = { 0 };
    hf_span rest = { bytes.data + n, bytes.len - (size_t)n };
    if (rest.len > 0)
        memcpy(text, rest.data, rest.len < 63 ? rest.len : 63);
    hf_pp_facts facts = { .alpn = text, .cn = text, .tls = cut & 1, .certificate = cut & 2 };
    for (pp.version = 1; pp.version <= 2; pp.version++)
        check_written(&pp, &facts);
    return 0;
}
