/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Workers and jobs. A worker is what one thread's connections share (crypto contexts, scratch). A
 * job is one expensive or foreign operation of a handshake: it owns copies of its inputs, is counted
 * by reference, may be run on any thread, and its late result is dropped if the connection is gone.
 *
 *     while ((job = hf_conn_job_next(conn))) {   hand it to a pool ...
 *         hf_error e = hf_job_run(job);          ... any thread
 *         hf_conn_job_done(conn, job, e);        ... the connection's: it
 *                                                takes the reference
 *     }
 */
#ifndef HANDFAST_JOB_H
#define HANDFAST_JOB_H

#include <handfast/error.h>

HF_BEGIN_DECLS

/* One for each thread. NULL: no memory. */
hf_worker *hf_worker_new(void);
/* Legal only when no connection uses it any more. */
void hf_worker_free(hf_worker *worker);

typedef enum hf_job_kind {
    HF_JOB_KEYGEN,
    HF_JOB_ENCAPSULATE,
    HF_JOB_DECAPSULATE,
    HF_JOB_SIGN,
    HF_JOB_VERIFY,
    HF_JOB_RSA_DECRYPT,
    HF_JOB_VERIFY_CHAIN,
    HF_JOB_PSK_LOOKUP,
    HF_JOB_REPLAY_CHECK
} hf_job_kind;

/* Which of the above it is. */
hf_job_kind hf_job_kind_of(const hf_job *job);
/* "sign", "verify_chain": the same in lower case, static, for logs. */
const char *hf_job_name(const hf_job *job);
/* Does the work, on the caller's thread. Touches nothing but the job. */
hf_error hf_job_run(hf_job *job);
/* For a job done by other means: what is to be signed and with which scheme; the identity whose key is wanted … */
hf_span hf_job_input(const hf_job *job, uint16_t *scheme);
/* … and its result (copied), instead of hf_job_run: for HF_JOB_SIGN the signature, for HF_JOB_PSK_LOOKUP the key (nobody of
   that name: hf_conn_job_done with HF_E_PSK_UNKNOWN). The other kinds make secrets and verdicts, and are done by hf_job_run on
   whatever thread. HF_E_MISUSE: another kind; HF_E_LIMIT: a signature that is empty or has more than 1024 bytes, a key of
   fewer than HF_PSK_KEY_MIN or more than HF_PSK_KEY_MAX. */
hf_error hf_job_set_output(hf_job *job, hf_span output);
hf_job *hf_job_ref(hf_job *job);
void hf_job_free(hf_job *job);

HF_END_DECLS
#endif
