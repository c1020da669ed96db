# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The page of a handshake in Chromium: it opens without a word in the console or a request, works by mouse, by keyboard alone and
without a script, fits a phone, pleases axe-core, and nothing that a peer sent is more than text in it. `make deps-peers` fetches
axe-core."""
import json
import os
import pathlib
import re

import pytest

from chromium import Home, browser
from interop import BIN, ROOT, hf_serve, run
from tls12 import client_cert, make_client_certs

AXE = pathlib.Path(ROOT, "build/peers/axe/node_modules/axe-core/axe.min.js")
LIMIT = 400_000  # bytes of the page of a usual handshake
SAID = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
DESKTOP, PHONE, SMALL = (1280, 900), (390, 844), (360, 740)
# As long as "localhost": markup, both quotes, U+202E, NUL, and what is no UTF-8.
HOSTILE = b"<s>\"\xe2\x80\xae\x00\xff"

VISITS = {
    "TLS 1.3": ((), ("--alpn", "h2,http/1.1"), 0),
    "TLS 1.2 mutual": (("--tls", "1.2", "--client-auth", "require"), (), 0),
    "HelloRetryRequest": (("--groups", "secp384r1"), (), 0),
    "secrets": ((), ("--show-secrets",), 0),
    "unknown CA": ((), (), 6),
    "wrong name": ((), ("--servername", "wrong.test"), 6),
    "no common version": (("--tls", "1.3"), ("--tls", "1.2"), 4),
}
PAGES = [*VISITS, "hostile", "capture"]
# What tests/support/stage_scenes.h has, and of it what is unlike the rest.
PROGRAM = "test_explain_outputs"
KINDS = {"good": lambda name: not name.startswith("failed"), "failed": lambda name: name.startswith("failed")}
SAMPLE = ("tls13-psk", "tls13-early", "tls13-early-refused", "tls13-resumed", "tls13-retry", "tls13-starttls", "tls12-static-rsa",
          "failed-wrong-name", "failed-changed-on-the-way", "failed-web-page")


def trace(pki, folder, name):
    """(page, JSON) of one visit; a capture of it lies beside them."""
    server, client, status = VISITS[name]
    words = list(client)
    if "--client-auth" in server:
        make_client_certs(pki)
        server = (*server, "--client-ca", pki.ca)
        certificate, key = client_cert(pki, "p256")
        words += ["--cert", certificate, "--key", key]
    if name != "unknown CA":
        words += ["--ca", pki.ca]
    if "--servername" not in words:
        words += ["--servername", "localhost"]
    page = folder / f"{name}.html".replace(" ", "-")
    with hf_serve(pki, "p256", *server) as port:
        done = run([BIN, "trace", "--json", "--html", page, "--pcapng", page.with_suffix(".pcapng"), *words, f"127.0.0.1:{port}"])
    assert done.returncode == status, done
    return page, done.stdout


@pytest.fixture(scope="module")
def pages(pki, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    made = {name: trace(pki, folder, name) for name in VISITS}
    page, saved = made["TLS 1.3"]
    others = {"hostile": hostile(folder, saved), "capture": capture(folder, page.with_suffix(".pcapng"))}
    return {name: page for name, (page, _) in made.items()} | others


def hostile(folder, saved):
    """The same handshake, had its names been others: whoever reads it does not verify it."""
    text = saved.decode().replace(b"localhost".hex(), HOSTILE.hex())
    assert HOSTILE.hex() in text
    trace_file, page = folder / "hostile.json", folder / "hostile.html"
    kept = json.loads(text)
    trace_file.write_text(json.dumps(kept))
    done = run([BIN, "explain", "--html", page, trace_file])
    assert done.returncode == 0, done
    return page


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    """The pages of all scenes, by name."""
    folder = tmp_path_factory.mktemp("scenes")
    found = [path for path in (pathlib.Path(BIN).parent / "tests" / PROGRAM, pathlib.Path(ROOT, "build/asan/tests", PROGRAM))
             if os.access(path, os.X_OK)]
    if not found:
        pytest.skip(f"missing peer: {PROGRAM} (scripts/build asan makes it)")
    done = run([found[0]], env={"HF_PAGES": str(folder)})
    assert done.returncode == 0, done
    return {path.stem: path for path in sorted(folder.glob("*.html"))}


def capture(folder, packets):
    page = folder / "capture.html"
    done = run([BIN, "explain", "--html", page, packets])
    assert done.returncode == 0, done
    return page


class Tab:
    """A page in a tab, at a size, with what it said and asked for."""

    def __init__(self, tab):
        self.tab, self.script = tab, True
        for domain in ("Runtime", "Log", "DOM"):
            tab.call(f"{domain}.enable")

    def show(self, page, size=DESKTOP, script=True, scheme="light"):
        call, self.script = self.tab.call, script
        call("Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], deviceScaleFactor=1, mobile=size[0] < 600)
        call("Emulation.setScriptExecutionDisabled", value=not script)
        call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme},
                                                     {"name": "prefers-reduced-motion", "value": "reduce"}])
        call("Page.navigate", url="about:blank")
        self.tab.events.clear()
        loader = call("Page.navigate", url=page.as_uri())["loaderId"]
        self.tab.until("Page.lifecycleEvent", lambda params: params["loaderId"] == loader and params["name"] == "load")
        return self

    def said(self):
        self.tab.call("Runtime.evaluate", expression="0")
        return [event for event in self.tab.events if event.get("method") in SAID]

    def asked(self):
        return [event["params"]["request"]["url"] for event in self.tab.events if event.get("method") == "Network.requestWillBeSent"]

    def run(self, expression):
        done = self.tab.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in done, done
        return done["result"].get("value")

    def open_all(self):
        self.run("document.getElementById('all').click()")
        self.run("document.querySelectorAll('.fields details, .fold, .table').forEach((e) => { e.open = true; })")

    def drawn(self):
        """Once two frames were drawn, what was under way is done: scrolling, events of the address. A picture needs a frame, too."""
        if self.script:
            self.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))")
        else:
            self.tab.call("Page.captureScreenshot", clip={"x": 0, "y": 0, "width": 1, "height": 1, "scale": 1})

    def mouse(self, selector, *more):
        """To the middle of the first line of an element, scrolled to."""
        find = f"document.querySelector({json.dumps(selector)})"
        self.run(f"{find}.scrollIntoView({{block: 'center'}})")
        self.drawn()
        x, y = self.run(f"""(() => {{ const box = {find}.getClientRects()[0];
            return [box.x + Math.min(box.width / 2, 8), box.y + box.height / 2]; }})()""")
        for kind in ("mouseMoved", *more):
            self.tab.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="none" if kind == "mouseMoved" else "left",
                          clickCount=1)
        self.drawn()

    def click(self, selector):
        self.mouse(selector, "mousePressed", "mouseReleased")

    def key(self, name):
        text = {"text": "\r"} if name == "Enter" else {}
        code = {"Tab": 9, "Enter": 13, "Escape": 27, "End": 35, "Home": 36, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39,
                "ArrowDown": 40}[name]
        for kind in ("keyDown", "keyUp"):
            self.tab.call("Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=code,
                          **(text if kind == "keyDown" else {}))
        self.drawn()

    def focus(self):
        """The fields and bytes that are lit, and where the focus is."""
        return self.run("document.activeElement.closest('summary, .hex span, .hex')?.textContent?.trim() || ''")

    def lit(self):
        return self.run("""[[...document.querySelectorAll(".tree .lit > summary .n")].map((e) => e.textContent),
                            [...document.querySelectorAll(".hex .lit")].map((e) => e.textContent.trim()).join(" ")]""")


@pytest.fixture(scope="module")
def tab(tmp_path_factory):
    with browser(Home(tmp_path_factory.mktemp("page"))) as started:
        yield Tab(started)


FIELD = '#m0 .tree details[data-f="{}"] > summary'
BYTES = '#m0 .hex span[data-f="{}"]'


@pytest.mark.parametrize("name", PAGES)
def test_it_needs_nothing_else(tab, pages, name):
    """Opened from a file, all of it opened: nothing is said, nothing asked for, and it is not large."""
    page = pages[name]
    text = page.read_text(encoding="utf-8")
    tab.show(page)
    tab.run("document.getElementById('all').click()")
    assert tab.said() == [] and tab.asked() == [page.as_uri()]
    assert len(text.encode()) < LIMIT
    assert "default-src 'none'" in text and not re.search(r"=\"?https?:|@import|url\(|\ssrc=|\sstyle=|\son\w+=\"", text)


def test_a_message_opens_and_closes(tab, pages):
    tab.show(pages["TLS 1.3"])
    is_open = "document.querySelector('#m0 > details').open"
    assert tab.run(is_open) is False
    tab.click("#m0 > details > summary .label")
    assert tab.run(is_open) is True
    assert tab.run("document.querySelector('#m0 .hex').checkVisibility()")
    tab.click("#m0 > details > summary .label")
    assert tab.run(is_open) is False


def test_a_field_lights_its_bytes_and_back(tab, pages):
    """legacy_version is node 3 of a ClientHello: bytes 4 and 5."""
    tab.show(pages["TLS 1.3"])
    tab.click("#m0 > details > summary .label")
    tab.mouse(FIELD.format(3))
    assert tab.lit() == [["legacy_version"], "03 03"]
    assert tab.run("document.querySelector('#m0 .where').textContent") == "bytes 4–5 · legacy_version"
    tab.mouse(BYTES.format(1))
    assert tab.lit() == [["msg_type"], "01"]
    tab.mouse("h1")
    assert tab.lit() == [[], ""]


def test_bytes_of_a_closed_group_light_the_group(tab, pages):
    """And a click on them opens it, down to their field."""
    tab.show(pages["TLS 1.3"])
    tab.click("#m0 > details > summary .label")
    node = tab.run("""(() => { const all = [...document.querySelectorAll("#m0 .tree details:not(.group)")];
        const leaf = all.find((e) => e.querySelector(".n").textContent === "HostName" || e.querySelector(".v").textContent === "localhost");
        return leaf.dataset.f; })()""")
    tab.mouse(BYTES.format(node))
    assert tab.lit() == [["server_name"], "00 09 " + b"localhost".hex(" ")]
    tab.click(BYTES.format(node))
    assert tab.run(f"document.querySelector('{FIELD.format(node)}').checkVisibility()")
    assert tab.run(f"document.activeElement === document.querySelector('{FIELD.format(node)}')")
    assert tab.lit() == [["host_name"], "00 09 " + b"localhost".hex(" ")]


def until_focus(tab, key, words, most=60):
    for _ in range(most):
        if tab.focus().startswith(words):
            return
        tab.key(key)
    raise AssertionError(f"{key} never came to {words}, but to {tab.focus()}")


def test_by_keyboard_alone(tab, pages):
    """Tabulator to the first message, Enter, tabulator into the fields, arrows through them, over to the bytes, and out."""
    tab.show(pages["TLS 1.3"])
    until_focus(tab, "Tab", "0 µs")
    tab.key("Enter")
    assert tab.run("document.querySelector('#m0 > details').open")
    until_focus(tab, "Tab", "ClientHello", 4)
    for _ in range(3):
        tab.key("ArrowDown")
    assert tab.lit() == [["legacy_version"], "03 03"]
    tab.key("Enter")
    assert tab.run("document.activeElement.parentElement.open")
    tab.key("ArrowLeft")
    assert not tab.run("document.activeElement.parentElement.open")
    tab.key("ArrowLeft")
    assert tab.focus().startswith("ClientHello") and len(tab.lit()[1]) > 1000
    tab.key("Tab")
    assert tab.run("document.activeElement.matches('#m0 .hex')")
    for _ in range(2):
        tab.key("ArrowRight")
    assert tab.lit()[0] == ["length"]
    tab.key("Enter")
    assert tab.focus().startswith("length")
    tab.key("Escape")
    assert not tab.run("document.querySelector('#m0 > details').open") and tab.focus().startswith("0 µs")
    tab.key("ArrowDown")
    assert tab.run("document.activeElement.closest('.step').id") != "m0"


def test_groups(tab, pages):
    """One kind of them is shown at a time, without a script too."""
    tab.show(pages["TLS 1.3"], script=False)
    shown = "[...document.querySelectorAll('.group')].filter((e) => e.checkVisibility()).map((e) => e.textContent)"
    assert tab.run(shown) == ["Key Exchange", "Server Parameters", "Authentication"]
    for by, least in (("four", 4), ("six", 4), ("nine", 5)):
        tab.click(f"label[for=by-{by}]")
        assert len(tab.run(shown)) >= least and all(re.match(r"\d ", name) for name in tab.run(shown))


def test_the_colours_can_be_chosen(tab, pages):
    for scheme, choice in (("light", "dark"), ("dark", "light")):
        tab.show(pages["TLS 1.3"], scheme=scheme)
        light = "getComputedStyle(document.body).backgroundColor"
        before = tab.run(light)
        tab.click(f"label[for=theme-{choice}]")
        assert tab.run(light) != before


def test_the_three_answers(pages):
    """Who chose the suite, where encryption began, what proved the server's identity: as text, before any message is opened."""
    facts = re.sub(r"<[^>]*>", " ", pages["TLS 1.3"].read_text(encoding="utf-8").partition("<dl class=\"facts\">")[2].partition("</dl>")[0])
    words = " ".join(facts.split())
    assert re.search(r"Cipher suite TLS_\w+ the server chose it, in ServerHello", words), words
    assert "Encrypted from EncryptedExtensions written by the server" in words
    assert "Who is the server? proved: certificate and signature" in words


