// Elements from values. Text goes in as text nodes and nowhere else, so nothing that users wrote is
// ever read as markup.

/** An element: `attributes` are set as they are, `on...` functions listen, true sets an empty one,
 *  false, null and undefined set none. Children are nodes, texts, or lists of both. */
export function el(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (value === false || value === null || value === undefined) {
            continue;
        }
        if (key.startsWith("on")) {
            made.addEventListener(key.slice(2), value);
        } else if (key === "width%") {
            // A rule of its own: the content security policy takes no style attributes.
            made.style.setProperty("width", `${value}%`);
        } else {
            made.setAttribute(key, value === true ? "" : value);
        }
    }
    made.append(...children.flat(2).filter((each) => each !== null && each !== undefined));
    return made;
}

/** Puts these in the place of all that is in `into`. */
export function fill(into, ...children) {
    into.replaceChildren(...children.flat(2).filter((each) => each !== null && each !== undefined));
}

/** Tells those who listen to the page. */
export function speak(text) {
    document.getElementById("spoken").textContent = text;
}

const numbers = new Intl.NumberFormat("en");
const times = new Intl.DateTimeFormat("en-GB", {
    year: "numeric", month: "short", day: "2-digit",
    hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false,
});

export function number(value) {
    return value === null || value === undefined ? "unknown" : numbers.format(value);
}

/** An instant in the time of the browser, with UTC as its title. */
export function time(text) {
    if (!text) {
        return el("span", {}, "never");
    }
    return el("time", {datetime: text, title: text}, times.format(new Date(text)));
}

export function duration(seconds) {
    if (seconds === null || seconds === undefined) {
        return "unknown";
    }
    if (seconds < 60) {
        return `${Math.round(seconds)} s`;
    }
    const minutes = Math.round(seconds / 60);
    return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function badge(kind, text) {
    return el("span", {class: `badge ${kind}`}, text);
}

/** A bar with its number; `label` says of what. */
export function bar(percent, label, extra = "") {
    const shown = Math.max(0, Math.min(100, percent));
    return el("div", {
        class: `progress ${extra}`, role: "progressbar", "aria-label": label,
        "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": shown.toFixed(1),
    }, el("div", {class: "progress-done", "width%": shown}));
}

/** A table whose cells become lines with a name where there is little room. Rows are lists of
 *  nodes or texts. */
export function table(caption, columns, rows, none) {
    if (rows.length === 0) {
        return el("p", {class: "none"}, none);
    }
    const head = columns.map((name) => el("th", {scope: "col"}, name));
    const body = rows.map((cells) => el("tr", {}, cells.map(
        (cell, at) => el(at === 0 ? "th" : "td",
            at === 0 ? {scope: "row"} : {"data-name": columns[at]}, cell))));
    return el("div", {class: "table"}, el("table", {},
        el("caption", {class: "hidden"}, caption),
        el("thead", {}, el("tr", {}, head)), el("tbody", {}, body)));
}

/** What went wrong, in the words of the problem, with all bad fields. */
export function fault(error) {
    const fields = error.fields ?? [];
    return el("div", {class: "fault", role: "alert"},
        el("p", {}, error.message),
        fields.length === 0 ? null : el("ul", {}, fields.map(
            (each) => el("li", {}, el("code", {}, each.field), ` ${each.message}`))),
        error.request ? el("p", {class: "small"}, `Request ${error.request}`) : null);
}

/** A button that is busy while its act runs; what fails is told in `where`. */
export function acting(text, act, where, attributes = {}) {
    const made = el("button", {type: "button", ...attributes}, text);
    made.addEventListener("click", async () => {
        made.setAttribute("aria-disabled", "true");
        if (made.classList.contains("busy")) {
            return;
        }
        made.classList.add("busy");
        try {
            await act();
        } catch (error) {
            fill(where, fault(error));
        } finally {
            made.classList.remove("busy");
            made.removeAttribute("aria-disabled");
        }
    });
    return made;
}

/** Asks before something is done. `inputs` are elements for the form; resolves to whether it is to
 *  be done. */
export function ask(title, text, go, inputs = [], kind = "primary") {
    return new Promise((answer) => {
        let agreed = false;
        const form = el("form", {
            onsubmit: (event) => {
                event.preventDefault();
                agreed = true;
                dialog.close();
            },
        },
            el("h2", {id: "asked"}, title),
            el("p", {}, text),
            inputs,
            el("div", {class: "buttons end"},
                el("button", {type: "button", onclick: () => dialog.close()}, "Cancel"),
                el("button", {type: "submit", class: kind}, go)));
        const dialog = el("dialog", {
            "aria-labelledby": "asked",
            onclose: () => {
                dialog.remove();
                answer(agreed);
            },
        }, form);
        document.body.append(dialog);
        dialog.showModal();
    });
}

/** A labelled field. */
export function field(label, input, hint) {
    if (hint) {
        const id = `${input.id}-hint`;
        input.setAttribute("aria-describedby", id);
        return el("div", {class: "field"}, el("label", {for: input.id}, label), input,
            el("p", {class: "small", id}, hint));
    }
    return el("div", {class: "field"}, el("label", {for: input.id}, label), input);
}
