/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The command line as data. Each sub-command has one options/NAME.def, and from its rows come the
 * struct that its handler gets, parsing, --help and "did you mean" (later manual pages and
 * completion). What the options do is not here, and nothing here prints but help and complaints.
 *
 *     struct hf_connect_options o;  o.target, o.ca.n, o.ca.at[i], o.timeout, o.protocol.groups …
 *
 * Texts point into argv. A string that was not given and has no default is NULL; a choice is always
 * one of its words (or NULL without a default); an integer is within the range of its row. Of an
 * option that is not repeatable the last one counts, so that scripts can add to a command line.
 */
#ifndef HF_TOOL_OPTIONS_H
#define HF_TOOL_OPTIONS_H

#include <handfast/policy.h>

enum { HF_OPT_STRINGS_MAX = 100 };

/* The kinds of a row, as the C types of its field. */
typedef bool hf_opt_flag;
typedef int hf_opt_count; /* how often it was given: -vv is 2 */
typedef const char *hf_opt_string;
typedef const char *hf_opt_choice;   /* one word of the row's values */
typedef const char *hf_opt_optional; /* NULL: not given; "": given without its argument */
typedef long hf_opt_integer;
typedef long hf_opt_seconds;    /* milliseconds; given as "1.5" */
typedef struct hf_opt_strings { /* repeatable, in the order given */
    size_t n;
    const char *at[HF_OPT_STRINGS_MAX];
} hf_opt_strings;

#define HF_COMMAND(name, summary, about)
#define HF_ARGUMENT(kind, field, ...) hf_opt_##kind field;
#define HF_OPTION(kind, field, name, letter, arg, values, std, env, help, sample)                  \
    hf_opt_##kind field;

/* --help, --color: in every command. */
typedef struct hf_common_options {
#include "tool/options/common.def"
    uint64_t given; /* see hf_option_given */
} hf_common_options;

/* --policy, --tls, --groups, --ciphers, --sigalgs: what may be spoken. */
typedef struct hf_protocol_options {
#include "tool/options/protocol.def"
} hf_protocol_options;

typedef struct hf_global_options {
    hf_common_options common;
#include "tool/options/global.def"
} hf_global_options;

typedef struct hf_demo_options {
    hf_common_options common;
    hf_protocol_options protocol;
#include "tool/options/demo.def"
} hf_demo_options;

typedef struct hf_connect_options {
    hf_common_options common;
    hf_protocol_options protocol;
#include "tool/options/connect.def"
} hf_connect_options;

/* --html, --pcapng, --json, -v: how a handshake is shown. */
typedef struct hf_show_options {
#include "tool/options/show.def"
} hf_show_options;

/* A client's run: what connect knows about whom to reach and whom to trust. */
typedef struct hf_trace_options {
    hf_connect_options connect; /* of its own fields only those of reach.def */
    hf_show_options show;
#include "tool/options/trace.def"
} hf_trace_options;

typedef struct hf_explain_options {
    hf_common_options common;
    hf_show_options show;
#include "tool/options/explain.def"
} hf_explain_options;

typedef struct hf_serve_options {
    hf_common_options common;
    hf_protocol_options protocol;
#include "tool/options/serve.def"
} hf_serve_options;

typedef struct hf_cert_ca_options {
    hf_common_options common;
#include "tool/options/cert-ca.def"
} hf_cert_ca_options;

typedef struct hf_cert_leaf_options {
    hf_common_options common;
#include "tool/options/cert-leaf.def"
} hf_cert_leaf_options;

typedef struct hf_cert_csr_options {
    hf_common_options common;
#include "tool/options/cert-csr.def"
} hf_cert_csr_options;

typedef struct hf_cert_sign_options {
    hf_common_options common;
#include "tool/options/cert-sign.def"
} hf_cert_sign_options;

typedef struct hf_cert_crl_options {
    hf_common_options common;
#include "tool/options/cert-crl.def"
} hf_cert_crl_options;

typedef struct hf_cert_inspect_options {
    hf_common_options common;
#include "tool/options/cert-inspect.def"
} hf_cert_inspect_options;

typedef struct hf_cert_verify_options {
    hf_common_options common;
#include "tool/options/cert-verify.def"
} hf_cert_verify_options;

typedef struct hf_cert_chain_options {
    hf_common_options common;
#include "tool/options/cert-chain.def"
} hf_cert_chain_options;

