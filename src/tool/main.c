/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Which sub-command is meant, and its handler. Options are options.c's, output is say.c's. */
#include <stddef.h>
#include <string.h>

#include "tool/exit.h"
#include "tool/options.h"
#include "tool/proxy/spawn.h"
#include "tool/say.h"

/* Room for any command's struct. */
typedef union any_options {
    hf_common_options common;
    hf_global_options global;
    hf_demo_options demo;
    hf_connect_options connect;
    hf_trace_options trace;
    hf_explain_options explain;
    hf_serve_options serve;
    hf_audit_options audit;
    hf_watch_options watch;
    hf_proxy_run_options proxy_run;
    hf_proxy_check_options proxy_check;
    hf_proxy_reload_options proxy_reload;
    hf_proxy_status_options proxy_status;
    hf_cert_ca_options cert_ca;
    hf_cert_leaf_options cert_leaf;
    hf_cert_csr_options cert_csr;
    hf_cert_sign_options cert_sign;
    hf_cert_crl_options cert_crl;
    hf_cert_inspect_options cert_inspect;
    hf_cert_verify_options cert_verify;
    hf_cert_chain_options cert_chain;
    hf_policy_list_options policy_list;
    hf_policy_show_options policy_show;
    hf_policy_options policy;
    hf_bench_options bench;
    hf_list_options list;
} any_options;

static int run_demo(const any_options *o)
{
    return hf_cmd_demo(&o->demo);
}

static int run_connect(const any_options *o)
{
    return hf_cmd_connect(&o->connect);
}

static int run_trace(const any_options *o)
{
    return hf_cmd_trace(&o->trace);
}

static int run_explain(const any_options *o)
{
    return hf_cmd_explain(&o->explain);
}

static int run_serve(const any_options *o)
{
    return hf_cmd_serve(&o->serve);
}

static int run_audit(const any_options *o)
{
    return hf_cmd_audit(&o->audit);
}

static int run_watch(const any_options *o)
{
    return hf_cmd_watch(&o->watch);
}

static int run_proxy_run(const any_options *o)
{
    return hf_cmd_proxy_run(&o->proxy_run);
}

static int run_proxy_check(const any_options *o)
{
    return hf_cmd_proxy_check(&o->proxy_check);
}

static int run_proxy_reload(const any_options *o)
{
    return hf_cmd_proxy_reload(&o->proxy_reload);
}

static int run_proxy_status(const any_options *o)
{
    return hf_cmd_proxy_status(&o->proxy_status);
}

static int run_cert_ca(const any_options *o)
{
    return hf_cmd_cert_ca(&o->cert_ca);
}

static int run_cert_leaf(const any_options *o)
{
    return hf_cmd_cert_leaf(&o->cert_leaf);
}

static int run_cert_csr(const any_options *o)
{
    return hf_cmd_cert_csr(&o->cert_csr);
}

static int run_cert_sign(const any_options *o)
{
    return hf_cmd_cert_sign(&o->cert_sign);
}

static int run_cert_crl(const any_options *o)
{
    return hf_cmd_cert_crl(&o->cert_crl);
}

static int run_cert_inspect(const any_options *o)
{
    return hf_cmd_cert_inspect(&o->cert_inspect);
}

static int run_cert_verify(const any_options *o)
{
    return hf_cmd_cert_verify(&o->cert_verify);
}

static int run_cert_chain(const any_options *o)
{
    return hf_cmd_cert_chain(&o->cert_chain);
}

static int run_policy_list(const any_options *o)
{
    return hf_cmd_policy_list(&o->policy_list);
}

static int run_policy_show(const any_options *o)
{
    return hf_cmd_policy_show(&o->policy_show);
}

static int run_policy(const any_options *o)
{
    return hf_cmd_policy(&o->policy);
}

static int run_bench(const any_options *o)
{
    return hf_cmd_bench(&o->bench);
}

static int run_list(const any_options *o)
{
    return hf_cmd_list(&o->list);
}

static const struct {
    const char *name;
    int (*run)(const any_options *options);
} handlers[] = {
    { "demo", run_demo },
    { "connect", run_connect },
    { "trace", run_trace },
    { "explain", run_explain },
    { "serve", run_serve },
    { "audit", run_audit },
    { "watch", run_watch },
    { "proxy run", run_proxy_run },
    { "proxy check", run_proxy_check },
    { "proxy reload", run_proxy_reload },
    { "proxy status", run_proxy_status },
    { "cert ca", run_cert_ca },
    { "cert leaf", run_cert_leaf },
    { "cert csr", run_cert_csr },
    { "cert sign", run_cert_sign },
    { "cert crl", run_cert_crl },
    { "cert inspect", run_cert_inspect },
    { "cert verify", run_cert_verify },
    { "cert chain", run_cert_chain },
    { "policy list", run_policy_list },
    { "policy show", run_policy_show },
    { "policy", run_policy },
    { "bench", run_bench },
    { "list", run_list },
};

