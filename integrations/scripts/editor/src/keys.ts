// The two keys of a script's page: Ctrl-S saves, Ctrl-Enter tries. They press the form's buttons.

export type Press = "save" | "run";

const SAID: Record<Press, string> = { save: "Saving", run: "Dry run started" };

export function pressOf(event: KeyboardEvent): Press | null {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return null;
    if (event.key === "Enter") return "run";
    return event.key.toLowerCase() === "s" ? "save" : null;
}

/** Presses the button; returns what to say of it, "" if the form has none or it is off. */
export function press(form: HTMLFormElement | null, which: Press): string {
    const button = form && [...form.elements].find((each) => each.hasAttribute(`data-script-${which}`));
    if (!(button instanceof HTMLButtonElement || button instanceof HTMLInputElement) || button.disabled) return "";
    button.click();
    return SAID[which];
}
