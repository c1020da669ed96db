/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Chains. The input chooses what is trusted and asked for, and lists certificates: its own bytes, or
 * rows of the table in pki.h, as they are or edited. The search ends; a chain that is accepted is one
 * that the table allows, of certificates that are byte for byte ours; one that is plainly good is
 * accepted whatever stands around it, unless the budget went first.
 */
#include "fuzz/fuzz.h"
#include "fuzz/pki.h"

enum { CHAIN_ROOM = HF_CHAIN_MAX + 2, EDITS_MAX = 4 };

static const fuzz_cert anchors[] = { FUZZ_ROOT, FUZZ_INTERMEDIATE, FUZZ_OTHER_ROOT, FUZZ_LOOP_A,
                                     FUZZ_LEAF };
enum { N_ANCHORS = sizeof anchors / sizeof *anchors };

/* ---- the question ---- */

typedef struct question {
    hf_path_query query;
    uint8_t *bytes[CHAIN_ROOM];
    hf_span chain[CHAIN_ROOM];
    unsigned trusted; /* bits of anchors[] */
    bool good;        /* the leaf first, its issuer somewhere, the root trusted */
} question;

static hf_span edited(input *in, hf_span der, uint8_t **copy)
{
    size_t n = input_u8(in) % EDITS_MAX;

    *copy = tight_copy(der);
    for (size_t i = 0; i < n; i++) {
        size_t at = input_u16(in) % der.len;
        (*copy)[at] ^= input_u8(in);
    }
    return hf_span_of(*copy, der.len);
}

static void read_cert(input *in, question *q)
{
    size_t i = q->query.n_chain++;
    uint8_t which = input_u8(in);

    if (which < FUZZ_CERTS) {
        q->chain[i] = edited(in, fuzz_cert_der((fuzz_cert)which), &q->bytes[i]);
        return;
    }
    hf_span own = input_take(in, input_u16(in));
    q->bytes[i] = tight_copy(own);
    q->chain[i] = hf_span_of(q->bytes[i], own.len);
}

static void read_question(input *in, question *q)
{
    static const char *const names[] = { "localhost", "a.wild.test", "127.0.0.1",
                                         "elsewhere.test" };
    uint8_t trusted = input_u8(in), how = input_u8(in);
    bool found = false;

    *q = (question){ .trusted = trusted % (1u << N_ANCHORS) };
    q->query = test_pki_query(fuzz_pki());
    q->query.chain = q->chain;
    q->query.n_chain = 0;
    q->query.name = names[how % 4];
    q->query.purpose = how & 0x80 ? HF_EKU_CLIENT_AUTH : HF_EKU_SERVER_AUTH;
    while (q->query.n_chain < CHAIN_ROOM && in->left > 0)
        read_cert(in, q);
    for (size_t i = 1; i < q->query.n_chain; i++)
        found = found || hf_span_equal(q->chain[i], fuzz_cert_der(FUZZ_INTERMEDIATE));
    q->good = found && (q->trusted & 1) && how % 4 != 3 && !(how & 0x80) &&
              hf_span_equal(q->chain[0], fuzz_cert_der(FUZZ_LEAF));
}

static hf_trust *read_trust(unsigned trusted)
{
    hf_trust *trust = hf_trust_new();

    CHECK(trust);
    for (unsigned i = 0; i < N_ANCHORS; i++)
        if (trusted >> i & 1)
            CHECK(hf_trust_add_der(trust, fuzz_cert_der(anchors[i])) == HF_OK);
    return trust;
}

/* ---- the answer ---- */

static fuzz_cert row_of(hf_span der)
{
    int row = 0;

    while (row < FUZZ_CERTS && !hf_span_equal(der, fuzz_cert_der((fuzz_cert)row)))
        row++;
    CHECK(row < FUZZ_CERTS);
    return (fuzz_cert)row;
}

static bool is_trusted(unsigned trusted, fuzz_cert row)
{
    for (unsigned i = 0; i < N_ANCHORS; i++)
        if ((trusted >> i & 1) && anchors[i] == row)
            return true;
    return false;
}

/* `below` intermediates stand between the leaf and this issuer. */
static void check_issued(const fuzz_cert_row *child, const fuzz_cert_row *issuer, int below)
{
    const fuzz_cert_row *by = &fuzz_cert_rows[child->issuer];

    CHECK(strcmp(by->subject, issuer->subject) == 0 && by->key == issuer->key);
    CHECK(issuer->ca && issuer->days > 0 && (issuer->path_len < 0 || below <= issuer->path_len));
}

static void check_accepted(const question *q, const hf_path_result *r)
{
    const fuzz_cert_row *leaf = &fuzz_cert_rows[row_of(r->path[0])];
    int below = 0;

    CHECK(r->depth >= 1 && r->depth <= HF_PATH_MAX);
    CHECK(hf_span_equal(r->path[0], q->chain[0]) &&
          is_trusted(q->trusted, row_of(r->path[r->depth - 1])));
    CHECK(leaf->days > 0 && (!leaf->eku || (leaf->eku & q->query.purpose)));
    CHECK(!leaf->ca && strcmp(q->query.name, "elsewhere.test") != 0);
    for (size_t i = 0; i + 1 < r->depth; i++) {
        const fuzz_cert_row *child = &fuzz_cert_rows[row_of(r->path[i])];
        const fuzz_cert_row *issuer = &fuzz_cert_rows[row_of(r->path[i + 1])];
        check_issued(child, issuer, below);
        below += strcmp(issuer->subject, fuzz_cert_rows[issuer->issuer].subject) != 0;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = { data, size };
    question q;
    hf_path_result result;

    read_question(&in, &q);
    hf_trust *trust = read_trust(q.trusted);
    q.query.trust = trust;
    hf_error e = hf_path_verify(&q.query, &result);
    CHECK(result.at <= q.query.n_chain);
    check_text(result.detail, sizeof result.detail);
    if (e == HF_OK)
        check_accepted(&q, &result);
    CHECK(!q.good || e == HF_OK || e == HF_E_CERT_BUDGET);
    for (size_t i = 0; i < q.query.n_chain; i++)
        free(q.bytes[i]);
    hf_trust_free(trust);
    return 0;
}
