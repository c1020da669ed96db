/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the traffic told who listened, by itself: who speaks, how much and when, and what kind of thing it is. */
#include "explain/page_sights.h"

hf_sight hf_sight_addresses(const hf_view *v, hf_phrase *what)
{
    const hf_tape *tape = v->page->story->tape;

    if (*tape->client && *tape->server)
        hf_phrase_add(what, "%s and %s", tape->client, tape->server);
    else
        hf_phrase_add(what, "of the client and of the server");
    return HF_READABLE;
}

hf_sight hf_sight_prelude(const hf_view *v, hf_phrase *what)
{
    hf_phrase_add(what, "all of it");
    return v->k.prelude ? HF_READABLE : HF_ABSENT;
}

hf_sight hf_sight_types(const hf_view *v, hf_phrase *what)
{
    if (!v->k.encrypted)
        return HF_ABSENT;
    hf_phrase_add(what, v->tls13
                            ? "all of them look like application data"
                            : "what is handshake, what is alert, what is data: not what it says");
    return v->tls13 ? HF_HIDDEN : HF_READABLE;
}

/* Of the last alert that says more than that somebody has finished. */
hf_sight hf_sight_alert(const hf_view *v, hf_phrase *what)
{
    const hf_story *story = v->page->story;
    const hf_story_step *found = NULL;

    for (size_t i = 0; i < story->n; i++)
        if (story->steps[i].kind == HF_STEP_ALERT && story->steps[i].bytes.len == 2 &&
            story->steps[i].bytes.data[1] != HF_ALERT_close_notify)
            found = &story->steps[i];
    if (!found)
        return HF_ABSENT;
    if (found->encrypted && !v->unciphered) {
        hf_phrase_add(what, "the %s's alert was encrypted", hf_end_name(found->writer));
        return HF_HIDDEN;
    }
    hf_phrase_name(what, HF_NAMES_ALERTS, found->bytes.data[1]);
    hf_phrase_add(what, ", sent by the %s", hf_end_name(found->writer));
    return HF_READABLE;
}

hf_sight hf_sight_sizes(const hf_view *v, hf_phrase *what)
{
    const hf_tape *tape = v->page->story->tape;
    char size[HF_PAGE_SMALL], time[HF_PAGE_SMALL];
    size_t bytes = 0;
    uint64_t n = 0;

    for (size_t i = 0; i < tape->n; i++)
        if (tape->events[i].kind == HF_TAPE_RECORD) {
            n++;
            bytes += tape->events[i].wire_len;
        }
    hf_phrase_count(what, n, "record");
    hf_phrase_add(what, " of %s", hf_page_size(bytes, size));
    if (v->page->story->us > 0)
        hf_phrase_add(what, " within %s", hf_page_time(v->page->story->us, time));
    return n > 0 ? HF_READABLE : HF_ABSENT;
}
