/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Events on their way to the command. A box has those of one state: when the last of its commands is over, what they took is taken
 * out of the state. If the machine stops before, they are told twice; that is better than never.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "tool/audit/watch_state.h"
#include "tool/audit/watch_tell.h"
#include "tool/say.h"

enum { FACTS = 5, FACT_ROOM = HF_SHELL_FACT_MAX, TARGET = 0, EVENT = 1 };

struct hf_watch_post {
    hf_shell *shell;
    const char *command;
    bool stopping;
    size_t left; /* events whose commands were not over when it was stopped */
};

typedef struct box {
    hf_watch_post *post;
    json_t *pending; /* what no command has taken yet */
    size_t out;      /* letters */
    bool kept, taken;
    char what[HF_SHELL_FACT_MAX], path[HF_WATCH_PATH_MAX];
} box;

typedef struct letter {
    box *box;
    const json_t *event; /* an element of pending */
} letter;

/* ---- the command ---- */

static void say_failed(void *user, const char *why, const char *const *facts, size_t n)
{
    (void)user;
    if (n == FACTS)
        hf_warn("the command for %s of %s: %s", strchr(facts[EVENT], '=') + 1,
                strchr(facts[TARGET], '=') + 1, why);
}

static const char *member(const json_t *event, const char *name)
{
    const char *text = json_string_value(json_object_get(event, name));

    return text ? text : "";
}

static void run(const hf_watch_post *post, const json_t *event, const char *path,
                hf_shell_over *over, void *token)
{
    bool worse = json_is_true(json_object_get(event, "worse"));
    char facts[FACTS][FACT_ROOM];
    const char *list[FACTS];

    snprintf(facts[TARGET], FACT_ROOM, "HANDFAST_TARGET=%s", member(event, "target"));
    snprintf(facts[EVENT], FACT_ROOM, "HANDFAST_EVENT=%s", member(event, "event"));
    snprintf(facts[2], FACT_ROOM, "HANDFAST_TEXT=%s", member(event, "text"));
    snprintf(facts[3], FACT_ROOM, "HANDFAST_WORSE=%s", worse ? "yes" : "no");
    snprintf(facts[4], FACT_ROOM, "HANDFAST_JSON=%s", path);
    for (size_t i = 0; i < FACTS; i++)
        list[i] = facts[i];
    hf_shell_run_for(post->shell, post->command, list, FACTS, over, token);
}

/* ---- boxes ---- */

/* The state may have been looked at meanwhile by nobody: one watch has the folder. */
static void settle(box *b)
{
    json_t *state = b->kept && b->taken ? hf_watch_state_read(b->path, b->what) : NULL;

    if (state && (json_object_set(state, "pending", b->pending) != 0 ||
                  !hf_watch_state_write(b->path, state)))
        hf_warn("%s cannot be written (%s): what was told of %s now will be told again", b->path,
                strerror(errno), b->what);
    json_decref(state);
    json_decref(b->pending);
    hf_free(b);
}

static void release(box *b)
{
    if (--b->out == 0)
        settle(b);
}

static void take(box *b, const json_t *event)
{
    for (size_t i = 0; i < json_array_size(b->pending); i++)
        if (json_array_get(b->pending, i) == event) {
            json_array_remove(b->pending, i);
            break;
        }
    b->taken = true;
}

static void on_over(void *token, bool good)
{
    letter *l = token;
    box *b = l->box;

    if (good)
        take(b, l->event);
    else
        b->post->left += b->post->stopping;
    hf_free(l);
    release(b);
}

static void send_letter(box *b, const json_t *event)
{
    letter *l = hf_alloc(sizeof *l);

    if (!l)
        return; /* it stays */
    *l = (letter){ b, event };
    b->out++;
    run(b->post, event, b->path, on_over, l);
}

/* Commands that are over at once change what waits: the events are those of before. */
void hf_watch_post_send(hf_watch_post *post, const char *what, const char *path,
                        const json_t *state, bool kept)
{
    const json_t *pending = json_object_get(state, "pending");
    box *b = post->command && json_array_size(pending) > 0 ? hf_alloc(sizeof *b) : NULL;

    if (!b)
        return;
    b->post = post;
    b->kept = kept;
    b->pending = json_copy((json_t *)(uintptr_t)pending);
    snprintf(b->what, sizeof b->what, "%s", what);
    snprintf(b->path, sizeof b->path, "%s", path);
    b->out = 1; /* ours, so that it lives until all are sent */
    for (size_t i = 0; b->pending && i < json_array_size(pending); i++)
        send_letter(b, json_array_get(pending, i));
    release(b);
}

void hf_watch_post_loose(hf_watch_post *post, const json_t *events)
{
    for (size_t i = 0; post->command && i < json_array_size(events); i++)
        run(post, json_array_get(events, i), "", NULL, NULL);
}

/* ---- all ---- */

hf_watch_post *hf_watch_post_new(uv_loop_t *loop, const char *command)
{
    static const hf_shell_limits limits = { .at_once = HF_WATCH_COMMANDS,
                                            .waiting = HF_WATCH_COMMANDS_WAITING,
                                            .ms = HF_WATCH_COMMAND_MS,
                                            .talks = true,
                                            .ends = true };
    hf_watch_post *post = hf_alloc(sizeof *post);

    if (!post)
        return NULL;
    post->command = command;
    post->shell = hf_shell_new(loop, &limits, say_failed, NULL);
    if (post->shell)
        return post;
    hf_free(post);
    return NULL;
}

bool hf_watch_post_busy(const hf_watch_post *post)
{
    return hf_shell_busy(post->shell);
}

uint64_t hf_watch_post_failures(const hf_watch_post *post)
{
    return hf_shell_failures(post->shell);
}

void hf_watch_post_stop(hf_watch_post *post)
{
    post->stopping = true;
    hf_shell_stop(post->shell);
    if (post->left > 0)
        hf_note("handfast: %zu event%s not yet taken by the command %s: the next round tells %s\n",
                post->left, post->left == 1 ? "" : "s", post->left == 1 ? "waits" : "wait",
                post->left == 1 ? "it" : "them");
    hf_free(post);
}