@pytest.mark.parametrize("name", ("unknown CA", "wrong name"))
def test_a_fault_is_found(tab, pages, name):
    tab.show(pages[name])
    assert tab.run("document.querySelector('.outcome').classList.contains('bad')")
    tab.click(".jump")
    assert tab.run("document.querySelector('.refused > details').open")
    fault = tab.run("document.querySelector('.refused .fault').innerText")
    assert tab.run("document.querySelector('.refused .tree .wrong > summary').checkVisibility()")
    box = tab.run("[...document.querySelectorAll('.outcome dt')].map((e) => e.textContent)")
    assert box == ["What went wrong", "Whose fault", "What to do"]
    assert "peer" not in tab.run("document.querySelector('.outcome').innerText")
    assert "Refused here" in fault and tab.run("document.querySelector('.refused .label b').textContent") == "Certificate"


@pytest.mark.parametrize("name", PAGES)
def test_it_fits_a_phone(tab, pages, name):
    for size in (SMALL, PHONE):
        tab.show(pages[name], size).open_all()
        assert tab.run("document.documentElement.scrollWidth") <= size[0]


def need_axe():
    if not AXE.exists():
        pytest.skip("missing peer: axe-core (make deps-peers fetches it by npm)")


@pytest.mark.parametrize("scheme", ("light", "dark"))
@pytest.mark.parametrize("name", PAGES)
def test_axe_has_nothing_to_say(tab, pages, name, scheme):
    """All its rules, also those for good practice, with everything open."""
    need_axe()
    tab.show(pages[name], scheme=scheme).open_all()
    assert violations(tab) == []


