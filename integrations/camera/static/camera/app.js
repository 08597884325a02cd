// The camera page: from the address to the verdict and back to the field app.

import { ask, NoAnswer, Problem } from "./api.js";
import { newKey, sha256 } from "./digest.js";
import { say } from "./dom.js";
import { cameraScreen } from "./screens/camera.js";
import { homeScreen, isSafeTarget, leftScreen, offlineScreen, problemScreen } from "./screens/message.js";
import { orderScreen } from "./screens/order.js";
import { previewScreen } from "./screens/preview.js";
import { resultScreen } from "./screens/result.js";
import * as sending from "./sending.js";
import * as store from "./store.js";
import { known, loadTexts, t } from "./texts.js";
import { arrive, isOver, keep, openVisit, record, refusedBefore, remember, stateWithoutNetwork } from "./visit.js";

const BASE = document.documentElement.dataset.static;
const page = document.getElementById("page");
const { token } = globalThis.arrival;
delete globalThis.arrival;

let state = null;
let end = () => {};
let leaving = false;
let retrying = null;

begin();

async function begin() {
  await loadTexts(BASE);
  if (document.prerendering) await new Promise((done) => document.addEventListener("prerenderingchange", done, { once: true }));
  navigator.serviceWorker?.register(`/field/sw.js?static=${encodeURIComponent(BASE)}`, { scope: "/field/" }).catch(() => {});
  sending.listen(strip);
  sending.start();
  store.tidy();
  addEventListener("online", reopen);
  addEventListener("pageshow", (event) => event.persisted && record?.left && left());
  strip({ waiting: await sending.waiting() });
  if (!location.pathname.startsWith("/field/connector/")) return screen(() => homeScreen(page, counted.now));
  await enter();
}

async function enter() {
  try {
    arrive(token);
    if (record.left) return left();
    const refused = refusedBefore();
    if (refused) throw refused;
  } catch (error) {
    return fail(error);
  }
  await open();
}

/** Open the visit; without a network, go on with what is known and try again. */
async function open() {
  clearTimeout(retrying);
  retrying = null;
  try {
    const told = await openVisit();
    const before = state;
    state = told;
    await sending.adopt(record.key, { uuid: told.visit.uuid, order: told.order.uuid, item: told.item });
    if (before === null) first();
    else if (before.provisional && record.photo) await result({ ...record.photo, item: told.item });
  } catch (error) {
    if (error instanceof Problem && error.status !== 429) return fail(error);
    if (!(error instanceof NoAnswer || error instanceof Problem)) throw error;
    if (state === null) {
      state = await stateWithoutNetwork();
      if (state) first();
      else if (!page.classList.contains("message-screen")) screen(() => offlineScreen(page, open));
    }
    retrying = setTimeout(open, 10_000);
  }
}

function reopen() {
  if (retrying) open();
}

/** The first screen, also after a reload: where the user was. */
function first() {
  if (record.photo) return result(record.photo);
  if (state.visit.scenario === "ORDER") return order();
  const item = ownItem();
  const shown = photosOf(item).find((photo) => photo.uuid === state.visit.input) ?? photosOf(item).at(-1);
  if (shown?.uuid && (state.visit.scenario === "ANALYSIS" || state.order.readOnly)) return result(reference(item, shown));
  if (state.order.readOnly) return fail(new Problem(409, { code: "read_only" }));
  camera(item);
}

const ownItem = () => state.items.find((item) => item.uuid === state.item) ?? state.items[0];
const photosOf = (item) => item?.photos ?? [];
const groupOf = (item) => state.groups[item?.group] ?? { name: item?.group ?? "" };
const itemOf = (uuid) => state.items.find((item) => item.uuid === uuid) ?? ownItem();
const reference = (item, { key, uuid }) => ({ key, item: item.uuid, input: uuid });
const inOrder = () => state.visit.scenario === "ORDER";

function screen(show) {
  end();
  end = show() ?? (() => {});
}

function camera(item) {
  const cancel = () => (inOrder() ? order() : leave(record.photo ? "camera_cancelled" : "cancel"));
  screen(() => cameraScreen(page, { group: groupOf(item), cancel, taken: (blob) => preview(item, blob) }));
}

function preview(item, blob) {
  const key = newKey();
  const takenAt = Date.now();
  screen(() => previewScreen(page, { blob, retake: () => camera(item), use: () => use(item, { key, blob, takenAt }) }));
}

async function use(given, { key, blob, takenAt }) {
  const item = given.uuid ? given : ownItem(); // the visit may have begun while the camera was open
  const bytes = await blob.arrayBuffer();
  const of = { visit: record.key, visitUuid: record.uuid, order: state.order.uuid, item: item.uuid };
  try {
    await sending.add({ key, ...of, bytes, type: blob.type, sha256: await sha256(bytes), takenAt });
  } catch {
    return fail(new Problem(0, { code: "device_full" }));
  }
  await result({ key, item: item.uuid, input: null });
}

