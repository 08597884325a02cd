// match(event): narrow the events of the input to those that match; false when none is left.
(kit) => {
  "use strict";
  return async (match, input) => {
    const events = input.events ?? (input.event ? [input.event] : []);
    if (!events.length) return true;
    const left = [];
    for (let i = 0; i < events.length; i++) {
      const entry = { __proto__: null, value: events[i], enumerable: true, writable: true, configurable: true };
      if (await match(events[i])) kit.defineProperty(left, left.length, entry);
    }
    input.events = left;
    input.event = left[left.length - 1];
    if (!left.length) kit.ended ??= { __proto__: null, ending: "SKIPPED", note: "match(event) is false.", retryAfter: null };
    return left.length > 0;
  };
};
