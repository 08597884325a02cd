// Elements without markup in strings: what a server or a photo says can never become HTML.

/** Make an element. Names beginning with "on" are listeners; `true` sets an empty attribute; null and false set none. */
export function h(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export function button(label, press, { kind = "plain", ...attributes } = {}) {
  return h("button", { type: "button", class: `button ${kind}`, onclick: press, ...attributes }, label);
}

/** Put a screen on the page and move the focus to its heading, so that a screen reader begins there. */
export function put(page, kind, ...children) {
  page.className = kind;
  page.replaceChildren(...children.flat().filter(Boolean));
  const heading = page.querySelector("h1");
  if (heading) {
    document.title = heading.textContent;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
  scrollTo(0, 0);
}

/** Tell a screen reader. The same words twice are told once. */
export function say(text) {
  const said = document.getElementById("said");
  if (said.textContent !== text) said.textContent = text;
}

/** A dialog over the page; Escape and the last button close it, and the focus returns to where it was. */
export function dialog(title, ...children) {
  const made = h("dialog", { "aria-labelledby": "dialog-title" }, h("h2", { id: "dialog-title" }, title), ...children);
  made.addEventListener("close", () => made.remove());
  document.body.append(made);
  made.showModal();
  return made;
}
