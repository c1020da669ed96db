/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What somebody who was on the line and had no key saw of one thing: whether it was there, whether he could read it, and what of it
 * there is to say. The page shows them as a table (page_eavesdropper.c) and in short (page_eavesdropper_fact.c).
 */
#ifndef HF_EXPLAIN_PAGE_SIGHTS_H
#define HF_EXPLAIN_PAGE_SIGHTS_H

#include "explain/page.h"
#include "explain/words.h"

typedef enum hf_sight { HF_ABSENT, HF_READABLE, HF_HIDDEN } hf_sight;

typedef struct hf_view {
    hf_page *page;
    hf_known k;
    bool tls13;
    bool unciphered; /* the suite does not encrypt */
} hf_view;

hf_view hf_view_of(hf_page *page);

/* All of the following add to what, which is empty; what they added is of use unless they say HF_ABSENT. */
typedef hf_sight hf_look(const hf_view *v, hf_phrase *what);

/* page_sights_line.c: what the traffic tells by itself */
hf_look hf_sight_addresses, hf_sight_prelude, hf_sight_types, hf_sight_alert, hf_sight_sizes;
/* page_sights_hello.c: what the hellos gave away */
hf_look hf_sight_host_name, hf_sight_protocols, hf_sight_versions, hf_sight_suites, hf_sight_groups,
    hf_sight_old_ticket, hf_sight_choice, hf_sight_protocol;
/* page_sights_secret.c: what is worth a secret: who they are, their keys, and what these protect */
hf_look hf_sight_servers_papers, hf_sight_clients_papers, hf_sight_secrets, hf_sight_new_ticket,
    hf_sight_data, hf_sight_later;
/* The same of anything that went under keys. */
hf_sight hf_sight_under_keys(const hf_view *v);

#endif
