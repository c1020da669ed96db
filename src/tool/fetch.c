/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The request, and where its answer goes. */
#include "tool/fetch.h"

#include <errno.h>
#include <string.h>

#include <handfast/handfast.h>
#include "tool/dial.h"
#include "tool/exit.h"
#include "tool/say.h"

enum { REQUEST_MAX = 8192 };

static bool write_body(void *user, hf_span piece)
{
    hf_fetch *f = user;

    if (f->file.stream) {
        f->write_error = hf_body_write(&f->file, piece);
        return f->write_error == 0;
    }
    if (f->to_stdout && !hf_out_bytes(piece)) {
        f->stopped = true;
        return false;
    }
    return true;
}

int hf_fetch_prepare(hf_fetch *f, const char *authority, const char *path, const char *output,
                     bool to_stdout)
{
    memset(f, 0, sizeof *f);
    f->request = hf_text_new(REQUEST_MAX);
    f->first_byte_ms = -1;
    f->to_stdout = to_stdout;
    f->output = output;
    hf_http_response_start(&f->response, write_body, f);
    hf_text_say(&f->request, "GET ");
    hf_text_say(&f->request, path);
    hf_text_print(&f->request,
                  " HTTP/1.1\r\nHost: %s\r\nUser-Agent: handfast/%s\r\nAccept: */*\r\nConnection: "
                  "close\r\n\r\n",
                  authority, hf_version());
    if (f->request.full)
        return hf_complain_row(HF_E_LIMIT, "the request is too long", path);
    int error = output ? hf_body_open(&f->file, output) : 0;
    if (!error)
        return HF_EXIT_OK;
    hf_error_what("cannot write the body");
    hf_error_why("%s: %s", output, strerror(error));
    hf_error_next("give a file in a folder that can be written: --output FILE");
    return HF_EXIT_IO;
}

void hf_fetch_send(hf_fetch *f, hf_link *link)
{
    if (f->sent == 0)
        f->asked_at = hf_now_ms();
    if (f->sent < f->request.len)
        f->sent += hf_link_send(link, f->request.data + f->sent, f->request.len - f->sent);
}

void hf_fetch_again(hf_fetch *f)
{
    f->sent = 0;
}

bool hf_fetch_take(hf_fetch *f, hf_span data)
{
    if (f->first_byte_ms < 0)
        f->first_byte_ms = hf_now_ms() - f->asked_at;
    return hf_http_response_feed(&f->response, data) >= HF_HTTP_DONE;
}

void hf_fetch_end(hf_fetch *f)
{
    if (f->response.state < HF_HTTP_DONE)
        hf_http_response_end(&f->response);
}

static void tell(hf_fetch *f, hf_trouble *trouble, const char *where)
{
    if (f->write_error) {
        hf_trouble_own(trouble, HF_EXIT_IO, "OUTPUT", "us", "http");
        hf_trouble_sentence(trouble, "the body could not be written");
        hf_trouble_where(trouble, "%s: %s", f->output, strerror(f->write_error));
        hf_trouble_hint(trouble, "make room, or give another file with --output");
        return;
    }
    hf_trouble_own(trouble, HF_EXIT_FINDING, "HTTP", "peer", "http");
    hf_trouble_sentence(trouble,
                        "the handshake is good, but the answer is not HTTP/1.1 as it should be");
    hf_trouble_where(trouble, "%s: %s", where,
                     f->response.wrong ? f->response.wrong : "no answer came");
    hf_trouble_hint(trouble, "does this port speak HTTP? --pipe shows what it says");
}

void hf_fetch_close(hf_fetch *f, hf_trouble *trouble, const char *where)
{
    if (f->response.state != HF_HTTP_DONE && !f->stopped && !trouble->happened)
        tell(f, trouble, where);
    if (trouble->happened || !f->file.stream) {
        hf_body_abandon(&f->file);
        return;
    }
    f->write_error = hf_body_commit(&f->file);
    if (f->write_error)
        tell(f, trouble, where);
}

void hf_fetch_free(hf_fetch *f)
{
    hf_body_abandon(&f->file);
    hf_text_free(&f->request);
    hf_http_response_free(&f->response);
}
