/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Making a leaf: its CA must be alive and must be allowed to sign for all of the names. */
#include <string.h>

#include "base/clock.h"
#include "tool/cert_text.h"
#include "tool/exit.h"
#include "tool/leaf_names.h"
#include "tool/order.h"
#include "tool/say.h"

enum { LEAF_DAYS = 90, LIMITS_ROOM = 1024 };

/* Its certificates would begin when it does, and could end before that. */
static int refuse_early(const hf_stored_ca *ca, const char *dir, int64_t now)
{
    char begins[HF_WHEN_ROOM];

    hf_error_what("the CA is not valid yet");
    hf_when_text(ca->cert.not_before, now, begins);
    hf_error_why("%s/ca.pem is valid from %s by this machine's clock", dir, begins);
    hf_error_next("set the clock; if it is right, make a new CA: handfast cert ca --out %s --force",
                  dir);
    return HF_EXIT_USAGE;
}

static int check_ca(const hf_stored_ca *ca, const char *dir, int64_t now)
{
    if (now < ca->cert.not_before)
        return refuse_early(ca, dir, now);
    if (now <= ca->cert.not_after)
        return HF_EXIT_OK;
    hf_error_what("the CA has expired");
    hf_error_why("%s/ca.pem: certificates that it signs would be refused", dir);
    hf_error_next("make a new one: handfast cert ca --out %s --force", dir);
    return HF_EXIT_USAGE;
}

/* RFC 5280 4.2.1.10: what the CA is not permitted to name nobody would accept. */
static int check_permitted(const hf_stored_ca *ca, const char *dir, const char *const *names,
                           size_t n)
{
    char detail[HF_DETAIL_MAX], limits[LIMITS_ROOM];

    if (hf_names_permitted(&ca->cert, names, n, detail) == HF_OK)
        return HF_EXIT_OK;
    hf_permitted_text(&ca->cert, limits, sizeof limits);
    const char *tail = strstr(detail, " is not under ");
    hf_error_what("the CA may not sign for this name");
    if (*limits && tail)
        hf_error_why("%.*s is outside the name constraints of %s/ca.pem: %s", (int)(tail - detail),
                     detail, dir, limits);
    else
        hf_error_why("%s/ca.pem: %s", dir, detail);
    hf_error_next("use a name that it may sign for, or another CA: handfast cert ca --out DIR "
                  "--name DOMAIN, or --any-name for one without limits");
    return HF_EXIT_USAGE;
}

static void set_times(const hf_leaf_request *request, const hf_cert *ca, hf_cert_request *want)
{
    int64_t now = hf_clock_wall(), start = now - HF_CLOCK_SLACK;
    int64_t end = now + (request->days > 0 ? request->days : LEAF_DAYS) * (int64_t)HF_DAY;

    want->not_before = start > ca->not_before ? start : ca->not_before;
    want->not_after = end < ca->not_after ? end : ca->not_after;
}

static uint8_t eku_of(const hf_leaf_request *request)
{
    if (request->eku)
        return request->eku;
    return request->client ? HF_EKU_CLIENT_AUTH : HF_EKU_SERVER_AUTH;
}

static int make_leaf(const hf_leaf_request *request, const hf_stored_ca *ca, hf_made *made)
{
    const char *names[HF_LEAF_NAMES_MAX];
    size_t n_names = hf_leaf_names_once(request->names, request->n_names, names);
    const char *subject = hf_leaf_subject(names, n_names);
    hf_order o = {
        .want = {
            .common_name = subject,
            .organization = subject ? NULL : "handfast leaf",
            .names = names,
            .n_names = n_names,
            .path_len = -1,
            .eku = eku_of(request),
        },
        .dir = request->dir,
        .stem = request->stem ? request->stem : "leaf",
        .key_type = request->key_type,
        .spki = request->spki,
        .replace = request->replace,
    };
    int status = check_ca(ca, request->ca_dir, hf_clock_wall());

    if (status == HF_EXIT_OK)
        status = check_permitted(ca, request->ca_dir, names, n_names);
    set_times(request, &ca->cert, &o.want);
    return status == HF_EXIT_OK ? hf_order_fulfil(&o, ca, made) : status;
}

int hf_leaf_make(const hf_leaf_request *request, hf_made *made)
{
    hf_stored_ca ca;
    bool client = (eku_of(request) & HF_EKU_CLIENT_AUTH) != 0;
    int status = hf_leaf_names_check(request->names, request->n_names, client);

    memset(made, 0, sizeof *made);
    if (status == HF_EXIT_OK)
        status = hf_store_load_with(request->ca_dir, request->password_file, &ca);
    if (status != HF_EXIT_OK)
        return status;
    status = make_leaf(request, &ca, made);
    hf_store_unload(&ca);
    return status;
}
