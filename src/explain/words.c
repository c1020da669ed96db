/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Words that depend on little: what a step is for (steps.def), the names of its place in a handshake, the secret over it. */
#include "explain/words.h"

enum { ANY = 2 };

/* ---- what a step is for ---- */

static const struct purpose {
    hf_step_kind kind;
    hf_msg msg;
    int writer;
    uint16_t version;
    bool bare;
    const char *words;
} purposes[] = {
#define HF_PURPOSE(kind, msg, writer, version, words)                                              \
    { HF_STEP_##kind, HF_MSG_##msg, writer, version, false, words },
#define HF_PURPOSE_BARE(kind, version, words)                                                      \
    { HF_STEP_##kind, HF_MSG_NONE, ANY, version, true, words },
#define HF_STEP_NAME(grouping, number, name)
#include "explain/steps.def"
};

/* By its keys, or by those that a ChangeCipherSpec switches to. */
static bool is_bare(const hf_story_step *step)
{
    return step->bare || (step->kind == HF_STEP_CCS && hf_suite_is_null(step->cipher_suite));
}

/* Rows of `bare` fit what is not encrypted alone, and stand before the others. */
static bool fits(const struct purpose *row, const hf_story_step *step, hf_msg msg)
{
    uint16_t version = step->version && step->version < HF_TLS12 ? HF_TLS12 : step->version;

    return row->kind == step->kind && row->msg == msg && (!row->bare || is_bare(step)) &&
           (row->writer == ANY || row->writer == (int)step->writer) &&
           (row->version == 0 || row->version == version);
}

const char *hf_step_purpose(const hf_story_step *step)
{
    const size_t n = sizeof purposes / sizeof *purposes;
    hf_msg msg = step->kind == HF_STEP_MESSAGE ? step->msg : HF_MSG_NONE;

    for (size_t i = 0; i < n; i++)
        if (fits(&purposes[i], step, msg))
            return purposes[i].words;
    return purposes[n - 1].words; /* "A handshake message." */
}

/* ---- names of teaching texts, and the RFC's ---- */

typedef enum grouping { PHASE, SIX, NINE } grouping;

static const struct {
    grouping of;
    unsigned number;
    const char *name;
} step_names[] = {
#define HF_PURPOSE(kind, msg, writer, version, words)
#define HF_PURPOSE_BARE(kind, version, words)
#define HF_STEP_NAME(grouping, number, name) { grouping, number, name },
#include "explain/steps.def"
};

static const char *name_in(grouping of, unsigned number)
{
    for (size_t i = 0; i < sizeof step_names / sizeof *step_names; i++)
        if (step_names[i].of == of && step_names[i].number == number)
            return step_names[i].name;
    return NULL;
}

const char *hf_phase_name(unsigned phase)
{
    return name_in(PHASE, phase);
}

const char *hf_six_name(unsigned step)
{
    return name_in(SIX, step);
}

const char *hf_nine_name(unsigned step)
{
    return name_in(NINE, step);
}

/* RFC 9846 figure 1; RFC 5246 has no such groups. A first ClientHello belongs to no version yet. */
const char *hf_rfc_group(const hf_story_step *step)
{
    if (step->kind != HF_STEP_MESSAGE || (step->version && !hf_is_13(step->version)))
        return "";
    switch (step->msg) {
    case HF_MSG_ClientHello:
    case HF_MSG_HelloRetryRequest:
    case HF_MSG_ServerHello: return "Key Exchange";
    case HF_MSG_EncryptedExtensions: return "Server Parameters";
    case HF_MSG_CertificateRequest: return step->epoch >= HF_APP ? "" : "Server Parameters";
    case HF_MSG_Certificate:
    case HF_MSG_CertificateVerify:
    case HF_MSG_Finished: return "Authentication";
    default: return "";
    }
}

/* ---- secrets ---- */

/* Generations of application keys; who renews his keys more often than that gets the general name. */
static const char *application_secret(hf_role writer, unsigned generation)
{
#define BOTH(n)                                                                                    \
    {                                                                                              \
        "client_application_traffic_secret_" n, "server_application_traffic_secret_" n             \
    }
    static const char *const names[][2] = { BOTH("0"), BOTH("1"), BOTH("2"), BOTH("3"),
                                            BOTH("4"), BOTH("5"), BOTH("6"), BOTH("7"),
                                            BOTH("8"), BOTH("9"), BOTH("N") };
#undef BOTH
    const unsigned last = sizeof names / sizeof *names - 1;

    return names[generation < last ? generation : last][writer == HF_SERVER];
}

/* RFC 9846 7.1 */
static const char *secret13(hf_role writer, unsigned epoch)
{
    bool server = writer == HF_SERVER;

    switch (epoch) {
    case HF_SAME:
    case HF_PLAIN: return "none: in the clear";
    case HF_EARLY: return "client_early_traffic_secret";
    case HF_HANDSHAKE:
        return server ? "server_handshake_traffic_secret" : "client_handshake_traffic_secret";
    default: return application_secret(writer, epoch - HF_APP);
    }
}

const char *hf_step_secret(const hf_story *story, size_t i)
{
    const hf_story_step *step = &story->steps[i];
    unsigned epoch = step->epoch;
    bool keys = step->kind == HF_STEP_KEYS; /* its epoch is the one that begins */

    if (!step->encrypted && !step->bare && (!keys || epoch <= HF_PLAIN))
        return "none: in the clear";
    if (step->bare && step->version && !hf_is_13(step->version))
        return step->writer == HF_SERVER
                   ? "the server's MAC key of the key_block; it is NOT encrypted"
                   : "the client's MAC key of the key_block; it is NOT encrypted";
    if (step->version && !hf_is_13(step->version)) /* RFC 5246 6.3 */
        return step->writer == HF_SERVER ? "the server's write key of the key_block"
                                         : "the client's write key of the key_block";
    if (epoch == HF_EARLY || hf_is_13(step->version))
        return epoch > HF_PLAIN ? secret13(step->writer, epoch) : "not known";
    return "not known";
}
