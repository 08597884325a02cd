import { button, h, put } from "../dom.js";
import { t } from "../texts.js";
import { badge } from "./verdict.js";

/** `open(item, photo)`, `add(group)`, `done()`: what is pressed; `onItsWay(item)`: its photo that is still here. */
export function orderScreen(page, { state, open, add, done, onItsWay }) {
  const { items, groups, order, addable } = state;
  const good = items.filter((item) => stateOf(item) === "done").length;
  const row = (item) => {
    const here = onItsWay(item);
    const score = item.score == null ? "" : t("score", { score: item.score });
    return h("li", h("button.item", { type: "button", onclick: () => open(item, here) },
      h("span.name", groups[item.group]?.displayName || item.group), badge(here ? "uploading" : stateOf(item)), h("span.quiet", score)));
  };
  put(page, "order-screen", h("h1", order.name || t("work_order")), h("p", t("order_progress", { done: good, count: items.length })),
    h("ul", items.map(row)), addable.length > 0 && more(addable.map((name) => groups[name]), add),
    h("div.actions", button(t("back_to_app"), done, "main")));
}

const BY_STATUS = { analysis_ok: "done", analysis_ko: "not_validated" };

/** The newest photo tells, as long as it has no verdict; then the item's status. */
function stateOf({ photos, status }) {
  const last = photos.at(-1);
  if (!last) return "missing";
  return last.state === "done" ? (BY_STATUS[status] ?? "done") : last.state;
}

function more(groups, add) {
  const list = h("select", { id: "more" }, groups.map(({ name, displayName }) => h("option", { value: name }, displayName || name)));
  return h("p.more", h("label", { for: "more" }, t("another_photo")), list, button(t("add"), () => add(list.value)));
}
