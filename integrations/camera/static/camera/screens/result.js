// What became of a photo: on its way, being analysed, judged. The screen follows it by itself.

import { NoAnswer, Problem } from "../api.js";
import { button, h, put, say } from "../dom.js";
import * as sending from "../sending.js";
import { t } from "../texts.js";
import { askCorrection, askIssue } from "./asking.js";
import { messages, mustRetake, tasks } from "./verdict.js";

export const PATIENCE = 30_000;

/**
 * Show one photo. `photo`: {key, item, input|null}; `app`: what the buttons do (see app.js). Returns what ends the screen.
 */
export function resultScreen(page, { photo, group, app, local = null }) {
  const screen = { page, photo, group, app, local, over: false, shown: "", timer: null, polls: 0, since: Date.now(), last: null };
  screen.address = local && URL.createObjectURL(new Blob([local.bytes], { type: local.type }));
  const deaf = sending.listen((news) => hear(screen, news));
  screen.patience = setTimeout(() => offerToLeave(screen), app.patience ?? PATIENCE);
  if (photo.input) follow(screen);
  else progress(screen);
  if (local?.trouble) hear(screen, { key: photo.key, trouble: local.trouble });
  return () => {
    screen.over = true;
    deaf();
    clearTimeout(screen.timer);
    clearTimeout(screen.patience);
    if (screen.address) URL.revokeObjectURL(screen.address);
  };
}

function hear(screen, news) {
  if (screen.over || news.key !== screen.photo.key) return;
  if (news.input) {
    screen.photo = { ...screen.photo, input: news.input };
    screen.app.received(screen.photo);
    if (!screen.over) follow(screen);
  } else if (news.trouble) troubled(screen, news.trouble);
  else if (news.sent !== undefined) {
    const percent = Math.round((100 * news.sent) / news.size);
    progress(screen).value = percent;
    step(screen, t("sending", { percent }));
  }
}

/** The waiting view: picture, bar, one sentence. It is built once; only its words change. */
function progress(screen) {
  if (screen.shown !== "waiting") {
    screen.shown = "waiting";
    const picture = picture_(screen);
    const bar = h("progress", { max: "100", value: "0", "aria-label": t("progress") });
    put(screen.page, "result-screen", h("h1", {}, t("photo_of", { name: name(screen) })), picture, bar,
      h("p", { class: "step" }), h("div", { class: "actions" }));
    step(screen, t("sending", { percent: 0 }));
    if (screen.late) offerToLeave(screen);
  }
  return screen.page.querySelector("progress");
}

const name = ({ group }) => group?.displayName || group?.name || t("photo");

function picture_(screen) {
  const source = screen.address ?? screen.last?.thumbnail ?? screen.last?.picture;
  if (!source || screen.last?.contentType === "application/pdf") return null;
  return h("img", { class: "photo", src: source, alt: t("your_photo") });
}

function step(screen, text) {
  const shown = screen.page.querySelector(".step");
  if (shown) shown.textContent = text;
  say(text.replace(/ ?\d+ ?%/, "")); // a screen reader hears of each step, not of each percent
}

function troubled(screen, { code, status, title, final }) {
  progress(screen);
  const text = { no_network: t("waiting_network"), disk_full: t("disk_full") }[code] ?? (status === 507 ? t("disk_full") : final ? t(`error_${code}`) : t("waiting_server"));
  step(screen, text.startsWith("error_") ? title || t("error_unknown") : text);
  const closed = [401, 403, 404].includes(status) || code === "read_only";
  if (final) actions(screen, closed ? [] : [again(screen, () => sending.discard(screen.photo.key))]);
  else offerToLeave(screen);
  if (closed) screen.app.closed({ code, status, title });
}

function actions(screen, buttons) {
  screen.page.querySelector(".actions")?.replaceChildren(...buttons.filter(Boolean));
}

function offerToLeave(screen) {
  screen.late = true;
  if (screen.over || screen.shown !== "waiting" || screen.page.querySelector("[data-leave]")) return;
  const leave = button(t("leave_now"), () => screen.app.leave("later", { waiting: !screen.photo.input }), { "data-leave": true });
  const text = h("p", { class: "quiet" }, t(screen.photo.input ? "result_follows" : "photo_follows"));
  screen.page.querySelector(".actions").append(text, leave);
  say(text.textContent);
}

