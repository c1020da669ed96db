/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Bytes as a tree of fields, and edits that keep the lengths right. */
#include "fuzz/fields.h"

#include "fuzz/pki.h"
#include "wire/wire.h"

enum { FIELDS_MAX = 512, DEPTH_MAX = 16, BYTES_MAX = 32768 };

/* A field with all that belongs to it: an extension has its type and length, a vector its length. */
typedef struct node {
    size_t start, at, end; /* from its type or length; its content */
    size_t width;          /* of its length, 0: it has none */
    int parent;            /* -1: the whole */
    hf_field_kind kind;
} node;

typedef struct tree {
    node nodes[FIELDS_MAX];
    size_t n, depth;
    int open[DEPTH_MAX];
    bool has_type, has_length; /* the fields before this one belong to it */
    size_t type_at, length_at, width;
} tree;

/* ---- hearing ---- */

static bool is_type(const hf_field *f)
{
    return f->kind == HF_FIELD_UINT && strcmp(f->name, "extension_type") == 0;
}

static void add(tree *t, const hf_field *f)
{
    if (t->n == FIELDS_MAX || t->depth == DEPTH_MAX)
        return;
    node *n = &t->nodes[t->n];

    *n = (node){ .start = f->offset,
                 .at = f->offset,
                 .end = f->offset + f->len,
                 .parent = t->depth > 0 ? t->open[t->depth - 1] : -1,
                 .kind = f->kind };
    if (t->has_length) {
        n->width = t->width;
        n->start = t->has_type ? t->type_at : t->length_at;
    }
    if (f->kind == HF_FIELD_BEGIN)
        t->open[t->depth++] = (int)t->n;
    t->n++;
}

static void hear(void *user, const hf_field *f)
{
    tree *t = user;

    if (f->kind == HF_FIELD_END) {
        t->depth -= t->depth > 0;
    } else if (f->kind == HF_FIELD_LENGTH) {
        t->has_length = true;
        t->length_at = f->offset;
        t->width = f->len;
        return;
    } else {
        add(t, f);
    }
    t->has_length = false;
    t->has_type = is_type(f);
    t->type_at = f->offset;
}

static void plant(tree *t, fields_tell *tell, const void *what, hf_span bytes)
{
    const hf_field_sink sink = { hear, t };

    t->n = t->depth = 0;
    t->has_type = t->has_length = false;
    tell(what, bytes, &sink);
}

/* ---- editing ---- */

static uint64_t number_at(const hostile_bytes *b, size_t at, size_t width)
{
    uint64_t v = 0;

    while (width-- > 0)
        v = v << 8 | b->data[at++];
    return v;
}

static void set_number(hostile_bytes *b, size_t at, size_t width, uint64_t value)
{
    while (width-- > 0)
        b->data[at++] = (uint8_t)(value >> 8 * width);
}

/* All lengths from that field outwards, which stand before the change. */
static void grow(const tree *t, int i, hostile_bytes *b, size_t by)
{
    for (; i >= 0; i = t->nodes[i].parent) {
        const node *n = &t->nodes[i];
        if (n->width > 0)
            set_number(b, n->at - n->width, n->width,
                       number_at(b, n->at - n->width, n->width) + by);
    }
}

static void fill(const tree *t, int i, hostile_bytes *b, size_t at, size_t len, hf_span by)
{
    hb_replace(b, at, len, by);
    grow(t, i, b, by.len - len);
}

static void copy_to(const tree *t, const node *n, hostile_bytes *b, size_t to)
{
    size_t len = n->end - n->start;
    uint8_t *copy = tight_copy(hf_span_of(b->data + n->start, len));

    fill(t, n->parent, b, to, 0, hf_span_of(copy, len));
    free(copy);
}

static void drop(const tree *t, const node *n, hostile_bytes *b)
{
    fill(t, n->parent, b, n->start, n->end - n->start, hf_span_of(NULL, 0));
}

/* With the field behind it, or to the end of what it stands in. */
static void move(const tree *t, const node *n, hostile_bytes *b, bool to_the_end)
{
    size_t to = n->end;

    for (size_t i = 0; i < t->n; i++)
        if (t->nodes[i].parent == n->parent && t->nodes[i].start >= to &&
            (to_the_end || to == n->end) && t->nodes[i].kind != HF_FIELD_UINT)
            to = t->nodes[i].end;
    copy_to(t, n, b, to);
    drop(t, n, b);
}

static void set_value(const node *n, hostile_bytes *b, uint8_t how, hf_span more)
{
    static const uint64_t values[] = { 0, 1, 2, 0xff, 0xffff, 0xffffffff, 0x0303, 0x0304 };
    size_t width = n->end - n->at;
    uint64_t v = number_at(b, n->at, width);

    switch (how % 4) {
    case 0: v = values[how / 4 % 8]; break;
    case 1: v += 1 + how / 4 % 4; break;
    case 2: v -= 1 + how / 4 % 4; break;
    default:
        for (size_t i = 0; i < more.len && i < width; i++)
            v = v << 8 | more.data[i];
    }
    set_number(b, n->at, width, v);
}

static void resize(const tree *t, int i, hostile_bytes *b, size_t len)
{
    static const uint8_t zeroes[256];
    const node *n = &t->nodes[i];
    size_t was = n->end - n->at;

    if (len < was)
        fill(t, i, b, n->at + len, was - len, hf_span_of(NULL, 0));
    else
        fill(t, i, b, n->end, 0, hf_span_of(zeroes, (len - was) % sizeof zeroes));
}

