/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* handfast cert verify: the validator's verdict on certificates of files. How it is told is verify_text.c. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "tool/cert_bag.h"
#include "tool/client_config.h"
#include "tool/exit.h"
#include "tool/json_text.h"
#include "tool/moment.h"
#include "tool/say.h"
#include "tool/suffix.h"
#include "tool/target.h"
#include "tool/verify_text.h"

/* What the options ask, in the validator's terms. */
typedef struct question {
    const hf_cert_verify_options *o;
    hf_verify_view view;
    hf_cert_bag bag;
    hf_policy policy;
    hf_hooks hooks;
    hf_verify_options options;
    char name[HF_HOST_MAX];
    const char *email;
} question;

/* ---- what the options mean ---- */

static int misused(const char *what, const char *option, const char *value, const char *next)
{
    hf_error_what("%s", what);
    hf_error_why("%s %s", option, value);
    hf_error_next("%s", next);
    return HF_EXIT_USAGE;
}

static int read_name(question *q)
{
    const char *text = q->o->name, *wrong;

    if (!text)
        return HF_EXIT_OK;
    if (strchr(text, '@')) {
        q->email = text;
        q->options.emails = &q->email;
        q->options.n_emails = 1;
        return HF_EXIT_OK;
    }
    wrong = hf_target_name(text, q->name);
    if (wrong)
        return misused(wrong, "--name", text, "give a name or an address: --name www.example.org");
    q->options.name = q->name;
    return HF_EXIT_OK;
}

static int read_time(question *q)
{
    q->options.time = hf_clock_wall();
    if (!q->o->at || hf_moment_read(q->o->at, &q->options.time))
        return HF_EXIT_OK;
    return misused("the time is not one", "--at", q->o->at,
                   "write 2026-11-21, 2026-11-21T10:00:00Z or seconds since 1970");
}

static int load_trust(question *q)
{
    const hf_cert_verify_options *o = q->o;

    q->options.trust = hf_trust_new();
    if (!q->options.trust)
        return hf_complain_row(HF_E_NO_MEMORY, "cannot load CA certificates", "trust");
    int status = o->ca.n > 0 ? hf_cas_load(q->options.trust, o->ca.at, o->ca.n, "--ca")
                             : hf_system_cas_load(q->options.trust, false);
    return status == HF_EXIT_OK ? hf_crls_load(q->options.trust, o->crl.at, o->crl.n) : status;
}

static int prepare(question *q)
{
    int status = read_name(q);

    q->policy = *hf_policy_named("default");
    q->policy.profile = (uint8_t)hf_profile_of(q->o->profile, q->o->ca.n > 0);
    q->options.policy = &q->policy;
    q->options.client = q->o->client;
    q->hooks.public_suffix = hf_suffix_hook(false);
    q->options.hooks = &q->hooks;
    if (status == HF_EXIT_OK)
        status = read_time(q);
    if (status == HF_EXIT_OK)
        status = load_trust(q);
    if (status == HF_EXIT_OK)
        status = hf_bag_read_all(&q->bag, q->o->files.at, q->o->files.n);
    return status;
}

/* ---- the verdict ---- */

static int refuse(const question *q, const hf_verify_result *result)
{
    char where[HF_BAG_WHERE_ROOM] = "the trusted certificate";

    if (hf_exit_of(result->error) != HF_EXIT_CERTIFICATE)
        return hf_complain_row(result->error, "the certificate could not be judged",
                               q->bag.from[0]);
    if (result->at < q->bag.n)
        hf_bag_where(&q->bag, result->at, where);
    hf_error_what("not accepted: %s", hf_error_row_of(result->error)->sentence);
    hf_error_why("%s%s%s (%s)", where, *result->detail ? ": " : "", result->detail,
                 hf_error_row_of(result->error)->source);
    hf_error_next("%s", hf_error_row_of(result->error)->hint);
    return HF_EXIT_CERTIFICATE;
}

static int judge(question *q)
{
    hf_verify_result result;

    q->view = (hf_verify_view){ .bag = &q->bag, .options = &q->options, .json = q->o->json };
    if (q->o->why) {
        q->options.tried = hf_verify_tried;
        q->options.user = &q->view;
    }
    hf_verify_begin(&q->view);
    hf_error e = hf_verify_chain(q->bag.der, q->bag.n, &q->options, &result);
    int printed = hf_verify_tell(&q->view, &result);
    if (e != HF_OK)
        return refuse(q, &result);
    return printed;
}

int hf_cmd_cert_verify(const hf_cert_verify_options *options)
{
    question q = { .o = options };
    int status = prepare(&q);

    if (status == HF_EXIT_OK)
        status = judge(&q);
    hf_bag_free(&q.bag);
    hf_trust_free(q.options.trust);
    return status;
}
