// Every [data-script-editor] becomes an editor, every [data-script-diff] a difference. docs/script-editor.md has the attributes.
import { ScriptField } from "./field";
import { adoptStyles } from "./styles";

adoptStyles();
document.querySelectorAll<HTMLTextAreaElement>("textarea[data-script-editor]").forEach((area) => new ScriptField(area));
const differences = document.querySelectorAll<HTMLElement>("[data-script-diff]");
if (differences.length) void import("./difference").then(({ Difference }) => differences.forEach((holder) => new Difference(holder)));
