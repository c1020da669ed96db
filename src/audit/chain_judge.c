/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Every chain that was seen is judged once, when all that shows chains is over. */
#include "audit/chain_judge.h"

void hf_chain_judge(hf_seen *seen, hf_seen_chain *chain, const hf_audit_setup *setup)
{
    hf_chain_shape *shape;

    if (chain->judged)
        return;
    shape = hf_arena_alloc(&seen->arena, sizeof *shape);
    if (!shape)
        return;
    hf_chain_shape_of(shape, chain, setup->trust);
    hf_chain_tell_shape(chain, shape);
    hf_chain_tell_marks(chain, shape);
    hf_chain_tell_faults(chain, shape, setup);
    if (chain->verdict == HF_OK) { /* somebody was found, whatever key identifiers say */
        chain->missing_intermediate = false;
        chain->missing_issuer[0] = '\0';
    }
    chain->n_scts_certificate = hf_scts_of_certificate(chain->der[0]);
    chain->n_scts_staple = hf_scts_of_staple(chain->staple);
    hf_chain_tell_staple(chain, shape, setup);
    chain->status_good |= chain->staple.len > 0 && chain->staple_good == HF_PRESENT;
    chain->judged = chain->verdict != HF_E_NO_MEMORY && chain->verdict != HF_E_CRYPTO;
}

/* ---- what holds for the server as a whole ---- */

static size_t scts_of(const hf_seen_chain *c)
{
    return c->n_scts_certificate + c->n_scts_staple + c->n_scts_handshake;
}

/* The chain that has fewest speaks for the server: each client sees one of them. */
static void tell_scts(hf_seen *seen)
{
    const hf_seen_chain *least = &seen->chains[0];

    for (size_t i = 1; i < seen->n_chains; i++)
        if (scts_of(&seen->chains[i]) < scts_of(least))
            least = &seen->chains[i];
    size_t n = scts_of(least);
    hf_seen_trait(seen, HF_TRAIT_scts, n > 0 ? HF_PRESENT : HF_ABSENT, least->evidence,
                  "%zu in the certificate, %zu in the staple, %zu in the handshake",
                  least->n_scts_certificate, least->n_scts_staple, least->n_scts_handshake);
    seen->traits[HF_TRAIT_scts].number = (uint32_t)n;
}

static void tell_staples(hf_seen *seen)
{
    const hf_seen_chain *bare = NULL, *stapled = NULL;

    for (size_t i = 0; i < seen->n_chains; i++)
        if (seen->chains[i].staple.len > 0)
            stapled = &seen->chains[i];
        else
            bare = &seen->chains[i];
    if (!stapled)
        hf_seen_trait(seen, HF_TRAIT_staple, HF_ABSENT, bare->evidence, "%s", "");
    else
        hf_seen_trait(seen, HF_TRAIT_staple, HF_PRESENT, stapled->evidence, "%s",
                      bare ? "with some of its certificates" : stapled->staple_words);
}

static void tell_unseen(hf_seen *seen)
{
    static const char why[] = "no certificate was seen";

    hf_seen_trait(seen, HF_TRAIT_scts, HF_UNKNOWN, 0, why);
    hf_seen_trait(seen, HF_TRAIT_staple, HF_UNKNOWN, 0, why);
}

/* Asks nothing: it looks at what the others brought. */
static bool next(hf_inquiry *q, hf_ask *ask)
{
    (void)ask;
    if (q->seen->n_chains == 0) {
        tell_unseen(q->seen);
        return false;
    }
    for (size_t i = 0; i < q->seen->n_chains; i++)
        hf_chain_judge(q->seen, &q->seen->chains[i], q->setup);
    tell_scts(q->seen);
    tell_staples(q->seen);
    return false;
}

static void got(hf_inquiry *q, const hf_reply *reply)
{
    (void)q;
    (void)reply;
}

const hf_inquiry_row hf_inquiry_chain_judge = {
    .name = "chain_judge",
    .title = "Certificate chains judged",
    .phase = HF_PHASE_THOUGHTS,
    .state_size = 1,
    .next = next,
    .got = got,
};
