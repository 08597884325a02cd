// The viewfinder: what to photograph, and the shutter within the thumb's reach.

import { button, dialog, h, put, say } from "../dom.js";
import { openLens } from "../lens.js";
import { NotAPicture, prepare } from "../picture.js";
import { t } from "../texts.js";

/** `taken(blob)`: a photo ready to send; `cancel()`. Returns what ends the screen. */
export function cameraScreen(page, { group, taken, cancel }) {
  const video = h("video", { playsinline: true, muted: true, "aria-label": t("live_picture"), tabindex: "-1" });
  video.muted = true;
  const finder = h("div", { class: "finder" }, video, guide(group.guide));
  const controls = h("div", { class: "controls" });
  const notice = h("p", { class: "notice", role: "alert", hidden: true });
  const close = button("✕", cancel, { kind: "round", "aria-label": t("cancel") });
  const head = h("header", { class: "top" }, close, h("h1", {}, group.displayName || group.name || t("photo")));
  const screen = { lens: null, over: false, busy: false, finder, controls, notice, group, taken: finish };
  put(page, "camera-screen", head, brief(group), finder, notice, controls);
  controls.append(h("p", { class: "opening" }, t("opening_camera")));

  function finish(blob) {
    if (!screen.over) taken(blob);
  }
  const resume = () => document.visibilityState === "visible" && screen.lens?.ended && begin(screen, video);
  document.addEventListener("visibilitychange", resume);
  begin(screen, video);
  return () => {
    screen.over = true;
    document.removeEventListener("visibilitychange", resume);
    screen.lens?.stop();
  };
}

async function begin(screen, video) {
  try {
    const lens = await openLens(video);
    if (screen.over) return lens.stop();
    screen.lens = lens;
    await lens.start();
    live(screen);
  } catch (error) {
    if (!screen.over) withoutCamera(screen, error.reason ?? "none");
  }
}

function live(screen) {
  const shutter = button("", () => shoot(screen), { kind: "shutter", "aria-label": t("take_photo") });
  const torch = screen.lens.hasTorch && button("🔦", () => light(screen.lens, torch), {
    kind: "round", "aria-label": t("torch"), "aria-pressed": "false",
  });
  const side = torch || h("span", { class: "round blank" });
  screen.controls.replaceChildren(side, shutter, chooser(screen, { label: "🖼", kind: "round", title: t("choose_photo") }));
  say(t("camera_ready"));
}

async function light(lens, torch) {
  try {
    await lens.torch(!lens.lit);
  } catch {
    torch.disabled = true;
  }
  torch.setAttribute("aria-pressed", String(lens.lit));
}

function withoutCamera(screen, reason) {
  screen.finder.hidden = true;
  complain(screen, t(`no_camera_${reason}`));
  screen.notice.className = "notice calm";
  const take = chooser(screen, { label: t("take_photo"), kind: "button main", capture: "environment" });
  screen.controls.className = "controls stacked";
  screen.controls.replaceChildren(take, chooser(screen, { label: t("choose_photo"), kind: "button plain" }));
}

function complain(screen, text) {
  screen.notice.textContent = text;
  screen.notice.hidden = false;
}

/** A file field that looks like a button. */
function chooser(screen, { label, kind, title, capture }) {
  const accept = `image/*,.heic,.heif${screen.group.allowPdf ? ",application/pdf" : ""}`;
  const field = h("input", { type: "file", class: "unseen", accept: capture ? "image/*" : accept, capture });
  if (title) field.setAttribute("aria-label", title);
  field.addEventListener("change", () => {
    const [file] = field.files;
    field.value = "";
    if (file) use(screen, async () => file);
  });
  return h("label", { class: kind, title }, h("span", title ? { "aria-hidden": "true" } : {}, label), field);
}

const shoot = (screen) => use(screen, () => screen.lens.shoot());

/** One photo at a time: a second tap on the shutter while the first one works does nothing. */
async function use(screen, make) {
  if (screen.busy) return;
  screen.busy = true;
  screen.controls.classList.add("busy");
  try {
    const made = await make();
    const pdf = made.type === "application/pdf" && screen.group.allowPdf;
    screen.taken(pdf ? made : await prepare(made));
  } catch (error) {
    complain(screen, t(error instanceof NotAPicture ? "not_a_picture" : "photo_failed"));
  } finally {
    screen.busy = false;
    screen.controls.classList.remove("busy");
  }
}

const SHAPES = ["frame", "circle", "card"];
const guide = (shape) => (SHAPES.includes(shape) ? h("div", { class: `guide ${shape}`, "aria-hidden": "true" }) : null);

/** What to photograph, in words and examples. */
export function brief(group) {
  const shown = (group.examples ?? []).map((each, index) => example(each, index + 1));
  if (!group.description && !shown.length) return null;
  return h(
    "div", { class: "brief" },
    group.description && h("p", {}, group.description),
    shown.length > 0 && h("ul", { class: "examples", "aria-label": t("examples") }, shown.map((each) => h("li", {}, each))),
  );
}

function example({ picture, thumbnail }, number) {
  const name = t("example", { number });
  const image = (source) => h("img", { src: source, alt: name });
  const enlarge = () => {
    const shown = dialog(name, image(picture), button(t("close"), () => shown.close(), { kind: "main" }));
  };
  return h("button", { type: "button", class: "example", onclick: enlarge }, image(thumbnail));
}
