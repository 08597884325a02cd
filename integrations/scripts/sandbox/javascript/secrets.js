// ctx.secrets: handles that show a placeholder; the host puts the value in when a request leaves.
(kit) => {
  "use strict";
  const { Proxy, create, freeze, section } = kit;
  return (placeholders = {}) => {
    const handles = create(null);
    for (const name in placeholders) {
      const show = () => placeholders[name];
      handles[name] = freeze({ __proto__: null, toString: show, toJSON: show });
    }
    const get = (_, name) => {
      if (typeof name === "string" && !(name in handles) && name !== "toJSON" && name !== "then")
        throw section("errors").refused(`This script has no secret "${name}".`);
      return handles[name];
    };
    return new Proxy(freeze(handles), freeze({ __proto__: null, get }));
  };
};
