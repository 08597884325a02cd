// One POST to our own server, answered in JSON. Never throws: `error` is a sentence, "" if all went well.

export interface Answer {
    json: Record<string, unknown> | null;
    error: string;
}

export async function ask(url: string, body: URLSearchParams | FormData, token: string, signal: AbortSignal): Promise<Answer> {
    try {
        const headers = { Accept: "application/json", "X-CSRFToken": token };
        const response = await fetch(url, { method: "POST", body, headers, signal, credentials: "same-origin" });
        return await read(response);
    } catch (error) {
        const stopped = error instanceof DOMException && error.name === "AbortError";
        return { json: null, error: stopped ? "Stopped waiting. The server may still finish the run." : "The server cannot be reached." };
    }
}

async function read(response: Response): Promise<Answer> {
    const isJson = response.headers.get("Content-Type")?.includes("json") ?? false;
    const json = isJson ? ((await response.json()) as Record<string, unknown>) : null;
    if (response.ok && json) return { json, error: "" };
    if (response.redirected || response.status === 403) return { json, error: told(json) || "You are signed out, or have no right to do this. Open the page again." };
    return { json, error: told(json) || `The server answered ${response.status} where a result was expected.` };
}

function told(json: Record<string, unknown> | null): string {
    return typeof json?.error === "string" ? json.error : "";
}

export function csrfToken(form: HTMLFormElement | null): string {
    return form?.querySelector<HTMLInputElement>('[name="csrfmiddlewaretoken"]')?.value ?? "";
}
