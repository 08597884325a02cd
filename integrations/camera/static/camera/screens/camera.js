// The viewfinder.

import { button, dialog, h, icon, put, say } from "../dom.js";
import { openLens } from "../lens.js";
import { NotAPicture, prepare } from "../picture.js";
import { t } from "../texts.js";

/** `taken(blob)`: a photo ready to send; `cancel()`. Returns what ends the screen. */
export function cameraScreen(page, { group, taken, cancel }) {
  const video = h("video", { playsinline: true, tabindex: "-1", "aria-label": t("live_picture") });
  video.muted = true;
  const guide = group.guide && h(`div.guide.${group.guide}`, { "aria-hidden": "true" });
  const finder = h("div.finder", video, guide);
  const controls = h("div.controls", h("p.opening", t("opening_camera")));
  const notice = h("p.notice", { role: "alert", hidden: true });
  const screen = { finder, controls, notice, group, lens: null, over: false, busy: false };
  screen.taken = (blob) => screen.over || taken(blob);
  const close = button("×", cancel, "round", { "aria-label": t("cancel") });
  put(page, "camera-screen", h("header.top", close, h("h1", group.displayName || group.name || t("photo"))), brief(group), finder, notice, controls);

  const resume = () => document.visibilityState === "visible" && screen.lens?.track.readyState === "ended" && begin(screen, video);
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
    await video.play();
    live(screen);
  } catch (error) {
    if (!screen.over) withoutCamera(screen, error.reason ?? "none");
  }
}

function live(screen) {
  const { lens } = screen;
  const shutter = button("", () => use(screen, () => lens.shoot()), "shutter", { "aria-label": t("take_photo") });
  const torch = button(icon("light"), () => light(lens, torch), "round", { "aria-label": t("torch"), "aria-pressed": "false" });
  torch.classList.toggle("blank", !lens.hasTorch);
  screen.controls.replaceChildren(torch, shutter, chooser(screen, "round", { label: icon("pictures"), title: t("choose_photo") }));
  say(t("camera_ready"));
}

async function light(lens, torch) {
  await lens.torch(!lens.lit).catch(() => (torch.disabled = true));
  torch.setAttribute("aria-pressed", String(lens.lit));
}

function withoutCamera(screen, reason) {
  screen.finder.hidden = true;
  complain(screen, t(`no_camera_${reason}`));
  screen.notice.className = "notice calm";
  screen.controls.className = "controls stacked";
  screen.controls.replaceChildren(
    chooser(screen, "button.main", { label: t("take_photo"), capture: "environment" }),
    chooser(screen, "button.plain", { label: t("choose_photo") }),
  );
}

function complain({ notice }, text) {
  notice.textContent = text;
  notice.hidden = false;
}

function chooser(screen, kind, { label, title, capture }) {
  const accept = capture ? "image/*" : `image/*,.heic,.heif${screen.group.allowPdf ? ",application/pdf" : ""}`;
  const onchange = () => {
    const [file] = field.files;
    field.value = "";
    if (file) use(screen, async () => file);
  };
  const field = h("input.unseen", { type: "file", accept, capture, "aria-label": title, onchange });
  return h(`label.${kind}`, { title }, label, field);
}

/** One photo at a time: a second tap on the shutter while the first one works does nothing. */
async function use(screen, make) {
  if (screen.busy) return;
  screen.busy = screen.controls.classList.toggle("busy", true);
  try {
    const made = await make();
    const pdf = made.type === "application/pdf" && screen.group.allowPdf;
    screen.taken(pdf ? made : await prepare(made));
  } catch (error) {
    complain(screen, t(error instanceof NotAPicture ? "not_a_picture" : "photo_failed"));
  }
  screen.busy = screen.controls.classList.toggle("busy", false);
}

function brief({ description, examples = [] }) {
  if (!description && !examples.length) return null;
  const list = examples.map((each, index) => h("li", example(each, t("example", { number: index + 1 }))));
  return h("div.brief", description && h("p", description), list.length > 0 && h("ul.examples", { "aria-label": t("examples") }, list));
}

function example({ picture, thumbnail }, name) {
  const image = (src) => h("img", { src, alt: name });
  const enlarge = () => {
    const shown = dialog(name, image(picture), button(t("close"), () => shown.close(), "main"));
  };
  return h("button.example", { type: "button", onclick: enlarge }, image(thumbnail));
}
