// The only thing between a script and the jail. It runs before the script, takes the built-ins that it needs while they
// are still the engine's own, and removes its door to the host from the global object. A fresh runtime for each script has
// to be cheap, and compiling is what costs: all that is not needed by every script waits in sections, the other files here.
// (What stands between parentheses is read twice by the engine, which looks for an arrow behind them: hence no (() => …)().)
new function () {
  "use strict";
  const native = globalThis.host, evaluate = eval;
  delete globalThis.host;
  const { apply } = Reflect, { slice } = String.prototype, { defineProperty } = Object, { parse, stringify } = JSON;
  // Joined texts may still be in pieces, which the binding does not take.
  const whole = (text) => apply(slice, text, [0]);
  const kit = {
    __proto__: null,
    host: (name, text) => native(name, whole(text)),
    section: (name) => (kit[name] ??= evaluate(native("section", name))(kit)),
    ended: null, // the first of skip, retry, fail
    failed: null, // a list of calls that failed, to see at the end whether somebody looked
    apply, slice, defineProperty, parse, stringify,
    create: Object.create, freeze: Object.freeze, keys: Object.keys, isFinite: Number.isFinite,
    indexOf: String.prototype.indexOf, promisePrototype: Promise.prototype, then: Promise.prototype.then,
    fromBase64: Uint8Array.fromBase64, toBase64: Uint8Array.prototype.toBase64,
    Date, Error, Proxy, String, Uint8Array,
  };
  const { section } = kit;
  const names = { __proto__: null, console: "log", HttpError: "errors", GraphQLError: "errors", HostRefused: "errors" };
  for (const name in names)
    defineProperty(globalThis, name, { __proto__: null, get: () => section(names[name])[name], configurable: true });
  // An error's frames could be asked for the functions in them, ours included.
  defineProperty(Error, "prepareStackTrace", { __proto__: null, value: undefined });
  section("context");

  const PARTS = "\n;({__proto__: null, run: typeof run === 'function' ? run : null, match: typeof match === 'function' ? match : null})";

  /** Start a script; returns what ends it, to be called when no job is left. */
  return (source, given, ask) => {
    let state = "unread", result;
    const go = async () => {
      try {
        const { run, match } = evaluate(source + PARTS), input = parse(given);
        state = "waiting";
        if (!run) throw section("errors").refused("The script defines no function run(ctx).");
        if (!ask || !match || (await section("match")(match, input))) result = await run(section("context")(input));
        state = "returned";
      } catch (error) {
        result = error;
        state = state === "unread" ? "unreadable" : "threw";
      }
    };
    go();
    return (job) => {
      if (state !== "returned" || job !== null || kit.ended || kit.failed) return whole(section("ending")(state, result, job));
      try {
        return whole(`{"ending":"RETURNED","value":${stringify(result) ?? "null"}}`);
      } catch (error) {
        return whole(section("ending")("threw", error, null));
      }
    };
  };
}();
