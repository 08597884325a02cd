// The language and its own words, without those that mean nothing in a script: there are no modules.
import { completeFromList, ifNotIn, snippetCompletion } from "@codemirror/autocomplete";
import { javascriptLanguage, localCompletionSource, snippets } from "@codemirror/lang-javascript";
import { LanguageSupport } from "@codemirror/language";

const ELSEWHERE = [
    "TemplateString", "String", "RegExp", "LineComment", "BlockComment", "VariableDefinition", "Label", "PropertyDefinition", "PropertyName",
    "PrivatePropertyDefinition", "PrivatePropertyName", ".", "?.",
];
const KEYWORDS = "async await break case const continue default delete false finally in instanceof let new null of return static super switch this throw true typeof undefined";
const SCRIPT = [
    snippetCompletion("async function run(ctx) {\n\t${}\n}", { label: "run", detail: "what the script does", type: "keyword" }),
    snippetCompletion("function match(event) {\n\treturn ${true};\n}", { label: "match", detail: "which events it wants", type: "keyword" }),
];

export function scriptLanguage(): LanguageSupport {
    const words = KEYWORDS.split(" ").map((label) => ({ label, type: "keyword" }));
    const all = [...SCRIPT, ...snippets.filter(({ label }) => label !== "import"), ...words];
    return new LanguageSupport(javascriptLanguage, [
        javascriptLanguage.data.of({ autocomplete: ifNotIn(ELSEWHERE, completeFromList(all)) }),
        javascriptLanguage.data.of({ autocomplete: localCompletionSource }),
    ]);
}