typedef struct hf_policy_list_options {
    hf_common_options common;
} hf_policy_list_options;

typedef struct hf_policy_show_options {
    hf_common_options common;
#include "tool/options/policy-show.def"
} hf_policy_show_options;

typedef struct hf_policy_options {
    hf_common_options common;
#include "tool/options/policy.def"
} hf_policy_options;

typedef struct hf_bench_options {
    hf_common_options common;
#include "tool/options/bench.def"
} hf_bench_options;

typedef struct hf_list_options {
    hf_common_options common;
#include "tool/options/list.def"
} hf_list_options;

typedef struct hf_audit_options {
    hf_common_options common;
#include "tool/options/audit.def"
} hf_audit_options;

typedef struct hf_watch_options {
    hf_common_options common;
#include "tool/options/watch.def"
} hf_watch_options;

typedef struct hf_proxy_run_options {
    hf_common_options common;
#include "tool/options/proxy-run.def"
} hf_proxy_run_options;

typedef struct hf_proxy_check_options {
    hf_common_options common;
#include "tool/options/proxy-check.def"
} hf_proxy_check_options;

typedef struct hf_proxy_reload_options {
    hf_common_options common;
#include "tool/options/proxy-reload.def"
} hf_proxy_reload_options;

typedef struct hf_proxy_status_options {
    hf_common_options common;
#include "tool/options/proxy-status.def"
} hf_proxy_status_options;

#undef HF_COMMAND
#undef HF_ARGUMENT
#undef HF_OPTION

/* The sub-commands. Each returns an exit code (tool/exit.h), after it said what went wrong. */
int hf_cmd_demo(const hf_demo_options *options);
int hf_cmd_connect(const hf_connect_options *options);
int hf_cmd_trace(const hf_trace_options *options);
int hf_cmd_explain(const hf_explain_options *options);
int hf_cmd_serve(const hf_serve_options *options);
int hf_cmd_audit(const hf_audit_options *options);
int hf_cmd_watch(const hf_watch_options *options);
int hf_cmd_proxy_run(const hf_proxy_run_options *options);
int hf_cmd_proxy_check(const hf_proxy_check_options *options);
int hf_cmd_proxy_reload(const hf_proxy_reload_options *options);
int hf_cmd_proxy_status(const hf_proxy_status_options *options);
int hf_cmd_cert_ca(const hf_cert_ca_options *options);
int hf_cmd_cert_leaf(const hf_cert_leaf_options *options);
int hf_cmd_cert_csr(const hf_cert_csr_options *options);
int hf_cmd_cert_sign(const hf_cert_sign_options *options);
int hf_cmd_cert_crl(const hf_cert_crl_options *options);
int hf_cmd_cert_inspect(const hf_cert_inspect_options *options);
int hf_cmd_cert_verify(const hf_cert_verify_options *options);
int hf_cmd_cert_chain(const hf_cert_chain_options *options);
int hf_cmd_policy_list(const hf_policy_list_options *options);
int hf_cmd_policy_show(const hf_policy_show_options *options);
int hf_cmd_policy(const hf_policy_options *options);
int hf_cmd_bench(const hf_bench_options *options);
int hf_cmd_list(const hf_list_options *options);
int hf_cmd_version(void);

/* The policy that these options describe: the named one, narrowed. HF_EXIT_OK, or HF_EXIT_USAGE
   after a message that names the option and the word. src/tool/protocol.c */
int hf_protocol_policy(const hf_protocol_options *options, hf_policy *policy);

/* True if it has a suite with static RSA key exchange: a policy for teaching, without forward secrecy for these. */
bool hf_policy_static_rsa(const hf_policy *policy);
/* True if it has a suite with a pre-shared key and nothing else: for small devices, without forward secrecy either. */
bool hf_policy_plain_psk(const hf_policy *policy);
/* Warns of such policies: on every use. psk: keys shared beforehand are in use, so that the second kind counts. */
void hf_warn_no_secrecy(const hf_protocol_options *options, bool psk);

/* True if nothing but plain PSK suites is left of what these options name. */
bool hf_protocol_only_plain_psk(const hf_protocol_options *options);

/* Whether a key shared beforehand, which is for SHA-256, can be used with what these options leave; else it says why not. */
int hf_protocol_check_psk(const hf_protocol_options *options);