const again = (screen, first = () => {}) =>
  screen.app.mayRetake && button(t("retake"), async () => {
    await first();
    screen.app.retake();
  }, { kind: "main" });

/** Ask the server until the analysis has ended. */
async function follow(screen) {
  clearTimeout(screen.timer);
  try {
    const photo = await screen.app.look(screen.photo.input);
    if (!screen.over) show(screen, photo);
  } catch (error) {
    if (screen.over) return;
    if (error instanceof Problem) return screen.app.fail(error);
    if (!(error instanceof NoAnswer)) throw error;
    progress(screen);
    step(screen, t("no_network_result"));
    later(screen);
  }
}

function later(screen) {
  const pauses = screen.app.pauses;
  const pause = pauses[Math.min(screen.polls++, pauses.length - 1)];
  screen.timer = setTimeout(() => follow(screen), pause);
}

function show(screen, photo) {
  screen.last = photo;
  if (photo.state === "analysing" || photo.state === "uploading") {
    progress(screen).removeAttribute("value");
    step(screen, photo.step ? t("analysing_step", { step: photo.step }) : t("analysing"));
    return later(screen);
  }
  if (photo.state === "review") {
    progress(screen).removeAttribute("value");
    step(screen, t("in_review"));
    offerToLeave(screen);
    return later(screen);
  }
  clearTimeout(screen.patience);
  verdict(screen, photo);
}

function verdict(screen, photo) {
  screen.shown = "verdict";
  const { app, page } = screen;
  const title = { refused: "verdict_refused", failed: "verdict_failed" }[photo.state] ?? (mustRetake(photo) ? "verdict_refused" : good(photo) ? "verdict_good" : "verdict_bad");
  const correct = app.mayCorrect && photo.state === "done" ? (task) => correction(screen, task) : null;
  put(
    page, "result-screen",
    h("h1", { class: title }, t(title)),
    picture_(screen),
    messages(photo),
    photo.state === "failed" && h("p", {}, t("failed_help")),
    photo.score !== null && photo.score !== undefined && h("p", { class: "score" }, t("score", { score: photo.score })),
    tasks(photo, correct),
    h("div", { class: "actions" }, choices(screen, photo)),
  );
  say(t(title));
}

const good = (photo) => photo.status !== "analysis_ko";

/** Error: it must be retaken, and there is no going on. Warning: one may. */
function choices(screen, photo) {
  const { app } = screen;
  const warned = Boolean(photo.messages?.length);
  const must = mustRetake(photo);
  const retake = (kind) => app.mayRetake && button(t("retake"), app.retake, { kind });
  const done = (label) => button(t(label), () => app.leave("done", { wentOn: warned }), { kind: "main" });
  const back = button(t("go_back"), () => app.leave("back"));
  const report = button(t("report_issue"), () => issue(screen));
  if (photo.state === "failed") return [button(t("analyse_again"), () => analyseAgain(screen), { kind: "main" }), retake("plain"), back, report];
  if (must) return [retake("main"), back, report];
  if (warned) return [done("continue"), retake("plain"), back, report];
  return [done(app.inOrder ? "back_to_order" : "go_back"), retake("plain"), report];
}

async function analyseAgain(screen) {
  screen.polls = 0;
  await attempt(screen, () => screen.app.analyseAgain(screen.photo.input));
}

/** Show the photo that an action answers; tell what went wrong otherwise. Returns the words, or "". */
async function attempt(screen, action) {
  try {
    const photo = await action();
    if (!screen.over && photo?.state) show(screen, photo);
    return "";
  } catch (error) {
    if (!(error instanceof Problem || error instanceof NoAnswer)) throw error;
    const text = error.code ? screen.app.words(error) : t("no_network_now");
    say(text);
    return text;
  }
}

function correction(screen, task) {
  askCorrection(task, (value) => attempt(screen, () => screen.app.correct(screen.photo.input, { task: task.uuid, value })));
}

function issue(screen) {
  askIssue(screen.app.issueCategories, async (told) => {
    const wrong = await attempt(screen, async () => void (await screen.app.report(screen.photo.item, told)));
    if (!wrong) say(t("issue_sent"));
    return wrong;
  });
}
