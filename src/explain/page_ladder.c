/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The ladder: client left, server right, time running down. Each message is a <details>, so that it opens without a script.
 * Groups of all four kinds are there as rows, of which the style shows one kind.
 */
#include "explain/page.h"

#include <stdio.h>

typedef enum grouping { BY_RFC, BY_FOUR, BY_SIX, BY_NINE, GROUPINGS } grouping;

static const struct {
    const char *id, *words;
} groupings[GROUPINGS] = {
    { "rfc", "The RFC's parts" },
    { "four", "Four phases" },
    { "six", "Six steps" },
    { "nine", "Nine steps" },
};

/* Rows know it. Data has none, and comes after all of them. */
static unsigned number_in(const hf_story_step *step, grouping by)
{
    bool data = step->kind == HF_STEP_DATA && step->epoch >= HF_APP;

    if (!step->row)
        return !data ? 0 : by == BY_SIX ? 6 : by == BY_NINE ? 9 : 0;
    return by == BY_FOUR ? step->row->phase : by == BY_SIX ? step->row->six : step->row->nine;
}

/* NULL or "": it is of no group. */
static const char *name_in(const hf_story_step *step, grouping by)
{
    switch (by) {
    case BY_RFC: return hf_rfc_group(step);
    case BY_FOUR: return hf_phase_name(number_in(step, by));
    case BY_SIX: return hf_six_name(number_in(step, by));
    default: return hf_nine_name(number_in(step, by));
    }
}

static void put_group(hf_page *page, const hf_story_step *step, grouping by, const char *name)
{
    unsigned n = number_in(step, by);

    hf_page_html(page, "<li class=\"group by-%s\">", groupings[by].id);
    if (by != BY_RFC && n > 0)
        hf_page_html(page, "<b>%u</b> ", n);
    hf_page_html(page, "%s</li>\n", name);
}

/* A row for each kind whose group begins here. Moments at which keys change stand where they fall. */
static void put_groups(hf_page *page, const hf_story_step *step, const char *last[GROUPINGS])
{
    for (int by = 0; by < GROUPINGS; by++) {
        const char *name = step->kind == HF_STEP_KEYS ? NULL : name_in(step, (grouping)by);
        if (!name || !*name || (last[by] && strcmp(last[by], name) == 0))
            continue;
        put_group(page, step, (grouping)by, name);
        last[by] = name;
    }
}

void hf_page_tags(hf_page *page, const hf_story_step *step)
{
    for (int by = BY_FOUR; by < GROUPINGS; by++) {
        const char *name = name_in(step, (grouping)by);
        if (name && *name)
            hf_page_html(page, "<li><span class=\"k\">%s</span> %u · %s</li>", groupings[by].words,
                         number_in(step, (grouping)by), name);
    }
}

/* ---- time ---- */

enum { GAP_LEAST = 20, GAP_PART = 25 }; /* microseconds; of the whole time */

static void put_gap(hf_page *page, uint64_t from, uint64_t to)
{
    uint64_t gap = to > from ? to - from : 0;
    unsigned size = gap < 200 ? 1 : gap < 2000 ? 2 : gap < 20000 ? 3 : gap < 200000 ? 4 : 5;
    char time[HF_PAGE_SMALL];

    if (gap < GAP_LEAST || gap < page->story->us / GAP_PART)
        return;
    hf_page_html(page, "<li class=\"gap gap-%u\"><span>%s</span></li>\n", size,
                 hf_page_time(gap, time));
}

/* ---- marks on the lifelines ---- */

/* What that end came to know by this step. */
static uint8_t gained(const hf_story *story, size_t i, unsigned to)
{
    uint8_t before = i > 0 ? hf_step_proofs(story, i - 1, (hf_role)to) : 0;

    return hf_step_proofs(story, i, (hf_role)to) & (uint8_t)~before;
}

static void put_proofs(hf_page *page, size_t i)
{
    static const char *const words[] = {
        "whose key it is: the certificate leads to a CA that is trusted",
        "that the other end has the certificate's key",
        "that both ends saw the same handshake, unchanged"
    };

    for (unsigned to = 0; to < 2; to++) {
        uint8_t had = gained(page->story, i, to);
        bool own = page->story->tape->side == (to == HF_CLIENT ? HF_TAPE_CLIENT : HF_TAPE_SERVER);
        for (int k = 0; k < 3; k++)
            if (had >> k & 1)
                hf_page_html(page,
                             "<li class=\"moment proof %s\"><svg aria-hidden=\"true\"><use "
                             "href=\"#i-shield\"/></svg>"
                             "<span><b>the %s %s</b> %s</span></li>\n",
                             hf_page_side(to), hf_page_side(to), own ? "knows" : "can know",
                             words[k]);
    }
}

static void put_keys(hf_page *page, size_t i)
{
    const hf_story_step *step = &page->story->steps[i];
    char words[HF_WORDS_ROOM];

    hf_page_html(page,
                 "<li class=\"moment keys %s\" id=\"m%z\"><svg aria-hidden=\"true\"><use "
                 "href=\"#i-key\"/></svg><span>",
                 hf_page_side(step->writer), i);
    hf_page_html(page, "<b>new keys:</b> %s", hf_step_summary(page->story, i, words));
    for (int by = BY_FOUR; by < GROUPINGS; by++)
        if (number_in(step, (grouping)by))
            hf_page_html(page, "<span class=\"badge by-%s\"><b>%u</b> %s</span>", groupings[by].id,
                         number_in(step, (grouping)by), name_in(step, (grouping)by));
    hf_page_html(page, "</span></li>\n");
}

/* ---- messages ---- */

