// ctx.store: small values that the script keeps from run to run.
(kit) => {
  "use strict";
  const { freeze } = kit;
  const { call, promised } = kit.section("calls");
  const ask = (action, key, more) => promised(() => call("store", { ...more, __proto__: null, action, key: `${key}` }));
  return freeze({
    __proto__: null,
    get: (key) => ask("get", key),
    set: (key, value, { ttlSeconds } = {}) => ask("set", key, { value: value === undefined ? null : value, ttlSeconds }),
    delete: (key) => ask("delete", key),
    incr: (key, by = 1) => ask("incr", key, { by }),
  });
};
