// Requests to the server that the page came from. Its refusals are {code, title, leave}.

export class Problem extends Error {
  constructor(status, { code = `http_${status}`, title = "", leave = null }) {
    super(code);
    Object.assign(this, { status, code, title, leave });
  }
}

/** No answer: no network, or the server is away. Worth trying again. */
export class NoAnswer extends Error {}

export async function request(method, path, { body = null, headers = {}, seconds = 40 } = {}) {
  const sent = { method, body, headers: { "X-Fieldport": "1", ...headers }, cache: "no-store", signal: AbortSignal.timeout(seconds * 1000) };
  try {
    const answer = await fetch(`/field/api/${path}`, sent);
    return { status: answer.status, headers: answer.headers, told: await answer.json().catch(() => ({})) };
  } catch (error) {
    throw new NoAnswer(error.message);
  }
}

/** The JSON of an answer. A Problem if it is refused, NoAnswer if there is none or the server is out of order. */
export async function ask(method, path, content) {
  const sent = content && { body: JSON.stringify(content), headers: { "Content-Type": "application/json" } };
  const { status, told } = await request(method, path, sent);
  if (status < 300) return told;
  if (status >= 500 && !told.code) throw new NoAnswer(`HTTP ${status}`);
  throw new Problem(status, told);
}
