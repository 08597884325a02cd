// Sessions by day
// Counts finished sessions and their minutes by day, and reports each day once it is over.
// On: session.updated, and a schedule such as 10 1 * * *. No other system sees single sessions.

async function run(ctx) {
  if (ctx.event.type === "script.schedule") return report(ctx);
  const session = ctx.session;
  if (!session?.endedAt) return ctx.skip("no finished session");
  if (await ctx.store.get(`seen:${session.id}`)) return ctx.skip("it is counted already");

  const day = session.endedAt.slice(0, 10);
  const minutes = Math.round((Date.parse(session.endedAt) - Date.parse(session.startedAt)) / 60_000);
  await ctx.store.set(`seen:${session.id}`, day, { ttlSeconds: 7 * 86_400 });
  const sessions = await ctx.store.incr(`${day}:sessions`);
  await ctx.store.incr(`${day}:minutes`, minutes);
  return { day, sessions };
}

async function report(ctx) {
  const day = new Date(ctx.now().getTime() - 86_400_000).toISOString().slice(0, 10);
  const sessions = await ctx.store.get(`${day}:sessions`);
  if (!sessions) return ctx.skip(`no session ended on ${day}`);
  const minutes = (await ctx.store.get(`${day}:minutes`)) ?? 0;
  await ctx.http.put(`/days/${day}`, { json: { day, sessions, minutes } });
  await ctx.store.delete(`${day}:sessions`);
  await ctx.store.delete(`${day}:minutes`);
  return { day, sessions, minutes };
}
