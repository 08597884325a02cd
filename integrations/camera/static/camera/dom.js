// Elements without markup in strings: what a server or a photo says can never become HTML.

/** h("p.quiet", {attributes}, ...children). Names beginning with "on" are listeners; null and false set nothing. */
export function h(name, given, ...children) {
  const bare = given?.constructor !== Object;
  const [tag, ...classes] = name.split(".");
  const made = document.createElement(tag);
  if (classes.length) made.className = classes.join(" ");
  for (const [key, value] of Object.entries(bare ? {} : given)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value != null && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...(bare ? [given, ...children] : children).flat().filter((child) => child != null && child !== false));
  return made;
}

export const button = (label, onclick, kind = "plain", more = {}) =>
  h(`button.button.${kind}`, { type: "button", onclick, ...more }, label);

export const icon = (name) => h("img", { src: `${document.documentElement.dataset.static}icons/${name}.svg`, alt: "" });

/** Put a screen on the page, with the focus on its heading, so that a screen reader begins there. */
export function put(page, kind, ...children) {
  page.className = kind;
  page.replaceChildren(...children.flat().filter(Boolean));
  const heading = page.querySelector("h1");
  document.title = heading.textContent;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  scrollTo(0, 0);
}

/** Tell a screen reader. The same words twice are told once. */
export function say(text) {
  const said = document.getElementById("said");
  if (said.textContent !== text) said.textContent = text;
}

/** A dialog over the page; after Escape or its last button the focus is where it was. */
export function dialog(title, ...children) {
  const made = h("dialog", { "aria-labelledby": "dialog-title", onclose: () => made.remove() },
    h("h2", { id: "dialog-title" }, title), ...children);
  document.body.append(made);
  made.showModal();
  return made;
}
