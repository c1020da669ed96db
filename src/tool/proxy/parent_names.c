/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Each minute: do the names of backends lead where they led? Nothing else is read or judged for it, as that takes time with many sites. */
#include "tool/proxy/parent.h"

static void ask_there(uv_work_t *work)
{
    hf_parent *p = work->data;

    p->names_moved = hf_known_names_moved(&p->known);
}

static void was_asked(uv_work_t *work, int status)
{
    hf_parent *p = work->data;

    hf_known_names_free(&p->known);
    if (status == 0 && p->names_moved && p->stops == 0)
        hf_reload_ask(p, HF_RELOAD_TIME, NULL);
}

void hf_parent_ask_names(hf_parent *p)
{
    if (p->known.names || !hf_backend_names_any(p->now->config) ||
        !hf_known_names_take(&p->known, p->now))
        return;
    p->asking_names.data = p;
    if (uv_queue_work(&p->loop, &p->asking_names, ask_there, was_asked) != 0)
        hf_known_names_free(&p->known);
}
