/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Making a private CA: what it calls itself, and for which names it may sign. */
#include "tool/ca_store.h"

#include <string.h>

#include "base/clock.h"
#include "tool/exit.h"
#include "tool/order.h"
#include "tool/say.h"
#include "x509/label.h"

enum { CA_DAYS = 3650, PERMITTED_MAX = 128 };

#define CA_NAME "handfast private CA"

/* RFC 6761 6.2 and 6.3, RFC 8375, ICANN's .internal; RFC 1122 3.2.1.3, RFC 1918, RFC 3927, RFC 4291 2.5, RFC 4193. */
const char *const hf_private_names[HF_PRIVATE_NAMES] = {
    "localhost",     "test",           "internal",       "home.arpa", "127.0.0.0/8", "10.0.0.0/8",
    "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "::1/128",   "fc00::/7",    "fe80::/10"
};

/* ---- what it calls itself ---- */

static bool has_control(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        if (*p < ' ' || *p == 0x7f || (*p == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f))
            return true;
    return false;
}

static int check_own_name(const char *name)
{
    if (has_control(name)) {
        hf_error_what("the name of the CA holds a control character");
        hf_error_why("it would be shown wherever the CA is looked at, and could steer a terminal");
        hf_error_next("give printable text: --cn TEXT");
        return HF_EXIT_USAGE;
    }
    if (strlen(name) <= HF_COMMON_NAME_MAX)
        return HF_EXIT_OK;
    hf_error_what("the name of the CA is too long");
    hf_error_why("a common name has at most 64 bytes (RFC 5280, appendix A.1)");
    hf_error_next("give a shorter one: --cn TEXT");
    return HF_EXIT_USAGE;
}

/* ---- what it may sign for ---- */

/* --name once was the CA's own name, and with other tools it is. */
static int refuse_domain(const char *name)
{
    bool wild = strncmp(name, "*.", 2) == 0, words = strchr(name, ' ') != NULL;

    hf_error_what("not a domain or an address: \"%.200s\"", name);
    if (words) {
        hf_error_why("--name says for which names the CA may sign; what it calls itself is --cn");
        hf_error_next("for example: handfast cert ca --out ca --cn \"%.64s\"", name);
        return HF_EXIT_USAGE;
    }
    hf_error_why("--name takes DNS names, which hold for all names below them, and addresses or "
                 "networks; international names go in as their xn-- form");
    hf_error_next("for example: --name %.200s", wild ? name + 2 : "example.org --name 10.0.0.0/8");
    return HF_EXIT_USAGE;
}

/* ".test" is how people write what is below test. */
static int take_permitted(const hf_ca_request *request, const char *names[PERMITTED_MAX], size_t *n)
{
    const char *const *from = request->n_permitted > 0 ? request->permitted : hf_private_names;

    *n = request->n_permitted > 0 ? request->n_permitted : HF_PRIVATE_NAMES;
    *n = *n < PERMITTED_MAX ? *n : PERMITTED_MAX;
    for (size_t i = 0; i < *n; i++) {
        names[i] = from[i] + (from[i][0] == '.');
        if (!hf_is_permitted_name(names[i]))
            return refuse_domain(from[i]);
    }
    if (request->any_name)
        *n = 0;
    return HF_EXIT_OK;
}

static void say_permitted(const char *const *names, size_t n, hf_made *made)
{
    hf_label text = hf_label_start(made->permitted, sizeof made->permitted);

    for (size_t i = 0; i < n; i++) {
        hf_label_add(&text, i > 0 ? ", " : "");
        hf_label_add(&text, names[i]);
    }
}

/* ---- the CA ---- */

int hf_ca_make(const hf_ca_request *request, hf_made *made)
{
    const char *names[PERMITTED_MAX];
    int64_t now = hf_clock_wall();
    hf_order o = {
        .want = {
            .common_name = request->name ? request->name : CA_NAME,
            .ca = true,
            .path_len = 0,
            .not_before = now - HF_CLOCK_SLACK,
            .not_after = now + (request->days > 0 ? request->days : CA_DAYS) * (int64_t)HF_DAY,
            .permitted = names,
        },
        .dir = request->dir,
        .stem = "ca",
        .key_type = request->key_type,
        .replace = request->replace,
    };

    memset(made, 0, sizeof *made);
    int status = check_own_name(o.want.common_name);
    if (status == HF_EXIT_OK)
        status = take_permitted(request, names, &o.want.n_permitted);
    if (status != HF_EXIT_OK)
        return status;
    say_permitted(names, o.want.n_permitted, made);
    return hf_order_fulfil(&o, NULL, made);
}
