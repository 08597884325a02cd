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
import { arrive, keep, openVisit, record, refusedBefore, remember, stateWithoutNetwork } from "./visit.js";

const { dataset } = document.documentElement;
const page = document.getElementById("page");
const strip = document.getElementById("waiting");
const { token } = globalThis.arrival;
delete globalThis.arrival;

let state = null;
let end = () => {};
let leaving = false;
let retrying = null;
let here = []; // photos on this device: {key, item, trouble}
let all = 0; // and those that have left it since the first of them

begin();

async function begin() {
  await loadTexts(dataset.static);
  // A page that is only prepared ahead makes nothing.
  if (document.prerendering) await new Promise((done) => document.addEventListener("prerenderingchange", done));
  navigator.serviceWorker?.register(`/field/sw.js?static=${encodeURIComponent(dataset.static)}`, { scope: "/field/" }).catch(() => {});
  sending.listen(({ waiting }) => waiting && count(waiting));
  sending.start();
  store.tidy();
  addEventListener("online", () => retrying && open());
  count(await sending.waiting());
  if (!location.pathname.startsWith("/field/connector/") || location.pathname.endsWith("/start")) return screen(() => homeScreen(page, here.length));
  try {
    arrive(token);
    if (record.left) return screen(() => leftScreen(page, record.left));
    const refused = refusedBefore();
    if (refused) throw refused;
    await open();
  } catch (error) {
    fail(error);
  }
}

/** Without a network, go on with what is known, and try again. */
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
    if (!(error instanceof NoAnswer) && error.status !== 429) return fail(error);
    if (state === null && (state = await stateWithoutNetwork())) first();
    else if (state === null) screen(() => offlineScreen(page));
    retrying = setTimeout(open, 10_000);
  }
}

const inOrder = () => state.visit.scenario === "ORDER";
const ownItem = () => state.items.find((item) => item.uuid === state.item) ?? state.items[0];
const itemOf = (uuid) => state.items.find((item) => item.uuid === uuid) ?? ownItem();
const reference = (item, { key, uuid }) => ({ key, item: item.uuid, input: uuid });
const path = (rest) => `visits/${record.uuid}/${rest}`;
const leavesAtOnce = () => state.visit.flow === "before_analysis" && state.visit.scenario !== "ANALYSIS" && !inOrder();

function first() {
  if (record.photo) return result(record.photo);
  if (inOrder()) return order();
  const item = ownItem();
  const photos = item?.photos ?? [];
  const shown = photos.find((photo) => photo.uuid === state.visit.input) ?? photos.at(-1);
  if (!state.order.readOnly && state.visit.scenario !== "ANALYSIS") return camera(item);
  if (shown?.uuid) return result(reference(item, shown));
  fail(new Problem(409, { code: "read_only" }));
}

function screen(show) {
  end();
  end = show() ?? (() => {});
}

const groupOf = (item) => state.groups[item.group] ?? { name: item.group };

function camera(item) {
  if (item.handOver) return handOver(item);
  const cancel = () => (inOrder() ? order() : leave(record.photo ? "camera_cancelled" : "cancel"));
  screen(() => cameraScreen(page, { group: groupOf(item), cancel, taken: (blob) => preview(item, blob) }));
}

/** With another camera: the server leads there and back. */
const handOver = (item) => ask("POST", path(`items/${item.uuid}/hand-overs`), {}).then(({ url }) => location.assign(url), fail);

function preview(item, blob) {
  const photo = { key: newKey(), takenAt: Date.now(), type: blob.type };
  screen(() => previewScreen(page, { blob, retake: () => camera(item), use: () => use(item, photo, blob) }));
}

async function use(given, photo, blob) {
  const bytes = await blob.arrayBuffer();
  const { uuid } = given.uuid ? given : ownItem(); // the visit may have begun while the camera was open
  const of = { visit: record.key, visitUuid: record.uuid, order: state.order.uuid, item: uuid };
  try {
    await sending.add({ ...photo, ...of, bytes, sha256: await sha256(bytes) });
  } catch {
    return fail(new Problem(0, { code: "device_full" }));
  }
  await result({ key: photo.key, item: uuid, input: null });
}

