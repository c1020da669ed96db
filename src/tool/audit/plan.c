/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Reading an audit's options beyond what their table can check. */
#include "tool/audit/plan.h"

#include <stdio.h>
#include <string.h>

#include "tool/client_config.h"
#include "tool/exit.h"
#include "tool/misuse.h"
#include "tool/say.h"
#include "tool/suffix.h"
#include "tool/suggest.h"

enum { TARGETS_AT_A_TIME = 4 };

/* ---- books ---- */

static int unknown_book(const char *name)
{
    char all[512] = "";
    size_t len = 0;
    hf_nearest nearest = { .word = name };
    const hf_book *book;

    for (size_t i = 0; (book = hf_book_row(i)) != NULL; i++) {
        hf_nearest_try(&nearest, book->name);
        int n = snprintf(all + len, sizeof all - len, "%s%s", i > 0 ? ", " : "", book->name);
        len += n > 0 && (size_t)n < sizeof all - len ? (size_t)n : 0;
    }
    hf_error_what("no rules of that name to judge by: %.64s", name);
    if (hf_policy_named(name))
        hf_error_why("in --policy; it is a policy for connections (handfast policy show %.64s)",
                     name);
    else if (nearest.best)
        hf_error_why("in --policy; did you mean %s?", nearest.best);
    else
        hf_error_why("in --policy");
    hf_error_next("give one of: %s", all);
    return HF_EXIT_USAGE;
}

static bool has_book(const hf_audit_plan *plan, const hf_book *book)
{
    for (size_t i = 0; i < plan->n_books; i++)
        if (plan->books[i] == book)
            return true;
    return false;
}

static int add_book(hf_audit_plan *plan, const char *name)
{
    const hf_book *book = hf_book_named(name);

    if (!book)
        return unknown_book(name);
    if (has_book(plan, book))
        return HF_EXIT_OK;
    if (plan->n_books == HF_AUDIT_BOOKS_MAX)
        return hf_misuse_too_many("--policy", HF_AUDIT_BOOKS_MAX);
    plan->books[plan->n_books++] = book;
    return HF_EXIT_OK;
}

static int read_books(hf_audit_plan *plan)
{
    const hf_opt_strings *given = &plan->o->policy;
    int status = given->n == 0 ? add_book(plan, "default") : HF_EXIT_OK;

    for (size_t i = 0; i < given->n && status == HF_EXIT_OK; i++)
        status = add_book(plan, given->at[i]);
    return status;
}

/* ---- whom to trust ---- */

/* Without any CA everything but chains can still be looked at. */
int hf_audit_plan_trust(hf_audit_plan *plan)
{
    const hf_audit_options *o = plan->o;
    int status;

    plan->trust = hf_trust_new();
    if (!plan->trust)
        return hf_complain_row(HF_E_NO_MEMORY, "cannot load CA certificates", "trust");
    if (o->ca.n > 0)
        status = hf_cas_load(plan->trust, o->ca.at, o->ca.n, "--ca");
    else
        status = hf_system_cas_load(plan->trust, true);
    if (status == HF_EXIT_OK)
        status = hf_crls_load(plan->trust, o->crl.at, o->crl.n);
    if (status == HF_EXIT_OK && hf_trust_count(plan->trust) == 0)
        hf_warn("there are no CA certificates to judge chains by: give the CA with --ca FILE, or "
                "install ca-certificates");
    return status;
}

/* Whether a chain is valid is a fact, and the same for all books: what more they ask of its keys and hashes they judge by themselves. */
static void set_policy(hf_audit_plan *plan)
{
    plan->policy = *hf_policy_named("default");
    plan->policy.profile = (uint8_t)hf_profile_of(plan->o->profile, plan->o->ca.n > 0);
    plan->hooks = (hf_hooks){ .public_suffix = hf_suffix_hook(false) };
}

/* ---- all ---- */

int hf_audit_plan_check(hf_audit_plan *plan, const hf_audit_options *o)
{
    plan->o = o;
    if (o->ipv4 && o->ipv6)
        return hf_misuse("-4 and -6 exclude each other",
                         "one allows only IPv4 addresses, the other none of them",
                         "give one of them");
    if (o->starttls && o->plain_port)
        return hf_misuse("--starttls and --plain-port exclude each other",
                         "where TLS begins with STARTTLS there is no HTTP that could redirect",
                         "leave one of them out");
    return read_books(plan);
}

static void set_jobs(const hf_audit_plan *plan, hf_audit_job *jobs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        memcpy(jobs[i].books, plan->books, sizeof plan->books);
        jobs[i].n_books = plan->n_books;
    }
}

void hf_audit_plan_apply(hf_audit_plan *plan, hf_audit_job *jobs, size_t n,
                         hf_audit_settings *settings)
{
    const hf_audit_options *o = plan->o;

    set_policy(plan);
    set_jobs(plan, jobs, n);
    *settings = (hf_audit_settings){
        .trust = plan->trust,
        .policy = &plan->policy,
        .hooks = &plan->hooks,
        .family = o->ipv4   ? HF_FAMILY_4
                  : o->ipv6 ? HF_FAMILY_6
                            : HF_FAMILY_ANY,
        .parallel = (unsigned)o->parallel,
        .rate = (unsigned)o->rate,
        .targets = TARGETS_AT_A_TIME,
        .timeout_ms = (uint64_t)o->timeout,
        .plain_port = (uint16_t)o->plain_port,
    };
}

void hf_audit_plan_free(hf_audit_plan *plan)
{
    hf_trust_free(plan->trust);
    plan->trust = NULL;
}
