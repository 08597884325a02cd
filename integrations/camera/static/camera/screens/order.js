// The work order's page: every expected photo with its state.

import { button, h, put, say } from "../dom.js";
import { badge } from "./verdict.js";
import { t } from "../texts.js";

/** `open(item)` goes to one expected photo; `add(group)` expects one more; `done()` leaves. */
export function orderScreen(page, { state, open, add, done }) {
  const items = state.items ?? [];
  put(
    page, "order-screen",
    h("h1", {}, state.order?.name || t("work_order")),
    h("p", {}, t("order_progress", { done: items.filter((item) => stateOf(item) === "done").length, count: items.length })),
    h("ul", { class: "items" }, items.map((item) => row(item, { group: state.groups[item.group], open }))),
    !state.order.readOnly && more(state.addable.map((name) => state.groups[name]), add),
    h("div", { class: "actions" }, button(t("back_to_app"), done, { kind: "main" })),
  );
}

function row(item, { group, open }) {
  const state = stateOf(item);
  const score = item.score === null || item.score === undefined ? "" : t("score", { score: item.score });
  const press = () => open(item);
  return h("li", {}, h(
    "button", { type: "button", class: "item", onclick: press },
    h("span", { class: "name" }, group?.displayName || item.group),
    badge(state), h("span", { class: "quiet" }, score),
  ));
}

const BY_STATUS = { analysis_ok: "done", analysis_ko: "not_validated", conformity_error: "refused" };

/** The newest photo tells, as long as it has no verdict; then the item's status. */
function stateOf(item) {
  const last = item.photos.at(-1);
  if (!last) return "missing";
  return last.state === "done" ? (BY_STATUS[item.status] ?? "done") : last.state;
}

function more(groups, add) {
  if (!groups.length) return null;
  const list = h("select", { id: "more" }, groups.map((group) => h("option", { value: group.name }, group.displayName || group.name)));
  const press = async () => {
    if (await add(list.value)) say(t("added"));
  };
  return h("p", { class: "more" }, h("label", { for: "more" }, t("another_photo")), list, button(t("add"), press));
}
