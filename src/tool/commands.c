/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* The .def files as tables: one hf_command for each of them. No code but the look-up. */
#include <stdio.h>
#include <string.h>
#include "tool/options.h"

/* ---- rows ---- */

#define HF_COMMAND(name, summary, about)
#define HF_OPTION(kind, field, name, letter, arg, values, std, env, help, sample)                  \
    { HF_OPT_##kind, offsetof(OWNER, field), name, letter, arg, values, std, env, help, sample },
#define HF_ARGUMENT(kind, field, arg, values, min, help, sample)

#define OWNER hf_common_options
static const hf_opt_row common_rows[] = {
#include "tool/options/common.def"
};
#undef OWNER
#define OWNER hf_protocol_options
static const hf_opt_row protocol_rows[] = {
#include "tool/options/protocol.def"
};
#undef OWNER
#define OWNER hf_global_options
static const hf_opt_row global_rows[] = {
#include "tool/options/global.def"
};
#undef OWNER
#define OWNER hf_demo_options
static const hf_opt_row demo_rows[] = {
#include "tool/options/demo.def"
};
#undef OWNER
#define OWNER hf_connect_options
static const hf_opt_row connect_rows[] = {
#include "tool/options/connect.def"
};
#undef OWNER
#define OWNER hf_connect_options
static const hf_opt_row reach_rows[] = {
#include "tool/options/reach.def"
};
#undef OWNER
#define OWNER hf_show_options
static const hf_opt_row show_rows[] = {
#include "tool/options/show.def"
};
#undef OWNER
#define OWNER hf_explain_options
static const hf_opt_row explain_rows[] = {
#include "tool/options/explain.def"
};
#undef OWNER
#define OWNER hf_serve_options
static const hf_opt_row serve_rows[] = {
#include "tool/options/serve.def"
};
#undef OWNER
#define OWNER hf_audit_options
static const hf_opt_row audit_rows[] = {
#include "tool/options/audit.def"
};
#undef OWNER
#define OWNER hf_watch_options
static const hf_opt_row watch_rows[] = {
#include "tool/options/watch.def"
};
#undef OWNER
#define OWNER hf_proxy_check_options
static const hf_opt_row proxy_check_rows[] = {
#include "tool/options/proxy-check.def"
};
#undef OWNER
#define OWNER hf_proxy_reload_options
static const hf_opt_row proxy_reload_rows[] = {
#include "tool/options/proxy-reload.def"
};
#undef OWNER
#define OWNER hf_proxy_status_options
static const hf_opt_row proxy_status_rows[] = {
#include "tool/options/proxy-status.def"
};
#undef OWNER
#define OWNER hf_cert_ca_options
static const hf_opt_row cert_ca_rows[] = {
#include "tool/options/cert-ca.def"
};
#undef OWNER
#define OWNER hf_cert_leaf_options
static const hf_opt_row cert_leaf_rows[] = {
#include "tool/options/cert-leaf.def"
};
#undef OWNER
#define OWNER hf_cert_csr_options
static const hf_opt_row cert_csr_rows[] = {
#include "tool/options/cert-csr.def"
};
#undef OWNER
#define OWNER hf_cert_sign_options
static const hf_opt_row cert_sign_rows[] = {
#include "tool/options/cert-sign.def"
};
#undef OWNER
#define OWNER hf_cert_crl_options
static const hf_opt_row cert_crl_rows[] = {
#include "tool/options/cert-crl.def"
};
#undef OWNER
#define OWNER hf_cert_inspect_options
static const hf_opt_row cert_inspect_rows[] = {
#include "tool/options/cert-inspect.def"
};
#undef OWNER
#define OWNER hf_cert_verify_options
static const hf_opt_row cert_verify_rows[] = {
#include "tool/options/cert-verify.def"
};
#undef OWNER
#define OWNER hf_cert_chain_options
static const hf_opt_row cert_chain_rows[] = {
#include "tool/options/cert-chain.def"
};
#undef OWNER
#define OWNER hf_bench_options
static const hf_opt_row bench_rows[] = {
#include "tool/options/bench.def"
};
#undef OWNER

/* ---- arguments ---- */

#undef HF_OPTION
#undef HF_ARGUMENT
#define HF_OPTION(kind, field, name, letter, arg, values, std, env, help, sample)
#define HF_ARGUMENT(kind, field, arg, values, min, help, sample)                                   \
    { HF_OPT_##kind, offsetof(OWNER, field), arg, values, min, help, sample },

#define OWNER hf_connect_options
static const hf_arg_row connect_args[] = {
#include "tool/options/connect.def"
};
#undef OWNER
#define OWNER hf_trace_options
static const hf_arg_row trace_args[] = {
#include "tool/options/trace.def"
};
#undef OWNER
#define OWNER hf_explain_options
static const hf_arg_row explain_args[] = {
#include "tool/options/explain.def"
};
#undef OWNER
#define OWNER hf_audit_options
static const hf_arg_row audit_args[] = {
#include "tool/options/audit.def"
};
#undef OWNER
#define OWNER hf_watch_options
static const hf_arg_row watch_args[] = {
#include "tool/options/watch.def"
};
#undef OWNER
#define OWNER hf_proxy_run_options
static const hf_arg_row proxy_run_args[] = {
#include "tool/options/proxy-run.def"
};
#undef OWNER
#define OWNER hf_proxy_check_options
static const hf_arg_row proxy_check_args[] = {
#include "tool/options/proxy-check.def"
};
#undef OWNER
#define OWNER hf_proxy_reload_options
static const hf_arg_row proxy_reload_args[] = {
#include "tool/options/proxy-reload.def"
};
#undef OWNER
#define OWNER hf_proxy_status_options
static const hf_arg_row proxy_status_args[] = {
#include "tool/options/proxy-status.def"
};
#undef OWNER
#define OWNER hf_cert_leaf_options
static const hf_arg_row cert_leaf_args[] = {
#include "tool/options/cert-leaf.def"
};
#undef OWNER
#define OWNER hf_cert_csr_options
static const hf_arg_row cert_csr_args[] = {
#include "tool/options/cert-csr.def"
};
#undef OWNER
#define OWNER hf_cert_sign_options
static const hf_arg_row cert_sign_args[] = {
#include "tool/options/cert-sign.def"
};
#undef OWNER
#define OWNER hf_cert_inspect_options
static const hf_arg_row cert_inspect_args[] = {
#include "tool/options/cert-inspect.def"
};
#undef OWNER
#define OWNER hf_cert_verify_options
static const hf_arg_row cert_verify_args[] = {
#include "tool/options/cert-verify.def"
};
#undef OWNER
#define OWNER hf_cert_chain_options
static const hf_arg_row cert_chain_args[] = {
#include "tool/options/cert-chain.def"
};
#undef OWNER
#define OWNER hf_policy_show_options
static const hf_arg_row policy_show_args[] = {
#include "tool/options/policy-show.def"
};
#undef OWNER
#define OWNER hf_policy_options
static const hf_arg_row policy_args[] = {
#include "tool/options/policy.def"
};
#undef OWNER
#define OWNER hf_list_options
static const hf_arg_row list_args[] = {
#include "tool/options/list.def"
};
#undef OWNER

/* ---- commands ---- */

#undef HF_COMMAND
#undef HF_ARGUMENT
#define HF_COMMAND(name, summary, about) name, summary, about,
#define HF_ARGUMENT(kind, field, arg, values, min, help, sample)

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])
#define ARGS(rows)  rows, COUNT(rows)
#define COMMON                                                                                     \
    {                                                                                              \
        "Common", common_rows, COUNT(common_rows), 0                                               \
    }
