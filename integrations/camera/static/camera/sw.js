// Keeps the page's own files, no photos and no answers, so that the camera opens without a network.
// Network first, with little patience.

const BASE = new URL(location.href).searchParams.get("static") || "/static/camera/";
const CACHE = "fieldport-camera-1";
const SHELL = "/field/connector/work_item/create"; // one page for all addresses; opening it makes nothing
const FILES = [
  ..."token app api digest dom exif lens picture sending store texts visit".split(" ").map((name) => `${name}.js`),
  ..."asking camera message order preview result verdict".split(" ").map((name) => `screens/${name}.js`),
  ..."camera.css texts/en.json texts/fr.json manifest.webmanifest".split(" "),
  ..."camera pictures light".split(" ").map((name) => `icons/${name}.svg`),
];
const PATIENCE = 4000;

addEventListener("install", (event) => event.waitUntil(fill().then(() => skipWaiting())));
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  if (request.mode === "navigate" && address.pathname.startsWith("/field/connector/")) event.respondWith(fresh(request, SHELL));
  else if (address.pathname.startsWith(BASE)) event.respondWith(fresh(request, address.pathname));
});

async function fill() {
  const cache = await caches.open(CACHE);
  const wanted = [SHELL, ...FILES.map((name) => BASE + name)];
  await Promise.all(wanted.map(async (address) => keep(cache, address, await fetch(address, { cache: "no-cache" }))));
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
