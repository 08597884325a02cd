// The page of a script: tries the text as it stands, shows what came of it, guards what is not saved.
import { press, pressOf } from "./keys";
import type { Problem } from "./problems";
import { ask, csrfToken } from "./request";
import { Results, type Tried } from "./results";

class ScriptPage {
    private readonly area: HTMLTextAreaElement;
    private readonly results: Results | null;
    private readonly publish: HTMLButtonElement | null;
    private saved: string;
    private isRunning = false;

    constructor(private readonly form: HTMLFormElement) {
        this.area = form.querySelector("[data-script-editor]") as HTMLTextAreaElement;
        const panel = document.querySelector<HTMLElement>("[data-script-results]");
        this.results = panel && new Results(panel, (problem) => this.goto(problem));
        this.publish = form.querySelector("[data-script-publish]");
        this.saved = this.area.value;
        this.listen();
    }

    private listen(): void {
        this.form.addEventListener("submit", (event) => this.submitted(event));
        this.area.addEventListener("input", () => this.allowPublishing(false));
        document.addEventListener("keydown", (event) => this.pressed(event));
        addEventListener("beforeunload", (event) => {
            if (this.area.value !== this.saved) event.preventDefault();
        });
        document.querySelectorAll<HTMLElement>("[data-script-insert]").forEach((button) => {
            button.addEventListener("click", () => this.insert(button.dataset.scriptInsert ?? ""));
        });
    }

    private submitted(event: SubmitEvent): void {
        if (event.submitter?.hasAttribute("data-script-run") && this.results) {
            event.preventDefault();
            void this.run(event.submitter as HTMLButtonElement, this.results);
        } else if (!event.defaultPrevented) this.saved = this.area.value;
    }

    private async run(button: HTMLButtonElement, results: Results): Promise<void> {
        if (this.isRunning) return;
        this.isRunning = true;
        const tried = this.area.value;
        const body = new FormData(this.form);
        if (button.name) body.set(button.name, button.value || "1");
        const stop = new AbortController();
        results.wait(() => stop.abort());
        const answer = await ask(this.form.dataset.dryRunUrl ?? "", body, csrfToken(this.form), stop.signal);
        this.isRunning = false;
        if (answer.error) results.refuse(answer.error);
        else this.show(results, answer.json as Tried, tried);
    }

    private show(results: Results, answer: Tried, tried: string): void {
        results.show(answer);
        if (this.area.value !== tried) return; // the text changed meanwhile: its lines are others now
        this.area.dispatchEvent(new CustomEvent("script:problems", { detail: answer.problems ?? [] }));
        this.allowPublishing(answer.may_publish === true);
    }

    private allowPublishing(isAllowed: boolean): void {
        if (!this.publish) return;
        this.publish.disabled = !isAllowed;
        const hint = this.form.querySelector<HTMLElement>("[data-script-publish-hint]");
        if (hint) hint.hidden = isAllowed;
    }

    private pressed(event: KeyboardEvent): void {
        const which = event.defaultPrevented ? null : pressOf(event);
        if (which && press(this.form, which)) event.preventDefault();
    }

    private insert(id: string): void {
        const text = document.getElementById(id)?.textContent ?? "";
        this.area.dispatchEvent(new CustomEvent("script:load", { detail: { text } }));
        this.goto({ line: 1 });
    }

    private goto(place: Pick<Problem, "line" | "column">): void {
        this.area.dispatchEvent(new CustomEvent("script:goto", { detail: place }));
    }
}

document.querySelectorAll<HTMLFormElement>("form[data-dry-run-url]").forEach((form) => {
    if (form.querySelector("[data-script-editor]")) new ScriptPage(form);
});
