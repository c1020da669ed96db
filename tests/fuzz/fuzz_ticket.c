/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * What stands inside a server's ticket. A client has a session of a good handshake; the state in its ticket is
 * edited as the input says, by fields or anywhere, and sealed again under the server's own key, as an older
 * or a broken server of the same farm might have done. The first byte chooses the version, the second the
 * ends' settings; the rest are edits.
 *
 * The client comes back with it:
 *   - the server resumes only what is whole, of that version, made under these settings for that name, in
 *     its lifetime, with a suite that both have, and by the secret that the client has too;
 *   - what it does not resume costs a full handshake; only what was wrong with the secret, its suite or what
 *     they rest on may cost the connection;
 *   - a state that was not changed is resumed.
 */
#include "fuzz/fields.h"
#include "fuzz/mutate.h"
#include "fuzz/pki.h"
#include "fuzz/schedule.h"
#include "keys/session.h"

enum { EDITS_MAX = 4, KINDS = 2, SETTINGS = 8 };

/* ---- the state's layout (keys/session.c), a second time ---- */

typedef enum part_name {
    FORMAT,
    VERSION,
    SUITE,
    EMS,
    SECRET,
    CREATED,
    EXPIRES,
    CHAIN_EXPIRES,
    CONTEXT,
    SERVER_NAME,
    ALPN,
    SUBJECT,
    SANS,
    FINGERPRINT,
    NOT_AFTER,
    AGE_ADD,
    MAX_EARLY,
    ISSUED,
    EARLY_ID,
    ENDPOINT,
    VERIFY_NAME,
    SESSION_ID,
    TICKET,
    PARTS
} part_name;

/* Bytes of it, or of its length. */
static const struct {
    uint8_t width;
    bool vector;
} layout[PARTS] = {
    { 2, 0 },  { 2, 0 }, { 2, 0 },  { 1, 0 }, { 1, 1 }, { 8, 0 }, { 8, 0 }, { 8, 0 },
    { 32, 0 }, { 1, 1 }, { 1, 1 },  { 2, 1 }, { 2, 1 }, { 1, 1 }, { 8, 0 }, { 4, 0 },
    { 4, 0 },  { 8, 0 }, { 16, 0 }, { 2, 1 }, { 2, 1 }, { 1, 1 }, { 2, 1 },
};

static uint64_t number(hf_span bytes)
{
    uint64_t v = 0;

    for (size_t i = 0; i < bytes.len; i++)
        v = v << 8 | bytes.data[i];
    return v;
}

/* Each part without its length; false: more or less than the layout. */
static bool parts_of(hf_span state, hf_span parts[PARTS])
{
    for (int i = 0; i < PARTS; i++) {
        size_t len = layout[i].width;
        if (state.len < len)
            return false;
        if (layout[i].vector) {
            len = (size_t)number(hf_span_of(state.data, len));
            state = hf_span_of(state.data + layout[i].width, state.len - layout[i].width);
        }
        if (state.len < len)
            return false;
        parts[i] = hf_span_of(state.data, len);
        state = hf_span_of(state.data + len, state.len - len);
    }
    return state.len == 0;
}

/* For fields_edit, up to what is not whole. */
static void tell_state(const void *what, hf_span state, const hf_field_sink *sink)
{
    hf_span parts[PARTS] = { { NULL, 0 } };
    hf_field all = { HF_FIELD_BEGIN, "state", 0, state.len, 0, NULL };

    (void)what;
    sink->field(sink->user, &all);
    (void)parts_of(state, parts);
    for (int i = 0; i < PARTS && parts[i].data; i++) {
        size_t at = (size_t)(parts[i].data - state.data), width = layout[i].width;
        hf_field length = { HF_FIELD_LENGTH, "part", at - width, width, 0, NULL };
        hf_field part = { width <= 8 && !layout[i].vector ? HF_FIELD_UINT : HF_FIELD_BYTES,
                          "part",
                          at,
                          parts[i].len,
                          0,
                          parts[i].data };
        if (layout[i].vector)
            sink->field(sink->user, &length);
        sink->field(sink->user, &part);
    }
}

/* ---- the first visit ---- */

typedef struct scene {
    acquaintance known;
    uint8_t how[2];
    uint64_t random[2];
    hostile_bytes state; /* as it was sealed */
} scene;

static void configure(hf_config *config, hf_role role, void *user)
{
    scene *s = user;

    s->random[role] = (uint64_t)role;
    config->random = (hf_random){ fuzz_draw, &s->random[role] };
}

static void options(scene *s, bool before, pair_options *o)
{
    *o = (pair_options){
        .pki = fuzz_pki(), .configure = configure, .user = s, .alpn = { { "fuzz" }, { "fuzz" } }
    };
    acquaintance_options(&s->known, s->how, before, o);
}

static void open_state(scene *s)
{
    uint8_t state[HF_SESSION_STATE_MAX];
    hf_session session;
    bool renew;
    size_t len;

    CHECK(hf_session_read(hf_span_of(s->known.session.bytes, s->known.session.len), &session) ==
          HF_OK);
    CHECK(hf_ticket_open(s->known.sessions, TEST_NOW, session.ticket, state, &len, &renew) ==
          HF_OK);
    hb_set(&s->state, hf_span_of(state, len));
}

