/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the head of the page and its drawing of the keys say, read out of the messages. */
#include "explain/page.h"

#include "explain/words.h"

/* Two bytes at a leaf whose path ends so; 0: there is none. */
static uint16_t code_at(const hf_story_step *step, const char *path_end)
{
    hf_tree tree;
    uint16_t code = 0;

    if (hf_story_tree(step, &tree) != HF_OK)
        return 0;
    size_t node = hf_tree_find(&tree, 0, path_end);
    if (node < tree.n)
        code = (uint16_t)tree.nodes[node].value;
    hf_tree_free(&tree);
    return code;
}

static bool signs(const hf_story_step *step)
{
    return step->kind == HF_STEP_MESSAGE && step->writer == HF_SERVER &&
           (step->msg == HF_MSG_CertificateVerify || step->msg == HF_MSG_ServerKeyExchange);
}

/* In TLS 1.3 a HelloRetryRequest comes before the ServerHello that repeats it. */
static bool settles_group(const hf_page *page, const hf_story_step *step)
{
    if (page->facts.tls13)
        return step->msg == HF_MSG_HelloRetryRequest || step->msg == HF_MSG_ServerHello;
    return step->msg == HF_MSG_ServerKeyExchange;
}

/* The first Finished of each end, whichever is later, if that was the end of the handshake. */
static size_t find_connected(const hf_story *story)
{
    bool seen[2] = { false, false };

    for (size_t i = 0; i < story->n && (story->connected || story->tape->connected); i++) {
        const hf_story_step *step = &story->steps[i];
        if (step->kind == HF_STEP_MESSAGE && step->msg == HF_MSG_Finished && !step->refused)
            seen[step->writer] = true;
        if (seen[HF_CLIENT] && seen[HF_SERVER])
            return i;
    }
    return story->n;
}

static void find_steps(hf_page *page)
{
    const hf_story *story = page->story;
    hf_page_facts *f = &page->facts;

    for (size_t i = story->n; i-- > 0;) {
        const hf_story_step *step = &story->steps[i];
        uint16_t scheme = signs(step) ? code_at(step, "algorithm") : 0;
        if (scheme) {
            f->scheme = scheme;
            f->signed_by = i;
        }
        f->sealed = f->sealed || (step->kind == HF_STEP_SEALED && !step->refused);
        if (step->encrypted)
            f->first_encrypted = i;
        if (step->kind == HF_STEP_MESSAGE && step->msg == HF_MSG_ServerHello)
            f->chosen_by = i;
        if (step->kind == HF_STEP_MESSAGE && settles_group(page, step))
            f->group_by = i;
        if (step->kind == HF_STEP_MESSAGE && step->msg == HF_MSG_ClientHello)
            f->hello = i;
    }
}

/* TLS 1.2 answers ALPN in ServerHello, TLS 1.3 in EncryptedExtensions. */
static hf_span chosen_alpn(const hf_story *story, const hf_known *known)
{
    hf_span list = known->answer_read ? known->answer.ext.alpn : (hf_span){ NULL, 0 };
    hf_span name = { NULL, 0 };

    for (size_t i = 0; i < story->n && list.len == 0; i++) {
        const hf_story_step *step = &story->steps[i];
        hf_fault fault = { 0 };
        hf_encrypted_extensions ee;
        if (step->kind != HF_STEP_MESSAGE || step->msg != HF_MSG_EncryptedExtensions)
            continue;
        hf_reader r = hf_body_reader(step, &fault);
        hf_encrypted_extensions_read(&r, &step->wire, &ee);
        if (fault.code == HF_OK)
            list = ee.ext.alpn;
    }
    if (list.len > 0)
        hf_name_next(&list, &name);
    return name;
}

void hf_page_find_facts(hf_page *page)
{
    const hf_story *story = page->story;
    hf_page_facts *f = &page->facts;
    hf_known known = { 0 };

    f->hello = f->chosen_by = f->group_by = f->signed_by = f->first_encrypted = story->n;
    f->connected = find_connected(story);
    f->tls13 = story->end.version == HF_TLS13;
    if (story->n == 0)
        return;
    find_steps(page);
    hf_known_at(story, story->n - 1, &known);
    f->reached = known.answer_read;
    f->cert_asked = known.cert_asked;
    f->ems = known.answer_read && known.answer.ext.present & HF_EXT_BIT(extended_main_secret);
    if (known.offer_read)
        f->host_name = known.offer.ext.host_name;
    f->alpn = chosen_alpn(story, &known);
}
