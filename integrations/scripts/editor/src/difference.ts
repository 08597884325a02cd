// Two versions of a script, side by side or in one column.
import { getChunks, goToNextChunk, goToPreviousChunk, MergeView, unifiedMergeView } from "@codemirror/merge";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { reading } from "./field";
import { darkness } from "./look";
import { scriptLanguage } from "./words";

const FOLDED = { margin: 3, minSize: 6 };
const WIDE = matchMedia("(min-width: 64rem)");

function textOf(id: string | undefined): string {
    const holder = document.getElementById(id ?? "");
    const text = holder instanceof HTMLTextAreaElement ? holder.value : (holder?.textContent ?? "");
    return text.replace(/\r\n?/g, "\n");
}

function lines(count: number, what: string): string {
    return `${count} ${count === 1 ? "line" : "lines"} ${what}`;
}

export class Difference {
    private readonly texts: [string, string];
    private readonly labels: [string, string];
    private readonly place = document.createElement("div");
    private readonly status = document.createElement("span");
    private readonly toggle: HTMLButtonElement;
    private views: EditorView[] = [];
    private end: () => void = () => undefined;
    private isSplit = WIDE.matches;

    constructor(holder: HTMLElement) {
        this.texts = [textOf(holder.dataset.left), textOf(holder.dataset.right)];
        this.labels = [holder.dataset.leftLabel ?? "Before", holder.dataset.rightLabel ?? "After"];
        const plain = [...holder.children] as HTMLElement[];
        this.toggle = button("", () => this.turn(!this.isSplit));
        this.status.setAttribute("role", "status");
        const bar = document.createElement("div");
        bar.className = "script-diff-bar";
        bar.append(this.status, button("Previous change", () => this.step(goToPreviousChunk)), button("Next change", () => this.step(goToNextChunk)), this.toggle);
        holder.append(bar, this.place);
        for (const each of plain) each.hidden = true;
        WIDE.addEventListener("change", () => this.turn(WIDE.matches));
        this.show();
    }

    private turn(isSplit: boolean): void {
        this.isSplit = isSplit;
        this.show();
    }

    private show(): void {
        this.end();
        this.views = this.isSplit ? this.split() : this.unified();
        this.place.className = this.isSplit ? "script-diff is-split" : "script-diff";
        this.toggle.textContent = this.isSplit ? "One column" : "Side by side";
        this.views.forEach((view) => darkness.follow(view));
        this.status.textContent = this.summary();
    }

    private split(): EditorView[] {
        const [before, after] = this.texts;
        const heads = this.labels.map((label) => Object.assign(document.createElement("strong"), { textContent: label }));
        const head = document.createElement("div");
        head.className = "script-diff-head";
        head.append(...heads);
        this.place.replaceChildren(head);
        const merged = new MergeView({
            parent: this.place, // where it can be measured
            a: { doc: before, extensions: shown(this.labels[0]) },
            b: { doc: after, extensions: shown(this.labels[1]) },
            gutter: true,
            collapseUnchanged: FOLDED,
        });
        this.end = () => this.close(() => merged.destroy());
        return [merged.a, merged.b];
    }

    private unified(): EditorView[] {
        const merged = unifiedMergeView({ original: this.texts[0], mergeControls: false, gutter: true, collapseUnchanged: FOLDED });
        const label = `${this.labels[1]}, with what was removed since ${this.labels[0]}`;
        this.place.replaceChildren();
        const view = new EditorView({ parent: this.place, doc: this.texts[1], extensions: [shown(label), merged] });
        this.end = () => this.close(() => view.destroy());
        return [view];
    }

    private close(destroy: () => void): void {
        this.views.forEach((view) => darkness.forget(view));
        destroy();
    }

    /** What changed, in words: colours alone tell nothing to some. */
    private summary(): string {
        const state = this.views.at(-1)?.state;
        const chunks = state ? (getChunks(state)?.chunks ?? []) : [];
        if (!state || !chunks.length) return "No difference";
        const before = EditorState.create({ doc: this.texts[0] }).doc;
        const count = (doc: typeof before, from: number, to: number) => (to > from ? doc.lineAt(Math.min(to - 1, doc.length)).number - doc.lineAt(from).number + 1 : 0);
        const added = chunks.reduce((sum, each) => sum + count(state.doc, each.fromB, each.toB), 0);
        const removed = chunks.reduce((sum, each) => sum + count(before, each.fromA, each.toA), 0);
        return `${chunks.length} ${chunks.length === 1 ? "change" : "changes"}: ${lines(added, "added")}, ${lines(removed, "removed")}`;
    }

    private step(command: typeof goToNextChunk): void {
        const view = this.views.at(-1);
        if (!view) return;
        command(view);
        view.dispatch({ effects: EditorView.scrollIntoView(view.state.selection.main.head, { y: "center" }) });
        view.focus();
    }
}

function shown(label: string): Extension {
    return [EditorState.readOnly.of(true), EditorView.lineWrapping, scriptLanguage(), reading(EditorView.contentAttributes.of({ "aria-label": label }))];
}

function button(text: string, pressed: () => void): HTMLButtonElement {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "button plain", textContent: text });
    made.addEventListener("click", pressed);
    return made;
}