static int run(const hf_command *command, const any_options *options)
{
    for (size_t i = 0; i < sizeof handlers / sizeof handlers[0]; i++)
        if (strcmp(handlers[i].name, command->name) == 0)
            return handlers[i].run(options);
    return HF_EXIT_BUG;
}

/* How many words the command's name takes of argv: 0 if it is not this one. */
static int matches(const hf_command *command, int argc, char **argv)
{
    size_t len = strcspn(command->name, " ");

    if (argc < 1 || strlen(argv[0]) != len || strncmp(argv[0], command->name, len) != 0)
        return 0;
    if (command->name[len] == '\0')
        return 1;
    return argc > 1 && strcmp(argv[1], command->name + len + 1) == 0 ? 2 : 0;
}

static const hf_command *find(int argc, char **argv, int *words)
{
    const hf_command *command;

    for (size_t i = 0; (command = hf_command_row(i)) != NULL; i++)
        if ((*words = matches(command, argc, argv)) > 0)
            return command;
    return NULL;
}

static int run_tool(const any_options *options)
{
    if (options->global.version)
        return hf_cmd_version();
    hf_error_what("nothing to do");
    hf_error_why("handfast needs a sub-command");
    hf_error_next("try: handfast demo, or see: handfast --help");
    return HF_EXIT_USAGE;
}

static int parse_and_run(const hf_command *command, int argc, char **argv)
{
    any_options options;
    int e = hf_options_parse(command, argc, argv, &options);

    if (e != HF_EXIT_OK)
        return e;
    hf_say_start(options.common.color);
    if (options.common.help) {
        hf_options_help(command);
        return HF_EXIT_OK;
    }
    return *command->name ? run(command, &options) : run_tool(&options);
}

static bool is_family(const char *word)
{
    char words[128];

    return hf_command_family(word, words, sizeof words) > 0;
}

static bool asks_for_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* `handfast help connect` is `handfast connect --help`. */
static int help_about(int argc, char **argv)
{
    int words;
    const hf_command *command = find(argc, argv, &words);

    if (argc == 0 || asks_for_help(argv[0])) {
        hf_options_help(hf_command_tool());
        return HF_EXIT_OK;
    }
    if (argc == 1 && !command && is_family(argv[0])) {
        hf_family_help(argv[0]);
        return HF_EXIT_OK;
    }
    if (argc > 0 && !command)
        return hf_command_unknown(argv[0], argc > 1 ? argv[1] : NULL);
    hf_options_help(command ? command : hf_command_tool());
    return HF_EXIT_OK;
}

static void reverse(char **argv, int n)
{
    for (int i = 0; i < n / 2; i++) {
        char *word = argv[i];
        argv[i] = argv[n - 1 - i];
        argv[n - 1 - i] = word;
    }
}

/* `--color never demo` is `demo --color never`: the sub-command's words change places with what stands
   before them. */
static void words_before_options(int argc, char **argv)
{
    int common = hf_options_common(argc, argv), words;

    if (common == 0 || !find(argc - common, argv + common, &words))
        return;
    reverse(argv, common);
    reverse(argv + common, words);
    reverse(argv, common + words);
}

static int dispatch(int argc, char **argv)
{
    int words;
    const hf_command *command;

    words_before_options(argc, argv);
    command = find(argc, argv, &words);
    if (command)
        return parse_and_run(command, argc - words, argv + words);
    if (argc == 0 || argv[0][0] == '-')
        return parse_and_run(hf_command_tool(), argc, argv);
    if (strcmp(argv[0], "help") == 0)
        return help_about(argc - 1, argv + 1);
    if (argc > 1 &&
        (asks_for_help(argv[1]) || (is_family(argv[0]) && strcmp(argv[1], "help") == 0)))
        return help_about(1, argv);
    return hf_command_unknown(argv[0], argc > 1 && argv[1][0] != '-' ? argv[1] : NULL);
}

int main(int argc, char **argv)
{
    int code;

    hf_say_start("auto");
    if (hf_spawn_is_worker(&code))
        return hf_say_end(code);
    return hf_say_end(dispatch(argc > 0 ? argc - 1 : 0, argv + 1));
}