#define OWN(rows)                                                                                  \
    {                                                                                              \
        "Options", rows, COUNT(rows), 0                                                            \
    }
#define PROTOCOL(type)                                                                             \
    {                                                                                              \
        "Protocol", protocol_rows, COUNT(protocol_rows), offsetof(type, protocol)                  \
    }

#define SHOW(type)                                                                                 \
    {                                                                                              \
        "Output", show_rows, COUNT(show_rows), offsetof(type, show)                                \
    }
#define REACH(type)                                                                                \
    {                                                                                              \
        "Connection", reach_rows, COUNT(reach_rows), offsetof(type, connect)                       \
    }

static const hf_command tool = {
#include "tool/options/global.def"
    NULL, 0, { OWN(global_rows), COMMON }, sizeof(hf_global_options)
};

/* In the order of `handfast --help`. */
static const hf_command commands[] = {
    {
#include "tool/options/demo.def"
        NULL, 0, { OWN(demo_rows), PROTOCOL(hf_demo_options), COMMON }, sizeof(hf_demo_options) },
    {
#include "tool/options/connect.def"
        ARGS(connect_args),
        { OWN(connect_rows), PROTOCOL(hf_connect_options), COMMON },
        sizeof(hf_connect_options) },
    {
#include "tool/options/trace.def"
        ARGS(trace_args),
        { SHOW(hf_trace_options),
          REACH(hf_trace_options),
          { "Protocol", protocol_rows, COUNT(protocol_rows),
            offsetof(hf_trace_options, connect.protocol) },
          COMMON },
        sizeof(hf_trace_options) },
    {
#include "tool/options/explain.def"
        ARGS(explain_args),
        { OWN(explain_rows), SHOW(hf_explain_options), COMMON },
        sizeof(hf_explain_options) },
    {
#include "tool/options/serve.def"
        NULL,
        0,
        { OWN(serve_rows), PROTOCOL(hf_serve_options), COMMON },
        sizeof(hf_serve_options) },
    {
#include "tool/options/audit.def"
        ARGS(audit_args), { OWN(audit_rows), COMMON }, sizeof(hf_audit_options) },
    {
#include "tool/options/watch.def"
        ARGS(watch_args), { OWN(watch_rows), COMMON }, sizeof(hf_watch_options) },
    {
#include "tool/options/proxy-run.def"
        ARGS(proxy_run_args), { COMMON }, sizeof(hf_proxy_run_options) },
    {
#include "tool/options/proxy-check.def"
        ARGS(proxy_check_args), { OWN(proxy_check_rows), COMMON }, sizeof(hf_proxy_check_options) },
    {
#include "tool/options/proxy-reload.def"
        ARGS(proxy_reload_args),
        { OWN(proxy_reload_rows), COMMON },
        sizeof(hf_proxy_reload_options) },
    {
#include "tool/options/proxy-status.def"
        ARGS(proxy_status_args),
        { OWN(proxy_status_rows), COMMON },
        sizeof(hf_proxy_status_options) },
    {
#include "tool/options/cert-ca.def"
        NULL, 0, { OWN(cert_ca_rows), COMMON }, sizeof(hf_cert_ca_options) },
    {
#include "tool/options/cert-leaf.def"
        ARGS(cert_leaf_args), { OWN(cert_leaf_rows), COMMON }, sizeof(hf_cert_leaf_options) },
    {
#include "tool/options/cert-csr.def"
        ARGS(cert_csr_args), { OWN(cert_csr_rows), COMMON }, sizeof(hf_cert_csr_options) },
    {
#include "tool/options/cert-sign.def"
        ARGS(cert_sign_args), { OWN(cert_sign_rows), COMMON }, sizeof(hf_cert_sign_options) },
    {
#include "tool/options/cert-crl.def"
        NULL, 0, { OWN(cert_crl_rows), COMMON }, sizeof(hf_cert_crl_options) },
    {
#include "tool/options/cert-inspect.def"
        ARGS(cert_inspect_args),
        { OWN(cert_inspect_rows), COMMON },
        sizeof(hf_cert_inspect_options) },
    {
#include "tool/options/cert-verify.def"
        ARGS(cert_verify_args), { OWN(cert_verify_rows), COMMON }, sizeof(hf_cert_verify_options) },
    {
#include "tool/options/cert-chain.def"
        ARGS(cert_chain_args), { OWN(cert_chain_rows), COMMON }, sizeof(hf_cert_chain_options) },
    {
#include "tool/options/policy-list.def"
        NULL, 0, { COMMON }, sizeof(hf_policy_list_options) },
    {
#include "tool/options/policy-show.def"
        ARGS(policy_show_args), { COMMON }, sizeof(hf_policy_show_options) },
    {
#include "tool/options/policy.def"
        ARGS(policy_args), { COMMON }, sizeof(hf_policy_options) },
    {
#include "tool/options/bench.def"
        NULL, 0, { OWN(bench_rows), COMMON }, sizeof(hf_bench_options) },
    {
#include "tool/options/list.def"
        ARGS(list_args), { COMMON }, sizeof(hf_list_options) },
};

