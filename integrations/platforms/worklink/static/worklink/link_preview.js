"use strict";
// Shows the link of a chosen order while its template is typed. Without it the button shows the same on a page.

function livePreview() {
    const place = document.getElementById("link-preview");
    const form = place && place.closest("form");
    if (!form) return;
    let asked = null;
    let timer = 0;
    const show = async () => {
        if (asked) asked.abort();
        asked = new AbortController();
        try {
            const answer = await fetch(place.dataset.url, {
                method: "POST",
                body: new FormData(form),
                headers: { "X-Part": "1" },
                signal: asked.signal,
            });
            if (answer.ok) place.innerHTML = await answer.text(); // our own page, escaped by the template
        } catch {
            // Typed on meanwhile, or offline: what stands there stays.
        }
    };
    const soon = () => {
        clearTimeout(timer);
        timer = setTimeout(show, 400);
    };
    form.addEventListener("input", soon);
    form.addEventListener("change", soon);
    show();
}

document.addEventListener("DOMContentLoaded", livePreview);
