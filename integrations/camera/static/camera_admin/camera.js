// A photo opened to look at closely, and the keys of the review page. Without it, links and buttons do the same.
"use strict";

function opened(link) {
  const dialog = document.createElement("dialog");
  dialog.className = "camera-zoom";
  dialog.setAttribute("aria-label", link.querySelector("img").alt);
  const bar = document.createElement("div");
  bar.className = "bar";
  const frame = document.createElement("div");
  frame.className = "frame";
  frame.tabIndex = 0;
  const picture = document.createElement("img");
  picture.alt = link.querySelector("img").alt;
  let scale = 1;
  const fitted = () => Math.min(frame.clientWidth / picture.naturalWidth, frame.clientHeight / picture.naturalHeight);
  const show = (factor) => {
    scale = Math.min(8, Math.max(1, factor));
    picture.width = Math.round(picture.naturalWidth * fitted() * scale);
  };
  picture.addEventListener("load", () => show(1));
  for (const [label, does] of [["+", () => show(scale * 1.5)], ["−", () => show(scale / 1.5)], ["×", () => dialog.close()]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button plain";
    button.textContent = label;
    button.setAttribute("aria-label", { "+": "Larger", "−": "Smaller", "×": "Close" }[label]);
    button.addEventListener("click", does);
    bar.append(button);
  }
  picture.addEventListener("click", () => show(scale > 1 ? 1 : 3));
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "+") show(scale * 1.5);
    if (event.key === "-") show(scale / 1.5);
  });
  dialog.addEventListener("close", () => dialog.remove());
  frame.append(picture);
  dialog.append(bar, frame);
  document.body.append(dialog);
  dialog.showModal();
  picture.src = link.href;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-zoom]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  opened(link);
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=radio]), textarea, select, dialog");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const meant = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!meant) return;
  event.preventDefault();
  meant.click();
});
