# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The page of an audit in Chromium: it opens without a word in the console or a request, needs no script, fits a phone, pleases
axe-core in light and dark, and can be printed with nothing left closed."""
import contextlib

import pytest

from interop import BIN, listening, run
from test_page import PHONE, SMALL, need_axe, tab, violations  # pylint: disable=unused-import

OLD = ("-cipher", "ALL:@SECLEVEL=0", "-min_protocol", "TLSv1")
LIMIT = 800_000  # bytes of the page of a server with much that is wrong


@pytest.fixture(scope="module", name="pages")
def made(pki, tmp_path_factory):
    """A bad server; that one, a good one and nobody on one page."""
    folder = tmp_path_factory.mktemp("audit-page")
    command = [BIN, "audit", "--ca", pki.ca, "--servername", "localhost", "--timeout", "30", "--policy", "modern", "--policy", "default"]

    def words(port, more):
        return ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-quiet", "-www", "-cert", pki.cert("rsa2048"), "-key",
                pki.key("rsa2048"), *more]

    with contextlib.ExitStack() as stack:
        targets = [f"127.0.0.1:{stack.enter_context(listening(lambda port, more=more: words(port, more)))}"
                   for more in (OLD, ("-tls1_3",))]
        for name, asked in (("one", targets[:1]), ("three", [*targets, "127.0.0.1:1"])):
            done = run([*command, "--html", folder / f"{name}.html", *asked])
            assert done.returncode == 1, done
    return {name: folder / f"{name}.html" for name in ("one", "three")}


def opened(tab, page, *more):  # pylint: disable=redefined-outer-name
    tab.show(page, *more)
    tab.run("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
    return tab


@pytest.mark.parametrize("name", ("one", "three"))
def test_it_needs_nothing_else(tab, pages, name):  # pylint: disable=redefined-outer-name
    opened(tab, pages[name])
    assert tab.said() == [] and tab.asked() == [pages[name].as_uri()]
    assert pages[name].stat().st_size < LIMIT
    assert tab.run("document.scripts.length") == 0


@pytest.mark.parametrize("name", ("one", "three"))
def test_it_fits_a_phone(tab, pages, name):  # pylint: disable=redefined-outer-name
    for size in (SMALL, PHONE):
        opened(tab, pages[name], size)
        assert tab.run("document.documentElement.scrollWidth") <= size[0]


def test_a_list_of_targets_breaks_no_word_on_a_phone(tab, pages):  # pylint: disable=redefined-outer-name
    """What is too wide for it is scrolled in its box: "unreachable", names and addresses stay in one piece."""
    tab.show(pages["three"], SMALL)
    lines = tab.run("""[...document.querySelectorAll('.index td')].map((cell) => {
        const range = document.createRange();
        range.selectNodeContents(cell);
        return new Set([...range.getClientRects()].map((box) => Math.round(box.bottom / 4))).size; })""")
    assert len(lines) == 12 and max(lines) == 1, lines
    assert tab.run("document.documentElement.scrollWidth") <= SMALL[0]


@pytest.mark.parametrize("name, scheme", (("one", "dark"), ("three", "light")))
def test_axe_has_nothing_to_say(tab, pages, name, scheme):  # pylint: disable=redefined-outer-name
    need_axe()
    tab.show(pages[name], scheme=scheme)
    tab.run("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
    assert violations(tab) == []


def test_the_gravest_findings_are_open_and_open_without_a_script(tab, pages):  # pylint: disable=redefined-outer-name
    tab.show(pages["one"], script=False)
    assert tab.run("[...document.querySelectorAll('.finding')].findIndex((e) => !e.firstChild.open)") == 3
    tab.click(".finding:nth-child(4) > details > summary .what")
    assert tab.run("document.querySelector('.finding:nth-child(4) > details').open")


def test_findings_are_in_order_and_words_lead_to_the_glossary(tab, pages):  # pylint: disable=redefined-outer-name
    tab.show(pages["one"])
    order = ["critical", "high", "medium", "low", "note"]
    ranks = [order.index(word) for word in tab.run("[...document.querySelectorAll('.sev')].map((e) => e.textContent)")]
    assert ranks == sorted(ranks) and ranks[0] == 0
    assert tab.run("[...document.querySelectorAll('.term')].every((e) => document.querySelector(e.getAttribute('href')))")
    assert tab.run("document.querySelectorAll('.term').length") >= 3


def test_on_paper_every_finding_is_open(tab, pages):  # pylint: disable=redefined-outer-name
    tab.show(pages["one"])
    tab.tab.call("Emulation.setEmulatedMedia", media="print")
    try:
        assert tab.run("[...document.querySelectorAll('.finding .fix')].every((e) => e.getBoundingClientRect().height > 0)")
        assert tab.run("document.querySelector('.bar').checkVisibility()") is False
    finally:
        tab.tab.call("Emulation.setEmulatedMedia", media="")