async function result(photo) {
  const local = photo.input ? null : ((await store.photos.get(photo.key)) ?? null);
  if (!photo.input && !local) photo = sentBefore(photo);
  keep({ photo });
  const item = itemOf(photo.item);
  if (!photo.input && !local) return camera(item);
  screen(() => resultScreen(page, { photo, group: groupOf(item), local, app: actions(item) }));
  if (photo.input && leavesAtOnce()) leave("done");
}

const sentBefore = (photo) =>
  state.items.flatMap((item) => item.photos.map((each) => reference(item, each))).find(({ key }) => key === photo.key) ?? photo;

function actions(item) {
  const open = !state.order.readOnly;
  return {
    patience: Number(dataset.patience ?? 30_000),
    inOrder: inOrder(),
    mayRetake: open,
    mayCorrect: open && groupOf(item).mayCorrect,
    pauses: state.pollAfterMs,
    issueCategories: state.issueCategories,
    words,
    fail,
    retake: () => camera(item),
    leave: (reason, more) => (inOrder() ? order() : leave(reason, more)),
    look: (input) => ask("GET", path(`inputs/${input}`)),
    correct: (input, told) => ask("POST", path(`inputs/${input}/corrections`), told),
    analyseAgain: (input) => ask("POST", path(`inputs/${input}/analyses`), {}),
    report: (uuid, told) => ask("POST", path(`items/${uuid}/issues`), told),
    received(photo) {
      keep({ photo });
      if (leavesAtOnce()) leave("done");
    },
  };
}

async function order() {
  keep({ photo: null });
  try {
    state = await ask("GET", path(""));
    await remember(state);
  } catch (error) {
    if (error instanceof Problem) return fail(error);
  }
  const onItsWay = (item) => here.find((photo) => photo.item === item.uuid);
  screen(() => orderScreen(page, { state, add, onItsWay, open: openItem, done: () => leave("done") }));
}

function openItem(item, kept) {
  const last = item.photos.at(-1);
  if (kept) result({ key: kept.key, item: item.uuid, input: null });
  else if (last?.uuid) result(reference(item, last));
  else if (!state.order.readOnly) camera(item);
}

async function add(group) {
  try {
    const told = await ask("POST", path("items"), { group });
    state = told.state;
    camera(itemOf(told.item));
  } catch (error) {
    notice(words(error));
  }
}

async function leave(reason, { wentOn = false, waiting = false } = {}) {
  if (leaving) return;
  leaving = true;
  try {
    if (!record.uuid) throw new NoAnswer("no visit yet");
    const { url } = await ask("POST", path("leave"), { reason, wentOn, waiting });
    keep({ left: { url } });
    screen(() => leftScreen(page, { url }, true));
    if (isSafeTarget(url)) location.assign(url);
  } catch (error) {
    if (error.status === 401) fail(error);
    else notice(words(error));
  }
  leaving = false;
}

function words(error) {
  if (error instanceof NoAnswer) return t("no_network_now");
  return known(`error_${error.code}`) ? t(`error_${error.code}`) : error.title || t("error_unknown");
}

function fail(problem) {
  screen(() => problemScreen(page, problem, { text: words(problem), waiting: here.length }));
  if (!(problem instanceof Problem)) throw problem;
}

function notice(text) {
  strip.textContent = text;
  strip.hidden = false;
}

/** Counted from the first photo that had to wait. */
function count(waiting) {
  all = waiting.length && Math.max(all, all - here.length + waiting.length);
  here = waiting;
  const stuck = here.find(({ trouble, item }) => trouble || !item);
  strip.hidden = !stuck;
  if (!stuck) return;
  const { status, final } = stuck.trouble ?? {};
  const why = status === 507 ? "full" : final ? "stopped" : status ? "server" : "network";
  notice(t(`strip_${why}`, { number: all - here.length + 1, total: all }));
}
