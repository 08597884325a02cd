/**
 * What a script is given: `run(ctx)`. It cannot be changed; what of it is data is the script's own copy.
 *
 * A script defines `run(ctx)`, async or not, and may define `match(event)`: where it returns a false value the event is
 * skipped. What `run` returns is kept as the result of the run. What it throws is tried again later, unless the error
 * has `permanent: true`.
 */
interface ScriptContext {
  /** What happened: type, time, and the resource it is about. Of a batch, the newest. */
  readonly event: ScriptEvent;
  /** All events of a batch, oldest first; one event otherwise. */
  readonly events: ScriptEvent[];
  /** What the events of a batch are about, each once: session, call, order, answers, photos and facts of each. */
  readonly sources: Source[];
  /** The session, read before the run; null when the event is about something else. Fields as the platform names them. */
  readonly session: Session | null;
  /** The call, read before the run; null when the event is about something else. Fields as the platform names them. */
  readonly call: Call | null;
  /** The work order that the event was joined to; null if there is none. */
  readonly order: Facts | null;
  /** The answers of the session's forms, one entry for each question. */
  readonly answers: Answer[];
  /** Photos of the session. Their bytes are stored already, and come when asked for. */
  readonly photos: Photo[];
  /** Everything that is known of the source, as mappings see it. */
  readonly facts: Facts;
  /** Settings of the script that are no secrets. */
  readonly config: Facts;
  /**
   * Handles for headers and bodies: `{ Authorization: `Bearer ${ctx.secrets.TOKEN}` }`. The value is put in when the
   * request leaves, to granted connections only, and is never shown, not even to the script.
   */
  readonly secrets: { readonly [name: string]: Secret };
  /** The system of record that the script writes to by default. */
  readonly http: Http;
  /** The API of the platform that the event came from. */
  readonly scope: GraphQL;
  /** GraphQL of the system of record that the script writes to by default. */
  readonly target: GraphQL;
  /** Any granted connection, by its name. Throws if the script has none of that name. */
  connection(name: string): Connection;
  /** The operations configured for a system of record; without a name those of the default one. */
  record(system?: string): Records;
  /** Small values that the script keeps from run to run. They change when the run ends well, all or none. */
  readonly store: Store;
  /** Lines in the log of the run: 200 at most, secrets masked. */
  readonly log: Log;
  /** End the run: nothing is to be done. */
  skip(reason: string): never;
  /** End the run; it is tried again, not before that many seconds if they are given. */
  retry(reason: string, afterSeconds?: number): never;
  /** End the run for good: trying again would not help. */
  fail(reason: string): never;
  /** The same for the same resource with the same content, in every try. */
  readonly idempotencyKey: string;
  /** Which try of the run this is, from 1. */
  readonly attempt: number;
  /** Whether this is a trial: what would change something elsewhere is shown, not sent. */
  readonly dryRun: boolean;
  /** The time at which the try began. */
  now(): Date;
  /** Dates, durations, tables, templates, hashes. */
  readonly util: Util;
}

/** One event. */
interface ScriptEvent {
  /** For example `session.joined`. */
  readonly type: string;
  /** Its last word. */
  readonly verb: string;
  /** What kind of thing it is about, as the platform names it. */
  readonly resourceType: string;
  readonly resourceId: string;
  /** The work order, as `workorder/7`; empty if there is none. */
  readonly subject: string;
  /** Why it is here if not for the first time, such as `replay`. */
  readonly reason: string;
  /** When it happened, ISO 8601. */
  readonly occurredAt: string;
  readonly payload: Facts;
  readonly [name: string]: any;
}

/** Values by name. */
interface Facts {
  readonly [name: string]: any;
}

/** A session, with the platform's fields. */
interface Session {
  readonly id: string;
  readonly [name: string]: any;
}

/** A call, with the platform's fields. */
interface Call {
  readonly id: string;
  readonly [name: string]: any;
}

