/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A server that was never there, seen and judged: something in every field of hf_seen, and two small books of rules with findings of
 * every severity and rules of every verdict. With a text of its own in each field that a peer has a say in.
 */
#ifndef TESTS_SUPPORT_AUDIT_SCENE_H
#define TESTS_SUPPORT_AUDIT_SCENE_H

#include "audit/report.h"

/* foreign: what the peer says everywhere; NULL: what a server says. The audit is to be given back with audit_scene_free. */
hf_audit *audit_scene_new(const char *foreign);
/* The same server, mended: TLS 1.0 and what it broke are gone, a suite is new. */
hf_audit *audit_scene_mended(void);
/* Nobody was there. */
hf_audit *audit_scene_unreached(const char *trouble);
void audit_scene_free(hf_audit *audit);

#endif
