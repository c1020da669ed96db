/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The parts of the page, one file a section. All of them write through hf_page_html, which escapes whatever is put into its
 * markup: what a peer chose cannot become markup, nor turn the text around.
 */
#ifndef HF_EXPLAIN_PAGE_H
#define HF_EXPLAIN_PAGE_H

#include "explain/outputs.h"
#include "explain/prelude_mask.h"

/* The files of page/, which the build makes arrays of. */
extern const hf_span hf_page_css, hf_page_js, hf_page_svg;

/* What several sections say. Texts may be empty: not known. */
typedef struct hf_page_facts {
    bool tls13;
    bool ems;        /* TLS 1.2: extended_master_secret was agreed */
    bool sealed;     /* some of it nobody here can read */
    bool reached;    /* a ServerHello has settled the version */
    bool cert_asked; /* of the client */
    uint16_t scheme; /* that the server signed with, 0: it did not, or nobody can tell */
    /* Steps: the server's signature, ServerHello, where the group was settled, ClientHello; story->n: none. */
    size_t signed_by, chosen_by, group_by, hello;
    size_t connected; /* the last Finished that makes it so */
    size_t first_encrypted;
    hf_span host_name, alpn;
} hf_page_facts;

typedef struct hf_page {
    const hf_story *story;
    const hf_show *show;
    hf_sheet *out;
    hf_page_facts facts;
    hf_prelude_mask mask; /* empty: secrets are shown */
} hf_page;

/* ---- writing: page_html.c ---- */

/* Markup with `%s` for a text that is escaped, `%u` for an unsigned, `%z` for a size_t and `%%`. */
void hf_page_html(hf_page *page, const char *markup, ...);
/* The same for bytes: UTF-8 as it is, all that is not, or that nobody could see or that changes the order of text, as \x or \u. */
void hf_page_bytes_as_text(hf_page *page, hf_span text);
void hf_page_hex(hf_page *page, hf_span bytes); /* "16 03 01 " */
enum { HF_PAGE_SMALL = 64 };
char *hf_page_time(uint64_t us, char text[HF_PAGE_SMALL]);  /* "1.84 ms" */
char *hf_page_size(size_t bytes, char text[HF_PAGE_SMALL]); /* "1,234 bytes" */
char *hf_page_code(hf_names names, uint64_t value,
                   char text[HF_NAME_ROOM]); /* the name alone where there is one */
static inline const char *hf_page_side(hf_role role)
{
    return role == HF_CLIENT ? "client" : "server";
}

/* ---- what is read out of the messages: page_facts.c ---- */

void hf_page_find_facts(hf_page *page);

/* ---- limits: a capture may hold anything, and a page should open in any browser ---- */

enum {
    HF_PAGE_FIRST = 200,   /* steps from the start that are shown, */
    HF_PAGE_LAST = 50,     /* and from the end */
    HF_PAGE_FULL = 8 << 20 /* bytes of the page from which on fields and bytes are left out */
};
static inline bool hf_page_shows(const hf_page *page, size_t step)
{
    const hf_story *story = page->story;

    return step < HF_PAGE_FIRST || step + HF_PAGE_LAST >= story->n || story->steps[step].refused;
}
/* "<a href=…>ServerHello</a>", its name alone if it is not shown, nothing past the last step. */
void hf_page_link(hf_page *page, size_t step);

/* ---- sections ---- */

void hf_page_head(hf_page *page);
void hf_page_failure(hf_page *page); /* the box that says what went wrong */
void hf_page_ladder(hf_page *page);
void hf_page_message(hf_page *page, size_t step); /* what is inside a message */
void hf_page_fields(hf_page *page, size_t step);  /* its fields and its bytes */
/* Which phase and steps it is of. */
void hf_page_tags(hf_page *page, const hf_story_step *step);
void hf_page_dump(hf_page *page, const hf_tree *tree);
/* The subject of the certificate that this end showed; false: it showed none that can be read. */
enum { HF_PAGE_SUBJECT = 256 };
bool hf_page_subject(const hf_page *page, hf_role who, char subject[HF_PAGE_SUBJECT]);
void hf_page_keys(hf_page *page);
void hf_page_keys13(hf_page *page);
void hf_page_keys12(hf_page *page);
void hf_page_certificates(hf_page *page);
void hf_page_eavesdropper(hf_page *page);
void hf_page_eavesdropper_fact(hf_page *page); /* the same, as one of the facts */
void hf_page_records(hf_page *page);
void hf_page_glossary(hf_page *page);

/* "k-client-3": where the drawing of the key schedule has the secret that this writer's epoch uses. Returns text. */
char *hf_page_secret_id(const hf_page *page, uint8_t writer, unsigned epoch,
                        char text[HF_PAGE_SMALL]);
/* Links to the messages of that writer and epoch. */
void hf_page_protected(hf_page *page, uint8_t writer, unsigned epoch);
/* It failed before both ends had finished. */
static inline bool hf_page_is_cut_short(const hf_page *page)
{
    return page->story->failed && page->facts.connected == page->story->n;
}
bool hf_page_protects(const hf_page *page, uint8_t writer, unsigned epoch);
/* The value of a secret, if it is on the tape and to be shown. */
void hf_page_secret(hf_page *page, const char *label);

#endif
