/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Making, running and freeing jobs. When a job is needed is each message's own business. */
#include "handshake/job.h"

#include "crypto/rsa_premaster.h"

/* ---- life ---- */

/* With room for copies of so many spans with so many bytes together. */
static hf_job *new_job(hf_blocks *home, hf_job_kind kind, size_t n, size_t bytes)
{
    size_t room = bytes + n;
    hf_job *job = hf_block_take(home, sizeof *job + room);

    if (!job)
        return NULL;
    atomic_init(&job->refs, 1);
    job->kind = kind;
    job->home = home;
    job->room = room;
    return job;
}

hf_job *hf_job_about(hf_job *job, hf_msg msg, hf_span message, const char *field, const uint8_t *at)
{
    if (job) {
        job->about = msg;
        job->field = field;
        job->offset = at - message.data;
    }
    return job;
}

hf_job *hf_job_ref(hf_job *job)
{
    atomic_fetch_add(&job->refs, 1);
    return job;
}

void hf_job_free(hf_job *job)
{
    if (!job || atomic_fetch_sub(&job->refs, 1) != 1)
        return;
    hf_signer_free(job->signer);
    hf_config_free(job->config);
    hf_psks_free(job->psks);
    hf_sessions_free(job->sessions);
    hf_block_give(job->home, job, sizeof *job + job->room, sizeof *job + job->used);
}

/* Its own copy, with a NUL behind it; there is room. */
static hf_span keep(hf_job *job, hf_span bytes)
{
    uint8_t *copy = job->copies + job->used;

    if (bytes.len > 0)
        memcpy(copy, bytes.data, bytes.len);
    job->used += bytes.len + 1;
    return hf_span_of(copy, bytes.len);
}

/* ---- each kind's inputs ---- */

hf_job *hf_job_keygen(hf_blocks *home, uint16_t group, hf_random random)
{
    hf_job *job = new_job(home, HF_JOB_KEYGEN, 0, 0);

    if (job)
        job->code = group, job->random = random;
    return job;
}

/* Most kinds have one input. */
static hf_job *job_on(hf_blocks *home, hf_job_kind kind, hf_span input)
{
    hf_job *job = new_job(home, kind, 1, input.len);

    if (job)
        job->input = keep(job, input);
    return job;
}

hf_job *hf_job_encapsulate(hf_blocks *home, uint16_t group, hf_random random, hf_span peer_share)
{
    hf_job *job = job_on(home, HF_JOB_ENCAPSULATE, peer_share);

    if (job)
        job->code = group, job->random = random;
    return job;
}

hf_job *hf_job_decapsulate(hf_blocks *home, const hf_kex *kex, hf_span peer_share)
{
    hf_job *job = job_on(home, HF_JOB_DECAPSULATE, peer_share);

    if (job)
        job->kex = *kex;
    return job;
}

hf_job *hf_job_sign(hf_blocks *home, hf_signer *signer, uint16_t scheme, hf_span content)
{
    hf_job *job = job_on(home, HF_JOB_SIGN, content);

    if (job)
        job->code = scheme, job->signer = hf_signer_ref(signer);
    return job;
}

hf_job *hf_job_premaster(hf_blocks *home, hf_signer *signer, uint16_t client_version,
                         hf_span ciphertext, const uint8_t substitute[HF_PREMASTER])
{
    hf_job *job = job_on(home, HF_JOB_RSA_DECRYPT, ciphertext);

    if (!job)
        return NULL;
    job->code = client_version;
    job->signer = hf_signer_ref(signer);
    memcpy(job->secret, substitute, HF_PREMASTER);
    return job;
}

/* The spans of a copied key, moved from the certificate into the copy of its SPKI. */
static hf_span moved(hf_span part, hf_span from, hf_span to)
{
    return part.data ? hf_span_of(to.data + (part.data - from.data), part.len) : part;
}