/* Made once for each version and setting: nothing that comes after changes it. */
static scene *scene_of(uint8_t kind, uint8_t setting)
{
    static const uint8_t flows[KINDS] = { FLOW_RESUMED, FLOW_RESUMED12 };
    static scene *scenes[KINDS][SETTINGS];
    pair_options o;
    pair p;

    scene *s = scenes[kind][setting];
    if (s)
        return s;
    s = calloc(1, sizeof *s);
    CHECK(s);
    s->how[HF_SERVER] = (uint8_t)((setting & 1) * 16);
    s->how[HF_CLIENT] = (uint8_t)(setting / 2 % 4 * 16);
    acquaintance_start(&s->known, flows[kind], TWIST_NONE);
    options(s, true, &o);
    pair_start(&p, &o);
    pair_connect(&p);
    acquaintance_keep(&s->known, p.end[HF_CLIENT].conn);
    pair_free(&p);
    open_state(s);
    return scenes[kind][setting] = s;
}

/* ---- the second ---- */

static void put_ticket(hf_session *session, const void *with)
{
    session->ticket = *(const hf_span *)with;
}

/* False: no ticket can hold it. */
static bool come_back(scene *s, hf_span state, pair *p)
{
    static kept changed;
    uint8_t ticket[HF_TICKET_MAX];
    uint64_t random = 7;
    const hf_random draw = { fuzz_draw, &random };
    pair_options o;
    size_t len;

    if (hf_ticket_seal(s->known.sessions, &draw, TEST_NOW, state, ticket, &len) != HF_OK)
        return false;
    changed = s->known.session;
    hf_span whole = hf_span_of(ticket, len);
    recut(&changed, put_ticket, &whole);
    options(s, false, &o);
    o.session = hf_span_of(changed.bytes, changed.len);
    pair_start(p, &o);
    pair_run(p);
    return true;
}

static bool same_part(const hf_span *a, const hf_span *b, part_name name)
{
    return hf_span_equal(a[name], b[name]);
}

/* What must be so of a session that is resumed. */
static void check_resumed(const scene *s, hf_span state, const hf_conn_info *info)
{
    hf_span now[PARTS], was[PARTS];

    CHECK(parts_of(state, now) && parts_of(hb_span(&s->state), was));
    CHECK(same_part(now, was, FORMAT) && number(now[VERSION]) == info->version);
    CHECK(same_part(now, was, CONTEXT) && same_part(now, was, SERVER_NAME));
    CHECK(same_part(now, was, SECRET) && number(now[EMS]) <= 1);
    CHECK(number(now[CREATED]) <= TEST_NOW && number(now[EXPIRES]) > TEST_NOW &&
          number(now[EXPIRES]) <= INT64_MAX);
    CHECK(hf_in_list(s->known.policy[HF_SERVER].suites, (uint16_t)number(now[SUITE])));
    if (info->version == HF_TLS12)
        CHECK(number(now[SUITE]) == info->cipher_suite && same_part(now, was, ALPN) &&
              same_part(now, was, EMS));
}

/* The connection rests on these; the rest is only looked at. */
static bool rests_on_the_same(const scene *s, hf_span state)
{
    static const part_name rests[] = { SECRET, SUITE, EMS, SUBJECT, SANS, FINGERPRINT, NOT_AFTER };
    hf_span now[PARTS], was[PARTS];

    if (!parts_of(state, now)) /* no session at all */
        return true;
    CHECK(parts_of(hb_span(&s->state), was));
    for (size_t i = 0; i < sizeof rests / sizeof *rests; i++)
        if (!same_part(now, was, rests[i]))
            return false;
    return true;
}

static void judge(const scene *s, hf_span state, const pair *p)
{
    const pair_end *client = &p->end[HF_CLIENT], *server = &p->end[HF_SERVER];
    const hf_conn_info *info = hf_conn_info_of(server->conn);
    const hf_failure *failure = hf_conn_failure(server->conn);

    CHECK(!failure || (failure->code != HF_E_INTERNAL && failure->code != HF_E_NO_MEMORY));
    CHECK(client->connected == server->connected || !rests_on_the_same(s, state));
    if (rests_on_the_same(s, state))
        CHECK(client->connected && server->connected);
    if (client->connected && server->connected)
        CHECK(info->resumed == hf_conn_info_of(client->conn)->resumed);
    if (info->resumed && server->connected)
        check_resumed(s, state, info);
    if (hf_span_equal(state, hb_span(&s->state)))
        CHECK(info->resumed && server->connected);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    input in = { data, size };
    uint8_t kind = input_u8(&in) % KINDS;
    scene *s = scene_of(kind, input_u8(&in) % SETTINGS);
    hostile_bytes state = { 0 };
    pair p;

    hb_set(&state, hb_span(&s->state));
    for (int i = 0; i < EDITS_MAX && in.left > 0; i++)
        (void)fields_edit(&in, tell_state, NULL, &state);
    if (come_back(s, hb_span(&state), &p)) {
        judge(s, hb_span(&state), &p);
        pair_free(&p);
    }
    hb_free(&state);
    return 0;
}

/* An edit more, or the same ones changed. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    enum { HEAD = 2, LEAST = HEAD + FIELDS_EDIT + FIELDS_MORE };
    uint64_t random = seed;
    input in = { data, size };

    if (seed % 3 > 0 || max < LEAST)
        return LLVMFuzzerMutate(data, size, max);
    input_take(&in, HEAD);
    for (uint64_t n = fields_random(&random) % EDITS_MAX; n > 0 && in.left > 0; n--)
        input_take(&in, fields_edit_size(in));
    size_t at = size - in.left;
    for (; at < HEAD; at++)
        data[at] = 0;
    if (at + FIELDS_EDIT + FIELDS_MORE > max)
        return size;
    fuzz_draw(&random, data + at, FIELDS_EDIT + FIELDS_MORE);
    data[at + FIELDS_EDIT - 1] %= 16;
    return at + FIELDS_EDIT + data[at + FIELDS_EDIT - 1];
}
