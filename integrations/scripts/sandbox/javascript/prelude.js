// The only thing between a script and the jail. It runs before the script, takes the built-ins that it needs while they
// are still the engine's own, and removes its door to the host from the global object. What is rarely needed waits in
// sections (the other files here), compiled when first used: a fresh runtime for each script has to be cheap.
(() => {
  "use strict";
  const host = globalThis.host;
  delete globalThis.host;
  const evaluate = eval;
  const { parse, stringify } = JSON;
  const { create, defineProperty, freeze, keys } = Object;
  const { apply } = Reflect;
  const { then } = Promise.prototype;
  const promisePrototype = Promise.prototype;
  const { slice } = String.prototype;
  const { isFinite } = Number;
  const RealDate = Date, RealError = Error, RealProxy = Proxy, RealString = String, RealUint8Array = Uint8Array;

  // An error's frames could be asked for the functions in them, ours included.
  defineProperty(Error, "prepareStackTrace", { __proto__: null, value: undefined });

  let outcome = null; // the first of skip, retry, fail
  let failed = null; // a list of calls that failed and that nobody has awaited yet

  const cut = (text, most) => (text.length > most ? apply(slice, text, [0, most]) + "…" : text);
  const stringified = (value) => {
    try {
      return stringify(value);
    } catch {
      return undefined; // cycles, BigInt, a toJSON that throws
    }
  };
  const textOf = (value) => {
    if (typeof value === "string") return value;
    if (value === undefined) return "";
    if (value instanceof RealError) return `${value.name}: ${value.message}`;
    return stringified(value) ?? RealString(value);
  };

  const section = (name) => evaluate(host("section", name))(kit);
  const lazily = (name) => {
    let made;
    return () => (made ??= section(name));
  };
  const errors = lazily("errors");

  const call = (name, given) => {
    if (outcome) throw outcome.signal;
    const answer = parse(host("call", stringify({ __proto__: null, name, arguments: given })));
    if (answer[0]) return answer[1];
    throw errors().revived(answer[1]);
  };
  const resolved = async (value) => value;
  const rejected = async (error) => {
    throw error;
  };
  /** The work is done at once; its failure waits in a promise, and ends the run if nobody looks at it. */
  const promised = (work) => {
    let value;
    try {
      value = work();
    } catch (error) {
      if (outcome) throw error;
      const failure = (failed = { __proto__: null, error, seen: false, next: failed });
      const inner = rejected(error);
      const look = (onValue, onError) => {
        failure.seen = true;
        return apply(then, inner, [onValue, onError]);
      };
      return defineProperty(create(promisePrototype), "then", { __proto__: null, value: look });
    }
    return resolved(value);
  };

  const logged = (level, message, data) => {
    let json = data === undefined ? "null" : (stringified(data) ?? stringify(RealString(data)));
    if (json.length > 8000) json = stringify(cut(json, 8000));
    host("log", `["${level}",${stringify(cut(textOf(message), 4000))},${json}]`);
  };
  const logger = (level) => (message, data) => logged(level, message, data);
  const log = freeze({ debug: logger("debug"), info: logger("info"), warn: logger("warn"), error: logger("error") });
  const printer = (level) => (...parts) => {
    let line = "";
    for (let i = 0; i < parts.length; i++) line += (i ? " " : "") + textOf(parts[i]);
    logged(level, line);
  };
  globalThis.console = freeze({
    log: printer("info"), debug: printer("debug"), info: printer("info"), warn: printer("warn"), error: printer("error"),
  });
  for (let names = ["HttpError", "GraphQLError", "HostRefused"], i = 0; i < names.length; i++) {
    const get = () => errors()[names[i]];
    defineProperty(globalThis, names[i], { __proto__: null, get, configurable: true });
  }

  const decide = (ending) => (reason, afterSeconds) => {
    const signal = new RealError("The run has ended.");
    const retryAfter = isFinite(afterSeconds) && afterSeconds >= 0 ? afterSeconds : null;
    outcome ??= { __proto__: null, ending, note: cut(textOf(reason), 2000), retryAfter, signal };
    throw outcome.signal;
  };

  const kit = freeze({
    __proto__: null, RealDate, RealError, RealString, RealUint8Array,
    apply, call, create, cut, defineProperty, freeze, host, keys, parse, promised, stringify,
  });

  const secretsOf = (placeholders) => {
    const handles = create(null);
    for (const name in placeholders) {
      const show = () => placeholders[name];
      handles[name] = freeze({ __proto__: null, toString: show, toJSON: show });
    }
    const get = (_, name) => {
      if (typeof name === "string" && !(name in handles) && name !== "toJSON" && name !== "then")
        throw new RealError(`This script has no secret "${name}".`);
      return handles[name];
    };
    return new RealProxy(freeze(handles), { __proto__: null, get });
  };
  const photosOf = (photos) => {
    for (let index = 0; index < photos.length; index++) {
      const getBytes = () => promised(() => RealUint8Array.fromBase64(call("photo", { __proto__: null, index }).base64));
      photos[index] = freeze({ ...photos[index], index, getBytes });
    }
    return freeze(photos);
  };
  const contextOf = (input) => {
    const clients = lazily("clients");
    const records = lazily("records");
    const store = lazily("store");
    const util = lazily("util");
    const known = (name, what) => {
      for (let i = 0; i < input.connections.length; i++) if (input.connections[i] === name) return name;
      throw new RealError(`This script has no ${what} "${name}". It has: ${input.connections.length ? stringify(input.connections) : "none"}.`);
    };
    return freeze({
      __proto__: null,
      event: input.event ?? null,
      events: input.events ?? [],
      sources: input.sources ?? [],
      session: input.session ?? null,
      call: input.call ?? null,
      order: input.order ?? null,
      answers: input.answers ?? [],
      photos: photosOf(input.photos ?? []),
      facts: input.facts ?? {},
      config: input.config ?? {},
      secrets: secretsOf(input.secrets ?? {}),
      attempt: input.attempt ?? 1,
      dryRun: input.dryRun === true,
      idempotencyKey: input.idempotencyKey ?? "",
      now: () => new RealDate(input.now ?? RealDate.now()),
      get http() { return clients().http; },
      get scope() { return clients().scope; },
      get target() { return clients().target; },
      connection: (name) => clients().connection(known(name, "connection")),
      record: (name = "") => records()(name && known(name, "system")),
      get store() { return store(); },
      log,
      skip: decide("SKIPPED"),
      retry: decide("RETRY"),
      fail: decide("FAILED"),
      get util() { return util(); },
    });
  };

  /** Narrow the events to those that match; false when none is left. */
  const wanted = async (match, input) => {
    const events = input.events ?? (input.event ? [input.event] : []);
    if (!events.length) return true;
    const left = [];
    for (let i = 0; i < events.length; i++)
      if (await match(events[i])) defineProperty(left, left.length, { __proto__: null, value: events[i], enumerable: true, writable: true, configurable: true });
    input.events = left;
    input.event = left[left.length - 1];
    return left.length > 0;
  };
  const AFTER = "\n;({__proto__: null, run: typeof run === 'function' ? run : null, match: typeof match === 'function' ? match : null})";
  const main = async (program, input, ask) => {
    const { run, match } = program;
    if (!run) throw new RealError("The script defines no function run(ctx).");
    if (ask && match && !(await wanted(match, input))) {
      outcome ??= { __proto__: null, ending: "SKIPPED", note: "match(event) is false.", retryAfter: null, signal: new RealError("The run has ended.") };
      return null;
    }
    return run(contextOf(input));
  };

  const described = (error) => {
    const read = (name) => {
      try {
        return error[name];
      } catch {
        return undefined;
      }
    };
    const textAt = (name, most) => {
      const value = read(name);
      return typeof value === "string" ? cut(value, most) : "";
    };
    const isObject = error !== null && (typeof error === "object" || typeof error === "function");
    let message = isObject ? textAt("message", 4000) : "";
    if (!message) {
      try {
        message = cut(textOf(error), 4000);
      } catch {
        message = "An error without a message.";
      }
    }
    const retryAfter = isObject ? read("retryAfter") : null;
    return {
      __proto__: null,
      name: isObject ? textAt("name", 200) : "",
      message,
      stack: isObject ? textAt("stack", 8000) : "",
      permanent: isObject && read("permanent") === true,
      retryAfter: isFinite(retryAfter) && retryAfter >= 0 ? retryAfter : null,
    };
  };
  const threw = (error) => {
    const facts = described(error);
    if (facts.name === "InternalError" && facts.message === "out of memory") return '{"ending":"LIMIT","limit":"memory"}';
    return stringify({ __proto__: null, ending: "THREW", error: facts });
  };

  /** Start a script; returns what ends it, to be called when no job is left. */
  return (source, given, ask) => {
    let state = "waiting", result;
    const follow = async () => {
      try {
        result = await main(evaluate(source + AFTER), parse(given), ask);
        state = "returned";
      } catch (error) {
        result = error;
        state = "threw";
      }
    };
    follow();
    return (job) => {
      try {
        if (outcome) {
          const { ending, note, retryAfter } = outcome;
          return stringify({ __proto__: null, ending, note, retryAfter });
        }
        if (state === "threw") return threw(result);
        for (let each = failed; each; each = each.next) if (!each.seen) return threw(each.error);
        if (job !== null) return threw(new RealError(job));
        if (state === "waiting") return threw(new RealError("The script waits for a promise that nothing will settle."));
        return `{"ending":"RETURNED","value":${stringify(result) ?? "null"}}`;
      } catch (error) {
        return threw(error);
      }
    };
  };
})();
