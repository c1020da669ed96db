/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Why records stay closed, in words: what the suite and the version say, and what was noted when the capture was read. */
#include "explain/words.h"

static bool is_ours(uint16_t version, uint16_t suite)
{
    const hf_suite *row = hf_suite_of(suite);

    return row && row->version == version;
}

/* `who`: a note about that end alone; NULL: about either. */
static bool is_noted(const hf_tape *tape, const char *what, const char *who)
{
    for (size_t i = 0; i < tape->n_notes; i++)
        if (strstr(tape->notes[i], what) && (!who || strstr(tape->notes[i], who)))
            return true;
    return false;
}

static const char *noted_reason(const hf_tape *tape, const char *who)
{
    if (is_noted(tape, HF_NOTE_NO_KEYLOG, NULL))
        return "there is no key log for this connection";
    if (is_noted(tape, HF_NOTE_NO_SECRET, who))
        return "the key log lacks the secret for it";
    if (is_noted(tape, HF_NOTE_BAD_SECRET, who))
        return "the secret in the key log does not fit";
    return NULL;
}

bool hf_phrase_closed(hf_phrase *p, const hf_story *story, const hf_closed *what,
                      const char *before)
{
    bool settled = what->version != 0, old = settled && what->version < HF_TLS12;
    const char *reason;

    if (settled && !is_ours(what->version, what->suite)) {
        hf_phrase_add(p, "%shandfast opens no records of ", before);
        hf_phrase_name(p, old ? HF_NAMES_VERSIONS : HF_NAMES_SUITES,
                       old ? what->version : what->suite);
        return true;
    }
    reason = noted_reason(story->tape, what->who);
    if (reason)
        hf_phrase_add(p, "%s%s", before, reason);
    return reason != NULL;
}
