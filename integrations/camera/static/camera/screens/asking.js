import { newKey } from "../digest.js";
import { button, dialog, h } from "../dom.js";
import { t } from "../texts.js";

/** Ask for the value of a task, by its type; `send(value)` answers "" or what went wrong. */
export function askCorrection(task, send) {
  const { shown, read } = (FIELDS[task.type] ?? FIELDS.Text)(task.value);
  form("correct_title", "save", { fields: [h("p", { id: "asked" }, task.sentence || task.name), shown], send: () => send(read()) });
}

const labelled = (key, field) => h("label", t(key), field);

const FIELDS = {
  Boolean(value) {
    const choice = (meant) => h("label.choice",
      h("input", { type: "radio", name: "value", value: meant, required: true, checked: value === meant }), t(meant ? "yes" : "no"));
    const shown = h("fieldset", { "aria-describedby": "asked" }, h("legend", t("value")), choice(true), choice(false));
    return { shown, read: () => shown.querySelector("input").checked };
  },
  Number(value) {
    const input = h("input", { type: "number", step: "any", inputmode: "decimal", required: true, value });
    return { shown: labelled("value", input), read: () => input.valueAsNumber };
  },
  Text(value) {
    const input = h("input", { maxlength: "1000", required: true, value, autocapitalize: "off" });
    return { shown: labelled("value", input), read: () => input.value.trim() };
  },
};

/** Ask what is wrong. The key is the dialog's: pressing twice reports once. */
export function askIssue(categories, send) {
  const key = newKey();
  const category = h("select", categories.map((value) => h("option", { value }, t(`issue_${value}`))));
  const text = h("textarea", { rows: "4", maxlength: "2000", required: true });
  const told = () => send({ category: category.value, text: text.value.trim(), key });
  form("report_issue", "send", { fields: [labelled("issue_category", category), labelled("issue_text", text)], send: told });
}

function form(title, label, { fields, send }) {
  const wrong = h("p.notice", { role: "alert", hidden: true });
  const go = h("button.button.main", t(label));
  const onsubmit = async (event) => {
    event.preventDefault();
    go.disabled = true;
    wrong.textContent = await send();
    go.disabled = wrong.hidden = false;
    if (!wrong.textContent) shown.close();
  };
  const shown = dialog(t(title), h("form", { onsubmit }, fields, wrong, h("div.actions", go, button(t("cancel"), () => shown.close()))));
}