async function result(photo) {
  keep({ photo });
  const local = photo.input ? null : (await store.photos.get(photo.key)) ?? null;
  if (!photo.input && !local) photo = await sentBefore(photo);
  if (!photo) return camera(itemOf(record.photo.item));
  const item = itemOf(photo.item);
  const group = groupOf(item);
  screen(() => resultScreen(page, { photo, group, local, app: actions(item, group) }));
  if (photo.input && before()) leave("done");
}

/** The photo left the device before a reload: the server knows it by its key. */
async function sentBefore(photo) {
  const found = state.items.flatMap((item) => item.photos.map((each) => reference(item, each))).find((each) => each.key === photo.key);
  if (found?.input) keep({ photo: found });
  return found?.input ? found : null;
}

const before = () => state.visit.flow === "before_analysis" && !["ANALYSIS", "ORDER"].includes(state.visit.scenario);
const path = (rest) => `visits/${record.uuid}/${rest}`;

/** What the buttons of the result do. */
function actions(item, group) {
  return {
    patience: Number(document.documentElement.dataset.patience) || undefined,
    inOrder: inOrder(),
    mayRetake: !state.order.readOnly,
    mayCorrect: Boolean(group.mayCorrect) && !state.order.readOnly,
    pauses: state.pollAfterMs,
    issueCategories: state.issueCategories ?? ["other"],
    words,
    fail,
    retake: () => camera(item),
    leave: (reason, more) => (inOrder() ? order() : leave(reason, more)),
    look: (input) => ask("GET", path(`inputs/${input}`)),
    correct: (input, told) => ask("POST", path(`inputs/${input}/corrections`), told),
    analyseAgain: (input) => ask("POST", path(`inputs/${input}/analyses`), {}),
    report: (uuid, told) => ask("POST", path(`items/${uuid}/issues`), told),
    closed: (problem) => fail(new Problem(problem.status, problem)),
    received(photo) {
      keep({ photo });
      if (before()) leave("done");
    },
  };
}

async function order() {
  keep({ photo: null });
  try {
    state = await ask("GET", path(""));
    await remember(state);
  } catch (error) {
    if (isOver(error)) return fail(error);
  }
  screen(() => orderScreen(page, { state, add, open: openItem, done: () => leave("done") }));
}

function openItem(item) {
  const last = photosOf(item).at(-1);
  if (last?.uuid) return result(reference(item, last));
  if (!state.order.readOnly) camera(item);
}

async function add(group) {
  try {
    const told = await ask("POST", path("items"), { group });
    state = told.state;
    camera(itemOf(told.item));
    return true;
  } catch (error) {
    say(words(error));
    return false;
  }
}

/** Go back to the field app: the server decides where to and notes it. */
async function leave(reason, { wentOn = false, waiting = false } = {}) {
  if (leaving) return;
  leaving = true;
  try {
    if (!record.uuid) throw new NoAnswer("no visit yet");
    const { url } = await ask("POST", path("leave"), { reason, wentOn, waiting });
    keep({ left: { url } });
    screen(() => leftScreen(page, { url }, { going: true }));
    if (isSafeTarget(url)) location.assign(url);
  } catch (error) {
    if (isOver(error)) return fail(error);
    notice(words(error));
  } finally {
    leaving = false;
  }
}

const left = () => screen(() => leftScreen(page, record.left));

function words(error) {
  if (!(error instanceof Problem)) return t("no_network_now");
  return known(`error_${error.code}`) ? t(`error_${error.code}`) : error.title || t("error_unknown");
}

function fail(problem) {
  if (!(problem instanceof Problem)) throw problem;
  screen(() => problemScreen(page, problem, { waiting: counted.now }));
}

/** A sentence over the screen that goes by itself when something else is told. */
function notice(text) {
  const shown = document.getElementById("waiting");
  shown.textContent = text;
  shown.hidden = false;
  say(text);
}

const counted = { now: 0, total: 0, done: 0 };

/** "Photo 2 of 3 waiting for the network": counted from the first photo that had to wait. */
function strip({ waiting }) {
  if (!waiting) return;
  counted.total = waiting.length === 0 ? 0 : Math.max(counted.total, waiting.length + counted.done);
  counted.done = waiting.length === 0 ? 0 : counted.total - waiting.length;
  counted.now = waiting.length;
  const shown = document.getElementById("waiting");
  const stuck = waiting.find((photo) => photo.trouble) ?? (waiting.some((photo) => !photo.item) ? { trouble: { code: "no_network" } } : null);
  shown.hidden = !stuck;
  if (stuck) shown.textContent = t(stripText(stuck.trouble), { number: counted.done + 1, total: counted.total });
}

function stripText({ code, status, final }) {
  if (status === 507) return "strip_full";
  if (final) return "strip_stopped";
  return code === "no_network" ? "strip_network" : "strip_server";
}
