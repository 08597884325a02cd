// Any value as a text for people, without ever throwing.
(kit) => {
  "use strict";
  const { Error, String, apply, slice, stringify } = kit;
  const cut = (text, most) => (text.length > most ? apply(slice, text, [0, most]) + "…" : text);
  const json = (value) => {
    try {
      return stringify(value);
    } catch {
      return undefined; // cycles, BigInt, a toJSON that throws
    }
  };
  const show = (value) => {
    if (typeof value === "string") return value;
    if (value === undefined) return "";
    try {
      return value instanceof Error ? `${value.name}: ${value.message}` : (json(value) ?? String(value));
    } catch {
      return "(a value that cannot be shown)";
    }
  };
  return { __proto__: null, cut, json, show };
};
