// What the server says of a photo. Colour is never alone.

import { button, h } from "../dom.js";
import { t } from "../texts.js";

const TONES = {
  done: "ok ✓", analysing: "wait …", uploading: "wait ↑", review: "wait …",
  refused: "bad ✕", failed: "bad !", not_validated: "bad ✕", missing: "quiet ○",
};

export function badge(state) {
  const [tone, mark] = (TONES[state] ?? TONES.missing).split(" ");
  return h(`span.badge.${tone}`, h("span", { "aria-hidden": "true" }, `${mark} `), t(`state_${state}`));
}

const isError = ({ severity }) => severity === "error";
export const mustRetake = ({ state, messages }) => state === "refused" || messages.some(isError);

export function messages(photo) {
  const given = [...photo.messages].sort((a, b) => isError(b) - isError(a));
  const line = (each) => h(isError(each) ? "li.bad" : "li.wait", h("strong", t(isError(each) ? "error" : "warning")), ` ${each.message}`);
  return given.length > 0 && h("ul.messages", given.map(line));
}

/** Each task: its question, the value that counts, the rule's words. `correct(task)`: null where it is not allowed. */
export const tasks = (photo, correct) => photo.tasks.length > 0 && h("ul", photo.tasks.map((task) => one(task, correct)));

function one(task, correct) {
  const { value, validated, mandatory, corrected } = task;
  const question = task.sentence || task.name;
  const [tone, mark, word] = value == null ? ["quiet", "–", "not_decided"] : validated ? ["ok", "✓", "validated"] : ["bad", "✕", "not_validated"];
  const said = task.text || (value == null ? "" : task.type === "Boolean" ? t(value ? "yes" : "no") : String(value));
  const shown = h(`li.task.${tone}`,
    h("span", question, mandatory ? "" : ` (${t("optional")})`),
    h("span", h("span.mark", { "aria-hidden": "true" }, mark), h("strong", said), ` ${t(word)}${corrected ? ` · ${t("corrected")}` : ""}`),
    // A correction is final.
    correct && !corrected && button(t("correct"), () => correct(task), "small", { "aria-label": `${t("correct")}: ${question}` }));
  // Set by script: the policy allows no style attribute. An unknown colour changes nothing.
  shown.style.borderInlineStartColor = task.color || "";
  return shown;
}
