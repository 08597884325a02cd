// Dialogs of the result: correct a task, report an issue.

import { button, dialog, h } from "../dom.js";
import { newKey } from "../digest.js";
import { t } from "../texts.js";

/** Ask for the value of a task, by its type; `send(value)` answers "" or what went wrong. */
export function askCorrection(task, send) {
  const field = FIELDS[task.type] ?? FIELDS.Text;
  const { shown, read } = field(task.value);
  form(t("correct_title"), [h("p", { id: "asked" }, task.sentence || task.name), shown], { label: t("save"), send: () => send(read()) });
}

const FIELDS = {
  Boolean(value) {
    const choice = (named, text) => h("label", { class: "choice" },
      h("input", { type: "radio", name: "value", value: named, required: true, checked: value === (named === "true") }), text);
    const shown = h("fieldset", { "aria-describedby": "asked" }, h("legend", {}, t("value")), choice("true", t("yes")), choice("false", t("no")));
    return { shown, read: () => shown.querySelector(":checked").value === "true" };
  },
  Number(value) {
    const input = h("input", { type: "number", step: "any", inputmode: "decimal", required: true, value });
    return { shown: h("label", {}, t("value"), input), read: () => input.valueAsNumber };
  },
  Text(value) {
    const input = h("input", { type: "text", maxlength: "1000", required: true, value, autocapitalize: "off", autocomplete: "off" });
    return { shown: h("label", {}, t("value"), input), read: () => input.value.trim() };
  },
};

/** Ask what is wrong. The key is the dialog's: pressing twice reports once. */
export function askIssue(categories, send) {
  const key = newKey();
  const category = h("select", {}, categories.map((each) => h("option", { value: each }, t(`issue_${each}`))));
  const text = h("textarea", { rows: "4", maxlength: "2000", required: true });
  const fields = [h("label", {}, t("issue_category"), category), h("label", {}, t("issue_text"), text)];
  form(t("report_issue"), fields, { label: t("send"), send: () => send({ category: category.value, text: text.value.trim(), key }) });
}

function form(title, fields, { label, send }) {
  const wrong = h("p", { class: "notice", role: "alert", hidden: true });
  const go = h("button", { type: "submit", class: "button main" }, label);
  const submit = async (event) => {
    event.preventDefault();
    go.disabled = true;
    const problem = await send();
    go.disabled = false;
    if (!problem) return shown.close();
    wrong.textContent = problem;
    wrong.hidden = false;
  };
  const actions = h("div", { class: "actions" }, go, button(t("cancel"), () => shown.close()));
  const shown = dialog(title, h("form", { onsubmit: submit }, fields, wrong, actions));
}