/* A code point more in a list, in front or at the end. */
static void put_code(const tree *t, int i, hostile_bytes *b, uint8_t how, hf_span more)
{
    const uint8_t grease[] = { 0x0a, 0x0a };
    hf_span code = more.len >= 2 ? hf_span_of(more.data, 2) : hf_span_of(grease, 2);

    fill(t, i, b, how & 1 ? t->nodes[i].at : t->nodes[i].end, 0, code);
}

static void flip(const node *n, hostile_bytes *b, uint8_t how, uint8_t place)
{
    if (n->end > n->at)
        b->data[n->at + place % (n->end - n->at)] ^= (uint8_t)(1u << how % 8);
}

/* A length that does not fit, all others right. */
static void lie(const node *n, hostile_bytes *b, uint8_t how)
{
    uint64_t by = how & 1 ? 1 : (uint64_t)-1;

    if (n->width > 0)
        set_number(b, n->at - n->width, n->width, number_at(b, n->at - n->width, n->width) + by);
}

static void edit_node(const tree *t, int i, hostile_bytes *b, const uint8_t *how, hf_span more)
{
    const node *n = &t->nodes[i];

    switch (how[0] % 10) {
    case 0:
        n->kind == HF_FIELD_UINT ? set_value(n, b, how[1], more) : flip(n, b, how[1], how[2]);
        break;
    case 1: flip(n, b, how[1], how[2]); break;
    case 2: fill(t, i, b, n->at, n->end - n->at, more); break;
    case 3: drop(t, n, b); break;
    case 4: copy_to(t, n, b, n->start); break;
    case 5: move(t, n, b, how[1] & 1); break;
    case 6: resize(t, i, b, how[1]); break;
    case 7: lie(n, b, how[1]); break;
    case 8: put_code(t, i, b, how[1], more); break;
    default: fill(t, i, b, n->at + how[2] % (n->end - n->at + 1), 0, more);
    }
}

static bool edit_tree(input *in, const tree *t, hostile_bytes *bytes)
{
    uint8_t which = input_u8(in);
    hf_span how = input_take(in, 3);
    hf_span more = input_take(in, input_u8(in) % FIELDS_MORE);

    if (t->n < 2 || how.len < 3 || bytes->len > BYTES_MAX) /* the first is the whole */
        return false;
    edit_node(t, (int)(1 + which % (t->n - 1)), bytes, how.data, more);
    return true;
}

bool fields_edit(input *in, fields_tell *tell, const void *what, hostile_bytes *bytes)
{
    static tree t;

    plant(&t, tell, what, hb_span(bytes));
    return edit_tree(in, &t, bytes);
}

size_t fields_edit_size(input in)
{
    size_t before = in.left;

    input_take(&in, FIELDS_EDIT - 1);
    input_take(&in, input_u8(&in) % FIELDS_MORE);
    return before - in.left;
}

/* ---- messages ---- */

typedef struct message {
    hf_msg msg;
    hf_wire wire;
} message;

static void tell_message(const void *what, hf_span bytes, const hf_field_sink *sink)
{
    const message *m = what;
    hf_fault fault;

    (void)hf_message_explain(m->msg, &m->wire, bytes, sink, &fault);
}

/* Without knowing version and key exchange: the first that reads them whole, else those of TLS 1.3. */
static message message_of(hf_msg msg, hf_span bytes)
{
    static const hf_wire wires[] = {
        { HF_TLS13, HF_SERVER, HF_KX_TLS13 },       { HF_TLS13, HF_CLIENT, HF_KX_TLS13 },
        { HF_TLS12, HF_SERVER, HF_KX_ECDHE_ECDSA }, { HF_TLS12, HF_SERVER, HF_KX_ECDHE_PSK },
        { HF_TLS12, HF_SERVER, HF_KX_PSK },         { HF_TLS12, HF_CLIENT, HF_KX_RSA }
    };
    bool of_12 = msg == HF_MSG_ServerKeyExchange || msg == HF_MSG_ClientKeyExchange ||
                 msg == HF_MSG_CertificateStatus;
    hf_fault fault;

    for (size_t i = of_12 ? 2 : 0; i < sizeof wires / sizeof *wires; i++)
        if (hf_message_explain(msg, &wires[i], bytes, NULL, &fault) == HF_OK)
            return (message){ msg, wires[i] };
    return (message){ msg, wires[of_12 ? 2 : 0] };
}

bool fields_edit_message(input *in, hf_msg msg, hostile_bytes *b)
{
    message m = message_of(msg, hb_span(b));

    if (!fields_edit(in, tell_message, &m, b))
        return false;
    if (b->len >= HF_HANDSHAKE_HEADER)
        set_number(b, 1, 3, b->len - HF_HANDSHAKE_HEADER);
    return true;
}

bool fields_edit_body(input *in, hf_msg msg, hostile_bytes *body)
{
    const uint8_t header[HF_HANDSHAKE_HEADER] = {
        hf_msg_type(msg == HF_MSG_HelloRetryRequest ? HF_MSG_ServerHello : msg),
        (uint8_t)(body->len >> 16), (uint8_t)(body->len >> 8), (uint8_t)body->len
    };
    hostile_bytes whole = { 0 };

    hb_set(&whole, hf_span_of(header, sizeof header));
    hb_add(&whole, hb_span(body));
    bool done = fields_edit_message(in, msg, &whole);
    if (whole.len >= sizeof header)
        hb_set(body, hf_span_of(whole.data + sizeof header, whole.len - sizeof header));
    hb_free(&whole);
    return done;
}

/* ---- chance ---- */

uint64_t fields_random(uint64_t *state)
{
    uint64_t value = 0;

    fuzz_draw(state, (uint8_t *)&value, sizeof value);
    return value;
}

input fields_random_input(uint64_t *state, uint8_t *room, size_t len)
{
    fuzz_draw(state, room, len);
    return (input){ room, len };
}