/** One thing that a batch is about. */
interface Source {
  readonly session: Session | null;
  readonly call: Call | null;
  readonly order: Facts | null;
  readonly answers: Answer[];
  readonly photos: Facts[];
  readonly facts: Facts;
}

/** One answer of a form. */
interface Answer {
  readonly step: string;
  readonly prompt: string;
  readonly type: string;
  readonly value: any;
  /** When it was given, ISO 8601. */
  readonly at: string;
  /** Who gave it. */
  readonly by: string;
}

/** A photo. */
interface Photo {
  /** Its place in `ctx.photos`. */
  readonly index: number;
  readonly step: string;
  readonly name: string;
  readonly contentType: string;
  /** In bytes. */
  readonly size: number;
  /** Fetch the image. */
  getBytes(): Promise<Uint8Array>;
  readonly [name: string]: any;
}

/** Stands for a value that the script cannot read. As a text it is a placeholder. */
interface Secret {
  toString(): string;
}

/** Requests to one system. Its address and credentials are put in by the connection. */
interface Http {
  /** Ask for a resource. Answers other than 2xx throw `HttpError`. */
  get(pathOrUrl: string, options?: RequestOptions): Promise<Answered>;
  /** Send a new resource. Once: when the run is tried again, the first answer is given again. */
  post(pathOrUrl: string, options?: RequestOptions): Promise<Answered>;
  /** Put a resource in its place. */
  put(pathOrUrl: string, options?: RequestOptions): Promise<Answered>;
  /** Change parts of a resource. */
  patch(pathOrUrl: string, options?: RequestOptions): Promise<Answered>;
  /** Remove a resource. */
  delete(pathOrUrl: string, options?: RequestOptions): Promise<Answered>;
}

/** What goes with a request. One of `json`, `form` and `text` is its body. */
interface RequestOptions {
  /** A value, sent as JSON. */
  json?: any;
  /** Fields, sent as a form. */
  form?: { [name: string]: string | number | Secret };
  /** A text, sent as it is; say what it is in `headers`. */
  text?: string;
  headers?: { [name: string]: string | number | Secret };
  /** Added to the address, encoded. */
  query?: { [name: string]: string | number };
  /** At most what is left of the run. */
  timeoutMs?: number;
  /** A name for this write, so that it is known again when the script has changed. Without one, its place in the run. */
  key?: string;
  /** How to see that a write has arrived when its answer is lost: a path to read, and a JMESPath that holds then. */
  readBack?: { path: string; expect: string };
}

/** An answer. */
interface Answered {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: { readonly [name: string]: string };
  readonly text: string;
  /** The text read as JSON; null if it is none. */
  readonly json: any;
  /** Recorded, not sent: in a trial, or where the connection is set so. */
  readonly captured: boolean;
  /** An earlier try or run has sent this already; the answer is that one's. */
  readonly replayed: boolean;
}

/** GraphQL of one system. */
interface GraphQL {
  /** Ask, and return the data; throws `GraphQLError`. A mutation is sent once, like a POST. */
  graphql(document: string, variables?: { [name: string]: any }, options?: { key?: string }): Promise<any>;
}

/** A granted connection. */
interface Connection extends Http, GraphQL {}

/** The operations that are configured for a system of record. Each write is confirmed by reading it back. */
interface Records {
  /** Look a record up; null if there is none. */
  find(fields?: Facts, options?: RecordOptions): Promise<any>;
  /** Change a record. */
  update(fields: Facts, options?: RecordOptions): Promise<Written>;
  /** Make a record. */
  create(fields: Facts, options?: RecordOptions): Promise<Written>;
  /** Add a note to a record. */
  note(text: string, options?: RecordOptions): Promise<Written>;
  /** Attach a photo of `ctx.photos` to a record. */
  attach(photo: Photo | number, options?: RecordOptions): Promise<Written>;
}