const hf_command *hf_command_row(size_t i)
{
    return i < COUNT(commands) ? &commands[i] : NULL;
}

const hf_command *hf_command_named(const char *name)
{
    for (size_t i = 0; i < COUNT(commands); i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

const hf_command *hf_command_tool(void)
{
    return &tool;
}

/* The sample's words for that command: between its first word and its target, which both may change. */
static void adapt(const char *sample, const char *first, const char *to, const char *target,
                  char *out, size_t room)
{
    static const char example[] = " example.org";
    size_t len = strlen(sample), skip = strlen(first), end = sizeof example - 1;
    bool named = len > skip + end && strcmp(sample + len - end, example) == 0;

    snprintf(out, room, "%s%s%.*s%s", to, *to ? " " : "", (int)(len - skip - (named ? end : 0)),
             sample + skip, named ? target : "");
}

void hf_option_sample(const hf_command *command, const hf_opt_row *row, char *out, size_t room)
{
    bool trace = strcmp(command->name, "trace") == 0,
         explain = strcmp(command->name, "explain") == 0;

    if (explain && strncmp(row->sample, "trace ", 6) == 0)
        adapt(row->sample, "trace ", "explain", " trace.json", out, room);
    else if (strcmp(command->name, "connect") == 0 || strncmp(row->sample, "connect ", 8) != 0)
        snprintf(out, room, "%s", row->sample);
    else
        adapt(row->sample, "connect ", command->name,
              trace     ? " example.org"
              : explain ? " trace.json"
                        : "",
              out, room);
}
