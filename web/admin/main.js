// Signing in, the views, and which of them is shown: `#/projections/tasks`.

import {current, signIn, signOut, whenSessionEnds} from "/admin/ui/api.js";
import {acting, el, fault, field, fill} from "/admin/ui/dom.js";
import {showEvents} from "/admin/ui/events.js";
import {showNodes} from "/admin/ui/nodes.js";
import {showParked} from "/admin/ui/parked.js";
import {showProjections} from "/admin/ui/projections.js";
import {showStream} from "/admin/ui/streams.js";

// A view is `show(root, rest, parameters, signal)`; `signal` aborts when another one comes.
const VIEWS = [
    {path: "projections", name: "Read models", show: showProjections, operators: true},
    {path: "parked", name: "Parked", show: showParked, operators: true},
    {path: "nodes", name: "Processes", show: showNodes, operators: true},
    {path: "events", name: "Log", show: showEvents},
    {path: "streams", name: "Streams", show: showStream},
];

const main = document.getElementById("main");
const header = document.getElementById("bar");
const tabs = document.getElementById("tabs");
const line = document.getElementById("line");

let leaving = new AbortController();

function views() {
    return VIEWS.filter((each) => current().operator || !each.operators);
}

function askWho() {
    document.title = "Sign in · TeamFlow administration";
    header.hidden = true;
    const email = el("input", {
        id: "email", type: "email", autocomplete: "username", required: true, maxlength: 254});
    const password = el("input", {
        id: "password", type: "password", autocomplete: "current-password", required: true});
    const wrong = el("div", {});
    const form = el("form", {class: "card login"},
        el("h1", {}, el("span", {class: "mark-sign", "aria-hidden": "true"}), "TeamFlow"),
        el("p", {class: "small"},
            "Administration. For operators, and for admins of an organization."),
        wrong, field("E-mail", email), field("Password", password),
        el("button", {type: "submit", class: "primary wide"}, "Sign in"));
    form.addEventListener("submit", async (event) => {
        event.preventDefault();
        const button = form.querySelector("button");
        button.disabled = true;
        try {
            await signIn(email.value, password.value);
            show();
        } catch (error) {
            fill(wrong, fault(error));
            password.focus();
        } finally {
            button.disabled = false;
        }
    });
    fill(main, form);
    email.focus();
}

/** Whether what is shown follows the server. */
function tellLine(error) {
    line.textContent = error ? "Connection lost, trying again" : "";
    line.classList.toggle("lost", Boolean(error));
}

function show() {
    leaving.abort();
    leaving = new AbortController();
    tellLine(null);
    if (!current()) {
        askWho();
        return;
    }
    const [place, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
    const [path, ...rest] = place.split("/").map(decodeURIComponent);
    const view = views().find((each) => each.path === path);
    if (!view) {
        location.replace(`#/${views()[0].path}`);
        return;
    }
    header.hidden = false;
    document.getElementById("who").textContent =
        current().email + (current().organization ? ` · ${current().organization.name}` : "");
    document.title = `${view.name} · TeamFlow administration`;
    fill(tabs, views().map((each) => el("a", {
        href: `#/${each.path}`, "aria-current": each === view ? "page" : null}, each.name)));
    const root = el("div", {});
    fill(main, root);
    const signal = leaving.signal;
    Promise.resolve(view.show(root, rest, new URLSearchParams(query), signal, tellLine)).catch(
        (error) => {
            if (!signal.aborted) {
                fill(root, el("h1", {}, view.name), fault(error));
            }
        });
}

// A place within the page would be taken for a view.
document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    main.focus();
});
document.getElementById("leave").replaceWith(
    acting("Sign out", signOut, main, {class: "quiet", id: "leave"}));
whenSessionEnds(show);
window.addEventListener("hashchange", () => {
    show();
    main.focus({preventScroll: true});
});
show();
