// What became of a photo: on its way, being analysed, judged.

import { NoAnswer, Problem } from "../api.js";
import { button, h, put, say } from "../dom.js";
import * as sending from "../sending.js";
import { t } from "../texts.js";
import { askCorrection, askIssue } from "./asking.js";
import { messages, mustRetake, tasks } from "./verdict.js";

const CLOSED = [401, 403, 404];

/** `photo`: {key, item, input|null}; `local`: its row in the store, or null; `app`: what the buttons do (app.js). */
export function resultScreen(page, { photo, group, app, local }) {
  const screen = { page, photo, app, name: group.displayName || group.name || t("photo"), polls: 0, shown: "", last: null, late: false, over: false };
  screen.address = local && URL.createObjectURL(new Blob([local.bytes], { type: local.type }));
  const deaf = sending.listen((news) => !screen.over && news.key === photo.key && hear(screen, news));
  screen.patience = setTimeout(() => offerToLeave(screen), app.patience);
  if (photo.input) follow(screen);
  else wait(screen, t("sending", { percent: 0 }), 0);
  if (local?.trouble) troubled(screen, local.trouble);
  return () => {
    screen.over = true;
    deaf();
    clearTimeout(screen.timer);
    clearTimeout(screen.patience);
    if (screen.address) URL.revokeObjectURL(screen.address);
  };
}

function hear(screen, { input, trouble, sent, size }) {
  if (trouble) troubled(screen, trouble);
  else if (input) {
    screen.photo = { ...screen.photo, input };
    screen.app.received(screen.photo);
    if (screen.late) offerToLeave(screen);
    if (!screen.over) follow(screen);
  } else {
    const percent = Math.round((100 * sent) / size);
    wait(screen, t("sending", { percent }), percent);
  }
}

/** Picture, bar, sentence: built once, then the words change. `percent` null: nobody knows. */
function wait(screen, text, percent = null) {
  const { page } = screen;
  if (screen.shown !== "waiting") {
    screen.shown = "waiting";
    const bar = h("progress", { max: "100", "aria-label": t("progress") });
    put(page, "result-screen", h("h1", screen.name), picture(screen), bar, h("p.step"), h("div.actions"));
    if (screen.late) offerToLeave(screen);
  }
  const bar = page.querySelector("progress");
  if (percent === null) bar.removeAttribute("value");
  else bar.value = percent;
  page.querySelector(".step").textContent = text;
  say(text.replace(/\d+ ?%/, "")); // a screen reader hears of each step, not of each percent
}

function picture({ address, last }) {
  const src = address ?? last?.thumbnail;
  return src && last?.contentType !== "application/pdf" && h("img.photo", { src, alt: t("your_photo") });
}

const actions = ({ page }, ...buttons) => page.querySelector(".actions").replaceChildren(...buttons.filter(Boolean));

function troubled(screen, { code, status, title, final }) {
  const problem = new Problem(status, { code, title });
  if (CLOSED.includes(status) || code === "read_only") return screen.app.fail(problem);
  const why = status === 507 ? "disk_full" : status ? "waiting_server" : "waiting_network";
  wait(screen, final ? screen.app.words(problem) : t(why), 0);
  const again = async () => {
    await sending.discard(screen.photo.key);
    screen.app.retake();
  };
  if (final) actions(screen, button(t("retake"), again, "main"));
  else if (!screen.late) offerToLeave(screen);
}

function offerToLeave(screen) {
  screen.late = true;
  if (screen.over || screen.shown !== "waiting") return;
  const { input } = screen.photo;
  const text = t(input ? "result_follows" : "photo_follows");
  actions(screen, h("p.quiet", text), button(t("leave_now"), () => screen.app.leave("later", { waiting: !input })));
  say(text);
}

async function follow(screen) {
  clearTimeout(screen.timer);
  try {
    const photo = await screen.app.look(screen.photo.input);
    if (!screen.over) show(screen, photo);
  } catch (error) {
    if (screen.over) return;
    if (!(error instanceof NoAnswer)) return screen.app.fail(error);
    wait(screen, t("no_network_result"));
    later(screen);
  }
}

function later(screen) {
  const { pauses } = screen.app;
  screen.timer = setTimeout(() => follow(screen), pauses[Math.min(screen.polls++, pauses.length - 1)]);
}

function show(screen, photo) {
  screen.last = photo;
  const { state, step } = photo;
  if (["analysing", "uploading", "review"].includes(state)) {
    wait(screen, state === "review" ? t("in_review") : step ? t("analysing_step", { step }) : t("analysing"));
    if (state === "review" && !screen.late) offerToLeave(screen);
    return later(screen);
  }
  clearTimeout(screen.patience);
  verdict(screen, photo);
}

function verdict(screen, photo) {
  screen.shown = "verdict";
  const { app } = screen;
  const word = photo.state === "failed" ? "failed" : mustRetake(photo) ? "refused" : photo.status === "analysis_ko" ? "bad" : "good";
  const correct = (task) => askCorrection(task, (value) =>
    attempt(screen, () => app.correct(screen.photo.input, { task: task.uuid, value })));
  put(
    screen.page, "result-screen", h("h1", t(`verdict_${word}`)), picture(screen), messages(photo),
    word === "failed" && h("p", t("failed_help")),
    photo.score != null && h("p.score", t("score", { score: photo.score })),
    tasks(photo, app.mayCorrect ? correct : null),
    h("div.actions", choices(screen, word, photo.messages.length > 0)),
  );
  say(t(`verdict_${word}`));
}

/** Error: it must be retaken, and there is no going on. Warning: one may. */
function choices(screen, word, warned) {
  const { app } = screen;
  const retake = (kind) => app.mayRetake && button(t("retake"), app.retake, kind);
  const done = (label) => button(t(label), () => app.leave("done", { wentOn: warned }), "main");
  const back = button(t("go_back"), () => app.leave("back"));
  const report = button(t("report_issue"), () => askIssue(app.issueCategories, (told) =>
    attempt(screen, () => app.report(screen.photo.item, told), "issue_sent")));
  const again = () => attempt(screen, () => app.analyseAgain(screen.photo.input));
  if (word === "failed") return [button(t("analyse_again"), again, "main"), retake(), back, report];
  if (word === "refused") return [retake("main"), back, report];
  return warned ? [done("continue"), retake(), back, report] : [done(app.inOrder ? "back_to_order" : "go_back"), retake(), report];
}

/** Show the photo that an action answers; or return, and say, what went wrong. */
async function attempt(screen, action, done = "") {
  try {
    const photo = await action();
    if (!screen.over && photo.state) show(screen, photo);
    if (done) say(t(done));
    return "";
  } catch (error) {
    const words = screen.app.words(error);
    say(words);
    return words;
  }
}
