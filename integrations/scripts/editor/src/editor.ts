// Every [data-script-editor] becomes an editor, every [data-script-diff] a difference. docs/script-editor.md has the attributes.
import { Difference } from "./difference";
import { ScriptField } from "./field";
import { adoptStyles } from "./styles";

adoptStyles();
document.querySelectorAll<HTMLTextAreaElement>("textarea[data-script-editor]").forEach((area) => new ScriptField(area));
document.querySelectorAll<HTMLElement>("[data-script-diff]").forEach((holder) => new Difference(holder));
