/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* A program that takes the engine alone, without the library for the operating system. */
#include <handfast/handfast.h>

#include <stdio.h>

int main(void)
{
    puts(hf_version());
    return hf_policy_named("modern") ? 0 : 1;
}
