/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Making mutants. Runs are in script_mutant_run.c. */
#include "support/script_mutants.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const char *const words[] = {
#define SCRIPT_MUTATION(name, text) text,
    SCRIPT_MUTATIONS(SCRIPT_MUTATION)
#undef SCRIPT_MUTATION
};

const char *script_mutation_words(script_mutation kind)
{
    return words[kind];
}

static const hf_duty *duties_of(unsigned table)
{
    return table == SCRIPT_DUTIES ? hf_duties : hf_round_duties;
}

static unsigned duties_length(unsigned table)
{
    unsigned n = 0;

    while (duties_of(table)[n].role != 9)
        n++;
    return n;
}

static bool is_last(const hf_row *row)
{
    return row->msg == HF_ROW_END || (row->msg == HF_ROW_GO && !row->when && !row->unless);
}

unsigned script_table_length(hf_table table)
{
    const hf_row *row = hf_scripts_tls.table[table];
    unsigned n = 0;

    while (!is_last(&row[n]))
        n++;
    return n;
}

/* ---- the list ---- */

typedef struct list {
    script_mutant *at;
    size_t n;
} list;

static void add(list *l, script_mutation kind, unsigned table, unsigned row, hf_facts bit)
{
    assert(l->n < SCRIPT_MUTANTS_MAX);
    l->at[l->n++] = (script_mutant){ kind, table, row, bit };
}

static void add_bits(list *l, script_mutation kind, unsigned table, unsigned row, hf_facts bits)
{
    for (hf_facts bit = 1; bits != 0; bit <<= 1, bits >>= 1)
        if (bits & 1)
            add(l, kind, table, row, bit);
}

/* A row that is read at all: TLS 1.3's ChangeCipherSpec is only ever dropped, so nothing that it says to
   its reader can matter. */
static bool is_read(unsigned table, const hf_row *row)
{
    bool compat = row->msg == HF_MSG_ChangeCipherSpec &&
                  (table == HF_TABLE_OPENING || table == HF_TABLE_SCRIPT13);

    return row->msg < HF_MSG_UNKNOWN && !compat && table != HF_TABLE_IGNORED;
}

/* Somebody has duties when this table ends. After the handshake only the server has. */
static bool has_duties(unsigned table)
{
    return table <= HF_TABLE_RESUMED12 || table == HF_TABLE_POST13_CLIENT;
}

static void add_row(list *l, unsigned table, unsigned i)
{
    const hf_row *row = &hf_scripts_tls.table[table][i];

    add(l, SCRIPT_MUTATION_ROW, table, i, 0);
    add_bits(l, SCRIPT_MUTATION_WHEN, table, i, row->when);
    add_bits(l, SCRIPT_MUTATION_UNLESS, table, i, row->unless);
    if (row->optional)
        add(l, SCRIPT_MUTATION_OPTIONAL, table, i, 0);
    else if (is_read(table, row))
        add(l, SCRIPT_MUTATION_MADE_OPTIONAL, table, i, 0);
    if (row->keys != HF_SAME)
        add(l, SCRIPT_MUTATION_KEYS, table, i, 0);
    if (row->keys != HF_SAME)
        add(l, SCRIPT_MUTATION_KEYS_OTHER, table, i, 0);
    if (row->proves)
        add(l, SCRIPT_MUTATION_PROVES, table, i, 0);
    if (is_read(table, row) && has_duties(table))
        add(l, SCRIPT_MUTATION_PROVES_ALL, table, i, 0);
    if (row->msg == HF_ROW_GO)
        add(l, SCRIPT_MUTATION_GO, table, i, 0);
    else
        add(l, SCRIPT_MUTATION_WRITER, table, i, 0);
    if (row[1].msg != HF_ROW_END)
        add(l, SCRIPT_MUTATION_SWAP, table, i, 0);
}

static void add_duty(list *l, unsigned table, unsigned i)
{
    const hf_duty *duty = &duties_of(table)[i];

    add(l, SCRIPT_MUTATION_DUTY, table, i, 0);
    add_bits(l, SCRIPT_MUTATION_DUTY_MUST, table, i, duty->must);
    add_bits(l, SCRIPT_MUTATION_DUTY_WHEN, table, i, duty->when);
    add_bits(l, SCRIPT_MUTATION_DUTY_UNLESS, table, i, duty->unless);
    add(l, SCRIPT_MUTATION_DUTY_ROLE, table, i, 0);
}

size_t script_mutants_of_all(script_mutant *out)
{
    list l = { out, 0 };

    for (unsigned table = 0; table < HF_TABLE_COUNT; table++)
        for (unsigned i = 0; i < script_table_length((hf_table)table); i++)
            add_row(&l, table, i);
    add(&l, SCRIPT_MUTATION_GO, HF_TABLE_OPENING, script_table_length(HF_TABLE_OPENING), 0);
    for (unsigned table = SCRIPT_DUTIES; table < SCRIPT_TABLES; table++)
        for (unsigned i = 0; i < duties_length(table); i++)
            add_duty(&l, table, i);
    return l.n;
}

