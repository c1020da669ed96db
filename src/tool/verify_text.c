/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* One path a paragraph: its certificates, and what the first rule that it broke found, allows and means. */
#include "tool/verify_text.h"

#include <stdio.h>
#include <string.h>

#include "tool/exit.h"
#include "tool/json_text.h"
#include "tool/say.h"
#include "x509/x509.h"

enum { TRIED_MAX = 100, NAME_ROOM = 256 };

/* ---- certificates ---- */

/* Its number in the bag; bag->n: it is of the trust store. */
static size_t place_of(const hf_verify_view *v, hf_span der)
{
    size_t i = 0;

    while (i < v->bag->n && v->bag->der[i].data != der.data)
        i++;
    return i;
}

static void subject_of(hf_span der, char out[NAME_ROOM])
{
    hf_cert cert;

    snprintf(out, NAME_ROOM, "(cannot be read)");
    if (hf_cert_parse(&cert, der, NULL) != HF_OK)
        return;
    hf_name_text(cert.subject, out, NAME_ROOM);
    if (!*out)
        snprintf(out, NAME_ROOM, "(empty subject)");
}

static void where_of(const hf_verify_view *v, size_t i, char out[HF_BAG_WHERE_ROOM])
{
    if (i < v->bag->n)
        hf_bag_where(v->bag, i, out);
    else
        snprintf(out, HF_BAG_WHERE_ROOM, "trusted");
}

static void show_path(const hf_verify_view *v, const hf_verify_result *r)
{
    char subject[NAME_ROOM], where[HF_BAG_WHERE_ROOM];

    for (size_t i = 0; i < r->depth; i++) {
        subject_of(r->path[i], subject);
        where_of(v, place_of(v, r->path[i]), where);
        hf_out_lines("  %-13s %s (%s)\n", i == 0 ? "leaf" : "issued by", subject, where);
    }
}

/* The certificate that is at fault: of the bag, or the anchor that stands last. */
static hf_span culprit(const hf_verify_view *v, const hf_verify_result *r)
{
    if (r->at < v->bag->n)
        return v->bag->der[r->at];
    return r->depth > 0 ? r->path[r->depth - 1] : (hf_span){ NULL, 0 };
}

/* ---- words ---- */

static void show_broken(const hf_verify_view *v, const hf_verify_result *r)
{
    char subject[NAME_ROOM], where[HF_BAG_WHERE_ROOM];

    subject_of(culprit(v, r), subject);
    where_of(v, r->at, where);
    hf_out_lines("  %-13s " HF_RED "%s" HF_PLAIN "\n", "broken",
                 hf_error_row_of(r->error)->sentence);
    hf_out_lines("  %-13s %s (%s)\n", "by", subject, where);
    if (*r->detail)
        hf_out_lines("  %-13s %s\n", "found", r->detail);
    hf_out_lines("  %-13s %s (%s)\n", "rule", hf_error_row_of(r->error)->source,
                 hf_error_row_of(r->error)->name);
    hf_out_lines("  %-13s %s\n", "to do", hf_error_row_of(r->error)->hint);
}

static void show_attempt(const hf_verify_view *v, const hf_verify_result *r)
{
    hf_out("%s" HF_BOLD "Path %zu" HF_PLAIN "\n", v->n > 1 ? "\n" : "", v->n);
    show_path(v, r);
    if (r->error == HF_OK)
        hf_out("  %-13s " HF_GREEN "it is good" HF_PLAIN "\n", "verdict");
    else
        show_broken(v, r);
}

static const char *profile_word(const hf_verify_view *v)
{
    return v->options->policy->profile == HF_PROFILE_WEBPKI ? "webpki" : "private";
}

static const char *name_of(const hf_verify_view *v)
{
    return v->options->n_emails > 0 ? v->options->emails[0] : v->options->name;
}

