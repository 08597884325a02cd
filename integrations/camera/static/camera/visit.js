// The visit of this tab: one for each address (path and query), so that reload, back button and double tap make
// nothing twice. It is kept in sessionStorage; the token only until the server has answered.

import { ask, Problem } from "./api.js";
import { newKey } from "./digest.js";
import * as store from "./store.js";
import { language } from "./texts.js";

const PLACE = `fieldport:visit:${location.pathname}${location.search}`;
const OVER = ["visit_over", "no_visit"];
let kept = null; // where sessionStorage is forbidden

/** {key, token, uuid, problem, left: null|{url}, photo: null|{key, item, input}}; null: there was no visit here. */
export let record = read();

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(PLACE)) ?? kept;
  } catch {
    return kept;
  }
}

export function keep(changes) {
  record = kept = { ...record, ...changes };
  try {
    sessionStorage.setItem(PLACE, JSON.stringify(record));
  } catch {
    // private window: it lives as long as the page
  }
}

/** Take the token that the page arrived with. Raises a Problem for an address that cannot be one of ours. */
export function arrive(token) {
  if (!token) {
    if (record === null) throw new Problem(401, { code: "token_missing" });
    return;
  }
  if (/\?\w+=/.test(token)) throw new Problem(401, { code: "url_order" });
  // A visit that was left or refused is over; one that was not goes on: the link was tapped twice.
  if (record === null || record.left || record.problem) keep({ key: newKey(), uuid: null, left: null, photo: null });
  keep({ token: decoded(token), problem: null });
}

function decoded(token) {
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
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
  const sent = { token, path: location.pathname, query: location.search.slice(1), idempotencyKey: key };
  try {
    return await ask("POST", "visits", { ...sent, device: navigator.userAgent.slice(0, 300), language });
  } catch (error) {
    if (error instanceof Problem && error.status !== 429) {
      const { status, code, title, leave } = error;
      keep({ token: null, problem: { status, code, title, leave } });
    }
    throw error;
  }
}

/** What a reload shows of a visit that was refused; null if it was not. */
export const refusedBefore = () => (record.problem && !record.token ? new Problem(record.problem.status, record.problem) : null);

export const isOver = (error) => error instanceof Problem && OVER.includes(error.code);

/** The last known state, or what the address alone tells: enough for the camera while there is no network. */
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
