// Colours come from variables of the admin's theme and of editor.css, so its toggle needs nothing from here.
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { Compartment, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const theme = EditorView.theme({
    "&": { backgroundColor: "var(--card-bg)", color: "var(--body-fg)", fontSize: ".8125rem" },
    "&.cm-focused": { outline: "none" },
    ".cm-scroller": { fontFamily: "var(--font-family-monospace)", lineHeight: "1.55" },
    ".cm-content": { caretColor: "var(--body-loud-color)" },
    ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--body-loud-color)" },
    "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground, & ::selection": {
        backgroundColor: "var(--code-selection)",
    },
    ".cm-gutters": { backgroundColor: "var(--darkened-bg)", color: "var(--body-quiet-color)", borderRight: "1px solid var(--hairline-color)" },
    ".cm-activeLine": { backgroundColor: "var(--code-line)" },
    ".cm-activeLineGutter": { backgroundColor: "var(--selected-bg)", color: "var(--body-loud-color)" },
    "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--selected-bg)", outline: "1px solid var(--focus)" },
    "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "var(--bad-bg)", color: "var(--bad-fg)" },
    ".cm-selectionMatch": { backgroundColor: "var(--code-match)" },
    ".cm-searchMatch": { backgroundColor: "var(--code-match)", outline: "1px solid var(--border-color)" },
    ".cm-searchMatch-selected": { backgroundColor: "var(--wait-bg)" },
    ".cm-foldPlaceholder": { backgroundColor: "var(--quiet-bg)", color: "var(--quiet-fg)", border: "0", padding: "0 .4em" },
    ".cm-panels": { backgroundColor: "var(--darkened-bg)", color: "var(--body-fg)", borderColor: "var(--hairline-color)" },
    ".cm-panels.cm-panels-bottom": { borderTop: "1px solid var(--hairline-color)" },
    ".cm-panels.cm-panels-top": { borderBottom: "1px solid var(--hairline-color)" },
    ".cm-tooltip": { backgroundColor: "var(--card-bg)", color: "var(--body-fg)", border: "1px solid var(--border-color)", borderRadius: "6px" },
    ".cm-tooltip-autocomplete > ul > li": { fontSize: ".8125rem", lineHeight: "1.6", listStyle: "none" },
    ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--selected-bg)", color: "var(--body-loud-color)" },
    ".cm-completionDetail": { color: "var(--body-quiet-color)", fontStyle: "normal" },
    ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700", color: "var(--link-fg)" },
    ".cm-diagnostic-error": { borderLeft: "4px solid var(--error-fg)" },
    ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--error-fg)", textUnderlineOffset: "3px" },
    ".cm-lintRange-warning": { backgroundImage: "none", textDecoration: "underline wavy var(--wait-fg)", textUnderlineOffset: "3px" },
    ".cm-lintPoint:after": { borderBottomColor: "var(--error-fg)" },
    ".cm-panel.cm-panel-lint ul [aria-selected]": { backgroundColor: "var(--selected-bg)" },
    ".cm-panel.cm-panel-lint ul:focus [aria-selected]": { backgroundColor: "var(--selected-bg)" },
});

const colours = HighlightStyle.define([
    { tag: [tags.keyword, tags.modifier, tags.self, tags.operatorKeyword, tags.controlKeyword], color: "var(--code-keyword)" },
    { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "var(--code-string)" },
    { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--code-number)" },
    { tag: tags.comment, color: "var(--code-comment)", fontStyle: "italic" },
    { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: "var(--code-function)" },
    { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--code-property)" },
    { tag: [tags.className, tags.typeName], color: "var(--code-function)" },
    { tag: tags.invalid, color: "var(--error-fg)" },
]);

export const look: Extension = [theme, syntaxHighlighting(colours)];

const system = matchMedia("(prefers-color-scheme: dark)");

function isDark(): boolean {
    const chosen = document.documentElement.dataset.theme;
    return chosen === "dark" || (chosen !== "light" && system.matches);
}

/** Tells CodeMirror's own rules which theme is on, now and after each press of the toggle. */
export class Darkness {
    private readonly slot = new Compartment();
    private readonly views = new Set<EditorView>();
    readonly extension = this.slot.of(EditorView.darkTheme.of(isDark()));

    constructor() {
        new MutationObserver(() => this.update()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
        system.addEventListener("change", () => this.update());
    }

    follow(view: EditorView): void {
        this.views.add(view);
        this.update();
    }

    forget(view: EditorView): void {
        this.views.delete(view);
    }

    private update(): void {
        const effects = this.slot.reconfigure(EditorView.darkTheme.of(isDark()));
        for (const view of this.views) view.dispatch({ effects });
    }
}

export const darkness = new Darkness();
