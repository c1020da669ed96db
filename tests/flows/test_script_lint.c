/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Properties of whole tables, row by row: what must hold before anything runs, so that a new row that
 * breaks a rule is named here and not somewhere in ten thousand handshakes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/script_pair.h"

enum { ROWS_MAX = 32 };

static const hf_row *rows_of(hf_table table)
{
    return hf_scripts_tls.table[table];
}

/* Rows before ROW_END, or all of them up to the unconditional ROW_GO. */
static unsigned length_of(hf_table table)
{
    const hf_row *row = rows_of(table);
    unsigned n = 0;

    while (row[n].msg != HF_ROW_END && n < ROWS_MAX) {
        n++;
        if (row[n - 1].msg == HF_ROW_GO && !row[n - 1].when && !row[n - 1].unless)
            break;
    }
    assert_true(n < ROWS_MAX);
    return n;
}

static bool is_message(const hf_row *row)
{
    return row->msg > HF_MSG_NONE && row->msg < HF_MSG_UNKNOWN;
}

typedef void check(hf_table table, unsigned i, const hf_row *row);

static void each_row(check *f)
{
    unsigned rows = 0;

    for (unsigned table = 0; table < HF_TABLE_COUNT; table++)
        for (unsigned i = 0; i < length_of((hf_table)table); i++, rows++)
            f((hf_table)table, i, &rows_of((hf_table)table)[i]);
    assert_true(rows >= 58);
}

static void complain(hf_table table, unsigned i, const char *what)
{
    print_error("%s[%u]: %s\n", hf_table_name(table), i, what);
    fail();
}

/* ---- single rows ---- */

static void cites_a_source(hf_table table, unsigned i, const hf_row *row)
{
    int rfc = 0, used = 0;

    if (sscanf(row->rfc, "RFC %d %n", &rfc, &used) != 1 || rfc < 1000 || row->rfc[used] == '\0')
        complain(table, i, "cites no section of an RFC");
}

static void stays_in_range(hf_table table, unsigned i, const hf_row *row)
{
    hf_facts all = ((hf_facts)1 << HF_N_FACTS) - 1;

    if (row->phase > 4 || row->six > 6 || row->nine > 9)
        complain(table, i, "a phase or step that no teaching text has");
    if (row->writer != HF_CLIENT && row->writer != HF_SERVER)
        complain(table, i, "nobody writes it");
    if (!is_message(row) && row->msg != HF_ROW_KEYS && row->msg != HF_ROW_GO)
        complain(table, i, "neither a message nor a row of the loop's");
    if ((row->when | row->unless | row->optional) & ~all || (row->when & row->unless))
        complain(table, i, "facts that do not exist, or that contradict each other");
    if (row->keys > HF_NEXT || (row->msg == HF_ROW_KEYS && row->keys == HF_SAME))
        complain(table, i, "no epoch, or a change of keys that changes none");
    if (row->proves & ~(HF_CHAIN | HF_SIGNATURE | HF_FINISHED))
        complain(table, i, "proves what cannot be proved");
    if (!is_message(row) && (row->optional || row->proves))
        complain(table, i, "only a message is optional or proves something");
    if ((row->keys == HF_NEXT) != (row->msg == HF_MSG_KeyUpdate))
        complain(table, i, "the next generation of keys is KeyUpdate's alone");
}

static void is_optional_by_one_fact(hf_table table, unsigned i, const hf_row *row)
{
    if (row->optional & (row->optional - 1))
        complain(table, i, "optional by more than one fact");
    if (row->optional & (row->when | row->unless))
        complain(table, i, "depends on the fact that it sets");
    for (unsigned k = 0; k < i; k++)
        if (row->optional & rows_of(table)[k].optional)
            complain(table, i, "two rows of a table set the same fact");
}

static void goes_on_after_the_handshake_only_to_start_again(hf_table table, unsigned i,
                                                            const hf_row *row)
{
    bool post = table >= HF_TABLE_POST13_SERVER && table <= HF_TABLE_POST12_CLIENT;

    if (post && row->writer != rows_of(table)[0].writer)
        complain(table, i, "a table of one direction has a row of the other");
    if (post && i == 0 && !row->optional)
        complain(table, i, "a round that must begin at once");
    if (table == HF_TABLE_IGNORED && (row->optional || row->proves || row->keys || row->go))
        complain(table, i, "a dropped message does something");
}

static void test_every_row_by_itself(void **state)
{
    (void)state;
    each_row(cites_a_source);
    each_row(stays_in_range);
    each_row(is_optional_by_one_fact);
    each_row(goes_on_after_the_handshake_only_to_start_again);
}

