// Marks what is wrong: at once what the editor's parser sees, then what the server says, and what a run reported.
import { syntaxTree } from "@codemirror/language";
import { type Diagnostic, setDiagnostics } from "@codemirror/lint";
import type { EditorState } from "@codemirror/state";
import { type EditorView, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import { ask } from "./request";

/** Line and column from 1; column 0: the whole line. */
export interface Problem {
    line: number;
    column?: number;
    message: string;
    severity?: "error" | "warning";
}

const PARSED_AFTER = 500; // milliseconds without a key
const CHECKED_AFTER = 700;

function diagnostic(state: EditorState, problem: Problem): Diagnostic {
    const line = state.doc.line(Math.min(Math.max(1, problem.line), state.doc.lines));
    const column = problem.column ?? 0;
    const at = column > 0 ? Math.min(line.from + column - 1, line.to) : line.from;
    const word = state.wordAt(at);
    const to = column > 0 ? (word && word.from === at ? word.to : Math.min(at + 1, line.to)) : line.to;
    return { from: Math.min(at, to), to, severity: problem.severity ?? "error", message: problem.message };
}

/** Where the grammar did not fit; one of each line. */
export function parsed(state: EditorState): Diagnostic[] {
    const found = new Map<number, Diagnostic>();
    syntaxTree(state).iterate({
        enter(node) {
            if (!node.type.isError) return;
            const line = state.doc.lineAt(node.from);
            if (found.has(line.number)) return;
            const text = state.sliceDoc(node.from, Math.max(node.to, Math.min(node.from + 1, line.to))).trim();
            const message = text ? `Syntax error: “${text.slice(0, 20)}” does not fit here` : "Syntax error: something is missing here";
            found.set(line.number, { from: node.from, to: Math.max(node.to, Math.min(node.from + 1, line.to)), severity: "error", message });
        },
    });
    return [...found.values()];
}

export function sentence(state: EditorState, found: readonly Diagnostic[]): string {
    const [first] = found;
    if (!first) return "No problems";
    const told = `line ${state.doc.lineAt(first.from).number}: ${first.message}`;
    return found.length === 1 ? `1 problem, ${told}` : `${found.length} problems, first ${told}`;
}

/** Keeps the marks of an editor fresh; `said` is told the sentence each time they change. */
export function checking(url: string, token: () => string, said: (sentence: string) => void) {
    return ViewPlugin.fromClass(
        class {
            private timers: number[] = [];
            private asking = new AbortController();

            constructor(private readonly view: EditorView) {
                this.plan();
            }

            update(update: ViewUpdate): void {
                if (update.docChanged) this.plan();
            }

            destroy(): void {
                this.stop();
            }

            /** What a run reported; stays until the text changes. */
            report(problems: Problem[]): void {
                this.stop();
                this.show(problems.map((each) => diagnostic(this.view.state, each)));
            }

            private stop(): void {
                this.timers.forEach(clearTimeout);
                this.asking.abort();
            }

            private plan(): void {
                this.stop();
                this.timers = [window.setTimeout(() => this.show(parsed(this.view.state)), PARSED_AFTER)];
                if (url) this.timers.push(window.setTimeout(() => void this.check(), CHECKED_AFTER));
            }

            private async check(): Promise<void> {
                this.asking = new AbortController();
                const { signal } = this.asking;
                const source = this.view.state.doc.toString();
                const answer = await ask(url, new URLSearchParams({ source }), token(), signal);
                if (signal.aborted || !Array.isArray(answer.json?.problems)) return; // the parser's marks stay
                this.show((answer.json.problems as Problem[]).map((each) => diagnostic(this.view.state, each)));
            }

            private show(found: Diagnostic[]): void {
                this.view.dispatch(setDiagnostics(this.view.state, found));
                said(sentence(this.view.state, found));
            }
        },
    );
}