/* Says that there is no such policy, and which was meant. HF_EXIT_USAGE. */
int hf_unknown_policy(const char *name);

/* "h2,http/1.1" as hf_config_set_alpn wants it. The names point into `store`. */
enum { HF_ALPN_TEXT_MAX = 512, HF_ALPN_NAMES_MAX = 16 };
typedef struct hf_alpn_list {
    char store[HF_ALPN_TEXT_MAX];
    const char *names[HF_ALPN_NAMES_MAX];
    size_t n;
} hf_alpn_list;
/* `text` may be NULL: no names. HF_EXIT_OK or HF_EXIT_USAGE. */
int hf_alpn_parse(const char *text, hf_alpn_list *list);

/* ---- the tables ---- */

typedef enum hf_opt_kind {
    HF_OPT_flag,
    HF_OPT_count,
    HF_OPT_string,
    HF_OPT_strings,
    HF_OPT_choice,
    HF_OPT_optional,
    HF_OPT_integer,
    HF_OPT_seconds
} hf_opt_kind;

typedef struct hf_opt_row {
    hf_opt_kind kind;
    size_t offset;      /* of the field in its struct */
    const char *name;   /* without the dashes */
    char letter;        /* 0: no short form */
    const char *arg;    /* "FILE"; NULL for a flag and a count */
    const char *values; /* choice: "auto|always|never"; integer, seconds: "1..3600"; else NULL */
    const char *std;    /* the default, or NULL */
    const char *env;    /* environment variable that stands in for it, or NULL */
    const char *help;
    const char *sample; /* an example of its use, after "handfast " */
} hf_opt_row;

typedef struct hf_arg_row {
    hf_opt_kind kind; /* string, choice or strings */
    size_t offset;
    const char *arg;
    const char *values; /* choice */
    size_t min;         /* how many are needed */
    const char *help;
    const char *sample;
} hf_arg_row;

typedef struct hf_opt_group {
    const char *title; /* "Protocol" */
    const hf_opt_row *rows;
    size_t n, offset; /* of the group's struct in the command's */
} hf_opt_group;

enum { HF_OPT_GROUPS = 4 };

typedef struct hf_command {
    const char *name;    /* "cert ca"; "" for the tool itself */
    const char *summary; /* one line of `handfast --help` */
    const char *about;   /* paragraphs, divided by empty lines */
    const hf_arg_row *args;
    size_t n_args;
    hf_opt_group groups[HF_OPT_GROUPS];
    size_t size; /* of its struct */
} hf_command;

/* 1500 as "1.5". */
enum { HF_SECONDS_ROOM = 32 };
void hf_seconds_text(long ms, char out[HF_SECONDS_ROOM]);

/* Row i of the sub-commands; NULL past the end. And the tool itself. */
const hf_command *hf_command_row(size_t i);
const hf_command *hf_command_tool(void);
const hf_command *hf_command_named(const char *name);

/* True if nothing stands behind it but other words: a flag or a count. */
static inline bool hf_opt_is_bare(const hf_opt_row *row)
{
    return row->kind == HF_OPT_flag || row->kind == HF_OPT_count;
}

/* An example of that option for that command: shared rows hold one of connect. */
void hf_option_sample(const hf_command *command, const hf_opt_row *row, char *out, size_t room);

/* Fills `out` (command->size bytes) from the words after the command's name. HF_EXIT_OK or
   HF_EXIT_USAGE after a message. With --help, what is missing is no error. */
int hf_options_parse(const hf_command *command, int argc, char **argv, void *out);
/* Whether that option stood on the command line: a default is not given. */
bool hf_option_given(const hf_command *command, const void *options, const char *name);
/* To stdout, 80 columns. */
void hf_options_help(const hf_command *command);
/* How many words of argv, from its beginning, are options of every command (--color WHEN, --help). */
int hf_options_common(int argc, char **argv);
/* The second words of the commands that begin with `first`: "ca, leaf, inspect". How many. */
size_t hf_command_family(const char *first, char *out, size_t room);
/* `handfast cert --help`: the commands that begin with that word. */
void hf_family_help(const char *first);
/* Says that there is no such sub-command, and which was meant. HF_EXIT_USAGE. */
int hf_command_unknown(const char *first, const char *second);

#endif
