/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the pages are looked at with (tests/support/markup.h) sees what it is there for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "support/markup.h"

/* What is put into the body of a small page, and what is said about it; NULL: nothing. */
static const struct {
    const char *body, *said;
} rows[] = {
    { "<p>one &amp; two</p><ul><li>a<ul><li>b</li></ul></li></ul>", NULL },
    { "<svg><symbol id=\"i\"><path d=\"M0 0\"/></symbol><use href=\"#i\"/></svg>", NULL },
    { "<input type=\"radio\" id=\"a\" checked><label for=\"a\">x</label>", NULL },
    { "<p class=wrong><a href=\"#top\">x</a></p>", NULL },
    { "<p>\xc3\xa4</p>", NULL },
    { "<p>one", "</body> closes <p>" },
    { "<b><i>x</b></i>", "</b> closes <i>" },
    { "</div>", "</div> closes <body>" },
    { "<div/>", "is not of SVG" },
    { "<p>a & b</p>", "& is not escaped" },
    { "<p>a > b</p>", "> is not escaped" },
    { "<p title=\"<b>\">x</p>", "< is not escaped" },
    { "<p title=\"a\"b>x</p>", "no blank after title" },
    { "<p>\x01</p>", "byte 01" },
    { "<p>\xff</p>", "byte ff" },
    { "<p>\xc3</p>", "byte c3" },
    { "<ul>x</ul>", "text in <ul>" },
    { "<ul><p>x</p></ul>", "<p> in a list" },
    { "<div><li>x</li></div>", "<li> in <div>" },
    { "<p><b><div>x</div></b></p>", "<div> in <p>" },
    { "<p><summary>x</summary></p>", "<summary> in <p>" },
    { "<a href=\"#top\"><b><a href=\"#top\">x</a></b></a>", "a link in a link" },
    { "<b id=\"a\"></b><i id=\"a\"></i>", "id a is there twice" },
    { "<b id=\"top\"></b>", "id top is there twice" },
    { "<a href=\"#away\">x</a>", "a link to #away, which is not there" },
    { "<label for=\"away\">x</label>", "a link to #away" },
    { "<a href=\"https://example.org\">x</a>", "a link leads out of the page" },
    { "<p onclick=\"x\">x</p>", "onclick has no place here" },
    { "<p style=\"x\">x</p>", "style has no place here" },
    { "<p title=\"x", "< is not escaped" },
    { "<script>x", "<script> is never closed" },
};

static hf_span page_of(const char *body, char *room, size_t size)
{
    int n = snprintf(room, size,
                     "<!doctype html>\n<html lang=\"en\"><head><style>a > b {}</style></head>\n"
                     "<body id=\"top\">%s</body></html>\n",
                     body);

    assert_true(n > 0 && (size_t)n < size);
    return hf_span_of(room, (size_t)n);
}

static void test_what_it_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char page[512], why[MARKUP_WHY] = "";
        bool right = markup_is_right(page_of(rows[i].body, page, sizeof page), why);
        if (right != !rows[i].said || (rows[i].said && !strstr(why, rows[i].said)))
            fail_msg("%s: \"%s\"", rows[i].body, why);
    }
}

static void test_it_tells_the_line(void **state)
{
    char page[512], why[MARKUP_WHY] = "";

    (void)state;
    assert_false(markup_is_right(page_of("\n\n<p>&</p>", page, sizeof page), why));
    assert_memory_equal(why, "line 5: ", 8);
    assert_false(markup_is_right(hf_span_of("<html></html>", 13), why));
    assert_string_equal(why, "line 1: no doctype");
}

static void test_words(void **state)
{
    hf_span page = hf_span_of("<p title=\"no\">a b<b>\nc</b></p>", 30);
    char *words = markup_words(page);

    (void)state;
    assert_string_equal(words, "abc");
    free(words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_it_says),
        cmocka_unit_test(test_it_tells_the_line),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
