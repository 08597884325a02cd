// ctx: frozen, its parts made when first asked for. What of it is data is the script's own copy.
(kit) => {
  "use strict";
  const { Date, defineProperty, freeze, section } = kit;
  const decide = (ending) => (reason, afterSeconds) => section("outcome")(ending, reason, afterSeconds);
  return (input) => {
    const parts = {
      __proto__: null,
      http: () => section("clients").http,
      scope: () => section("clients").scope,
      target: () => section("clients").target,
      log: () => section("log").log,
      secrets: () => section("secrets")(input.secrets),
      store: () => section("store"),
      util: () => section("util"),
    };
    const ctx = {
      __proto__: null,
      event: input.event ?? null,
      events: input.events ?? [],
      sources: input.sources ?? [],
      session: input.session ?? null,
      call: input.call ?? null,
      order: input.order ?? null,
      answers: input.answers ?? [],
      photos: input.photos?.length ? section("photos")(input.photos) : [],
      facts: input.facts ?? {},
      config: input.config ?? {},
      attempt: input.attempt ?? 1,
      dryRun: input.dryRun === true,
      idempotencyKey: input.idempotencyKey ?? "",
      now: () => new Date(input.now ?? Date.now()),
      connection: (name) => section("granted")(input).connection(name),
      record: (name = "") => section("granted")(input).record(name),
      skip: decide("SKIPPED"),
      retry: decide("RETRY"),
      fail: decide("FAILED"),
    };
    for (const name in parts) {
      let made;
      defineProperty(ctx, name, { __proto__: null, get: () => (made ??= parts[name]()), enumerable: true });
    }
    return freeze(ctx);
  };
};
