// Photos on their way: kept on the device until the server has answered 201, in pieces, one after the other.

import { NoAnswer, request } from "./api.js";
import * as store from "./store.js";

const PIECE = 128 * 1024;
const LARGEST_PIECE = 1024 * 1024;
const LONGEST_PAUSE = 60;
const CLOSED = [401, 403, 404];
const FINAL = [400, 409, 413, 415, 422, ...CLOSED];

const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("fieldport-camera") : null;
const heard = new Set();
let pause = 0;
let timer = null;
let running = false;
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

export const waiting = async () => (await store.photos.all()).sort((a, b) => a.takenAt - b.takenAt);

/** Photos taken before the visit began get its item; those of an earlier visit of this order go on in this one. */
export async function adopt(visit, { uuid, order, item }) {
  for (const photo of await store.photos.all()) {
    const early = photo.visit === visit && !photo.item;
    if (early || (photo.order === order && CLOSED.includes(photo.trouble?.status))) {
      await store.photos.put({ ...photo, item: photo.item ?? item, order, visitUuid: uuid, trouble: null });
    }
  }
  hurry();
}

function hurry() {
  clearTimeout(timer);
  pause = 0;
  pump();
}

async function pump() {
  again = running;
  if (running) return;
  running = true;
  // One tab sends at a time, where the browser can tell; else the server knows a photo by its key.
  const sent = navigator.locks ? navigator.locks.request("fieldport-camera", sendAll) : sendAll();
  const stopped = await sent.catch(() => 1);
  running = false;
  if (again) return pump();
  if (!stopped) return;
  pause = Math.min(LONGEST_PAUSE, Math.max(stopped, pause * 2));
  timer = setTimeout(pump, pause * 1000 * (0.8 + Math.random() * 0.4));
}

/** Returns after how many seconds to try again; 0 if nothing is left to try. */
async function sendAll() {
  const rows = await waiting();
  for (const { key } of rows) {
    const photo = await store.photos.get(key); // another tab may have sent it meanwhile
    if (!photo?.item || photo.trouble?.final) continue;
    try {
      await send(photo);
      pause = 0;
    } catch (error) {
      await trouble(photo, error);
      if (error.final) continue;
      for (const other of rows) if (other.key !== key && !other.trouble) await trouble(other, error);
      return error.status === 507 ? 15 : 1;
    }
  }
  return 0;
}

/** Why a photo is not on the server. `final`: trying again does not help. */
class Stopped extends Error {
  constructor(status, { code = `http_${status}`, title = "" }) {
    super(title);
    Object.assign(this, { status, code, title, final: FINAL.includes(status) });
  }
}

async function trouble(photo, { status = 0, code = "no_network", title = "", final = false }) {
  const why = { status, code, title, final };
  await store.photos.put({ ...photo, trouble: why });
  tell({ key: photo.key, trouble: why });
  await announce();
}

async function send(photo) {
  const { key, bytes } = photo;
  const size = bytes.byteLength;
  const path = `visits/${photo.visitUuid}/items/${photo.item}/uploads/${key}`;
  let at = photo.begun ? await offset(path) : 0;
  let piece = PIECE;
  let astray = 0;
  photo.begun = true;
  await store.photos.put(photo);
  for (;;) {
    if (at >= size) at = Math.max(0, size - 1024); // all is there, and the answer was lost: ask for it again
    const began = performance.now();
    const { status, told } = await request("PUT", path, { body: bytes.slice(at, at + piece), headers: headersOf(photo, at), seconds: 60 });
    if (status === 201) return finished(key, told.input);
    if (status === 200) at = told.received;
    else if (!["wrong_offset", "damaged"].includes(told.code)) throw new Stopped(status, told);
    else at = told.received ?? 0;
    if (status !== 200 && ++astray > 5) throw new NoAnswer("astray");
    if (performance.now() - began < 700) piece = Math.min(LARGEST_PIECE, piece * 2);
    tell({ key, sent: at, size });
  }
}

const headersOf = ({ type, bytes, sha256, takenAt }, at) => ({
  "Content-Type": type || "application/octet-stream",
  "Upload-Offset": at,
  "Upload-Length": bytes.byteLength,
  "Upload-Sha256": sha256,
  "Upload-Taken-At": new Date(takenAt).toISOString(),
});

async function offset(path) {
  const { status, headers } = await request("HEAD", path);
  return status < 300 ? Number(headers.get("Upload-Offset")) : 0;
}

async function finished(key, input) {
  tell({ key, input });
  await discard(key);
}

async function announce() {
  tell({ waiting: (await waiting()).map(({ key, trouble: why, item }) => ({ key, item, trouble: why })) });
}
