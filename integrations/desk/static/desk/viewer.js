// Photos looked at closely: links with data-zoom open here, with the others of the page before and after them.
// Mouse: wheel zooms where it points, drag moves, double click in and out. Touch: pinch, drag, double tap.
// Keys: + − 0, arrows (the next photo, or moving when it is larger), Escape. Without it the links open the picture.
"use strict";

const MOST = 8;
const STEP = 1.5;
const PAN = 80;

class Viewer {
  constructor(links) {
    this.links = links;
    this.touching = new Map();
    this.build();
  }

  build() {
    this.dialog = element("dialog", { className: "viewer" });
    this.caption = element("p", { className: "viewer-caption" });
    this.caption.setAttribute("aria-live", "polite");
    this.frame = element("div", { className: "viewer-frame" });
    this.picture = element("img", { draggable: false });
    const bar = element("div", { className: "viewer-bar" });
    this.buttons = [
      ["‹", "Previous photo", () => this.go(-1)], ["›", "Next photo", () => this.go(1)],
      ["+", "Larger", () => this.zoom(STEP)], ["−", "Smaller", () => this.zoom(1 / STEP)],
      ["1:1", "Whole photo", () => this.reset()], ["×", "Close", () => this.dialog.close()],
    ].map(([text, label, does]) => {
      const button = element("button", { type: "button", className: "button plain", textContent: text, title: label });
      button.setAttribute("aria-label", label);
      button.addEventListener("click", does);
      return button;
    });
    bar.append(this.caption, ...this.buttons);
    this.frame.append(this.picture);
    this.dialog.append(bar, this.frame);
    this.listen();
  }

  listen() {
    this.picture.addEventListener("load", () => this.reset());
    this.dialog.addEventListener("keydown", (event) => this.pressed(event));
    this.dialog.addEventListener("close", () => { this.dialog.remove(); this.links[this.at].focus(); });
    this.frame.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(event.deltaY < 0 ? STEP : 1 / STEP, event);
    }, { passive: false });
    this.frame.addEventListener("dblclick", (event) => (this.scale > 1 ? this.reset() : this.zoom(3, event)));
    this.frame.addEventListener("pointerdown", (event) => {
      this.frame.setPointerCapture(event.pointerId);
      this.touching.set(event.pointerId, event);
    });
    this.frame.addEventListener("pointermove", (event) => this.moved(event));
    for (const end of ["pointerup", "pointercancel"]) this.frame.addEventListener(end, (event) => this.touching.delete(event.pointerId));
    addEventListener("resize", () => this.show());
  }

  open(address) {
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.at = this.links.findIndex((link) => link.href === address);
    this.go(0);
  }

  go(by) {
    this.at = (this.at + by + this.links.length) % this.links.length;
    const link = this.links[this.at];
    const named = link.querySelector("img")?.alt || link.textContent.trim();
    this.caption.textContent = this.links.length > 1 ? `${named} (${this.at + 1} / ${this.links.length})` : named;
    this.dialog.setAttribute("aria-label", named);
    this.picture.alt = named;
    this.buttons.slice(0, 2).forEach((button) => { button.hidden = this.links.length < 2; });
    this.scale = 1;
    this.picture.src = link.href;
  }

  reset() {
    Object.assign(this, { scale: 1, x: 0, y: 0 });
    this.show();
  }

  zoom(factor, at) {
    const box = this.frame.getBoundingClientRect();
    const px = at ? at.clientX - box.left - box.width / 2 : 0;
    const py = at ? at.clientY - box.top - box.height / 2 : 0;
    const scale = Math.min(MOST, Math.max(1, this.scale * factor));
    this.x = px - (px - this.x) * (scale / this.scale);
    this.y = py - (py - this.y) * (scale / this.scale);
    this.scale = scale;
    this.show();
  }

  show() {
    const room = (size, shown) => Math.max(0, (size * this.scale - shown) / 2);
    const [wide, high] = [room(this.picture.clientWidth, this.frame.clientWidth), room(this.picture.clientHeight, this.frame.clientHeight)];
    this.x = Math.min(wide, Math.max(-wide, this.x));
    this.y = Math.min(high, Math.max(-high, this.y));
    this.picture.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
    this.frame.classList.toggle("larger", this.scale > 1);
  }

  moved(event) {
    const before = this.touching.get(event.pointerId);
    if (!before) return;
    const other = [...this.touching.values()].find((each) => each.pointerId !== event.pointerId);
    this.touching.set(event.pointerId, event);
    if (!other) {
      this.x += event.clientX - before.clientX;
      this.y += event.clientY - before.clientY;
      this.show();
      return;
    }
    const apart = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
    const middle = { clientX: (event.clientX + other.clientX) / 2, clientY: (event.clientY + other.clientY) / 2 };
    this.zoom(apart(event) / apart(before), middle);
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const moves = { ArrowLeft: [PAN, 0], ArrowRight: [-PAN, 0], ArrowUp: [0, PAN], ArrowDown: [0, -PAN] }[event.key];
    if (event.key === "+" || event.key === "=") this.zoom(STEP);
    else if (event.key === "-") this.zoom(1 / STEP);
    else if (event.key === "0") this.reset();
    else if (moves && this.scale > 1) { this.x += moves[0]; this.y += moves[1]; this.show(); }
    else if (moves && moves[0] && this.links.length > 1) this.go(moves[0] > 0 ? -1 : 1);
    else return;
    event.preventDefault();
  }
}

function element(name, values) {
  return Object.assign(document.createElement(name), values);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-zoom]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  // A photo that stands on the page twice is one: its last place, which says more of it.
  const links = [...document.querySelectorAll("a[data-zoom]")];
  const last = links.filter((each, index) => !links.slice(index + 1).some((later) => later.href === each.href));
  new Viewer(last).open(link.href);
});
