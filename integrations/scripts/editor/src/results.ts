// What a dry run gave: its end, what would be written, what was asked, the log.
import type { Problem } from "./problems";

type Facts = Record<string, unknown>;

/** The answer of a dry run; docs/script-editor.md has the shape. */
export interface Tried {
    ending?: string;
    note?: string;
    result?: unknown;
    duration_ms?: number;
    may_publish?: boolean;
    logs?: { level?: string; message?: string; data?: unknown }[];
    writes?: Facts[];
    calls?: Facts[];
    problems?: Problem[];
}

const ENDINGS: Record<string, [words: string, tone: string]> = {
    returned: ["Finished", "ok"],
    skipped: ["Skipped", "wait"],
    retry: ["Would be tried again", "wait"],
    failed: ["Failed for good", "bad"],
    threw: ["Stopped by an error", "bad"],
    limit: ["Stopped at a limit", "bad"],
    broken: ["The sandbox broke", "bad"],
    stopped: ["Stopped by the host", "bad"],
};
const LEVELS: Record<string, string> = { error: "bad", warn: "wait", info: "busy", debug: "" };
const OPEN_UP_TO = 3; // more entries than these start closed
const TICK = 100; // milliseconds

export class Results {
    private readonly status = el("p", { role: "status", class: "script-status" });
    private readonly body = el("div", { class: "script-results" });
    private readonly before: Element[]; // what the server put there: a hint, or an earlier result
    private timer = 0;
    private started = 0;

    constructor(
        private readonly panel: HTMLElement,
        private readonly goto: (problem: Problem) => void,
    ) {
        this.before = [...panel.children].filter((each) => !/^H\d$/.test(each.tagName));
        panel.append(this.status, this.body);
    }

    /** Shows that a run is under way, and how long already; the clock is not read out. */
    wait(stop: () => void): void {
        const clock = el("span", { "aria-hidden": "true", class: "script-clock" });
        const button = el("button", { type: "button", class: "button plain" }, "Stop waiting");
        button.addEventListener("click", stop);
        this.before.forEach((each) => each.remove());
        this.panel.setAttribute("aria-busy", "true");
        this.status.replaceChildren(badge("Running", "busy"), " The dry run is under way.");
        this.body.replaceChildren(el("p", { class: "script-wait" }, clock, button));
        this.started = performance.now();
        const tick = () => (clock.textContent = seconds(performance.now() - this.started));
        tick();
        this.timer = window.setInterval(tick, TICK);
    }

    refuse(error: string): void {
        this.end(badge("No result", "bad"), ` ${error}`);
    }

    show(tried: Tried): void {
        const [words, tone] = ENDINGS[(tried.ending ?? "").toLowerCase()] ?? [tried.ending ?? "Finished", "quiet"];
        const time = seconds(tried.duration_ms ?? performance.now() - this.started);
        this.end(badge(words, tone), ` ${[tried.note, summary(tried), time].filter(Boolean).join(" · ")}`);
        this.body.append(
            ...this.problems(tried.problems ?? []),
            ...part("Would be written", entries(tried.writes ?? [], writeTitle)),
            ...part("Calls", entries(tried.calls ?? [], callTitle)),
            ...part("Log", log(tried.logs ?? [])),
            ...part("Result", tried.result === undefined || tried.result === null ? [] : [code(tried.result)], false),
        );
    }

    private end(...told: (Node | string)[]): void {
        clearInterval(this.timer);
        const hadFocus = this.body.contains(document.activeElement);
        this.panel.removeAttribute("aria-busy");
        this.body.replaceChildren();
        this.status.replaceChildren(...told);
        if (!hadFocus) return;
        this.status.tabIndex = -1; // "Stop waiting" is gone; the focus must not fall to the top of the page
        this.status.focus();
    }

    private problems(found: Problem[]): HTMLElement[] {
        const rows = found.map((problem) => {
            const place = `Line ${problem.line}${problem.column ? `, column ${problem.column}` : ""}`;
            const button = el("button", { type: "button", class: "script-place" }, place);
            button.addEventListener("click", () => this.goto(problem));
            return el("li", {}, button, ` ${problem.message}`);
        });
        return part("Problems", rows.length ? [el("ul", { class: "script-problems" }, ...rows)] : [], rows.length);
    }
}

function summary(tried: Tried): string {
    const writes = tried.writes?.length ?? 0;
    const calls = tried.calls?.length ?? 0;
    const written = writes ? count(writes, "write") : "nothing would be written";
    return [written, calls && count(calls, "call"), tried.problems?.length && count(tried.problems.length, "problem")].filter(Boolean).join(", ");
}

function count(number: number, what: string): string {
    return `${number} ${what}${number === 1 ? "" : "s"}`;
}

function seconds(milliseconds: number): string {
    return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** A headed part; nothing if there is nothing in it. `number` false: no count in its heading. */
function part(title: string, content: HTMLElement[], number: number | false = content.length): HTMLElement[] {
    if (!content.length) return [];
    return [el("h3", {}, number === false ? title : `${title} (${number})`), ...content];
}

function log(lines: NonNullable<Tried["logs"]>): HTMLElement[] {
    return lines.map(({ level = "info", message = "", data }) => {
        const hasData = data !== undefined && data !== null && JSON.stringify(data) !== "{}";
        return el("div", { class: "script-line" }, badge(level, LEVELS[level] ?? ""), el("span", {}, message), hasData ? el("code", {}, JSON.stringify(data)) : "");
    });
}

function entries(rows: Facts[], titled: (row: Facts) => [title: string, shown: string[]]): HTMLElement[] {
    return rows.map((row, index) => {
        const [title, shown] = titled(row);
        const rest = Object.entries(row).filter(([key, value]) => !shown.includes(key) && !isEmpty(value));
        const place = el("span", { class: "script-number" }, `${index + 1}`);
        const name = row.connection ? el("span", { class: "badge" }, String(row.connection)) : "";
        const head = el("summary", {}, place, el("code", {}, title), name);
        const facts = rest.map(([key, value]) => el("div", {}, el("dt", {}, key.replaceAll("_", " ")), el("dd", {}, code(value))));
        const holder = el("details", { class: "script-entry" }, head, el("dl", {}, ...facts));
        holder.toggleAttribute("open", rows.length <= OPEN_UP_TO);
        return holder;
    });
}

function writeTitle(row: Facts): [string, string[]] {
    return [`${row.method ?? ""} ${row.url ?? row.operation ?? row.name ?? ""}`.trim(), ["method", "url", "connection"]];
}

function callTitle(row: Facts): [string, string[]] {
    const time = typeof row.ms === "number" ? ` · ${seconds(row.ms)}` : "";
    return [`${row.summary || [row.kind, row.name].filter(Boolean).join(" ")}${time}`, ["summary", "kind", "name", "ms", "start", "ordinal", "connection"]];
}

function isEmpty(value: unknown): boolean {
    return value === undefined || value === null || value === "" || ["{}", "[]"].includes(JSON.stringify(value));
}

/** Text that scrolls takes the focus, so that a keyboard can scroll it. */
function code(value: unknown): HTMLElement {
    const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
    const isLong = text.length > 1000 || text.split("\n").length > 15;
    return el("pre", { class: "code", ...(isLong && { tabindex: "0" }) }, text);
}

function badge(words: string, tone: string): HTMLElement {
    return el("span", { class: tone ? `badge badge-${tone}` : "badge" }, words);
}

function el<Name extends keyof HTMLElementTagNameMap>(name: Name, attributes: Record<string, string>, ...content: (Node | string)[]) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...content);
    return made;
}
