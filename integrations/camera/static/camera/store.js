// What the device keeps until the server has it: photos, and the last known state of each visit.
// Without IndexedDB (some private windows) they live as long as the page does.

const memory = { photos: new Map(), states: new Map() };
let opened;

function open() {
  opened ??= new Promise((done, failed) => {
    const asked = indexedDB.open("fieldport-camera", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("photos", { keyPath: "key" });
      asked.result.createObjectStore("states", { keyPath: "key" });
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  return opened;
}

/** Run one request and wait until its transaction is on the disk. */
async function run(name, mode, action) {
  const base = await open();
  return new Promise((done, failed) => {
    const work = base.transaction(name, mode);
    const asked = action(work.objectStore(name));
    work.oncomplete = () => done(asked.result);
    work.onerror = work.onabort = () => failed(work.error);
  });
}

async function attempt(name, mode, action, otherwise) {
  try {
    return await run(name, mode, action);
  } catch (error) {
    if (error?.name === "QuotaExceededError") throw error;
    return otherwise(memory[name]);
  }
}

const table = (name) => ({
  put: (row) => attempt(name, "readwrite", (store) => store.put(row), (map) => map.set(row.key, row)),
  get: (key) => attempt(name, "readonly", (store) => store.get(key), (map) => map.get(key)),
  all: () => attempt(name, "readonly", (store) => store.getAll(), (map) => [...map.values()]),
  remove: (key) => attempt(name, "readwrite", (store) => store.delete(key), (map) => map.delete(key)),
});

/** {key, visit: its idempotency key, visitUuid, order, item, bytes, type, sha256, takenAt, begun, trouble: null|{…}} */
export const photos = table("photos");
/** {key: the visit's idempotency key, state, at} */
export const states = table("states");

const DAY = 24 * 3600 * 1000;

/** Forget the states of visits that ended long ago. Photos are never forgotten. */
export async function tidy(now = Date.now()) {
  for (const row of await states.all()) if (now - row.at > 7 * DAY) await states.remove(row.key);
}
