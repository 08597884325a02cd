// ctx.util: what integrations need often and the language lacks.
(kit) => {
  "use strict";
  const { Date, Error, String, Uint8Array, apply, freeze, fromBase64, host, keys, parse, section, stringify, toBase64 } = kit;

  /** Have something computed next to the engine: a text with the result, or an error in JSON. */
  const native = (name, text) => {
    const said = host(name, text);
    if (said[0] === "[") throw section("errors").revived(parse(said)[1]);
    return said;
  };
  const encode = (value) => (value instanceof Uint8Array ? apply(toBase64, value, []) : native("utf8", stringify(String(value))));

  const two = (number, digits = 2) => String(number).padStart(digits, "0");
  const offsetText = (minutes) => {
    const ahead = Math.abs(minutes);
    return `${minutes < 0 ? "-" : "+"}${two(Math.floor(ahead / 60))}:${two(ahead % 60)}`;
  };
  const offsetOf = (zone, at) => {
    const fixed = /^([+-])(\d\d):(\d\d)$/.exec(zone);
    if (fixed) return (fixed[1] === "-" ? -1 : 1) * (fixed[2] * 60 + +fixed[3]);
    return zone === "UTC" ? 0 : section("calls").call("zone", { __proto__: null, name: zone, at });
  };
  const format = (value, pattern = "yyyy-MM-dd'T'HH:mm:ssXXX", zone = "UTC") => {
    const at = new Date(value).getTime();
    if (at !== at) throw new Error(`date.format: "${value}" is no time.`);
    const minutes = offsetOf(zone, at);
    const there = new Date(at + minutes * 60000);
    const parts = {
      __proto__: null,
      yyyy: () => two(there.getUTCFullYear(), 4), yy: () => two(there.getUTCFullYear() % 100),
      MM: () => two(there.getUTCMonth() + 1), M: () => there.getUTCMonth() + 1,
      dd: () => two(there.getUTCDate()), d: () => there.getUTCDate(),
      HH: () => two(there.getUTCHours()), H: () => there.getUTCHours(),
      mm: () => two(there.getUTCMinutes()), ss: () => two(there.getUTCSeconds()),
      SSS: () => two(there.getUTCMilliseconds(), 3), XXX: () => offsetText(minutes),
    };
    return pattern.replace(/'([^']*)'|yyyy|yy|MM|M|dd|d|HH|H|mm|ss|SSS|XXX|[A-Za-z]+/g, (found, literal) => {
      if (literal !== undefined) return literal;
      if (found in parts) return parts[found]();
      throw new Error(`date.format: there is no "${found}". Put text between single quotes.`);
    });
  };

  const iso = (seconds) => {
    if (!kit.isFinite(seconds)) throw new Error("duration.iso: seconds are a number.");
    const whole = Math.round(Math.abs(seconds) * 1000) / 1000;
    const days = Math.floor(whole / 86400), hours = Math.floor((whole % 86400) / 3600), minutes = Math.floor((whole % 3600) / 60);
    const rest = +(whole % 60).toFixed(3);
    const time = `${hours ? `${hours}H` : ""}${minutes ? `${minutes}M` : ""}${rest ? `${rest}S` : ""}`;
    return `${seconds < 0 && whole ? "-" : ""}P${days ? `${days}D` : ""}${time ? `T${time}` : ""}${!days && !time ? "T0S" : ""}`;
  };

  // A spreadsheet would compute a cell that begins so; what is only a number is left alone.
  const FORMULA = /^[\s]*[=+\-@\t\r|%]/, NUMBER = /^[+-]?\d+(?:[.,]\d+)?$/;
  const cell = (value, separator) => {
    if (value === null || value === undefined) return "";
    if (value instanceof Date) return value.toISOString();
    if (typeof value === "object") value = stringify(value);
    let text = String(value);
    if (typeof value === "string" && FORMULA.test(text) && !NUMBER.test(text)) text = `'${text}`;
    return text.includes(separator) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const table = (rows, { columns, separator = ",", header = true } = {}) => {
    const named = columns ?? [...new Set(rows.flatMap((row) => (Array.isArray(row) ? [] : keys(row))))];
    const lines = rows.map((row) => (Array.isArray(row) ? row : named.map((name) => row[name])));
    if (header && named.length) lines.unshift(named);
    return lines.map((line) => line.map((value) => cell(value, separator)).join(separator) + "\r\n").join("");
  };

  const template = (text, values) =>
    String(text).replace(/\{\{|\}\}|\{([^{}]*)\}/g, (found, path) => {
      if (path === undefined) return found[0];
      let value = values;
      for (const name of path.trim().split(".")) value = value?.[name];
      if (value === undefined) throw new Error(`template: there is nothing at "${path.trim()}".`);
      return value === null ? "" : typeof value === "object" && !(value instanceof Date) ? section("text").show(value) : String(value instanceof Date ? value.toISOString() : value);
    });

  return freeze({
    __proto__: null,
    date: freeze({ __proto__: null, format }),
    duration: freeze({ __proto__: null, iso }),
    csv: freeze({ __proto__: null, stringify: table }),
    template,
    hash: freeze({ __proto__: null, sha256: (value) => native("sha256", encode(value)) }),
    base64: freeze({
      __proto__: null,
      encode,
      decode: (text) => parse(native("text", String(text))),
      bytes: (text) => apply(fromBase64, Uint8Array, [String(text)]),
    }),
  });
};
