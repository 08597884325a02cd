// ctx.connection(name) and ctx.record(name): of the connections that are granted to the script.
(kit) => {
  "use strict";
  const { section, stringify } = kit;
  return ({ connections = [] }) => {
    const known = (name, what) => {
      for (let i = 0; i < connections.length; i++) if (connections[i] === name) return name;
      const has = connections.length ? stringify(connections) : "none";
      throw section("errors").refused(`This script has no ${what} "${name}". It has: ${has}.`);
    };
    return {
      __proto__: null,
      connection: (name) => section("clients").connection(known(name, "connection")),
      record: (name) => section("records")(name && known(name, "system")),
    };
  };
};
