/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A model server `m`, and what is `seen` of it: what each test of inquiries begins with. */
#ifndef AUDIT_MODEL_SUPPORT_H
#define AUDIT_MODEL_SUPPORT_H

#include "tests/support/audit_model.h"

static hf_seen *seen;
static audit_model m;

static int set_up(void **state)
{
    (void)state;
    m = audit_model_usual();
    seen = hf_seen_new();
    return seen ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    hf_seen_free(seen);
    return 0;
}

/* All inquiries, afresh. */
static inline void see(void)
{
    hf_seen_free(seen);
    seen = hf_seen_new();
    m.connections = m.engine_asks = 0;
    audit_model_all(&m, seen);
}

#endif
