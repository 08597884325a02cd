"use strict";
// Small helps for every page: the menu on narrow screens, table labels for cards, copy buttons. All pages work without.

function menuButton() {
    const button = document.getElementById("menu-button");
    if (!button) return;
    button.addEventListener("click", () => {
        const open = button.getAttribute("aria-expanded") !== "true";
        button.setAttribute("aria-expanded", String(open));
        document.body.classList.toggle("menu-open", open);
    });
}

// On narrow screens a row becomes a card; each cell then says which column it was.
function labelCells() {
    const heads = [...document.querySelectorAll("#result_list thead th")].map((head) => head.textContent.trim());
    document.querySelectorAll("#result_list tbody tr").forEach((row) => {
        [...row.children].forEach((cell, index) => {
            if (heads[index]) cell.dataset.label = heads[index];
        });
    });
}

function copyButtons() {
    document.querySelectorAll("[data-copy]").forEach((button) => {
        button.setAttribute("aria-live", "polite");
        button.addEventListener("click", async () => {
            const source = document.getElementById(button.dataset.copy);
            const label = button.dataset.label || button.textContent;
            button.dataset.label = label;
            try {
                await navigator.clipboard.writeText(source.textContent.trim());
            } catch {
                // No clipboard on a page without https: what is selected is copied by the keyboard.
                getSelection().selectAllChildren(source);
                return;
            }
            button.textContent = button.dataset.copied;
            setTimeout(() => { button.textContent = label; }, 2000);
        });
    });
}

// Shows the fields that belong to the choices made in others: data-for="auth_kind:BASIC,BEARER;platform:generic".
function dependentFields() {
    const rows = [...document.querySelectorAll("[data-for]")];
    const fits = (part) => {
        const [name, values] = part.split(":");
        const chosen = document.querySelector(`[name="${name}"]`);
        return !chosen || values.split(",").includes(chosen.value);
    };
    const update = () => {
        rows.forEach((row) => {
            const holder = row.closest(".form-row") || row;
            holder.hidden = !row.dataset.for.split(";").every(fits);
        });
        document.querySelectorAll("fieldset.module").forEach((set) => {
            const lines = [...set.querySelectorAll(".form-row")];
            set.hidden = lines.length > 0 && lines.every((line) => line.hidden);
        });
    };
    if (!rows.length) return;
    const names = new Set(rows.flatMap((row) => row.dataset.for.split(";").map((part) => part.split(":")[0])));
    names.forEach((name) => document.querySelector(`[name="${name}"]`)?.addEventListener("change", update));
    update();
}

// A box that shows how far slow work has come: asked for again until the work has ended, then the page once more.
function liveBox() {
    const box = document.querySelector("[data-live]");
    if (!box) return;
    const ask = async () => {
        const answer = await fetch(location.href).catch(() => null);
        const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
        const found = page && page.getElementById(box.id);
        if (found && !("live" in found.dataset)) return location.reload();
        if (found) box.replaceChildren(...found.children);
        setTimeout(ask, Number(box.dataset.live));
    };
    setTimeout(ask, Number(box.dataset.live));
}

menuButton();
labelCells();
copyButtons();
dependentFields();
liveBox();
