// The errors that the host throws into scripts.
(kit) => {
  "use strict";
  const { Error, defineProperty, freeze, keys, parse } = kit;
  const named = (Class, name) => {
    defineProperty(Class, "name", { __proto__: null, value: name });
    defineProperty(Class.prototype, "name", { __proto__: null, value: name });
    return Class;
  };
  const HttpError = named(class extends Error {
    get json() {
      try {
        return parse(this.text);
      } catch {
        return null;
      }
    }
  }, "HttpError");
  const GraphQLError = named(class extends Error {}, "GraphQLError");
  const HostRefused = named(class extends Error {}, "HostRefused");
  const classes = { __proto__: null, HttpError, GraphQLError, HostRefused };

  /** The host's error: its facts become properties. */
  const revived = ({ kind, message, permanent, facts }) => {
    const known = classes[kind];
    const error = new (known ?? Error)(message);
    const set = (name, value) => defineProperty(error, name, { __proto__: null, value, enumerable: true });
    if (!known) set("name", kind);
    set("permanent", permanent);
    set("retryable", !permanent);
    for (let names = keys(facts), i = 0; i < names.length; i++)
      if (names[i] !== "permanent" && names[i] !== "retryable") set(names[i], facts[names[i]]);
    return error;
  };
  const refused = (message) => revived({ kind: "HostRefused", message, permanent: true, facts: {} });
  return freeze({ __proto__: null, HttpError, GraphQLError, HostRefused, revived, refused });
};
