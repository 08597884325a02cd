// ctx.util: what integrations need often and the language lacks.
(kit) => {
  "use strict";
  return kit.freeze({ __proto__: null });
};
