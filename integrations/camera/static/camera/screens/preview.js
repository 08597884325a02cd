import { button, h, put } from "../dom.js";
import { t } from "../texts.js";

export function previewScreen(page, { blob, use, retake }) {
  const src = URL.createObjectURL(blob);
  const picture = blob.type.startsWith("image/") ? h("img.photo", { src, alt: t("your_photo") }) : h("p", blob.name ?? t("document"));
  const once = button(t("use_photo"), () => {
    once.disabled = true;
    use();
  }, "main");
  put(page, "preview-screen", h("h1", t("check_photo")), picture, h("div.actions", once, button(t("retake"), retake)));
  return () => URL.revokeObjectURL(src);
}