static void test_only_the_opening_goes_on(void **state)
{
    unsigned n = length_of(HF_TABLE_OPENING), first_go = n;
    const hf_row *row = rows_of(HF_TABLE_OPENING);

    (void)state;
    for (unsigned i = n; i-- > 0 && row[i].msg == HF_ROW_GO;)
        first_go = i;
    assert_true(first_go < n);
    assert_int_equal(row[n - 1].when | row[n - 1].unless, 0); /* the last is unconditional */
    for (unsigned i = 0; i < first_go; i++)
        assert_int_not_equal(row[i].msg, HF_ROW_GO);
    for (unsigned i = first_go; i < n; i++)
        assert_in_range(row[i].go, HF_TABLE_SCRIPT13, HF_TABLE_RESUMED12);
    for (unsigned table = HF_TABLE_SCRIPT13; table < HF_TABLE_COUNT; table++)
        for (unsigned i = 0; i < length_of((hf_table)table); i++)
            assert_int_not_equal(rows_of((hf_table)table)[i].msg, HF_ROW_GO);
}

static void test_duties_are_well_formed(void **state)
{
    const hf_duty *tables[] = { hf_duties, hf_round_duties };

    (void)state;
    for (size_t t = 0; t < 2; t++)
        for (const hf_duty *d = tables[t]; d->role != 9; d++) {
            assert_in_range(d->role, HF_CLIENT, HF_SERVER);
            assert_int_not_equal(d->must, 0);
            assert_int_equal(d->must & ~(HF_CHAIN | HF_SIGNATURE | HF_FINISHED), 0);
            assert_int_equal(d->when & d->unless, 0);
        }
}

/* ---- paths through a table, for every set of facts that it asks about ---- */

static hf_facts asked_about(const hf_row *rows, unsigned n)
{
    hf_facts all = 0;

    for (unsigned i = 0; i < n; i++)
        all |= rows[i].when | rows[i].unless | rows[i].optional;
    return all;
}

/* The next row that is taken: nothing optional is sent. A ChangeCipherSpec of TLS 1.3 does not count, for
   no reader waits for one. */
static const hf_row *next_taken(hf_table table, unsigned i, hf_facts facts)
{
    const hf_row *rows = rows_of(table);
    unsigned n = length_of(table);
    bool v12 = table == HF_TABLE_SCRIPT12 || table == HF_TABLE_RESUMED12;

    for (i++; i < n; i++) {
        bool unseen = rows[i].msg == HF_MSG_ChangeCipherSpec && !v12;
        if (hf_row_holds(&rows[i], facts) && !rows[i].optional && !unseen)
            break;
    }
    return i < n ? &rows[i] : NULL;
}

/* A reader learns that an optional message was left out only from the next one: it must come, from the
   same writer, before keys or turns change. */
static void test_an_optional_row_is_followed_by_a_mandatory_one(void **state)
{
    long cases = 0;

    (void)state;
    for (unsigned table = HF_TABLE_OPENING; table <= HF_TABLE_RESUMED12; table++)
        for (unsigned i = 0; i < length_of((hf_table)table); i++) {
            const hf_row *rows = rows_of((hf_table)table), *row = &rows[i];
            hf_facts all = asked_about(rows, length_of((hf_table)table)) & ~row->optional,
                     some = all;
            for (bool more = row->optional != 0; more; some = (some - 1) & all) {
                more = some != 0;
                if (!hf_row_holds(row, some))
                    continue;
                const hf_row *next = next_taken((hf_table)table, i, some);
                cases++;
                if (!next || !is_message(next) || next->writer != row->writer)
                    complain((hf_table)table, i,
                             "optional, and nobody can tell that it was left out");
            }
        }
    printf("optional rows left out: %ld cases\n", cases);
    assert_true(cases >= 100);
}

/* The keys of a path: no epoch is installed twice in a row, and both directions end under APP. */
static void walk_keys(hf_table table, hf_facts facts, uint8_t epoch[2])
{
    for (unsigned i = 0; i < length_of(table); i++) {
        const hf_row *row = &rows_of(table)[i];
        if (!hf_row_holds(row, facts) || row->keys == HF_SAME)
            continue;
        if (epoch[row->writer] == row->keys)
            complain(table, i, "installs the keys that are in use: their nonces would start again");
        epoch[row->writer] = row->keys;
    }
}

static void test_keys_change_and_end_under_application_keys(void **state)
{
    long paths = 0;

    (void)state;
    for (size_t i = 0; i < script_mode_count(); i++) {
        hf_facts wire = script_mode_at(i)->wire;
        uint8_t epoch[2] = { HF_PLAIN, HF_PLAIN };
        hf_table v12 = wire & HF_F_RESUMED ? HF_TABLE_RESUMED12 : HF_TABLE_SCRIPT12;
        hf_table then = wire & HF_F_TLS13 ? HF_TABLE_SCRIPT13 : v12;
        walk_keys(HF_TABLE_OPENING, wire, epoch);
        walk_keys(then, wire, epoch);
        assert_int_equal(epoch[HF_CLIENT], HF_APP);
        assert_int_equal(epoch[HF_SERVER], HF_APP);
        paths++;
    }
    printf("paths of keys: %ld\n", paths);
    assert_true(paths >= 1210);
}