/** Which operation, and on what. */
interface RecordOptions {
  /** The name of the operation, if there are several of the kind. */
  operation?: string;
  /** A name for this write, as in requests. */
  key?: string;
  /** Values for the operation, beside a note's text or a photo. */
  fields?: Facts;
}

/** A write, and how sure it is. */
interface Written {
  /** Its number in the list of writes; null in a trial. */
  readonly writeId: number | null;
  /** For example `CONFIRMED`. */
  readonly verdict: string;
  /** The record's id on the other system, where that is known. */
  readonly id: string | null;
}

/** 1,000 keys at most, each value at most 32 KiB as JSON. */
interface Store {
  /** The value; null if there is none. */
  get(key: string): Promise<any>;
  set(key: string, value: any, options?: { ttlSeconds?: number }): Promise<any>;
  delete(key: string): Promise<any>;
  /** Add to a number, from 0, and return it. */
  incr(key: string, by?: number): Promise<number>;
}

/** Lines of the run's log. */
interface Log {
  debug(message: any, data?: any): void;
  info(message: any, data?: any): void;
  warn(message: any, data?: any): void;
  error(message: any, data?: any): void;
}

/** Small tools. */
interface Util {
  readonly date: DateTools;
  readonly duration: DurationTools;
  readonly csv: CsvTools;
  /** Put values into a text: `{name}` or `{a.b}`; `{{` and `}}` for braces. Throws where there is no value. */
  template(text: string, values: Facts): string;
  readonly hash: HashTools;
  readonly base64: Base64Tools;
}

interface DateTools {
  /**
   * Write a time. Patterns: yyyy yy MM M dd d HH H mm ss SSS XXX, text between single quotes. Zones: `UTC`, `+02:00`,
   * `Europe/Berlin`. Without a pattern: ISO 8601.
   */
  format(time: Date | string | number, pattern?: string, zone?: string): string;
}

interface DurationTools {
  /** Write seconds as an ISO 8601 duration: 754 is `PT12M34S`. */
  iso(seconds: number): string;
}

interface CsvTools {
  /** Write rows (objects, or lists) as CSV with CRLF. Texts that a spreadsheet would take for a formula get a `'`. */
  stringify(rows: any[], options?: { columns?: string[]; separator?: string; header?: boolean }): string;
}

interface HashTools {
  /** SHA-256 of a text (as UTF-8) or of bytes, in hexadecimal digits. */
  sha256(value: string | Uint8Array): string;
}

interface Base64Tools {
  /** Encode a text (as UTF-8) or bytes. */
  encode(value: string | Uint8Array): string;
  /** Decode to a text, read as UTF-8. */
  decode(text: string): string;
  /** Decode to bytes. */
  bytes(text: string): Uint8Array;
}

/** Another system answered with an error, or did not answer. */
declare class HttpError extends Error {
  /** 0 or null if there was no answer. */
  readonly status: number | null;
  readonly headers: { readonly [name: string]: string };
  readonly text: string;
  /** The text read as JSON; null if it is none. */
  readonly json: any;
  /** Whether it is worth trying again: 408, 425, 429, 5xx, no answer. */
  readonly retryable: boolean;
  /** The opposite: thrown on, it ends the run for good. */
  readonly permanent: boolean;
}

/** A GraphQL system answered with errors. */
declare class GraphQLError extends Error {
  readonly errors: any[];
  /** What came beside the errors. */
  readonly data: any;
  readonly retryable: boolean;
  readonly permanent: boolean;
}

/** Fieldport refuses what the script asked for; the message says by which rule. */
declare class HostRefused extends Error {
  readonly retryable: boolean;
  readonly permanent: boolean;
}

/** Writes to the log of the run, as `ctx.log` does. */
declare const console: Console;
interface Console {
  log(...values: any[]): void;
  debug(...values: any[]): void;
  info(...values: any[]): void;
  warn(...values: any[]): void;
  error(...values: any[]): void;
}
