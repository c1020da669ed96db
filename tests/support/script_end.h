/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * One end of a fake connection: the real loop over the tables under test, with steps that compute
 * nothing, jobs that are done when the test says so, and a wire without cryptography. It is a plain
 * value: script_end_copy makes a second one in the same state.
 */
#ifndef HF_TEST_SCRIPT_END_H
#define HF_TEST_SCRIPT_END_H

#include "support/script_report.h"
#include "support/script_wire.h"

/* What the fakes themselves find wrong; the loop never gives these. */
#define SCRIPT_E_CONTENT HF_E_UNSOLICITED_EXTENSION /* a message holds facts that it may not hold */
#define SCRIPT_E_JOB     HF_E_JOB_FAILED

/* In which order jobs are done. LAZY: proofs only when nothing else can go on. */
typedef enum script_order { SCRIPT_FIFO, SCRIPT_LIFO, SCRIPT_RANDOM, SCRIPT_LAZY } script_order;

typedef struct script_how {
    script_cut cut;
    script_order order;
    bool flights; /* a whole flight is delivered before its reader runs */
} script_how;

typedef struct script_job {
    bool live;
    bool owed;      /* its row is done; else the row waits for it */
    bool ours;      /* the row that waits is one that we write */
    uint8_t claims; /* if it is owed: what its row says that it proves, */
    uint8_t truth;  /* and what it really does */
} script_job;

enum { SCRIPT_JOBS_MAX = 8 };
enum { SCRIPT_NO_JOB, SCRIPT_JOB_RUNS, SCRIPT_JOB_DONE, SCRIPT_JOB_LOST };

typedef struct script_end {
    hf_script script;
    script_how how;
    script_stream in, out;
    uint8_t reads_under, writes_under; /* as the loop installed them */
    uint8_t buffer[2 * SCRIPT_RECORD_MAX], buffered, buffer_epoch;
    bool ccs;         /* a ChangeCipherSpec record is open */
    bool skipping;    /* early data was refused: what is under its keys is not opened */
    uint8_t waits[2]; /* of our rows, of theirs: SCRIPT_NO_JOB and so on */
    script_job job[SCRIPT_JOBS_MAX];
    uint8_t n_jobs;
    uint32_t seed;
    bool accepted;            /* the row's message was accepted, and so is not a dropped one */
    script_trace trace;       /* rows that were done, ours and theirs */
    size_t after;             /* where in it the time after CONNECTED begins */
    uint8_t evidence, before; /* proofs on our own account: now, and at CONNECTED */
    uint8_t announced, announcements; /* what the `proved` op told, and how often */
    hf_facts told;                    /* all facts that were said or heard */
    uint8_t requests;                 /* post-handshake requests that are not answered */
    uint8_t dropped, data;
    hf_run last;   /* what the loop said */
    bool restless; /* it stopped although it could have gone on, or hid that a job runs */
    /* What a test does to it. */
    hf_facts forgets; /* facts that its steps should set and do not: duties must not hang on them */
    bool hold_owed;
    int fail_job;   /* the job of this number fails; -1: none */
    uint8_t strike; /* proofs that come in without evidence */
    unsigned done, most_live;
    bool owed_once;          /* a proof was owed at some time, */
    uint8_t written_by_then; /* and this many messages were written by then */
    uint8_t written, rows_at_failure;
} script_end;

void script_end_start(script_end *e, hf_role role, hf_facts intent, script_how how);
void script_end_copy(script_end *to, const script_end *from);
/* Runs until only the peer, or a job that the test holds, can help. */
hf_run script_end_settle(script_end *e);
void script_end_write_data(script_end *e);
static inline bool script_may_flow(uint8_t epoch)
{
    return epoch == HF_EARLY || epoch >= HF_APP;
}
/* Coverage, if a test wants it: told of every row that is built or accepted, or whose keys are installed,
   and, without a row, of every message that is dropped. */
extern void (*script_end_row_used)(const script_end *e, const hf_row *row, bool keys,
                                   hf_msg dropped);

/* script_steps.c */
hf_error script_step_build(void *ctx, const hf_row *row);
hf_error script_step_accept(void *ctx, const hf_row *row);
bool script_end_do_job(script_end *e);

#endif