static size_t size_of(const hf_story_step *step)
{
    return step->wire_len > 0 && step->kind != HF_STEP_PRELUDE ? step->wire_len : step->bytes.len;
}

static void put_summary(hf_page *page, size_t i, bool first)
{
    const hf_story_step *step = &page->story->steps[i];
    char time[HF_PAGE_SMALL], size[HF_PAGE_SMALL], words[HF_WORDS_ROOM];

    hf_page_html(page, "<summary><span class=\"t\">%s",
                 hf_page_time(hf_story_us(page->story, step->us), time));
    if (first && step->number)
        hf_page_html(page, "<i>flight %u</i>", step->flight);
    hf_page_html(page,
                 "</span><span class=\"wire\"><span class=\"label\"><b>%s</b> <span "
                 "class=\"sr\">from the %s, %s</span>",
                 step->name, hf_page_side(step->writer),
                 step->encrypted ? "encrypted"
                 : step->bare    ? "in the clear, with a MAC"
                                 : "in the clear");
    if (step->encrypted)
        hf_page_html(page,
                     " <svg class=\"lock\" aria-hidden=\"true\"><use href=\"#i-lock\"/></svg>");
    hf_page_html(page, " <span class=\"meta\">%s", hf_page_size(size_of(step), size));
    if (step->n_records > 1)
        hf_page_html(page, " in %z records", step->n_records);
    hf_page_html(page,
                 "</span></span><span class=\"arrow\"></span><span "
                 "class=\"say\">%s</span></span></summary>\n",
                 hf_step_summary(page->story, i, words));
}

static void put_step(hf_page *page, size_t i, bool first)
{
    const hf_story_step *step = &page->story->steps[i];

    hf_page_html(page, "<li class=\"step %s%s%s%s\" id=\"m%z\"><details>",
                 hf_page_side(step->writer), step->encrypted ? " sealed" : "",
                 step->refused ? " refused" : "", first ? " first" : "", i);
    put_summary(page, i, first);
    hf_page_message(page, i);
    hf_page_html(page, "</details></li>\n");
}

static void put_left_out(hf_page *page, unsigned *n)
{
    if (*n > 0)
        hf_page_html(
            page,
            "<li class=\"gap gap-3 cut\"><span>%u steps are left out of this page</span></li>\n",
            *n);
    *n = 0;
}

static void put_connected(hf_page *page)
{
    bool verified = !page->story->unverified;

    hf_page_html(
        page, "<li class=\"reached %s\"><span>%s</span></li>\n", verified ? "good" : "open",
        verified ? "connected: both may send data" : "connected, but with whom is not verified");
}

static void put_steps(hf_page *page)
{
    const hf_story *story = page->story;
    const char *last[GROUPINGS] = { NULL };
    unsigned flight = 0, left_out = 0;
    uint64_t before = story->n > 0 ? story->steps[0].us : 0;

    for (size_t i = 0; i < story->n; i++) {
        const hf_story_step *step = &story->steps[i];
        if (!hf_page_shows(page, i)) {
            left_out++;
            continue;
        }
        put_left_out(page, &left_out);
        put_gap(page, before, step->us);
        put_groups(page, step, last);
        if (step->kind == HF_STEP_KEYS)
            put_keys(page, i);
        else
            put_step(page, i, step->flight != flight);
        put_proofs(page, i);
        if (i == page->facts.connected)
            put_connected(page);
        before = step->us_end > before ? step->us_end : before;
        if (step->kind != HF_STEP_KEYS)
            flight = step->flight;
    }
}

static bool says_goodbye(const hf_story *story, hf_role who)
{
    for (size_t i = 0; i < story->n; i++)
        if (story->steps[i].kind == HF_STEP_ALERT && story->steps[i].writer == who &&
            story->steps[i].bytes.len == 2 &&
            story->steps[i].bytes.data[1] == HF_ALERT_close_notify)
            return true;
    return false;
}

static const char *last_words(const hf_story *story)
{
    bool client = says_goodbye(story, HF_CLIENT), server = says_goodbye(story, HF_SERVER);

    if (story->failed)
        return "here it failed";
    if (client && server)
        return "closed: both have said that they will send no more";
    if (client || server)
        return client ? "closed by the client" : "closed by the server";
    return story->connected ? "no more was seen" : "no more is known";
}

static void put_end(hf_page *page)
{
    hf_page_html(page, "<li class=\"end %s\"><span>%s</span></li>\n",
                 page->story->failed ? "bad" : "open", last_words(page->story));
}

void hf_page_ladder(hf_page *page)
{
    hf_page_html(page, "<section id=\"ladder\" aria-labelledby=\"h-ladder\">\n<h2 "
                       "id=\"h-ladder\">The handshake, message by message</h2>\n"
                       "<p class=\"lead\">Time runs down. A thin arrow went in the clear, a thick "
                       "one was encrypted. "
                       "Open a message to see every byte of it.</p>\n<div class=\"tools\">"
                       "<fieldset class=\"choice by\"><legend>Group by</legend>");
    for (int by = 0; by < GROUPINGS; by++)
        hf_page_html(
            page,
            "<input type=\"radio\" name=\"by\" id=\"by-%s\"%s><label for=\"by-%s\">%s</label>",
            groupings[by].id, by == BY_RFC ? " checked" : "", groupings[by].id,
            groupings[by].words);
    hf_page_html(page,
                 "</fieldset><button type=\"button\" id=\"all\" hidden>Open all</button></div>\n"
                 "<div class=\"ends\" aria-hidden=\"true\"><b class=\"client\">client</b><b "
                 "class=\"server\">server</b></div>\n"
                 "<ol class=\"ladder\">\n");
    put_steps(page);
    put_end(page);
    hf_page_html(page, "</ol>\n</section>\n");
}
