// What the server says of a photo: messages by severity, then each task. Colour is never alone.

import { h } from "../dom.js";
import { t } from "../texts.js";

const TONES = {
  done: ["ok", "✓"], analysing: ["busy", "…"], uploading: ["busy", "↑"], review: ["wait", "…"],
  refused: ["bad", "✕"], failed: ["bad", "!"], not_validated: ["bad", "✕"], missing: ["quiet", "○"],
};

export function badge(state) {
  const [tone, mark] = TONES[state] ?? ["quiet", "○"];
  return h("span", { class: `badge ${tone}` }, h("span", { "aria-hidden": "true" }, `${mark} `), t(`state_${state}`));
}

export const mustRetake = (photo) => photo.state === "refused" || photo.messages?.some(({ severity }) => severity === "error");

/** Conformity messages, errors first. */
export function messages(photo) {
  const given = [...(photo.messages ?? [])].sort((a, b) => (a.severity === "error" ? 0 : 1) - (b.severity === "error" ? 0 : 1));
  if (!given.length) return null;
  return h("ul", { class: "messages" }, given.map(({ severity, message }) => h(
    "li", { class: severity === "error" ? "bad" : "wait" }, h("strong", {}, t(severity === "error" ? "error" : "warning")), ` ${message}`,
  )));
}

/** One task: its question, the value that counts and the rule's words. `correct(task)`: null where it is not allowed. */
export function tasks(photo, correct) {
  if (!photo.tasks?.length) return null;
  return h("ul", { class: "tasks" }, photo.tasks.map((task) => one(task, correct)));
}

function one(task, correct) {
  const decided = task.value !== null && task.value !== undefined;
  const kind = decided ? (task.validated ? "ok" : "bad") : "quiet";
  const word = t(decided ? (task.validated ? "validated" : "not_validated") : "not_decided");
  const shown = h(
    "li", { class: `task ${kind}` },
    h("span", { class: "question" }, task.sentence || task.name, task.mandatory ? null : h("span", { class: "quiet" }, ` (${t("optional")})`)),
    h("span", { class: "answer" }, h("span", { class: "mark", "aria-hidden": "true" }, decided ? (task.validated ? "✓" : "✕") : "–"),
      h("strong", {}, task.text || (decided ? spoken(task) : word)), h("span", { class: "quiet" }, ` ${word}`)),
    task.corrected && h("span", { class: "quiet" }, t("corrected")),
    correct && !task.corrected && h("button", { type: "button", class: "button plain small", "data-task": task.uuid, onclick: () => correct(task) }, t("correct"),
      h("span", { class: "unseen" }, `: ${task.sentence || task.name}`)),
  );
  // Set by script: a style attribute would break the content policy. An unknown colour changes nothing.
  if (task.color) shown.style.setProperty("border-inline-start-color", task.color);
  return shown;
}

function spoken(task) {
  return task.type === "Boolean" ? t(task.value ? "yes" : "no") : String(task.value);
}
