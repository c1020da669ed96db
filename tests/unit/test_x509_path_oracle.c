/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Is a path found wherever there is one, and none where there is none? Hundreds of small random PKIs,
 * the same in every run, in which a search that knows how they were made looks through everything.
 */
#include "path_support.h"

enum { PKIS = 300, NAMES = 4, KEYS = 2, NODES = NAMES * KEYS, CERTS = 12, ANCHORS = 2 };

/* A certificate as it was meant. A node is a name with one of its keys. */
typedef struct row {
    unsigned subject, issuer;
    bool ca, expired, for_clients;
    int path_len;
} row;

static const char *const names[NAMES] = { "A", "B", "C", "D" };
static test_cert *nodes[NODES]; /* self-signed: who signs as that node */
static row rows[CERTS], anchors[ANCHORS];

static uint32_t draw(uint32_t below)
{
    static uint32_t state = 20261121;

    state = state * 1664525u + 1013904223u;
    return (state >> 16) % below;
}

static unsigned name_of(unsigned node)
{
    return node / KEYS;
}

/* ---- the oracle ---- */

static bool may_sign(const row *r, int below)
{
    return r->ca && !r->expired && !r->for_clients && (r->path_len < 0 || below <= r->path_len);
}

/* From rows[at] to an anchor, with `below` CAs that are not self-issued beneath; `used` as bits. */
static bool leads_up(unsigned at, unsigned used, int below)
{
    for (unsigned i = 0; i < ANCHORS; i++)
        if (anchors[i].subject == rows[at].issuer && may_sign(&anchors[i], below))
            return true;
    for (unsigned i = 1; i < CERTS; i++) {
        const row *r = &rows[i];
        bool self_issued = name_of(r->subject) == name_of(r->issuer);
        if (!(used >> i & 1) && r->subject == rows[at].issuer && may_sign(r, below) &&
            leads_up(i, used | 1u << i, below + !self_issued))
            return true;
    }
    return false;
}

/* ---- making one ---- */

static row draw_row(void)
{
    return (row){ .subject = draw(NODES),
                  .issuer = draw(NODES),
                  .ca = draw(8) != 0,
                  .expired = draw(6) == 0,
                  .for_clients = draw(8) == 0,
                  .path_len = draw(3) == 0 ? (int)draw(3) : -1 };
}

static test_cert *make_row(const row *r, const test_cert *issuer)
{
    test_cert_options options = { .common_name = names[name_of(r->subject)],
                                  .key_slot = 5 + r->subject,
                                  .ca = r->ca,
                                  .eku = r->for_clients ? HF_EKU_CLIENT_AUTH : 0,
                                  .path_len_given = r->ca && r->path_len >= 0,
                                  .path_len = r->path_len,
                                  .not_after = r->expired ? TEST_NOW - 1 : 0 };

    return make(options, issuer);
}

static hf_trust *make_trust(void)
{
    hf_trust *trust = hf_trust_new();

    for (size_t i = 0; i < ANCHORS; i++) {
        anchors[i] = draw_row();
        anchors[i].issuer = anchors[i].subject;
        assert_error(hf_trust_add_der(trust, test_cert_der(make_row(&anchors[i], NULL))), HF_OK);
    }
    return trust;
}

static void make_chain(hf_span chain[CERTS])
{
    for (size_t i = 0; i < CERTS; i++) {
        rows[i] = draw_row();
        const test_cert *issuer = nodes[rows[i].issuer];
        chain[i] = test_cert_der(i == 0 ? make(LEAF(0), issuer) : make_row(&rows[i], issuer));
    }
}

/* ---- both answers ---- */

static void test_as_the_oracle_says(void **state)
{
    hf_path_query query = test_pki_query(pki);
    hf_span chain[CERTS];
    size_t good = 0, n_nodes;

    (void)state;
    for (unsigned i = 0; i < NODES; i++)
        nodes[i] = make_row(&(row){ .subject = i, .ca = true, .path_len = -1 }, NULL);
    n_nodes = n_made;
    query.chain = chain;
    query.n_chain = CERTS;
    for (size_t i = 0; i < PKIS; i++) {
        hf_trust *trust = make_trust();
        make_chain(chain);
        query.trust = trust;
        bool exists = leads_up(0, 1, 0);
        hf_error e = hf_path_verify(&query, &result);
        if ((e == HF_OK) != exists)
            fail_msg("PKI %zu: %s, and there is %s path", i, hf_error_row_of(e)->name,
                     exists ? "a" : "no");
        assert_int_not_equal(e, HF_E_CERT_BUDGET);
        good += exists;
        hf_trust_free(trust);
        while (n_made > n_nodes)
            test_cert_free(made[--n_made]);
    }
    print_message("%zu of %d have a path\n", good, PKIS);
    assert_in_range(good, PKIS / 5, PKIS - PKIS / 5); /* neither answer is the easy one */
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test_teardown(test_as_the_oracle_says,
                                                                  forget) };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
