// Screens that are one message.

import { h, put } from "../dom.js";
import { t } from "../texts.js";

/** Where the page may go to by itself: the second lock. */
export const isSafeTarget = (url) =>
  /^[a-z][a-z0-9+.-]*:/i.test(url ?? "") && !/^(javascript|data|vbscript|blob|file|about|intent):/i.test(url);

const message = (page, title, ...rest) => put(page, "message-screen", h("h1", t(title)), ...rest);
const way = (href, label) => isSafeTarget(href) && h("a.button.main", { href, rel: "noreferrer" }, t(label));
const stay = (count) => count > 0 && h("p", t("photos_stay", { count }));

export function problemScreen(page, problem, { text, waiting = 0 }) {
  const code = h("p.code", t("code", { code: problem.code }));
  message(page, "cannot_open", h("p", { role: "alert" }, text), stay(waiting), way(problem.leave, problem.code === "sign_in" ? "sign_in" : "back_to_app"), code);
}

export const offlineScreen = (page) => message(page, "no_network", h("p", t("no_network_begin")));

/** The visit is over. The link is for apps that open only from a tap. */
export const leftScreen = (page, { url }, going = false) =>
  message(page, going ? "returning" : "visit_ended", h("p", t(going ? "returning_help" : "visit_ended_help")), way(url, "return_to_app"));

export const homeScreen = (page, count) => message(page, "camera", h("p", t("home_help")), stay(count));
