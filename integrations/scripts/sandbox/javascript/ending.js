// How a run ended, when it did not simply return.
(kit) => {
  "use strict";
  const { Error, apply, host, indexOf, isFinite, slice, stringify } = kit;
  const { cut, show } = kit.section("text");
  const NULL = "null was thrown: by the script, or by the engine when it had no memory left.";
  const seconds = (value) => (isFinite(value) && value >= 0 ? value : null);

  /** Describe what was thrown: anything, with getters that throw or lie. */
  const described = (error, isUnreadable) => {
    const isObject = error !== null && (typeof error === "object" || typeof error === "function");
    const read = (name) => {
      try {
        return isObject ? error[name] : undefined;
      } catch {
        return undefined;
      }
    };
    const text = (name, most) => {
      const value = read(name);
      return typeof value === "string" ? cut(value, most) : "";
    };
    const name = text("name", 200);
    return {
      __proto__: null,
      name,
      message: text("message", 4000) || (error === null ? NULL : cut(show(error), 4000)),
      stack: text("stack", 8000),
      permanent: read("permanent") === true || (isUnreadable && name === "SyntaxError"),
      retryAfter: seconds(read("retryAfter")),
    };
  };
  /** Without memory for an error the engine throws null. */
  const outOfMemory = (error, { name, message }) =>
    (name === "InternalError" && message === "out of memory") || (error === null && host("full", "") === "true");
  const threw = (error, isUnreadable = false) => {
    const facts = described(error, isUnreadable);
    if (outOfMemory(error, facts)) return '{"ending":"LIMIT","limit":"memory"}';
    return stringify({ __proto__: null, ending: "THREW", error: facts });
  };
  /** The engine tells of an error that nobody caught in a job as a text: message, then stack. */
  const thrownInJob = (job) => {
    const end = apply(indexOf, job, ["\n"]);
    if (job === "null\n") return null;
    const [message, stack] = end < 0 ? [job, ""] : [apply(slice, job, [0, end]), apply(slice, job, [end])];
    return { __proto__: null, name: "Error", message, stack };
  };
  return (state, result, job) => {
    if (kit.ended) {
      const { ending, note, retryAfter } = kit.ended;
      return stringify({ __proto__: null, ending, note, retryAfter });
    }
    if (state === "threw" || state === "unreadable") return threw(result, state === "unreadable");
    for (let each = kit.failed; each; each = each.next) if (!each.seen) return threw(each.error);
    if (job !== null) return threw(thrownInJob(job));
    if (state === "waiting") return threw(new Error("The script waits for a promise that nothing will settle."));
    try {
      return `{"ending":"RETURNED","value":${stringify(result) ?? "null"}}`;
    } catch (error) {
      return threw(error);
    }
  };
};
