// Photos on their way: kept on the device until the server has answered 201, in pieces, one after the other.

import { NoAnswer, request } from "./api.js";
import * as store from "./store.js";

const FIRST_PIECE = 128 * 1024;
const LARGEST_PIECE = 1024 * 1024;
const LONGEST_PAUSE = 60;
const REFUSED = [400, 413, 415, 422];
const CLOSED = [401, 403, 404];

const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("fieldport-camera") : null;
const heard = new Set();
const progress = new Map();
let pause = 0;
let timer = null;
let running = null;
let again = false;

/** Hear of {key, sent, size}, {key, input}, {key, trouble} and, after each change of the store, {waiting: [...]}. */
export function listen(hear) {
  heard.add(hear);
  return () => heard.delete(hear);
}

function tell(news) {
  heard.forEach((hear) => hear(news));
  channel?.postMessage(news);
}

export const sentOf = (key) => progress.get(key) ?? 0;

export function start() {
  channel?.addEventListener("message", ({ data }) => heard.forEach((hear) => hear(data)));
  addEventListener("online", hurry);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && hurry());
  hurry();
}

/** Keep a photo and send it. The key is the photo's: the same one again is the same photo. */
export async function add(photo) {
  await store.photos.put({ begun: false, trouble: null, ...photo });
  navigator.storage?.persist?.().catch(() => {});
  await announce();
  hurry();
}

export async function discard(key) {
  await store.photos.remove(key);
  await announce();
}

export async function waiting() {
  return (await store.photos.all()).sort((a, b) => a.takenAt - b.takenAt);
}

/** Photos taken before the visit could begin get its item; those of an earlier visit of this order go on in this one. */
export async function adopt(visit, { uuid, order, item }) {
  for (const photo of await store.photos.all()) {
    const early = photo.visit === visit && !photo.item;
    if (early || (photo.order === order && CLOSED.includes(photo.trouble?.status))) {
      await store.photos.put({ ...photo, item: photo.item ?? item, order, visitUuid: uuid, trouble: null });
    }
  }
  hurry();
}

/** Try now, whatever the pause was. */
export function hurry() {
  clearTimeout(timer);
  pause = 0;
  pump();
}

async function pump() {
  if (running) return void (again = true);
  running = exclusively(sendAll).catch(() => true).then(rest);
}

async function rest(stopped) {
  running = null;
  if (again) {
    again = false;
    return pump();
  }
  if (!stopped) return;
  pause = Math.min(LONGEST_PAUSE, Math.max(stopped === "slowly" ? 15 : 1, pause * 2));
  timer = setTimeout(pump, pause * 1000 * (0.8 + Math.random() * 0.4));
}

/** One tab sends at a time, where the browser can tell; else the server knows a photo by its key. */
const exclusively = (action) => (navigator.locks ? navigator.locks.request("fieldport-camera", action) : action());

/** Returns why it stopped: false if nothing is left to try. */
async function sendAll() {
  for (const { key } of await waiting()) {
    const photo = await store.photos.get(key); // another tab may have sent it meanwhile
    if (!photo?.item || photo.trouble?.final) continue;
    try {
      await send(photo);
      pause = 0;
    } catch (error) {
      await trouble(photo, error);
      if (error instanceof Stopped && error.final) continue;
      return error.status === 507 ? "slowly" : true;
    }
  }
  return false;
}

/** Why a photo is not on the server. `final`: trying again does not help. */
class Stopped extends Error {
  constructor(status, told) {
    super(told.title || `HTTP ${status}`);
    Object.assign(this, { status, code: told.code || `http_${status}`, title: told.title || "" });
    this.final = REFUSED.includes(status) || CLOSED.includes(status) || status === 409;
  }
}

async function trouble(photo, error) {
  const { status = 0, code = "no_network", title = "", final = false } = error;
  await store.photos.put({ ...photo, trouble: { status, code, title, final } });
  tell({ key: photo.key, trouble: { status, code, title, final } });
  await announce();
}

async function send(photo) {
  const size = photo.bytes.byteLength;
  const path = `visits/${photo.visitUuid}/items/${photo.item}/uploads/${photo.key}`;
  let at = photo.begun ? await offset(path) : 0;
  let piece = FIRST_PIECE;
  photo.begun = true;
  await store.photos.put(photo);
  for (let turns = 0, astray = 0; turns < 2000; turns++) {
    if (at >= size) at = Math.max(0, size - 1024); // all is there, and the answer was lost: ask for it again
    const began = performance.now();
    const body = photo.bytes.slice(at, at + piece);
    const { status, told, headers } = await request("PUT", path, { body, headers: headersOf(photo, at), seconds: 60 });
    if (status === 201) return finished(photo, told.input);
    if (status === 200) {
      at = told.received;
      if (performance.now() - began < 700) piece = Math.min(LARGEST_PIECE, piece * 2);
    } else if (told.code === "wrong_offset" || told.code === "damaged") {
      if (++astray > 5) throw new NoAnswer("astray");
      at = Number(told.received ?? headers.get("Upload-Offset") ?? 0);
    } else throw new Stopped(status, told);
    progress.set(photo.key, at);
    tell({ key: photo.key, sent: at, size });
  }
  throw new NoAnswer("endless");
}

const headersOf = (photo, at) => ({
  "Content-Type": photo.type || "application/octet-stream",
  "Upload-Offset": String(at),
  "Upload-Length": String(photo.bytes.byteLength),
  "Upload-Sha256": photo.sha256,
  "Upload-Taken-At": new Date(photo.takenAt).toISOString(),
});

async function offset(path) {
  const { status, headers } = await request("HEAD", path);
  return status < 300 ? Number(headers.get("Upload-Offset") ?? 0) : 0;
}

async function finished(photo, input) {
  progress.delete(photo.key);
  tell({ key: photo.key, input });
  await store.photos.remove(photo.key);
  await announce();
}

async function announce() {
  const rows = await waiting();
  tell({ waiting: rows.map(({ key, trouble: why, item }) => ({ key, item, trouble: why })) });
}
