// Calls of the host. The host answers while the script stands still; scripts get promises all the same.
(kit) => {
  "use strict";
  const { apply, create, defineProperty, host, parse, promisePrototype, section, stringify, then } = kit;

  const call = (name, given) => {
    if (kit.ended) throw kit.ended.signal;
    const answer = parse(host("call", stringify({ __proto__: null, name, arguments: given })));
    if (answer[0]) return answer[1];
    throw section("errors").revived(answer[1]);
  };
  const resolved = async (value) => value;
  const rejected = async (error) => {
    throw error;
  };
  /** Do the work at once. Its failure waits in a promise, and ends the run if nobody looks at it. */
  const promised = (work) => {
    let value;
    try {
      value = work();
    } catch (error) {
      if (kit.ended) throw error;
      const failure = (kit.failed = { __proto__: null, error, seen: false, next: kit.failed });
      const inner = rejected(error);
      const look = (onValue, onError) => {
        failure.seen = true;
        return apply(then, inner, [onValue, onError]);
      };
      return defineProperty(create(promisePrototype), "then", { __proto__: null, value: look });
    }
    return resolved(value);
  };
  return { __proto__: null, call, promised };
};
