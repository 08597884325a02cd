"use strict";
// Follows a run that has not ended: asks for the parts of its page that change, and shows those that did.
const EVERY = 1500; // milliseconds
const SLOWEST = 15_000;
const holder = document.querySelector("[data-run-live]");

function replaced(fresh) {
    fresh.querySelectorAll("[data-live]").forEach((part) => {
        const old = holder.querySelector(`[data-live="${part.dataset.live}"]`);
        // What is read or unfolded stays as it is, and a status is announced only when it is another one.
        if (old && old.innerHTML !== part.innerHTML && !old.contains(document.activeElement)) old.replaceChildren(...part.childNodes);
    });
}

async function ask() {
    const response = await fetch(holder.dataset.runLive, { credentials: "same-origin" });
    if (!response.ok || response.redirected) return false; // signed out, or the run is gone
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    if (fresh.querySelector("[data-run-state='ended']")) {
        location.reload(); // other buttons are there now
        return false;
    }
    replaced(fresh);
    return true;
}

function follow(wait) {
    setTimeout(async () => {
        const goesOn = document.hidden || (await ask().catch(() => true));
        if (goesOn) follow(Math.min(wait * 1.1, SLOWEST));
    }, wait);
}

if (holder) follow(EVERY);
