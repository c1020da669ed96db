/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The parts of `handfast explain`: captures, and codes. Saved traces are explain.c. */
#ifndef HF_TOOL_EXPLAIN_H
#define HF_TOOL_EXPLAIN_H

#include <jansson.h>

#include "base/compiler.h"
#include "tool/options.h"

/* A pcap or pcapng file. An exit code, after it said what is wrong. */
int hf_explain_capture(hf_span file, const hf_explain_options *options);

/* A name that saved traces, captures and pages have: it ends as theirs do. */
bool hf_explain_is_file_name(const char *word);

/* ---- codes: explain_entry.c ---- */

/* What is known of a word, put together line by line and then told: as text, or as an object of a list. */
enum { HF_ENTRY_LINES = 64, HF_ENTRY_TEXT = 1024 };
typedef struct hf_entry {
    const char *kind; /* "an alert" */
    char name[128];
    char number[16]; /* "40", "0x1301", or "" */
    size_t n;
    struct {
        const char *label; /* "hint", or "" */
        char text[HF_ENTRY_TEXT];
    } line[HF_ENTRY_LINES];
} hf_entry;
void hf_entry_begin(hf_entry *entry, const char *kind, const char *name, const char *number);
/* An empty text adds nothing. Lines of one label stand below each other. */
void hf_entry_line(hf_entry *entry, const char *label, const char *format, ...) HF_PRINTF(3, 4);

/* Where entries go. */
typedef struct hf_entries {
    json_t *json; /* NULL: to stdout, as text */
    bool all;     /* of long lists too */
    size_t n;
} hf_entries;
void hf_entries_put(hf_entries *entries, const hf_entry *entry);

typedef struct hf_asked {
    const char *word; /* as typed */
    const char *name; /* without HF_E_ before it */
    long number;      /* -1: it is none */
    bool hex;         /* the number was written so … */
    size_t width; /* … with the digits of so many bytes: 0x1301 is 2; 0: as many as it takes */
} hf_asked;
hf_asked hf_asked_of(const char *word);
/* Blanks, hyphens and underscores are alike, and so are upper and lower case: "Client Hello" is client_hello and ClientHello. */
bool hf_asked_is(const hf_asked *asked, const char *name);

/* Each puts what it knows of the word: registries; secrets. Errors, messages, fields and terms are explain_code.c. */
void hf_explain_names(const hf_asked *asked, hf_entries *entries);
void hf_explain_secrets(const hf_asked *asked, hf_entries *entries);
/* Words of the proxy's log, metrics and status. */
void hf_explain_reasons(const hf_asked *asked, hf_entries *entries);
/* What is known of an alert; all: each error that it is sent for, however many. */
void hf_explain_alert(hf_entry *entry, int number, bool all);
/* Every name that there is to explain. */
void hf_explain_each_name(void (*each)(void *user, const char *name), void *user);
void hf_explain_each_reason(void (*each)(void *user, const char *name), void *user);
void hf_explain_each_secret(void (*each)(void *user, const char *name), void *user);
/* Whether anything is known of that word. */
bool hf_explain_knows(const char *word);
int hf_explain_code(const char *word, const hf_show_options *show);

#endif
