/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * `handfast bench` in a program that also counts allocations and memory; the same options. `make bench` runs it. Built
 * with -O2 and without sanitizers, which have a malloc of their own.
 */
#include "count.h"
#include "tool/bench.h"
#include "tool/exit.h"
#include "tool/say.h"

int main(int argc, char **argv)
{
    const hf_command *command = hf_command_named("bench");
    hf_bench_options options;
    bool apart = count_libcrypto_apart();

    hf_say_start("auto");
    int status = hf_options_parse(command, argc - 1, argv + 1, &options);
    if (status != HF_EXIT_OK)
        return hf_say_end(status);
    if (options.common.help) {
        hf_options_help(command);
        return hf_say_end(HF_EXIT_OK);
    }
    if (!apart)
        hf_warn("libcrypto's allocations cannot be told apart here: they count as handfast's");
    return hf_say_end(hf_bench_with(&options, &count_allocations));
}
