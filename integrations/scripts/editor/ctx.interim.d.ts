/** What a run is given. */
interface ScriptContext {
  /** What happened: type, time and the resource it is about. */
  readonly event: ScriptEvent;
  /** All events of a batch, oldest first; one event otherwise. */
  readonly events: readonly ScriptEvent[];
  /** The session, read before the run; null when the event is about something else. */
  readonly session: Session | null;
  /** The call, read before the run; null when the event is about something else. */
  readonly call: { readonly [name: string]: unknown } | null;
  /** The work order that the event was joined to. */
  readonly order: { readonly [name: string]: unknown } | null;
  /** Everything that is known of the source, as mappings see it. */
  readonly facts: { readonly [name: string]: unknown };
  /** The answers of the session's forms, one entry for each question. */
  readonly answers: readonly Answer[];
  /** The system of record that the script writes to by default. */
  readonly http: Http;
  /** Settings of the script that are no secrets. */
  readonly config: { readonly [name: string]: unknown };
  /** Handles for headers and bodies; their values are filled in just before sending and never shown. */
  readonly secrets: { readonly [name: string]: unknown };
  /** Small state of the script, kept when the run finishes. */
  readonly store: Store;
  readonly log: Log;
  /** Ends the run without a write. */
  skip(reason: string): never;
  /** Ends the run; it is tried again after the seconds given. */
  retry(reason: string, afterSeconds?: number): never;
  /** Ends the run for good. */
  fail(reason: string): never;
  /** Any other granted connection, by its name. */
  connection(name: string): Http;
  /** The configured operations of a system of record. */
  record(system: string): object;
}
interface ScriptEvent {
  readonly type: string;
  readonly resourceType: string;
  readonly occurredAt: string;
}
interface Session {
  readonly id: string;
  readonly state: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** What the deep link carried. */
  readonly externalData: { readonly [key: string]: string };
}
interface Answer {
  readonly step: string;
  readonly prompt: string;
  readonly type: string;
  readonly value: string | number | boolean | null;
  readonly at: string;
  readonly by: string;
}
interface RequestOptions {
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as a form. */
  form?: Record<string, string>;
  headers?: Record<string, string>;
  query?: Record<string, string | number>;
  timeoutMs?: number;
}
interface Answered {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly json: unknown;
  readonly text: string;
}
interface Http {
  /** Asks for a resource; answers other than 2xx throw HttpError. */
  get(pathOrUrl: string, options?: RequestOptions): Promise<Answered>;
  /** Sends a new resource. */
  post(pathOrUrl: string, options?: RequestOptions): Promise<Answered>;
  put(pathOrUrl: string, options?: RequestOptions): Promise<Answered>;
  patch(pathOrUrl: string, options?: RequestOptions): Promise<Answered>;
  delete(pathOrUrl: string, options?: RequestOptions): Promise<Answered>;
}
interface Store {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown, options?: { ttlSeconds?: number }): Promise<void>;
  delete(key: string): Promise<void>;
  incr(key: string, by?: number): Promise<number>;
}
interface Log {
  debug(message: string, data?: unknown): void;
  info(message: string, data?: unknown): void;
  warn(message: string, data?: unknown): void;
  error(message: string, data?: unknown): void;
}
