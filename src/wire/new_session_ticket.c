/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * NewSessionTicket (RFC 9846 4.7.1, RFC 5077 3.3): a ticket for the next connection. What is in it
 * is the server's secret. In TLS 1.2 an empty one takes back the promise of one.
 *
 *     struct {
 *         uint32 ticket_lifetime;
 *         uint32 ticket_age_add;
 *         opaque ticket_nonce<0..255>;
 *         opaque ticket<1..2^16-1>;
 *         Extension extensions<0..2^16-1>;
 *     } NewSessionTicket;                         TLS 1.3
 *
 *     struct {
 *         uint32 ticket_lifetime_hint;            ticket_lifetime of the struct
 *         opaque ticket<0..2^16-1>;
 *     } NewSessionTicket;                         TLS 1.2
 */
#include "wire/extension.h"

static void read12(hf_reader *r, hf_new_session_ticket *ticket)
{
    *ticket = (hf_new_session_ticket){ 0 };
    ticket->ticket_lifetime = hf_rd_u32(r, "ticket_lifetime_hint");
    ticket->ticket = hf_rd_vec16(r, 0, HF_VEC16_MAX, "ticket");
}

static void read13(hf_reader *r, hf_new_session_ticket *ticket)
{
    ticket->ticket_lifetime = hf_rd_u32(r, "ticket_lifetime");
    ticket->ticket_age_add = hf_rd_u32(r, "ticket_age_add");
    ticket->ticket_nonce = hf_rd_vec8(r, 0, HF_VEC8_MAX, "ticket_nonce");
    ticket->ticket = hf_rd_vec16(r, 1, HF_VEC16_MAX, "ticket");
    hf_extensions_read(r, IN_NST, &ticket->ext);
}

void hf_new_session_ticket_read(hf_reader *r, const hf_wire *w, hf_new_session_ticket *ticket)
{
    (w->version == HF_TLS12 ? read12 : read13)(r, ticket);
    hf_rd_end(r);
}

static void write12(hf_builder *b, const hf_new_session_ticket *ticket)
{
    hf_wr_u32(b, ticket->ticket_lifetime);
    hf_wr_vec16(b, ticket->ticket);
}

static void write13(hf_builder *b, const hf_new_session_ticket *ticket)
{
    hf_wr_u32(b, ticket->ticket_lifetime);
    hf_wr_u32(b, ticket->ticket_age_add);
    hf_wr_vec8(b, ticket->ticket_nonce);
    hf_wr_vec16(b, ticket->ticket);
    hf_extensions_write(b, IN_NST, &ticket->ext);
}

void hf_new_session_ticket_write(hf_builder *b, const hf_wire *w,
                                 const hf_new_session_ticket *ticket)
{
    (w->version == HF_TLS12 ? write12 : write13)(b, ticket);
}
