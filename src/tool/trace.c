/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* `handfast trace`: a run of connect's whose handshake is what is wanted. Reaching the server is connect.c, showing is trace_out.c. */
#include <sys/stat.h>

#include "tool/connect_run.h"
#include "tool/exit.h"
#include "tool/explain.h"
#include "tool/say.h"
#include "tool/trace_out.h"

static int show(void *user, const hf_recording *recording)
{
    return hf_trace_show(recording->tape, user);
}

/* Whoever saved a trace wants to see it again. */
static int check_target(const char *target)
{
    struct stat s;

    if (!hf_explain_is_file_name(target) || stat(target, &s) != 0)
        return HF_EXIT_OK;
    hf_error_what("trace takes a server, and this is a file");
    hf_error_why("%s", target);
    hf_error_next("write: handfast explain %s", target);
    return HF_EXIT_USAGE;
}

int hf_cmd_trace(const hf_trace_options *options)
{
    static hf_connect_options connect; /* large, and one a process */
    hf_show_options shown = options->show;
    int status = check_target(options->target);

    if (status == HF_EXIT_OK)
        status = hf_trace_check(&shown);
    connect = options->connect;
    connect.target = options->target;
    if (status != HF_EXIT_OK)
        return status;
    return hf_connect_traced(&connect, hf_trace_wants_secrets(&shown), show, &shown);
}
