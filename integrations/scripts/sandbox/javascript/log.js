// ctx.log, and console for those who are used to it.
(kit) => {
  "use strict";
  const { String, freeze, host, stringify } = kit;
  const { cut, json, show } = kit.section("text");

  const write = (level, message, data) => {
    let shown = data === undefined ? "null" : (json(data) ?? stringify(String(data)));
    if (shown.length > 8000) shown = stringify(cut(shown, 8000));
    host("log", `["${level}",${stringify(cut(show(message), 4000))},${shown}]`);
  };
  const logger = (level) => (message, data) => write(level, message, data);
  const printer = (level) => (...parts) => {
    let line = "";
    for (let i = 0; i < parts.length; i++) line += (i ? " " : "") + show(parts[i]);
    write(level, line);
  };
  const each = (made) => ({ __proto__: null, debug: made("debug"), info: made("info"), warn: made("warn"), error: made("error") });
  return {
    __proto__: null,
    log: freeze(each(logger)),
    console: freeze({ ...each(printer), __proto__: null, log: printer("info") }),
  };
};
