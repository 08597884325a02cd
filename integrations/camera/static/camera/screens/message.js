// Screens that are one message: errors, a visit that has ended, the way back to the app.

import { button, h, put } from "../dom.js";
import { known, t } from "../texts.js";

/** Where the page may go to by itself. The server has checked the target; this is the second lock. */
export const isSafeTarget = (url) =>
  typeof url === "string" && /^[a-z][a-z0-9+.-]*:/i.test(url) && !/^(javascript|data|vbscript|blob|file|about|intent):/i.test(url);

/** An error by its code: our text if there is one, else the server's. A way back only where the server gives one. */
export function problemScreen(page, problem, { waiting = 0 } = {}) {
  const text = known(`error_${problem.code}`) ? t(`error_${problem.code}`) : problem.title || t("error_unknown");
  put(
    page, "message-screen",
    h("h1", {}, t("cannot_open")),
    h("p", { role: "alert" }, text),
    waiting > 0 && h("p", {}, t("photos_stay", { count: waiting })),
    isSafeTarget(problem.leave) && h("a", { class: "button main", href: problem.leave, rel: "noreferrer" }, t("back_to_app")),
    h("p", { class: "code" }, t("code", { code: problem.code })),
  );
}

export function offlineScreen(page, retry) {
  put(page, "message-screen", h("h1", {}, t("no_network")), h("p", {}, t("no_network_begin")), button(t("try_again"), retry, { kind: "main" }));
}

/** The visit is over. The link is there in case nothing happened: apps open only from a tap. */
export function leftScreen(page, { url, label }, { going = false } = {}) {
  put(
    page, "message-screen",
    h("h1", {}, t(going ? "returning" : "visit_ended")),
    h("p", {}, t(going ? "returning_help" : "visit_ended_help")),
    isSafeTarget(url) && h("a", { class: "button main", href: url, rel: "noreferrer" }, label || t("return_to_app")),
  );
}

/** The installed app, opened by itself. */
export function homeScreen(page, count) {
  put(page, "message-screen", h("h1", {}, t("camera")), h("p", {}, t("home_help")), count > 0 && h("p", {}, t("photos_stay", { count })));
}
