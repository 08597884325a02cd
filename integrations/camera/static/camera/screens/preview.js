// The photo that was taken: use it, or take it again.

import { button, h, put } from "../dom.js";
import { t } from "../texts.js";

export function previewScreen(page, { blob, use, retake }) {
  const address = URL.createObjectURL(blob);
  const shown = blob.type.startsWith("image/")
    ? h("img", { src: address, alt: t("your_photo"), class: "photo" })
    : h("p", { class: "photo" }, blob.name ?? t("document"));
  const once = button(t("use_photo"), () => {
    once.disabled = true;
    use();
  }, { kind: "main" });
  put(page, "preview-screen", h("h1", {}, t("check_photo")), shown, h("div", { class: "actions" }, once, button(t("retake"), retake)));
  return () => URL.revokeObjectURL(address);
}
