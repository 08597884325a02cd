// Keeps the page's own files, so that the camera opens without a network. Nothing else: no photos, no answers of the
// server. Served at /field/sw.js, since a worker rules only what lies below its own address.
// Network first, with little patience: a new release is there at once, and a weak network does not hold the page up.

const BASE = new URL(location.href).searchParams.get("static") || "/static/camera/";
const CACHE = "fieldport-camera-1";
const SHELL = "/field/connector/work_item/create"; // one page for all addresses; opening it makes nothing
const FILES = [
  "token.js", "app.js", "api.js", "digest.js", "dom.js", "exif.js", "lens.js", "picture.js", "sending.js", "store.js",
  "texts.js", "visit.js", "screens/asking.js", "screens/camera.js", "screens/message.js", "screens/order.js",
  "screens/preview.js", "screens/result.js", "screens/verdict.js", "camera.css", "texts/en.json", "texts/fr.json",
  "manifest.webmanifest", "icons/camera.svg",
];
const PATIENCE = 4000;

self.addEventListener("install", (event) => event.waitUntil(fill().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(tidy().then(() => self.clients.claim())));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  if (request.mode === "navigate" && address.pathname.startsWith("/field/")) event.respondWith(fresh(request, SHELL));
  else if (address.pathname.startsWith(BASE)) event.respondWith(fresh(request, address.pathname));
});

async function fill() {
  const cache = await caches.open(CACHE);
  const wanted = [SHELL, ...FILES.map((name) => BASE + name)];
  await Promise.all(wanted.map(async (address) => keep(cache, address, await fetch(address, { cache: "no-cache" }))));
}

async function tidy() {
  for (const name of await caches.keys()) if (name.startsWith("fieldport-camera-") && name !== CACHE) await caches.delete(name);
}

/** Kept under an address without query and fragment: a token never gets into the cache. */
async function keep(cache, address, answer) {
  if (answer.ok && !answer.redirected) await cache.put(address, answer.clone());
  return answer;
}

async function fresh(request, address) {
  const cache = await caches.open(CACHE);
  const asked = fetch(request).then((answer) => keep(cache, address, answer));
  const kept = await cache.match(address);
  if (!kept) return asked;
  const late = new Promise((done) => setTimeout(done, PATIENCE, kept));
  return Promise.race([asked.then((answer) => (answer.status >= 500 ? kept : answer)).catch(() => kept), late]);
}
