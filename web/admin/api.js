// The API as this page uses it: signed in, problems as exceptions, streams that come back.

const BASE = "/api/v1";
const KEPT = "teamflow.session";
const PAUSES = [500, 1000, 2000, 5000];

/** An answer that is a problem (RFC 9457): its detail, and what is wrong with which field. */
export class Problem extends Error {
    constructor(status, body) {
        super(body?.detail ?? `The server answered with ${status}.`);
        this.status = status;
        this.code = body?.error;
        this.fields = (body?.errors ?? []).map(
            (each) => ({field: each.field, message: each.message}));
        this.request = body?.request_id;
    }
}

let session = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
let renewing = null;
let onEnd = () => {};

/** Who is signed in; null when nobody is. It lasts as long as the browser's tab. */
export function current() {
    return session;
}

export function whenSessionEnds(notify) {
    onEnd = notify;
}

function keep(answer) {
    session = {
        email: answer.user.email,
        operator: answer.is_operator,
        role: answer.role,
        organization: answer.organization,
        access: answer.access_token,
        refresh: answer.refresh_token,
    };
    sessionStorage.setItem(KEPT, JSON.stringify(session));
}

function forget() {
    session = null;
    sessionStorage.removeItem(KEPT);
    onEnd();
}

async function send(method, path, {body, accept, signal, token} = {}) {
    const headers = {Accept: accept ?? "application/json"};
    if (token) {
        headers.Authorization = `Bearer ${token}`;
    }
    if (body !== undefined) {
        headers["Content-Type"] = "application/json";
    }
    try {
        return await fetch(BASE + path, {
            method, headers, signal, cache: "no-store",
            body: body === undefined ? undefined : JSON.stringify(body),
        });
    } catch (error) {
        if (error.name === "AbortError") {
            throw error;
        }
        throw new Error("The server does not answer. Is it running? Try again in a moment.");
    }
}

async function problemOf(answer) {
    let body = null;
    try {
        body = await answer.json();
    } catch {
        // Nothing that this API sends; its status has to do.
    }
    return new Problem(answer.status, body);
}

export async function signIn(email, password) {
    const answer = await send("POST", "/auth/login", {body: {email, password}});
    if (!answer.ok) {
        throw await problemOf(answer);
    }
    const found = await answer.json();
    if (!found.is_operator && !["admin", "owner"].includes(found.role)) {
        throw new Error("This page is for operators, and for admins of an organization.");
    }
    keep(found);
}

export async function signOut() {
    const refresh = session?.refresh;
    forget();
    if (refresh) {
        await send("POST", "/auth/logout", {body: {refresh_token: refresh}}).catch(() => {});
    }
}

/** A new access token; several who need one at once share it. */
async function renew() {
    renewing ??= (async () => {
        const answer = await send("POST", "/auth/refresh", {
            body: {refresh_token: session.refresh}});
        if (!answer.ok) {
            forget();
            throw new Error("Your session has ended. Sign in again.");
        }
        keep(await answer.json());
    })().finally(() => {
        renewing = null;
    });
    await renewing;
}

async function signed(method, path, options = {}) {
    if (!session) {
        throw new Error("Sign in first.");
    }
    let answer = await send(method, path, {...options, token: session.access});
    if (answer.status === 401) {
        await renew();
        answer = await send(method, path, {...options, token: session.access});
    }
    if (!answer.ok) {
        throw await problemOf(answer);
    }
    return answer;
}

export async function get(path, parameters = {}, signal) {
    const answer = await signed("GET", path + queryOf(parameters), {signal});
    return answer.json();
}

export async function post(path, body = {}) {
    const answer = await signed("POST", path, {body});
    return answer.status === 204 ? null : answer.json();
}

/** `?a=1&b=2`, without what is empty. */
export function queryOf(parameters) {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) {
        if (value !== "" && value !== null && value !== undefined) {
            query.set(name, value);
        }
    }
    const text = query.toString();
    return text === "" ? "" : `?${text}`;
}

/** Reads server-sent events off a response until it ends; gives each message's id and data. */
async function readEvents(answer, take) {
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
        const {done, value} = await reader.read();
        if (done) {
            return;
        }
        const messages = (rest + value).split("\n\n");
        rest = messages.pop();
        for (const message of messages) {
            const made = {};
            for (const line of message.split("\n")) {
                const colon = line.indexOf(": ");
                if (colon > 0) {
                    made[line.slice(0, colon)] = line.slice(colon + 2);
                }
            }
            if (made.data) {
                take(JSON.parse(made.data), made.id);
            }
        }
    }
}

function pause(length, signal) {
    return new Promise((done) => {
        const timer = setTimeout(done, length);
        signal.addEventListener("abort", () => {
            clearTimeout(timer);
            done();
        }, {once: true});
    });
}

/** Follows a stream until `signal` aborts, over lost connections: `take(message)` for each,
 *  `tell(null)` while it is connected, `tell(error)` while it is not. A refusal ends it. */
export async function follow(path, parameters, signal, take, tell = () => {}) {
    let last = parameters.after;
    for (let tries = 0; !signal.aborted; ++tries) {
        try {
            const answer = await signed("GET", path + queryOf({...parameters, after: last}), {
                accept: "text/event-stream", signal});
            tell(null);
            await readEvents(answer, (message, id) => {
                tries = 0;
                last = id ?? last;
                take(message);
            });
        } catch (error) {
            if (signal.aborted) {
                return;
            }
            tell(error);
            if (error instanceof Problem && error.status < 500) {
                return;
            }
        }
        await pause(PAUSES[Math.min(tries, PAUSES.length - 1)], signal);
    }
}
