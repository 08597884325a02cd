// The page's own texts, one JSON file a language. Task groups bring theirs from the server.

const LANGUAGES = ["en", "fr"];
let texts = {};
export let language = "en";

export async function loadTexts(base) {
  const wanted = (navigator.languages ?? [navigator.language]).map((each) => each.slice(0, 2).toLowerCase());
  language = wanted.find((each) => LANGUAGES.includes(each)) ?? "en";
  document.documentElement.lang = language;
  texts = await (await fetch(`${base}texts/${language}.json`)).json();
}

/** A text with its {places} filled in; a missing one shows its key. */
export function t(key, values = {}) {
  return (texts[key] ?? key).replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}

export const known = (key) => key in texts;
