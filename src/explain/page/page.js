"use strict";
(() => {
    const messages = [...document.querySelectorAll(".step > details")];
    const head = (details) => details.querySelector(":scope > summary");

    /* ---- fields and their bytes ---- */

    const number = (element, name) => Number(element.dataset[name]);
    /* A group has the fields from data-s up to data-e. */
    const range = (field) => "e" in field.dataset ? [number(field, "s"), number(field, "e")] : [number(field, "f"), number(field, "f") + 1];
    const shown = (element) => element.checkVisibility();

    /* A box scrolls, the page does not. */
    const bring = (box, element) => {
        const outer = box.getBoundingClientRect(), inner = element.getBoundingClientRect();
        if (box.scrollHeight <= box.clientHeight || inner.height === 0)
            return;
        if (inner.top < outer.top + 24 || inner.bottom > outer.bottom - 24)
            box.scrollTop += inner.top - outer.top - box.clientHeight / 3;
    };

    const place = (field) => {
        const name = head(field).querySelector(".n").textContent;
        const bytes = field.querySelector(":scope > p > i");
        return (bytes ? bytes.textContent + " · " : "") + name;
    };

    /* What a message's fields and bytes are to each other. Made when it is first opened. */
    const pair = (root) => {
        const tree = root.querySelector(".tree"), hex = root.querySelector(".hex"), where = root.querySelector(".where");
        const fields = [...tree.querySelectorAll("details")], summaries = fields.map(head);
        const bytes = [...hex.querySelectorAll("[data-f]")];
        /* By number, also of the length that a field's line stands for. */
        const field = new Map();
        fields.forEach((details) => {
            const [first, end] = details.matches(".group") ? [number(details, "f"), 0] : range(details);
            for (let f = first; f < Math.max(end, first + 1); f++)
                field.set(f, details);
        });
        const stop = (piece) => piece.tagName === "DETAILS" ? head(piece) : piece;
        const hint = "Point at a field, or at a byte.";
        let lit = [];
        where.textContent = hint;

        const light = (details, from) => {
            lit.forEach((element) => element.classList.remove("lit"));
            lit = [];
            if (!details) {
                where.textContent = hint;
                return;
            }
            const [first, end] = range(details);
            const mine = bytes.filter((piece) => number(piece, "f") >= first && number(piece, "f") < end);
            let seen = details;
            while (!shown(head(seen)))
                seen = seen.parentElement.closest("details[data-f]");
            lit = [seen, ...mine];
            lit.forEach((element) => element.classList.add("lit"));
            where.textContent = place(details);
            if (from !== "bytes" && mine.length > 0)
                bring(hex, mine[0]);
            if (from !== "fields")
                bring(tree, head(seen));
        };

        const reveal = (details) => {
            for (let up = details.parentElement.closest("details[data-f]"); up; up = up.parentElement.closest("details[data-f]"))
                up.open = true;
        };

        /* One stop for the tabulator in each half; arrows go on from there. */
        const stops = (list) => {
            list.forEach((element, i) => { element.tabIndex = i === 0 ? 0 : -1; });
        };
        const go = (list, element) => {
            list.forEach((other) => { if (other.tabIndex === 0) other.tabIndex = -1; });
            element.tabIndex = 0;
            element.focus();
        };
        const step = (list, element, by) => {
            const visible = list.filter(shown);
            return visible[visible.indexOf(element) + by];
        };
        const halves = bytes.map(stop);
        stops(summaries);
        bytes.forEach((piece) => {
            if (piece.tagName === "DETAILS")
                return;
            piece.setAttribute("role", "button");
            piece.setAttribute("aria-description", place(field.get(number(piece, "f"))));
        });
        halves.forEach((element) => { element.tabIndex = -1; });

        const fieldOf = (target) => target.closest("details[data-f]");
        const pieceOf = (target) => {
            const piece = target.closest("[data-f]");
            return piece && field.get(number(piece, "f"));
        };
        tree.addEventListener("mouseover", (event) => { if (fieldOf(event.target)) light(fieldOf(event.target), "fields"); });
        tree.addEventListener("focusin", (event) => light(fieldOf(event.target), "fields"));
        hex.addEventListener("mouseover", (event) => { if (pieceOf(event.target)) light(pieceOf(event.target), "bytes"); });
        hex.addEventListener("focusin", (event) => light(pieceOf(event.target), "bytes"));
        [tree, hex].forEach((half) => half.addEventListener("mouseleave", () => {
            const now = document.activeElement;
            light(tree.contains(now) ? fieldOf(now) : hex.contains(now) ? pieceOf(now) : null, "neither");
        }));
        const toField = (details) => {
            reveal(details);
            go(summaries, head(details));
        };
        hex.addEventListener("click", (event) => {
            if (!event.target.closest("summary") && pieceOf(event.target))
                toField(pieceOf(event.target));
        });
        tree.addEventListener("click", (event) => {
            const details = fieldOf(event.target);
            if (details && details.classList.contains("group"))
                details.classList.toggle("told", !details.open);
            if (event.target.closest("summary"))
                summaries.forEach((other) => { other.tabIndex = other === event.target.closest("summary") ? 0 : -1; });
        });

        tree.addEventListener("keydown", (event) => {
            const now = event.target.closest("summary"), details = now && now.parentElement;
            const up = details && details.parentElement.closest("details[data-f]");
            let next = null;
            if (!now)
                return;
            if (event.key === "ArrowDown" || event.key === "ArrowUp")
                next = step(summaries, now, event.key === "ArrowDown" ? 1 : -1);
            else if (event.key === "ArrowRight" && !details.open)
                details.open = true;
            else if (event.key === "ArrowRight")
                next = step(summaries, now, 1);
            else if (event.key === "ArrowLeft" && details.open)
                details.open = false;
            else if (event.key === "ArrowLeft" && up)
                next = head(up);
            else if (event.key === "Home" || event.key === "End")
                next = summaries.filter(shown).at(event.key === "Home" ? 0 : -1);
            else
                return;
            event.preventDefault();
            if (next)
                go(summaries, next);
        });
        hex.addEventListener("keydown", (event) => {
            const on = halves.includes(document.activeElement) ? document.activeElement : null;
            const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
            if (by) {
                const next = on ? step(halves, on, by) : halves.find(shown);
                event.preventDefault();
                if (next)
                    next.focus();
            } else if ((event.key === "Enter" || event.key === " ") && on && on.tagName !== "SUMMARY") {
                event.preventDefault();
                toField(pieceOf(on));
            }
        });
    };

    /* ---- messages ---- */

    messages.forEach((details) => {
        let made = false;
        details.addEventListener("toggle", () => {
            if (details.open && !made && details.querySelector(".pair")) {
                made = true;
                pair(details.querySelector(".pair"));
            }
        });
        details.addEventListener("keydown", (event) => {
            if (event.key !== "Escape")
                return;
            details.open = false;
            head(details).focus();
        });
        head(details).addEventListener("keydown", (event) => {
            const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
            const next = by && messages[messages.indexOf(details) + by];
            if (!next)
                return;
            event.preventDefault();
            head(next).focus();
        });
    });

    const all = document.getElementById("all");
    const count = () => messages.filter((details) => details.open).length;
    const say = () => { all.textContent = count() === messages.length ? "Close all" : "Open all"; };
    all.hidden = false;
    all.addEventListener("click", () => {
        const open = count() < messages.length;
        messages.forEach((details) => { details.open = open; });
        say();
    });
    messages.forEach((details) => details.addEventListener("toggle", say));

    /* A link to a message opens it; the fault's field is where one wants to be. */
    const follow = () => {
        const target = /^#m\d+$/.test(location.hash) && document.querySelector(location.hash);
        const details = target && target.querySelector(":scope > details");
        if (!details)
            return;
        details.open = true;
        target.scrollIntoView({ block: "start" });
        head(details).focus({ preventScroll: true });
    };
    addEventListener("hashchange", follow);
    document.addEventListener("click", (event) => {
        const link = event.target.closest("a[href^='#m']");
        if (link && link.hash === location.hash)
            follow();
    });
    follow();

    /* On paper all of it is open. */
    let closed = [];
    addEventListener("beforeprint", () => {
        closed = [...document.querySelectorAll("details:not([open])")].filter((details) => !details.matches(".fields details"));
        closed.forEach((details) => { details.open = true; });
    });
    addEventListener("afterprint", () => closed.forEach((details) => { details.open = false; }));
})();
