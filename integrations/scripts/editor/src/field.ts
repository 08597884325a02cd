// A textarea becomes an editor; it stays in the form, hidden, and keeps the value.
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension, Prec } from "@codemirror/state";
import {
    drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers, rectangularSelection,
} from "@codemirror/view";
import { press, pressOf } from "./keys";
import { darkness, look } from "./look";
import type { checking, Problem } from "./problems";
import { csrfToken } from "./request";
import type { PageContext } from "./types";

const TAB_LEAVES_FOR = 3_600_000; // after Esc, until another key is pressed
const MAC = /Mac|iP(hone|ad)/.test(navigator.platform);
const LEAVE = "Esc, then Tab leaves the editor";
let made = 0;

/** Everything that shows code, changed or not; its language comes besides. */
export function reading(label: Extension): Extension {
    return [
        EditorView.contentAttributes.of({ tabindex: "0" }), // contenteditable is focusable already; this says so to checkers
        lineNumbers(), foldGutter(), highlightSpecialChars(), drawSelection(), bracketMatching(), highlightSelectionMatches(),
        search({ top: true }), look, darkness.extension, label,
        keymap.of([...searchKeymap, ...foldKeymap, ...defaultKeymap]),
    ];
}

function writing(): Extension {
    return [
        history(), indentOnInput(), indentUnit.of("  "), rectangularSelection(), highlightActiveLine(), highlightActiveLineGutter(),
        keymap.of([...historyKeymap, indentWithTab]),
        Prec.lowest(keymap.of([{ key: "Escape", run: freeTab }])),
        EditorView.domEventHandlers({ beforeinput: typeOver }),
    ];
}

/** Typing over a selection. Left to itself the browser keeps the look of what it replaces by a style attribute, which our policy refuses. */
function typeOver(event: InputEvent, view: EditorView): boolean {
    const { from, to, empty } = view.state.selection.main;
    const text = event.data;
    if (event.inputType !== "insertText" || !text || empty) return false;
    const insert = () => view.state.update(view.state.replaceSelection(text), { userEvent: "input.type", scrollIntoView: true });
    const isHandled = view.state.facet(EditorView.inputHandler).some((handler) => handler(view, from, to, text, insert));
    if (!isHandled) view.dispatch(insert());
    return true;
}

function freeTab(view: EditorView): boolean {
    view.setTabFocusMode(TAB_LEAVES_FOR);
    view.dispatch({ effects: EditorView.announce.of("Tab now leaves the editor") });
    return true;
}

export class ScriptField {
    private readonly status = document.createElement("span");
    private readonly hint = document.createElement("span");
    private readonly help = new Compartment();
    private readonly box = document.createElement("div");
    private readonly view: EditorView;
    private checks: ReturnType<typeof checking> | null = null;

    constructor(private readonly area: HTMLTextAreaElement) {
        this.box.className = "script-editor";
        this.hint.id = `script-hint-${++made}`;
        area.before(this.box);
        this.view = new EditorView({ parent: this.box, state: EditorState.create({ doc: area.value, extensions: this.extensions() }) });
        darkness.follow(this.view);
        this.box.append(this.foot());
        area.hidden = true;
        area.required = false; // a hidden field cannot be pointed at; the server asks for it
        this.listen(this.assist());
    }

    /** Adds what is loaded after the editor; without it, it is an editor all the same. */
    private async assist(): Promise<void> {
        this.box.setAttribute("aria-busy", "true");
        try {
            this.helped(await import("./assisting"));
        } catch {
            this.say("Colours and completion could not be loaded; reload the page to have them");
        }
        this.box.removeAttribute("aria-busy");
    }

    private helped({ assisted, checking, scriptLanguage }: typeof import("./assisting")): void {
        const more: Extension[] = [scriptLanguage()];
        if (!this.area.readOnly) {
            this.checks = checking(this.area.dataset.checkUrl ?? "", () => csrfToken(this.area.form), (sentence) => this.say(sentence));
            more.unshift(assisted(() => this.context()), this.checks);
        }
        this.view.dispatch({ effects: this.help.reconfigure(more) });
    }