/* ---- one of them ---- */

static void copy_tables(script_tables *t)
{
    memset(t, 0, sizeof *t);
    for (unsigned k = 0; k < HF_TABLE_COUNT; k++) {
        unsigned n = script_table_length((hf_table)k) + 1;
        assert(n < SCRIPT_ROWS_MAX);
        memcpy(t->rows[k], hf_scripts_tls.table[k], n * sizeof(hf_row));
        t->scripts.table[k] = t->rows[k];
    }
    for (unsigned k = 0; k < 2; k++)
        memcpy(t->duties[k], duties_of(SCRIPT_DUTIES + k),
               (duties_length(SCRIPT_DUTIES + k) + 1) * sizeof(hf_duty));
    t->scripts.duties = t->duties[0];
    t->scripts.round_duties = t->duties[1];
}

static void mutate_duty(hf_duty *duty, const script_mutant *m)
{
    if (m->kind == SCRIPT_MUTATION_DUTY)
        duty->must = 0;
    else if (m->kind == SCRIPT_MUTATION_DUTY_MUST)
        duty->must &= (uint8_t)~m->bit;
    else if (m->kind == SCRIPT_MUTATION_DUTY_WHEN)
        duty->when &= ~m->bit;
    else if (m->kind == SCRIPT_MUTATION_DUTY_UNLESS)
        duty->unless &= ~m->bit;
    else
        duty->role ^= 1;
}

static void mutate_row(hf_row *row, const script_mutant *m)
{
    hf_row first = row[0];

    switch (m->kind) {
    case SCRIPT_MUTATION_ROW:
        memmove(row, row + 1, (SCRIPT_ROWS_MAX - 1 - m->row) * sizeof *row);
        break;
    case SCRIPT_MUTATION_WHEN: row->when &= ~m->bit; break;
    case SCRIPT_MUTATION_UNLESS: row->unless &= ~m->bit; break;
    case SCRIPT_MUTATION_OPTIONAL: row->optional = 0; break;
    case SCRIPT_MUTATION_MADE_OPTIONAL: /* a fact of its own that every writer intends */
        row->optional = script_the_world.also_intends = (hf_facts)1 << 31;
        break;
    case SCRIPT_MUTATION_KEYS: row->keys = HF_SAME; break;
    case SCRIPT_MUTATION_KEYS_OTHER:
        row->keys = row->keys == HF_HANDSHAKE ? HF_APP : HF_HANDSHAKE;
        break;
    case SCRIPT_MUTATION_PROVES: row->proves = 0; break;
    case SCRIPT_MUTATION_PROVES_ALL: row->proves = HF_CHAIN | HF_SIGNATURE | HF_FINISHED; break;
    case SCRIPT_MUTATION_WRITER: row->writer ^= 1; break;
    case SCRIPT_MUTATION_GO:
        row->go = row->go == HF_TABLE_SCRIPT12 ? HF_TABLE_RESUMED12 : HF_TABLE_SCRIPT12;
        break;
    default: /* SWAP */
        row[0] = row[1];
        row[1] = first;
        break;
    }
}

void script_mutate(script_tables *tables, const script_mutant *m)
{
    copy_tables(tables);
    if (m->table >= SCRIPT_DUTIES)
        mutate_duty(&tables->duties[m->table - SCRIPT_DUTIES][m->row], m);
    else
        mutate_row(&tables->rows[m->table][m->row], m);
}

const char *script_mutant_text(const script_mutant *m)
{
    static char text[160];
    const char *table = m->table == SCRIPT_DUTIES         ? "duties"
                        : m->table == SCRIPT_ROUND_DUTIES ? "round_duties"
                                                          : "";
    const char *fact = "", *what = "";
    char writer = ' ';

    if (m->table < HF_TABLE_COUNT) {
        const hf_row *row = &hf_scripts_tls.table[m->table][m->row];
        table = hf_table_name((hf_table)m->table);
        what = row->msg == HF_ROW_KEYS ? "keys"
               : row->msg == HF_ROW_GO ? "go"
                                       : hf_msg_name((hf_msg)row->msg);
        writer = row->msg == HF_ROW_GO ? ' ' : row->writer == HF_CLIENT ? 'C' : 'S';
    }
    for (unsigned bit = 0; bit < HF_N_FACTS; bit++)
        if (m->bit == (hf_facts)1 << bit)
            fact = m->kind == SCRIPT_MUTATION_DUTY_MUST ? (bit == 0   ? "CHAIN"
                                                           : bit == 1 ? "SIGNATURE"
                                                                      : "FINISHED")
                                                        : hf_fact_name(bit);
    snprintf(text, sizeof text, "%s[%u] %c %s: %s %s", table, m->row, writer, what, words[m->kind],
             fact);
    return text;
}
