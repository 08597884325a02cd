// ctx.http, ctx.scope, ctx.target and ctx.connection(name).
(kit) => {
  "use strict";
  const { freeze, keys, parse, section, stringify } = kit;
  const { call, promised } = section("calls");
  const OPTIONS = { __proto__: null, json: 1, form: 1, text: 1, headers: 1, query: 1, timeoutMs: 1, key: 1, readBack: 1 };

  const checked = (options, allowed) => {
    for (let names = keys(options), i = 0; i < names.length; i++)
      if (!(names[i] in allowed))
        throw section("errors").refused(`There is no option "${names[i]}". Known are ${stringify(keys(allowed))}.`);
    return options;
  };
  const parsed = (text) => {
    try {
      return parse(text);
    } catch {
      return null;
    }
  };
  const answered = (answer) => {
    let json;
    return freeze({
      __proto__: null,
      status: answer.status,
      headers: freeze(answer.headers),
      text: answer.text,
      captured: answer.captured === true,
      replayed: answer.replayed === true,
      get json() { return json === undefined ? (json = parsed(answer.text)) : json; },
    });
  };
  const sender = (connection, method) => (url, options = {}) =>
    promised(() => answered(call("http", { ...checked(options, OPTIONS), __proto__: null, connection, method, url: `${url}` })));
  const graphql = (connection) => (document, variables = {}, options = {}) =>
    promised(() => call("graphql", { ...checked(options, { __proto__: null, key: 1 }), __proto__: null, connection, document: `${document}`, variables }));
  const requests = (connection) => ({
    __proto__: null,
    get: sender(connection, "GET"),
    post: sender(connection, "POST"),
    put: sender(connection, "PUT"),
    patch: sender(connection, "PATCH"),
    delete: sender(connection, "DELETE"),
  });
  return freeze({
    __proto__: null,
    http: freeze(requests("")),
    scope: freeze({ __proto__: null, graphql: graphql("scope") }),
    target: freeze({ __proto__: null, graphql: graphql("target") }),
    connection: (name) => freeze({ ...requests(name), __proto__: null, graphql: graphql(name) }),
  });
};
