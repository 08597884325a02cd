// Requests to the server that the page came from. Its refusals are {code, title, leave}.

export class Problem extends Error {
  constructor(status, told = {}) {
    super(told.title || `HTTP ${status}`);
    this.status = status;
    this.code = told.code || `http_${status}`;
    this.title = told.title || "";
    this.leave = told.leave ?? null;
  }
}

/** No answer: no network, or the server is away. Worth trying again. */
export class NoAnswer extends Error {}

export async function request(method, path, { body = null, headers = {}, seconds = 40 } = {}) {
  const sent = { "X-Fieldport": "1", Accept: "application/json", ...headers };
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), seconds * 1000);
  try {
    const answer = await fetch(`/field/api/${path}`, {
      method, body, headers: sent, signal: stop.signal, credentials: "same-origin", cache: "no-store", referrerPolicy: "no-referrer",
    });
    return { status: answer.status, headers: answer.headers, told: await read(answer) };
  } catch (error) {
    throw new NoAnswer(error.message);
  } finally {
    clearTimeout(timer);
  }
}

async function read(answer) {
  const text = await answer.text();
  try {
    return text ? JSON.parse(text) : {};
  } catch {
    return {};
  }
}

/** The JSON of an answer. A Problem if it is refused, NoAnswer if there is none or the server is out of order. */
export async function ask(method, path, content) {
  const { status, told } = await request(method, path, content === undefined ? {} : json(content));
  if (status < 300) return told;
  if (status >= 500 && status !== 507 && !told.code) throw new NoAnswer(`HTTP ${status}`);
  throw new Problem(status, told);
}

const json = (content) => ({ body: JSON.stringify(content), headers: { "Content-Type": "application/json" } });
