// A call as a note on its record
// Adds one note with length and people when a call has ended; the ledger keeps it from being added twice.
// On: call.joined, call.updated. Needs a granted connection with a mapping of the kind note for scripts.

function match(event) {
  return event.resourceType === "CallSession";
}

async function run(ctx) {
  const call = ctx.call;
  if (!ctx.order) return ctx.skip("no work order was found for it");
  if (!call.endedAt) return ctx.skip("the call still runs");

  const { minutes, people_text: people } = ctx.facts.call;
  const begun = ctx.util.date.format(call.startedAt, "yyyy-MM-dd HH:mm");
  const note = `Remote call on ${begun}, ${minutes} min, with ${people || "nobody named"}`;
  const written = await ctx.record().note(note, { key: `call:${call.id}` });
  return { note, write: written.writeId };
}
