/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A plan as a worker gets it: any bytes. What is taken keeps the rules of plan.h, says the same when it is packed and unpacked once
 * more, and can be looked up.
 */
#include "fuzz/fuzz.h"
#include "tool/proxy/plan.h"

static void check_parts(const hf_plan *plan)
{
    hf_span memory = { plan->memory, plan->memory_len };

    CHECK(memchr(plan->file, '\0', plan->memory_len));
    CHECK(hf_span_within(plan->yaml, memory));
    for (size_t i = 0; i < plan->n_parts; i++) {
        const hf_plan_part *part = &plan->parts[i];
        CHECK(part->kind < HF_PART_KIND_COUNT && hf_span_within(part->bytes, memory));
        CHECK(hf_plan_find(plan, part->kind, part->site, part->item).data == part->bytes.data);
    }
}

static void check_again(const hf_plan *plan)
{
    hf_plan back;
    uint8_t *bytes;
    size_t len;

    CHECK(hf_plan_pack(plan, &bytes, &len));
    CHECK(hf_plan_unpack(hf_span_of(bytes, len), &back));
    hf_plan_bytes_free(bytes, len);
    CHECK(back.number == plan->number && back.n_parts == plan->n_parts);
    CHECK(strcmp(back.file, plan->file) == 0 && hf_span_equal(back.yaml, plan->yaml));
    for (size_t i = 0; i < plan->n_parts; i++)
        CHECK(hf_span_equal(back.parts[i].bytes, plan->parts[i].bytes));
    hf_plan_free(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hf_plan plan;

    if (!hf_plan_unpack(hf_span_of(data, size), &plan)) {
        CHECK(!plan.memory && !plan.parts);
        return 0;
    }
    check_parts(&plan);
    check_again(&plan);
    hf_plan_free(&plan);
    return 0;
}