    private extensions(): Extension {
        const rows = this.area.rows;
        const common = [
            reading(this.named()),
            EditorView.theme({ ".cm-content, .cm-gutter": { minHeight: `${rows * 1.55}em` } }),
        ];
        const help = this.help.of([]); // first: keys of an open completion come before those of the editor
        if (this.area.readOnly) return [EditorState.readOnly.of(true), help, ...common];
        return [
            help, writing(), ...common, this.pressing(),
            EditorView.updateListener.of((update) => update.docChanged && this.keep()),
        ];
    }

    /** The name and the description that the textarea has. */
    private named(): Extension {
        const label = this.area.labels?.[0];
        if (label) {
            label.id ||= `script-label-${made}`;
            label.addEventListener("click", () => this.view.focus());
        }
        const name: Record<string, string> = label ? { "aria-labelledby": label.id } : { "aria-label": this.area.getAttribute("aria-label") ?? "Script" };
        const described = [this.area.getAttribute("aria-describedby"), this.hint.id].filter(Boolean).join(" ");
        return EditorView.contentAttributes.of({ ...name, "aria-describedby": described, spellcheck: "false" });
    }

    private foot(): HTMLElement {
        const foot = document.createElement("div");
        foot.className = "script-foot";
        this.status.setAttribute("role", "status");
        this.hint.textContent = this.keys();
        foot.append(this.status, this.hint);
        return foot;
    }

    private keys(): string {
        const has = (name: string) => [...(this.area.form?.elements ?? [])].some((each) => each.hasAttribute(`data-script-${name}`));
        const mod = MAC ? "Cmd" : "Ctrl";
        if (this.area.readOnly) return "Read only";
        return [has("run") && `${mod}-Enter dry run`, has("save") && `${mod}-S save`, "Ctrl-Space completion", LEAVE].filter(Boolean).join(" · ");
    }

    private say(sentence: string): void {
        if (this.status.textContent !== sentence) this.status.textContent = sentence;
        this.status.classList.toggle("is-wrong", sentence !== "No problems");
    }

    private pressing(): Extension {
        const pressed = (event: KeyboardEvent) => {
            const which = pressOf(event);
            if (!which) return false;
            const said = press(this.area.form, which);
            if (said) this.view.dispatch({ effects: EditorView.announce.of(said) });
            return true;
        };
        return Prec.highest(EditorView.domEventHandlers({ keydown: pressed }));
    }

    private keep(): void {
        this.area.value = this.view.state.doc.toString();
        this.area.dispatchEvent(new Event("input", { bubbles: true }));
    }

    /** The names of the page; read anew each time, since it may change them. */
    private context(): PageContext {
        const select = document.getElementById(this.area.dataset.contextSelect ?? "");
        const chosen = select instanceof HTMLSelectElement ? select.selectedOptions[0]?.dataset.context : undefined;
        const holder = document.getElementById(chosen ?? this.area.dataset.context ?? "");
        return holder ? (JSON.parse(holder.textContent ?? "{}") as PageContext) : {};
    }

    private listen(isAssisted: Promise<void>): void {
        this.area.addEventListener("script:problems", (event) => {
            const { detail } = event as CustomEvent<Problem[]>;
            void isAssisted.then(() => this.checks && this.view.plugin(this.checks)?.report(detail));
        });
        this.area.addEventListener("script:goto", (event) => this.go((event as CustomEvent<Problem>).detail));
        this.area.addEventListener("script:load", (event) => this.load((event as CustomEvent<{ text: string }>).detail.text));
        this.area.form?.addEventListener("reset", () => setTimeout(() => this.load(this.area.defaultValue)));
    }

    private go(place: { line: number; column?: number }): void {
        const line = this.view.state.doc.line(Math.min(Math.max(1, place.line), this.view.state.doc.lines));
        const anchor = Math.min(line.from + Math.max(0, (place.column ?? 0) - 1), line.to);
        this.view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
        this.view.focus();
    }

    private load(text: string): void {
        this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text }, userEvent: "input.paste" });
    }
}
