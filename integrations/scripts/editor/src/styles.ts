// CodeMirror puts its rules into a <style> element, which our policy refuses; a sheet that is adopted is allowed.
// style-mod adopts sheets in shadow roots only, so the document is shown to it as one.
import { StyleModule } from "style-mod";

type Mount = typeof StyleModule.mount;
const shown = new WeakMap<object, object>();

function asShadowRoot(document: Document): object {
    return {
        ownerDocument: document,
        get adoptedStyleSheets() {
            return document.adoptedStyleSheets;
        },
        set adoptedStyleSheets(sheets) {
            document.adoptedStyleSheets = sheets;
        },
    };
}

export function adoptStyles(): void {
    const mount: Mount = StyleModule.mount;
    StyleModule.mount = (root, modules, options) => {
        if (!shown.has(root)) shown.set(root, "head" in root ? asShadowRoot(root) : root);
        mount.call(StyleModule, shown.get(root) as ShadowRoot, modules, options);
    };
}
