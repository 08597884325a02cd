// What the device keeps until the server has it: photos, and the last known state of each visit.
// Without IndexedDB (some private windows) they live as long as the page does.

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

async function run(name, mode, action) {
  const base = await open();
  return new Promise((done, failed) => {
    const work = base.transaction(name, mode);
    const asked = action(work.objectStore(name));
    work.oncomplete = () => done(asked.result);
    work.onerror = work.onabort = () => failed(work.error);
  });
}

function table(name) {
  const memory = new Map();
  const use = (mode, method, given, otherwise) => run(name, mode, (store) => store[method](given)).catch((error) => {
    if (error?.name === "QuotaExceededError") throw error;
    return otherwise();
  });
  return {
    put: (row) => use("readwrite", "put", row, () => memory.set(row.key, row)),
    get: (key) => use("readonly", "get", key, () => memory.get(key)),
    all: () => use("readonly", "getAll", undefined, () => [...memory.values()]),
    remove: (key) => use("readwrite", "delete", key, () => memory.delete(key)),
  };
}

/** {key, visit: its idempotency key, visitUuid, order, item, bytes, type, sha256, takenAt, begun, trouble: null|{…}} */
export const photos = table("photos");
/** {key: the visit's idempotency key, state, at} */
export const states = table("states");

const WEEK = 7 * 24 * 3600 * 1000;

/** Forget the states of visits that ended long ago. Photos are never forgotten. */
export async function tidy() {
  for (const row of await states.all()) if (Date.now() - row.at > WEEK) await states.remove(row.key);
}
