/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* handfast cert chain: from a bag of certificates to what a server sends. Which ones those are is chain_order.c. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <handfast/os.h>
#include "base/bytes.h"
#include "tool/chain_order.h"
#include "tool/client_config.h"
#include "tool/exit.h"
#include "tool/say.h"
#include "tool/text.h"

enum { NAME_ROOM = 256, URL_ROOM = 512, FILE_MODE = 0644, PEM_MAX = 16 * 1024 * 1024 };

/* ---- what was done ---- */

static void subject_of(const hf_chain_order *order, size_t i, char out[NAME_ROOM])
{
    if (order->items[i].readable)
        hf_name_text(order->items[i].cert.subject, out, NAME_ROOM);
    else
        snprintf(out, NAME_ROOM, "a certificate");
    if (!*out)
        snprintf(out, NAME_ROOM, "(empty subject)");
}

static void say_order(const hf_chain_order *order, const hf_cert_bag *bag)
{
    char subject[NAME_ROOM], where[HF_BAG_WHERE_ROOM];

    for (size_t i = 0; i < order->n; i++) {
        subject_of(order, order->chain[i], subject);
        hf_bag_where(bag, order->chain[i], where);
        hf_note_lines("%-9s %s (%s)\n", i == 0 ? "leaf" : "then", subject, where);
    }
}

static void say_left_out(const hf_chain_order *order, const hf_cert_bag *bag)
{
    char subject[NAME_ROOM], where[HF_BAG_WHERE_ROOM];

    for (size_t i = 0; i < bag->n; i++) {
        if (!order->items[i].left_out)
            continue;
        subject_of(order, i, subject);
        hf_bag_where(bag, i, where);
        hf_note_lines("%-9s %s (%s): %s\n", "left out", subject, where, order->items[i].left_out);
    }
}

static int refuse_incomplete(const hf_chain_order *order)
{
    const hf_cert *last = &order->items[order->chain[order->n - 1]].cert;
    char subject[NAME_ROOM], issuer[NAME_ROOM], url[URL_ROOM];

    hf_name_text(last->subject, subject, sizeof subject);
    hf_name_text(last->issuer, issuer, sizeof issuer);
    hf_error_what("the chain is not complete");
    hf_error_why("%s was issued by %s, which is neither here nor trusted",
                 *subject ? subject : "the leaf", issuer);
    if (hf_issuer_url(last, url, sizeof url))
        hf_error_next("fetch it from %s and give it as well", url);
    else
        hf_error_next("get the certificate of %s from its owner and give it as well", issuer);
    return HF_EXIT_FINDING;
}

/* ---- the chain itself ---- */

static hf_error to_pem(const hf_chain_order *order, const hf_cert_bag *bag, hf_text *text)
{
    for (size_t i = 0; i < order->n; i++) {
        uint8_t *pem;
        size_t len;
        TRY(hf_pem_write("CERTIFICATE", bag->der[order->chain[i]], &pem, &len));
        hf_text_add(text, pem, len);
        hf_free(pem);
    }
    return text->full ? HF_E_NO_MEMORY : HF_OK;
}

static int refuse_write(const char *path, int why)
{
    hf_error_what("the chain could not be written");
    hf_error_why("%s: %s", path, strerror(why));
    hf_error_next(why == EEXIST ? "choose another name, or replace it with --force"
                                : "check the folder's permissions and the space on its disk");
    return why == EEXIST ? HF_EXIT_USAGE : HF_EXIT_IO;
}

static int write_chain(const hf_cert_chain_options *o, const hf_chain_order *order,
                       const hf_cert_bag *bag)
{
    hf_text text = hf_text_new(PEM_MAX);
    hf_error e = to_pem(order, bag, &text);
    hf_span pem = hf_span_of(text.data, text.len);
    int status = HF_EXIT_OK;

    if (e != HF_OK)
        status = hf_complain_row(e, "the chain could not be written", "PEM");
    else if (!o->out)
        status = hf_out_bytes(pem) ? HF_EXIT_OK : HF_EXIT_IO;
    else if (hf_os_write_file(o->out, pem, FILE_MODE, o->force) != HF_OK)
        status = refuse_write(o->out, errno);
    hf_text_free(&text);
    return status;
}

/* ---- the whole ---- */

static int refuse_empty(void)
{
    hf_error_what("there is no certificate that could stand in a chain");
    hf_error_why("none of those that were given can be read");
    hf_error_next("see: handfast cert inspect FILE");
    return HF_EXIT_FINDING;
}

static int put_in_order(const hf_cert_chain_options *o, const hf_cert_bag *bag,
                        const hf_trust *trust)
{
    hf_chain_order *order = hf_alloc(sizeof *order);
    int status;

    if (!order || hf_chain_order_find(order, bag, trust) != HF_OK) {
        hf_free(order);
        return hf_complain_row(HF_E_NO_MEMORY, "cannot put the certificates in order", NULL);
    }
    say_order(order, bag);
    say_left_out(order, bag);
    status = order->n == 0 ? refuse_empty() : write_chain(o, order, bag);
    if (status == HF_EXIT_OK && !order->complete)
        status = refuse_incomplete(order);
    hf_free(order->items);
    hf_free(order);
    return status;
}

int hf_cmd_cert_chain(const hf_cert_chain_options *options)
{
    hf_cert_bag bag = { .n = 0 };
    hf_trust *trust = hf_trust_new();
    int status;

    if (!trust)
        return hf_complain_row(HF_E_NO_MEMORY, "cannot load CA certificates", "trust");
    status = options->ca.n > 0 ? hf_cas_load(trust, options->ca.at, options->ca.n, "--ca")
                               : hf_system_cas_load(trust, true);
    if (status == HF_EXIT_OK)
        status = hf_bag_read_all(&bag, options->files.at, options->files.n);
    if (status == HF_EXIT_OK)
        status = put_in_order(options, &bag, trust);
    hf_bag_free(&bag);
    hf_trust_free(trust);
    return status;
}