def violations(tab):
    tab.run(AXE.read_text(encoding="utf-8") + "; 0")
    return json.loads(tab.run("""axe.run(document, {resultTypes: ["violations"]}).then((done) => JSON.stringify(
        done.violations.map((v) => [v.id, v.impact, v.help, v.nodes.slice(0, 5).map((n) => [n.html, n.failureSummary])])))"""))


def wrong_with(tab, page):
    """Opened on a phone, all of it: what is not as it should be, empty if nothing is."""
    tab.show(page, PHONE).open_all()
    width, said, asked = tab.run("document.documentElement.scrollWidth"), tab.said(), tab.asked()
    return [*said, *(url for url in asked if url != page.as_uri()), *([f"{width} wide"] if width > PHONE[0] else [])]


@pytest.mark.parametrize("kind", KINDS)
def test_every_scene(tab, scenes, kind):
    """Each shape of a handshake and each way to fail: nothing is said or asked for, and it fits a phone."""
    names = [name for name in scenes if KINDS[kind](name)]
    assert len(names) >= 20, names
    found = {name: wrong for name in names if (wrong := wrong_with(tab, scenes[name]))}
    assert found == {}


@pytest.mark.parametrize("name", SAMPLE)
def test_axe_has_nothing_to_say_of_a_scene(tab, scenes, name):
    need_axe()
    tab.show(scenes[name], PHONE).open_all()
    assert violations(tab) == []