hf_job *hf_job_verify(hf_blocks *home, const hf_cert *leaf, uint16_t scheme, hf_span content,
                      hf_span signature)
{
    hf_job *job = new_job(home, HF_JOB_VERIFY, 3, content.len + signature.len + leaf->spki.len);

    if (!job)
        return NULL;
    job->input = keep(job, content);
    job->signature = keep(job, signature);
    job->spki = keep(job, leaf->spki);
    job->code = scheme;
    job->key = leaf->key;
    job->key.n = moved(leaf->key.n, leaf->spki, job->spki);
    job->key.e = moved(leaf->key.e, leaf->spki, job->spki);
    job->key.point = moved(leaf->key.point, leaf->spki, job->spki);
    return job;
}

hf_job *hf_job_verify_chain(hf_blocks *home, const hf_span *chain, size_t n, hf_config *config,
                            const char *name, uint8_t purpose, hf_span staple)
{
    size_t bytes = staple.len + (name ? strlen(name) : 0);

    n = n < HF_CHAIN_MAX ? n : HF_CHAIN_MAX;
    for (size_t i = 0; i < n; i++)
        bytes += chain[i].len;
    hf_job *job = new_job(home, HF_JOB_VERIFY_CHAIN, n + 2, bytes);
    if (!job)
        return NULL;
    for (job->n_chain = 0; job->n_chain < n; job->n_chain++)
        job->chain[job->n_chain] = keep(job, chain[job->n_chain]);
    if (staple.len > 0)
        job->staple = keep(job, staple);
    if (name)
        job->name = (const char *)keep(job, hf_span_str(name)).data;
    job->config = hf_config_ref(config);
    job->now = hf_config_now(config);
    job->purpose = purpose;
    return job;
}

hf_job *hf_job_psk_lookup(hf_blocks *home, const hf_config *config, hf_span identity)
{
    hf_job *job = job_on(home, HF_JOB_PSK_LOOKUP, identity);

    if (!job)
        return NULL;
    job->psks = config->psks ? hf_psks_ref(config->psks) : NULL;
    job->find_psk = config->hooks.find_psk;
    job->hook_user = config->hooks.user;
    return job;
}

hf_job *hf_job_replay_check(hf_blocks *home, hf_sessions *sessions, const uint8_t id[HF_EARLY_ID],
                            uint64_t now_ms, uint64_t until_ms)
{
    hf_job *job = new_job(home, HF_JOB_REPLAY_CHECK, 0, 0);

    if (!job)
        return NULL;
    job->sessions = hf_sessions_ref(sessions);
    memcpy(job->early_id, id, HF_EARLY_ID);
    job->now_ms = now_ms;
    job->until_ms = until_ms;
    return job;
}

/* ---- doing it ---- */

static hf_error run_verify(hf_job *job)
{
    const hf_scheme *s = hf_scheme_of(job->code);

    return s ? hf_verify(&job->key, s->kind, s->hash, job->input, job->signature) : HF_E_INTERNAL;
}

static hf_error run_premaster(hf_job *job)
{
    uint8_t substitute[HF_PREMASTER];

    memcpy(substitute, job->secret, sizeof substitute);
    job->signer->ops.premaster(job->signer->user, job->code, job->input, substitute, job->secret);
    hf_wipe(substitute, sizeof substitute);
    return HF_OK;
}

static hf_error run_verify_chain(hf_job *job)
{
    const hf_policy *policy = &job->config->policy;
    const hf_hooks *hooks = &job->config->hooks;
    hf_path_query query = {
        .chain = job->chain,
        .n_chain = job->n_chain,
        .trust = job->config->trust,
        .now = job->now,
        .name = job->name,
        .purpose = job->purpose,
        .decrypts = job->decrypts,
        .max_intermediates = -1,
        .profile = hf_profile_in_force(policy, job->config->trust),
        .revocation = policy->revocation,
        .staple = job->staple,
        .known = &job->known,
        .public_suffix = hooks->public_suffix,
        .user = hooks->user,
        .rsa_min_bits = policy->rsa_min_bits,
        .rsa_max_bits = policy->rsa_max_bits,
        .leaf_max_days = policy->leaf_max_days,
        .schemes = policy->cert_schemes,
        .blocks = job->home,
    };
    hf_path_result result = { 0 };

    if (!job->config->trust)
        return HF_E_CONFIG_NO_TRUST;
    hf_error e = hf_path_verify(&query, &result);
    memcpy(job->detail, result.detail, sizeof job->detail);
    job->at = result.at;
    return e;
}

