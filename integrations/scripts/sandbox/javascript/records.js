// ctx.record(system): the operations that an administrator has configured for a system of record.
(kit) => {
  "use strict";
  const { freeze } = kit;
  const { call, promised } = kit.section("calls");
  return (system) => {
    const ask = (action, given, { operation, key, fields } = {}) =>
      promised(() => call("record", { __proto__: null, fields, ...given, system, action, operation, key }));
    return freeze({
      __proto__: null,
      find: (fields = {}, options) => ask("find", { fields }, options),
      update: (fields, options) => ask("update", { fields }, options),
      create: (fields, options) => ask("create", { fields }, options),
      note: (text, options) => ask("note", { text: `${text}` }, options),
      attach: (photo, options) => ask("attach", { photo: typeof photo === "number" ? photo : photo.index }, options),
    });
  };
};