def test_without_a_script(tab, pages):
    """All words are there, messages open, and what only a script could do is not offered."""
    tab.show(pages["TLS 1.3"], script=False)
    assert tab.run("document.getElementById('all').checkVisibility()") is False
    tab.click("#m0 > details > summary .label")
    assert tab.run("document.querySelector('#m0 > details').open")
    text = tab.run("document.querySelector('#m0 .inside').innerText")
    assert all(words in text for words in ("legacy_version", "TLS 1.2", "What an eavesdropper can read now", "0010"))
    assert tab.said() == []


def test_hostile_names_are_text(tab, pages):
    """They are in server_name and in the certificate: shown as what they are, as neither markup nor a turn of direction."""
    raw = pages["hostile"].read_bytes()
    assert b"<s>" not in raw and b"\xe2\x80\xae" not in raw and b"\x00" not in raw
    raw.decode()
    tab.show(pages["hostile"])
    assert tab.run("document.querySelectorAll('s').length") == 0
    assert tab.said() == []
    text = tab.run("document.body.textContent")
    assert "<s>\"" in text and "\\xff" in text


def test_a_capture_judges_nobody(pages):
    """It has no trust store, and cannot tell what the ends have checked."""
    text = pages["capture"].read_text(encoding="utf-8")
    assert "Not checked: a capture has no trust store." in text
    assert text.count("a capture does not show whether the client accepted the certificate") == 1
    assert "proved: certificate" not in text