static hf_error run_hook(hf_job *job)
{
    size_t len = HF_PSK_KEY_MAX;

    if (!job->find_psk || !job->find_psk(job->hook_user, job->input, job->output, &len))
        return HF_E_PSK_UNKNOWN;
    if (len < HF_PSK_KEY_MIN || len > HF_PSK_KEY_MAX)
        return HF_E_PSK_KEY;
    job->output_len = len;
    return HF_OK;
}

/* Nobody has an empty name: to hf_psks_find it would mean the first. */
static hf_error run_psk_lookup(hf_job *job)
{
    if (job->input.len == 0 || job->input.len > HF_PSK_IDENTITY_MAX)
        return HF_E_PSK_UNKNOWN;
    const hf_psk *psk = job->psks ? hf_psks_find(job->psks, job->input) : NULL;
    if (!psk)
        return run_hook(job);
    memcpy(job->output, psk->key.data, psk->key.len);
    job->output_len = psk->key.len;
    return HF_OK;
}

static hf_error run(hf_job *job)
{
    switch (job->kind) {
    case HF_JOB_KEYGEN: return hf_kex_generate(&job->kex, job->code, &job->random, job->share);
    case HF_JOB_ENCAPSULATE:
        return hf_kex_encapsulate(job->code, &job->random, job->input, job->share, job->secret);
    case HF_JOB_DECAPSULATE: return hf_kex_decapsulate(&job->kex, job->input, job->secret);
    case HF_JOB_SIGN:
        return job->signer->ops.sign(job->signer->user, job->code, job->input, job->output,
                                     &job->output_len);
    case HF_JOB_RSA_DECRYPT: return run_premaster(job);
    case HF_JOB_VERIFY: return run_verify(job);
    case HF_JOB_VERIFY_CHAIN: return run_verify_chain(job);
    case HF_JOB_PSK_LOOKUP: return run_psk_lookup(job);
    case HF_JOB_REPLAY_CHECK:
        return hf_early_claim(job->sessions, job->early_id, job->now_ms, job->until_ms);
    default: /* the kinds of later work: nothing here makes them yet */ return HF_E_JOB_FAILED;
    }
}

hf_error hf_job_run(hf_job *job)
{
    hf_error e = run(job);

    job->fulfilled = e == HF_OK;
    return e;
}

/* ---- what an executor may ask ---- */

hf_job_kind hf_job_kind_of(const hf_job *job)
{
    return job->kind;
}

const char *hf_job_name(const hf_job *job)
{
    static const char *const names[] = {
        [HF_JOB_KEYGEN] = "keygen",
        [HF_JOB_ENCAPSULATE] = "encapsulate",
        [HF_JOB_DECAPSULATE] = "decapsulate",
        [HF_JOB_SIGN] = "sign",
        [HF_JOB_VERIFY] = "verify",
        [HF_JOB_RSA_DECRYPT] = "rsa_decrypt",
        [HF_JOB_VERIFY_CHAIN] = "verify_chain",
        [HF_JOB_PSK_LOOKUP] = "psk_lookup",
        [HF_JOB_REPLAY_CHECK] = "replay_check",
    };

    return names[job->kind];
}

hf_span hf_job_input(const hf_job *job, uint16_t *scheme)
{
    if (scheme)
        *scheme = job->code;
    return job->input;
}

hf_error hf_job_set_output(hf_job *job, hf_span output)
{
    bool key = job->kind == HF_JOB_PSK_LOOKUP;

    if (job->kind != HF_JOB_SIGN && !key)
        return HF_E_MISUSE; /* the results of the other kinds are secrets and verdicts, made by hf_job_run */
    if (output.len < (key ? HF_PSK_KEY_MIN : 1) ||
        output.len > (key ? (size_t)HF_PSK_KEY_MAX : sizeof job->output))
        return HF_E_LIMIT;
    memcpy(job->output, output.data, output.len);
    job->output_len = output.len;
    job->fulfilled = true;
    return HF_OK;
}
