// Takes the token out of the address bar before anything else runs: no history entry, link or report keeps it.
// The query stays as it came; `globalThis.arrival` is read and deleted by the page's first module.
(() => {
  const fragment = location.hash.slice(1);
  if (fragment) history.replaceState(history.state, "", location.pathname + location.search);
  const given = fragment.split("&").find((pair) => pair.startsWith("token="));
  globalThis.arrival = { token: given === undefined ? null : given.slice("token=".length) };
})();
