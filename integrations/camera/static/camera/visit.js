// The visit of this tab, one for each address: reload, back button and double tap make nothing twice.
// It is kept in sessionStorage; the token only until the server has answered.

import { ask, Problem } from "./api.js";
import { newKey } from "./digest.js";
import * as store from "./store.js";
import { language } from "./texts.js";

const PLACE = `fieldport:visit:${location.pathname}${location.search}`;
/** {key, token, uuid, problem, left: null|{url}, photo: null|{key, item, input}}; null: there was no visit here. */
export let record = JSON.parse(sessionStorage.getItem(PLACE));

export function keep(changes) {
  record = { ...record, ...changes };
  sessionStorage.setItem(PLACE, JSON.stringify(record));
}

/** Take the token that the page arrived with. Raises a Problem for an address that cannot be one of ours. */
export function arrive(token) {
  if (!token && /[?&]site_id=/.test(location.search)) token = "account-session";
  if (!token && record === null) throw new Problem(401, { code: "token_missing" });
  if (!token) return;
  if (/\?\w+=/.test(token)) throw new Problem(401, { code: "url_order" });
  // A visit that was left or refused is over; one that was not goes on: the link was tapped twice.
  if (record === null || record.left || record.problem) keep({ key: newKey(), uuid: null, left: null, photo: null });
  keep({ token: token.replace(/%[0-9a-f]{2}/gi, unescape), problem: null });
}

/** Open the visit, or go on with it; returns its state as the server tells it. Raises Problem or NoAnswer. */
export async function openVisit() {
  const state = record.token ? await knock() : await ask("GET", `visits/${record.uuid}/`);
  keep({ uuid: state.visit.uuid, token: null });
  await remember(state);
  return state;
}

export const remember = (state) => store.states.put({ key: record.key, state, at: Date.now() });

async function knock() {
  const { token, key } = record;
  const address = { path: location.pathname, query: location.search.slice(1) };
  try {
    return await ask("POST", "visits", { token, ...address, idempotencyKey: key, device: navigator.userAgent, language });
  } catch (error) {
    if (error instanceof Problem && error.status !== 429) keep({ token: null, problem: { ...error } });
    throw error;
  }
}

export const refusedBefore = () => record.problem && new Problem(record.problem.status, record.problem);

/** The last known state, or what the address alone tells: enough for the camera. */
export async function stateWithoutNetwork() {
  const last = await store.states.get(record.key);
  if (last) return last.state;
  const name = new URLSearchParams(location.search).get("task_group_name") ?? "";
  if (!location.pathname.includes("/work_item/")) return null;
  const group = (await groupSeenBefore(name)) ?? { name, displayName: name };
  const item = { uuid: null, group: name, status: null, score: null, photos: [] };
  return {
    provisional: true, item: null, items: [item], groups: { [name]: group }, addable: [], pollAfterMs: [1000],
    visit: { uuid: null, scenario: "CREATE", flow: "", input: null }, order: { name: "", readOnly: false },
  };
}

const groupSeenBefore = async (name) => (await store.states.all()).map((row) => row.state.groups?.[name]).find(Boolean);
