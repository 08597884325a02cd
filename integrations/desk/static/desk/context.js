"use strict";
// Offers the chosen source's fields while typing in a mapping; new rows of the inline form get it too.
const source = document.querySelector('[name="source_type"]');

function offer() {
    document.querySelectorAll('[data-context="source"]').forEach((input) => {
        input.setAttribute("list", `context-${source.value}`);
    });
    document.querySelectorAll("details[data-kind]").forEach((kind) => {
        kind.hidden = Boolean(source.value) && kind.dataset.kind !== source.value;
    });
}

if (source) {
    source.addEventListener("change", offer);
    document.addEventListener("formset:added", offer);
    offer();
}