/* ---- no row is for nothing ---- */

static struct {
    long built, accepted, changed, dropped;
} use[HF_TABLE_COUNT][ROWS_MAX];

static void note_row(const hf_row *row, const script_end *e, bool keys)
{
    for (unsigned table = 0; table < HF_TABLE_COUNT; table++) {
        const hf_row *rows = rows_of((hf_table)table);
        if (row < rows || row >= rows + length_of((hf_table)table))
            continue;
        unsigned i = (unsigned)(row - rows);
        if (keys)
            use[table][i].changed++;
        else if (row->writer == e->script.role)
            use[table][i].built++;
        else
            use[table][i].accepted++;
    }
}

static void note_use(const script_end *e, const hf_row *row, bool keys, hf_msg dropped)
{
    const hf_row *ignored = rows_of(HF_TABLE_IGNORED);

    if (row)
        note_row(row, e, keys);
    for (unsigned i = 0; !row && i < length_of(HF_TABLE_IGNORED); i++)
        if (ignored[i].msg == dropped && ignored[i].writer != e->script.role)
            use[HF_TABLE_IGNORED][i].dropped++;
}

/* A handshake, and a round in which both ends do whatever they can. */
static void use_mode(const script_mode *mode)
{
    static script_pair p;
    script_record hello_request = script_record_of(0, HF_PLAIN, 0);

    script_pair_start(&p, mode, (script_how){ SCRIPT_RECORD_A_MESSAGE, SCRIPT_FIFO, false });
    script_stream_put(&p.end[HF_CLIENT].in, &hello_request);
    script_pair_finish(&p);
    p.end[HF_CLIENT].script.intent |= HF_F_CLIENT_UPDATE | HF_F_RENEGOTIATE;
    p.end[HF_SERVER].script.intent |=
        HF_F_TICKET | HF_F_ASKED | HF_F_SERVER_UPDATE | HF_F_RENEGOTIATE;
    script_pair_finish(&p);
}

static void is_used(hf_table table, unsigned i, const hf_row *row)
{
    bool compat = row->msg == HF_MSG_ChangeCipherSpec && table <= HF_TABLE_SCRIPT13;

    if (table == HF_TABLE_IGNORED) {
        if (!use[table][i].dropped)
            complain(table, i, "never drops anything");
        return;
    }
    if (is_message(row) && !use[table][i].built)
        complain(table, i, "is never written in any mode");
    if (is_message(row) && !compat && !use[table][i].accepted)
        complain(table, i, "is never read in any mode");
    if (row->keys != HF_SAME && !use[table][i].changed)
        complain(table, i, "never changes keys in any mode");
}

static void test_every_row_is_reached(void **state)
{
    (void)state;
    script_end_row_used = note_use;
    for (size_t i = 0; i < script_mode_count(); i++)
        use_mode(script_mode_at(i));
    script_end_row_used = NULL;
    each_row(is_used);
}

/* ---- names ---- */

static void test_names(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit < HF_N_FACTS; bit++) {
        assert_string_not_equal(hf_fact_name(bit), "?");
        assert_true(strlen(hf_fact_words(bit)) > 8);
    }
    assert_string_equal(hf_fact_name(HF_FACT_BIT_RETRY), "RETRY");
    assert_string_equal(hf_fact_name(HF_N_FACTS), "?");
    assert_string_equal(hf_fact_words(HF_N_FACTS), "?");
    assert_string_equal(hf_table_name(HF_TABLE_RESUMED12), "resumed12");
    assert_string_equal(hf_table_name(HF_TABLE_IGNORED), "ignored");
    assert_string_equal(hf_table_name(HF_TABLE_COUNT), "?");
    assert_string_equal(hf_epoch_name(HF_PLAIN), "plain");
    assert_string_equal(hf_epoch_name(HF_APP), "application");
    assert_string_equal(hf_epoch_name(HF_APP + 7), "application");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row_by_itself),
        cmocka_unit_test(test_only_the_opening_goes_on),
        cmocka_unit_test(test_duties_are_well_formed),
        cmocka_unit_test(test_an_optional_row_is_followed_by_a_mandatory_one),
        cmocka_unit_test(test_keys_change_and_end_under_application_keys),
        cmocka_unit_test(test_every_row_is_reached),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests_name("script lint", tests, NULL, NULL);
}
