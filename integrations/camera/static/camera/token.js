// Takes the token out of the address bar before anything else runs; the query stays as it came.
(() => {
  const fragment = location.hash.slice(1);
  if (fragment) history.replaceState(history.state, "", location.pathname + location.search);
  const given = fragment.split("&").find((pair) => pair.startsWith("token="));
  globalThis.arrival = { token: given === undefined ? null : given.slice("token=".length) };
  // The same address again is a new page for the user.
  addEventListener("hashchange", () => location.hash.startsWith("#token=") && location.reload());
})();