static void show_verdict(const hf_verify_view *v, const hf_verify_result *r)
{
    const char *name = name_of(v);
    char when[24];

    hf_time_text(v->options->time, when);
    hf_out_lines("%s" HF_GREEN "accepted" HF_PLAIN " as a %s's certificate%s%s\n",
                 v->n > 0 ? "\n" : "", v->options->client ? "client" : "server",
                 name ? " for " : ", for no name in particular", name ? name : "");
    if (v->n == 0)
        show_path(v, r);
    hf_out("  %-13s %s\n", "as of", when);
    hf_out("  %-13s %s\n", "profile", profile_word(v));
    if (*r->detail)
        hf_out_lines("  %-13s %s\n", "remark", r->detail);
}

/* ---- JSON ---- */

static json_t *path_json(const hf_verify_view *v, const hf_verify_result *r)
{
    json_t *list = json_array();
    char subject[NAME_ROOM], where[HF_BAG_WHERE_ROOM];

    for (size_t i = 0; i < r->depth; i++) {
        size_t place = place_of(v, r->path[i]);
        json_t *o = json_object();
        subject_of(r->path[i], subject);
        where_of(v, place, where);
        json_object_set_new(o, "subject", hf_json_text(subject));
        json_object_set_new(o, "trusted", json_boolean(place == v->bag->n));
        json_object_set_new(o, "from", hf_json_text(where));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *error_json(const hf_verify_view *v, const hf_verify_result *r)
{
    char subject[NAME_ROOM], where[HF_BAG_WHERE_ROOM];
    json_t *o;

    if (r->error == HF_OK)
        return json_null();
    o = json_object();
    subject_of(culprit(v, r), subject);
    where_of(v, r->at, where);
    json_object_set_new(o, "code", json_string(hf_error_row_of(r->error)->name));
    json_object_set_new(o, "sentence", json_string(hf_error_row_of(r->error)->sentence));
    json_object_set_new(o, "certificate", json_integer((json_int_t)r->at));
    json_object_set_new(o, "from", hf_json_text(where));
    json_object_set_new(o, "subject", hf_json_text(subject));
    json_object_set_new(o, "detail", hf_json_text_or_null(r->detail));
    json_object_set_new(o, "rule", json_string(hf_error_row_of(r->error)->source));
    json_object_set_new(o, "hint", json_string(hf_error_row_of(r->error)->hint));
    return o;
}

static int print_json(hf_verify_view *v, const hf_verify_result *r)
{
    bool good = r->error == HF_OK;
    json_t *o = json_object();

    json_object_set_new(o, "schema", json_string("handfast.cert-verify/1"));
    json_object_set_new(o, "accepted", json_boolean(good));
    json_object_set_new(o, "name", hf_json_text(name_of(v)));
    json_object_set_new(o, "at", hf_json_time(v->options->time));
    json_object_set_new(o, "profile", json_string(profile_word(v)));
    json_object_set_new(o, "purpose", json_string(v->options->client ? "client" : "server"));
    json_object_set_new(o, "error", error_json(v, r));
    json_object_set_new(o, "remark", good ? hf_json_text_or_null(r->detail) : json_null());
    json_object_set_new(o, "path", path_json(v, r));
    json_object_set_new(o, "signatures", json_integer((json_int_t)r->signatures));
    if (v->options->tried)
        json_object_set_new(o, "tried", v->tried);
    else
        json_decref(v->tried);
    return hf_json_print(o, true);
}

/* ---- the whole ---- */

void hf_verify_begin(hf_verify_view *view)
{
    view->tried = view->json ? json_array() : NULL;
}

/* A pool that was made to be searched for ever would be described for ever. */
void hf_verify_tried(void *user, const hf_verify_result *attempt)
{
    hf_verify_view *v = user;
    json_t *o;

    if (++v->n > TRIED_MAX)
        return;
    if (!v->json) {
        show_attempt(v, attempt);
        return;
    }
    o = json_object();
    json_object_set_new(o, "path", path_json(v, attempt));
    json_object_set_new(o, "error", error_json(v, attempt));
    json_array_append_new(v->tried, o);
}

int hf_verify_tell(hf_verify_view *view, const hf_verify_result *result)
{
    if (view->json)
        return print_json(view, result);
    if (view->n > TRIED_MAX)
        hf_out("\n%zu more were tried\n", view->n - TRIED_MAX);
    if (result->error == HF_OK)
        show_verdict(view, result);
    return HF_EXIT_OK;
}
