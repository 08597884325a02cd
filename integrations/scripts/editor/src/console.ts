// The GraphQL console of the admin: an operation with completion from the schema, its variables, the answer, a history.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching } from "@codemirror/language";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { graphql } from "cm6-graphql";
import { buildSchema } from "graphql";
import { darkness, look } from "./look";
import { adoptStyles } from "./styles";

const KEPT = 30;
const HISTORY = "fieldport.graphql";

function found<T extends HTMLElement>(id: string): T {
    return document.getElementById(id) as T;
}

const form = found<HTMLFormElement>("console");
const state = found("console-state");
const shown = found("console-answer");
const area = found<HTMLTextAreaElement>("console-query");
const variables = found<HTMLTextAreaElement>("console-variables");

adoptStyles();
const view = new EditorView({
    doc: area.value,
    extensions: [
        keymap.of([{ key: "Mod-Enter", run: () => (form.requestSubmit(), true) }]),
        lineNumbers(),
        history(),
        bracketMatching(),
        closeBrackets(),
        autocompletion(),
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": document.querySelector("label[for=console-query]")?.textContent ?? "" }),
        graphql(buildSchema(found("console-schema").textContent ?? "")),
        look,
        darkness.extension,
    ],
});
darkness.follow(view);
const frame = document.createElement("div");
frame.className = "script-editor";
frame.append(view.dom);
area.hidden = true;
area.after(frame);

function remembered(): string[] {
    return JSON.parse(sessionStorage.getItem(HISTORY) ?? "[]") as string[];
}

function showHistory(): void {
    const entries = remembered().map((query) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "button plain";
        button.textContent = query.replace(/\s+/g, " ").slice(0, 120);
        button.addEventListener("click", () => {
            view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: query } });
            view.focus();
        });
        const entry = document.createElement("li");
        entry.append(button);
        return entry;
    });
    found("console-history").replaceChildren(...entries);
}

function remember(query: string): void {
    const kept = [query, ...remembered().filter((each) => each !== query)].slice(0, KEPT);
    sessionStorage.setItem(HISTORY, JSON.stringify(kept));
    showHistory();
}

function say(name: string, more = ""): void {
    state.textContent = `${form.dataset[name] ?? ""} ${more}`.trim();
}

async function run(query: string, given: unknown): Promise<void> {
    const began = performance.now();
    const workspace = found<HTMLSelectElement>("console-workspace").value;
    const token = form.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value ?? "";
    const answer = await fetch(`${form.action}?workspace=${encodeURIComponent(workspace)}`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": token },
        body: JSON.stringify({ query, variables: given }),
        redirect: "error", // to the sign-in page
    }).catch(() => null);
    if (answer === null) return say("away");
    if (!answer.headers.get("Content-Type")?.startsWith("application/json")) return say("over");
    const told = (await answer.json()) as { errors?: unknown };
    shown.textContent = JSON.stringify(told, null, 2);
    say(told.errors ? "wrong" : "done", `${Math.round(performance.now() - began)} ms`);
}

form.addEventListener("submit", (event) => {
    event.preventDefault();
    const query = view.state.doc.toString();
    let given: unknown = null;
    try {
        given = variables.value.trim() ? JSON.parse(variables.value) : null;
    } catch (error) {
        return say("variables", (error as Error).message);
    }
    remember(query);
    say("running");
    void run(query, given);
});
showHistory();
