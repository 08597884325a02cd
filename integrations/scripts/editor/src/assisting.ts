// What an editor gets once it stands: its language, completion, marks. It is half of all bytes, and nobody waits for it to type.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { lintGutter, lintKeymap } from "@codemirror/lint";
import type { Extension } from "@codemirror/state";
import { keymap } from "@codemirror/view";
import { assistance } from "./completion";
import type { PageContext } from "./types";

export { checking } from "./problems";
export { scriptLanguage } from "./words";

/** For who writes; `page` is asked for its names at each completion. */
export function assisted(page: () => PageContext): Extension {
    return [
        closeBrackets(), autocompletion({ icons: false }), lintGutter(), assistance(page),
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...lintKeymap]),
    ];
}
