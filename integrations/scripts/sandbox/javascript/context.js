// ctx: frozen, its parts made when first asked for. What of it is data is the script's own copy.
(kit) => {
  "use strict";
  const { Date, freeze, section, stringify } = kit;

  const decide = (ending) => (reason, afterSeconds) => section("outcome")(ending, reason, afterSeconds);
  return (input) => {
    const { connections = [], photos, secrets } = input;
    let handles;
    const known = (name, what) => {
      for (let i = 0; i < connections.length; i++) if (connections[i] === name) return name;
      throw section("errors").refused(`This script has no ${what} "${name}". It has: ${connections.length ? stringify(connections) : "none"}.`);
    };
    return freeze({
      __proto__: null,
      event: input.event ?? null,
      events: input.events ?? [],
      sources: input.sources ?? [],
      session: input.session ?? null,
      call: input.call ?? null,
      order: input.order ?? null,
      answers: input.answers ?? [],
      photos: photos?.length ? section("photos")(photos) : [],
      facts: input.facts ?? {},
      config: input.config ?? {},
      get secrets() { return (handles ??= section("secrets")(secrets)); },
      attempt: input.attempt ?? 1,
      dryRun: input.dryRun === true,
      idempotencyKey: input.idempotencyKey ?? "",
      now: () => new Date(input.now ?? Date.now()),
      get http() { return section("clients").http; },
      get scope() { return section("clients").scope; },
      get target() { return section("clients").target; },
      connection: (name) => section("clients").connection(known(name, "connection")),
      record: (name = "") => section("records")(name && known(name, "system")),
      get store() { return section("store"); },
      get log() { return section("log").log; },
      skip: decide("SKIPPED"),
      retry: decide("RETRY"),
      fail: decide("FAILED"),
      get util() { return section("util"); },
    });
  };
};