SEES = """[...document.querySelectorAll('#eavesdropper table')].map((table) => [table.caption.textContent,
    Object.fromEntries([...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent)))])"""
NAME, CERTIFICATE, ME = "The name that was asked for (SNI)", "The server's certificate", "The client's certificate"


@pytest.mark.parametrize("name, read, hidden", (
    ("TLS 1.3", {NAME: "localhost", "Application protocols offered (ALPN)": "h2, http/1.1"}, [CERTIFICATE, "The new session ticket"]),
    ("TLS 1.2 mutual", {NAME: "localhost", CERTIFICATE: "CN=localhost"}, ["The secrets and keys"]),
    ("HelloRetryRequest", {NAME: "localhost"}, [CERTIFICATE]),
    ("unknown CA", {NAME: "localhost"}, [CERTIFICATE, "The alert: why it ended"]),
    ("no common version", {NAME: "localhost", "The alert: why it ended": "protocol_version, sent by the server"}, []),
    ("capture", {NAME: "localhost"}, [CERTIFICATE])))
def test_what_others_could_read(tab, pages, name, read, hidden):
    """The bar and a fact lead to it. In TLS 1.2 certificates go in the clear, in TLS 1.3 they do not."""
    tab.show(pages[name])
    assert tab.run("document.querySelector('.bar a[href=\"#eavesdropper\"]').checkVisibility()")
    assert tab.run("document.querySelector('.facts a[href=\"#eavesdropper\"]').textContent").startswith("localhost, the offers")
    said = dict(tab.run(SEES))
    assert said["They could read"] | read == said["They could read"] and "Addresses and ports" in said["They could read"]
    assert set(hidden) <= set(said.get("They could not read", {})) and not set(read) & set(said.get("They could not read", {}))
    assert (ME in said["They could read"]) == (name == "TLS 1.2 mutual")


def test_where_it_is_connected(tab, pages):
    """After the last Finished, before what follows; and the end says who has closed."""
    tab.show(pages["TLS 1.3"])
    order = tab.run("[...document.querySelectorAll('.step .label b, .reached, .end')].map((e) => e.textContent)")
    at = order.index("connected: both may send data")
    assert order[at - 1] == "Finished" and "Alert" in order[at:] and order[-1] == "closed by the client"
    tab.show(pages["unknown CA"])
    assert tab.run("document.querySelectorAll('.reached').length") == 0


def test_what_failed_was_not_used(tab, pages):
    """Nobody asked for the client's certificate; of the server's signature stands what came of it; later secrets are pale."""
    tab.show(pages["unknown CA"])
    facts = tab.run("document.querySelector('.facts').innerText")
    assert "Who is the client?\nnot asked" in facts and "good, but the certificate was refused" in facts
    unused = tab.run("[...document.querySelectorAll('#keys .outs li.unused code:first-child')].map((e) => e.textContent)")
    assert {"exporter_secret", "resumption_secret", "client_application_traffic_secret_0"} <= set(unused)
    assert "client_handshake_traffic_secret" not in unused


def test_what_is_not_known_is_not_ticked(tab, pages):
    tab.show(pages["TLS 1.3"])
    assert "not checked: " in tab.run("document.querySelector('.checks .unknown small').textContent")
    assert "revoked" not in tab.run("[...document.querySelectorAll('.checks .kept')].map((e) => e.textContent).join()")
    assert tab.run("document.querySelector('.anchor h3').textContent").startswith("anchor CN=")


def test_all_are_closed_when_all_are_open(tab, pages):
    tab.show(pages["TLS 1.3"])
    said = "document.getElementById('all').textContent"
    tab.click("#m0 > details > summary .label")
    assert tab.run(said) == "Open all"
    for words, left in (("Close all", 0), ("Open all", None)):
        tab.click("#all")
        closed = tab.run("document.querySelectorAll('.step > details:not([open])').length")
        assert tab.run(said) == words and (closed == 0) == (left == 0)


def test_times_begin_with_the_handshake(pages):
    """The ladder's zero is the records'."""
    text = pages["TLS 1.3"].read_text(encoding="utf-8")
    assert '<tr class="client"><td>1</td><td>0 µs</td>' in text and re.search(r'<span class="t">0 µs<', text)


def test_secrets_are_shown_where_asked(pages):
    shown, kept = (pages[name].read_text(encoding="utf-8") for name in ("secrets", "TLS 1.3"))
    assert "Secrets are shown" in shown and '<code class="value">' in shown
    assert "Secrets are shown" not in kept and '<code class="value">' not in kept
