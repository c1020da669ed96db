/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* How a handshake ended, in a sentence or three: connected with what, or failed where, by whose fault, and what to do. */
#include "explain/words.h"

static void say_blame(hf_phrase *p, const hf_failure *f)
{
    static const char *const words[] = { "It is the peer's fault", "It is a fault of this side",
                                         "It is the network's fault",
                                         "It is the configuration's fault" };

    if (f->blame < HF_BLAME_POLICY)
        hf_phrase_add(p, ". %s", words[f->blame]);
    else
        hf_phrase_add(p, ". It is the policy of the %s that says no", hf_end_name(f->side));
}

/* `unverified`: the other end's name, if nobody knows who it is. */
static void say_agreed(hf_phrase *p, const hf_known *k, const char *unverified)
{
    hf_phrase_add(p, "connected");
    if (unverified)
        hf_phrase_add(p, ", but the %s is NOT verified", unverified);
    if (!k->version)
        return;
    hf_phrase_add(p, ": ");
    hf_phrase_name(p, HF_NAMES_VERSIONS, k->version);
    hf_phrase_add(p, ", ");
    hf_phrase_name(p, HF_NAMES_SUITES, k->suite);
    if (k->group) {
        hf_phrase_add(p, ", ");
        hf_phrase_name(p, HF_NAMES_GROUPS, k->group);
    }
    if (k->bare)
        hf_phrase_add(p, "; authenticated, but NOT encrypted");
    if (k->resumed)
        hf_phrase_add(p, "; a session from before was resumed");
    else if (k->psk)
        hf_phrase_add(p, "; by a key that both had from before");
    if (k->early_refused)
        hf_phrase_add(p, "; early data was refused");
}

/* field, byte and rule, as far as they are known */
static void say_place(hf_phrase *p, const hf_failure *f)
{
    const char *place = *f->field ? f->field : f->message;

    if (place && *place)
        hf_phrase_add(p, ", in %s", place);
    else if (f->step && *f->step && strcmp(f->step, "connected") != 0)
        hf_phrase_add(p, ", while waiting for %s", f->step);
    if (place && *place && f->offset >= 0)
        hf_phrase_add(p, ", byte %lld", (long long)f->offset);
    if (*f->rule && strcmp(f->rule, hf_error_row_of(f->code)->sentence) != 0)
        hf_phrase_add(p, ": %s", f->rule);
    if (*f->expected)
        hf_phrase_add(p, "; expected %s", f->expected);
    if (*f->offered)
        hf_phrase_add(p, "; offered %s", f->offered);
}

static void say_failure(hf_phrase *p, const hf_failure *f)
{
    const hf_error_row *row = hf_error_row_of(f->code);
    bool told =
        f->alert_direction == HF_ALERT_RECEIVED; /* whose fault it was, only the peer knows */

    hf_phrase_add(p, "failed: %s", row->sentence);
    if (!told)
        say_place(p, f);
    else if (*f->rule)
        hf_phrase_add(p, ": %s", f->rule);
    if (!told)
        say_blame(p, f);
    if (f->alert_direction == HF_ALERT_SENT)
        hf_phrase_add(p, "; it was told by the alert %s", hf_alert_name(f->alert));
    hf_phrase_add(p, ". ");
    if (*row->hint)
        hf_phrase_add(p, "Hint: %s.", row->hint);
}

/* Of a capture, or of a tape whose own end had connected: all that is known is the alert. */
static void say_ended(hf_phrase *p, const hf_story *story)
{
    const hf_story_step *alert = &story->steps[story->ended_by];
    const hf_facts both = HF_F_CLIENT_DONE | HF_F_SERVER_DONE;
    hf_role peer = hf_other(alert->writer);
    const hf_story_step *refused = &story->steps[story->refuses[alert->writer]];

    hf_phrase_add(p, "failed: the %s sent the alert ", hf_end_name(alert->writer));
    hf_phrase_name(p, HF_NAMES_ALERTS, alert->bytes.data[1]);
    if ((story->end.facts & both) == both)
        hf_phrase_add(p, " after both Finished");
    if (refused->msg == HF_MSG_Certificate && refused->writer == peer)
        hf_phrase_add(p, ": it did not accept the %s's certificate", hf_end_name(peer));
    else
        hf_phrase_add(p, ", which ended the connection");
}

static void say_unfinished(hf_phrase *p, const hf_story *story, const hf_known *k)
{
    if (story->n == 0) {
        hf_phrase_add(p, "nothing was sent");
    } else if (k->sealed[HF_CLIENT] && k->sealed[HF_SERVER]) {
        const hf_closed what = { story->end.version, story->end.cipher_suite, NULL };
        hf_phrase_add(p, "not known: the end of the handshake is %s, and cannot be %s here",
                      k->encrypted ? "encrypted" : "not encrypted",
                      k->encrypted ? "opened" : "read all the same");
        hf_phrase_closed(p, story, &what, ", as ");
    } else {
        const hf_story_step *last = &story->steps[story->n - 1];
        hf_phrase_add(p, "not finished: the last thing that is here is %s of the %s",
                      last->name ? last->name : "a piece", hf_end_name(last->writer));
    }
}

char *hf_story_outcome(const hf_story *story, char text[HF_WORDS_ROOM])
{
    hf_phrase p = hf_phrase_start(text);
    hf_known known;

    hf_known_at(story, story->n, &known);
    if (story->tape && story->tape->failed)
        say_failure(&p, &story->tape->failure);
    else if (story->failed)
        say_ended(&p, story);
    else if (story->connected)
        say_agreed(&p, &known,
                   !story->unverified                    ? NULL
                   : story->tape->side == HF_TAPE_SERVER ? hf_end_name(HF_CLIENT)
                                                         : hf_end_name(HF_SERVER));
    else
        say_unfinished(&p, story, &known);
    return text;
}
