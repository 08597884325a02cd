"use strict";
// Asks for the events that follow the last cursor, and puts them on top. Nothing is asked while nobody looks.
const EVERY = 1500; // milliseconds
const SLOWEST = 15_000;
const MOST = 300; // rows that are kept
const live = document.getElementById("live");
const body = live.querySelector("tbody");
const state = document.getElementById("live-state");
const pause = document.getElementById("live-pause");
const type = document.getElementById("live-type");
let cursor = "";
let paused = false;

function say(word) {
    if (state.dataset.word !== word) state.textContent = state.dataset[word];
    state.dataset.word = word;
}

function filter() {
    const wanted = type.value.trim().toLowerCase();
    for (const row of body.rows) row.hidden = !row.dataset.type.toLowerCase().includes(wanted);
    document.getElementById("live-empty").hidden = [...body.rows].some((row) => !row.hidden);
}

function take(table) {
    cursor = table.dataset.next;
    body.prepend(...table.tBodies[0].rows);
    while (body.rows.length > MOST) body.lastElementChild.remove();
    filter();
    say(table.dataset.gap ? "gap" : "listening");
    return table.dataset.more === "1";
}

async function ask() {
    const address = new URL(location.href);
    address.searchParams.set("after", cursor);
    const response = await fetch(address, { credentials: "same-origin" });
    if (response.redirected || response.status === 403) {
        say("over");
        return null;
    }
    if (!response.ok) throw new Error(response.statusText);
    return new DOMParser().parseFromString(await response.text(), "text/html").querySelector("table");
}

async function follow(wait) {
    await new Promise((done) => setTimeout(done, wait));
    if (paused || document.hidden) return follow(EVERY);
    try {
        const table = await ask();
        if (table === null) return undefined;
        return follow(take(table) ? 0 : EVERY);
    } catch {
        say("away");
        return follow(Math.min(Math.max(wait, EVERY) * 1.5, SLOWEST));
    }
}

function toggle() {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    pause.textContent = paused ? pause.dataset.go : pause.dataset.pause;
    say(paused ? "paused" : "listening");
}

pause.addEventListener("click", toggle);
type.addEventListener("input", filter);
document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea");
    if (event.key === "p" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) toggle();
});
follow(take(live.querySelector("template").content.querySelector("table")) ? 0 : EVERY);
