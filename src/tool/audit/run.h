/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Audits carried out: targets one after another or a few at a time, the inquiries of each over connections of its own, bounded in
 * number, rate and time. What is asked is src/audit's; what is said about it, report.h's.
 */
#ifndef HF_TOOL_AUDIT_RUN_H
#define HF_TOOL_AUDIT_RUN_H

#include "audit/inquiry.h"
#include "audit/report.h"
#include "tool/dial.h"
#include "tool/starttls.h"
#include "tool/target.h"

enum {
    HF_AUDIT_TARGETS_MAX = 10000,
    HF_AUDIT_CONNECTIONS_MAX = 1000, /* of one audit of one target */
    HF_AUDIT_SECONDS_MAX = 300       /* of one target, whatever it does */
};

typedef struct hf_audit_job {
    hf_target target;
    const char *address;                /* what is dialled; NULL: target.host */
    char name[HF_HOST_MAX];             /* server_name, and what the certificate must hold */
    bool send_name;                     /* it is a DNS name */
    const hf_starttls_script *starttls; /* NULL: TLS from the first byte */
    const hf_book *books[HF_AUDIT_BOOKS_MAX];
    size_t n_books;
    hf_audit audit;   /* what came of it; hf_audit_job_free */
    bool interrupted; /* a signal came before it was over */
    bool over, whole,
        broken; /* the same in short, whole: reached, and all was asked; it stays when `audit` was given back */
} hf_audit_job;

typedef struct hf_audit_settings {
    hf_trust *trust;
    const hf_policy *policy;
    const hf_hooks *hooks;
    hf_family family;
    unsigned parallel;            /* connections to one target at a time */
    unsigned rate;                /* new connections to one target a second, 1 to 1000 */
    unsigned targets;             /* that are audited at a time */
    uint64_t timeout_ms;          /* of one connection */
    const char *when_interrupted; /* what is said of it; NULL: "what was seen so far is reported" */
    uint16_t plain_port;          /* 0: 80 if the target's port is 443, else nowhere */
    /* Told as it goes on; either may be NULL. done/all: inquiries. */
    void (*progress)(void *user, const hf_audit_job *job, const char *what, unsigned done,
                     unsigned all);
    void (*finished)(void *user, hf_audit_job *job);
    void *user;
} hf_audit_settings;

/* Returns when all are done, or a signal ended it (128 + its number; what was seen by then is in the jobs, and `finished` was told):
   HF_EXIT_OK, or an exit code after it said what failed. That a target cannot be
   reached is no failure: its `seen` says so. */
int hf_audit_run(hf_audit_job *jobs, size_t n, const hf_audit_settings *settings);
void hf_audit_job_free(hf_audit_job *job);
/* What came of it is needed no more. */
void hf_audit_job_forget(hf_audit_job *job);
/* HF_EXIT_OK, _FINDING (a book is broken), _UNREACHABLE (a target was not reached, or not all could be asked, and no book is broken). */
int hf_audit_exit(const hf_audit_job *jobs, size_t n);

#endif
