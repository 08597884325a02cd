// A finished session into its job
// Writes state, steps and minutes of a session that has ended into the record that its link named.
// On: session.joined, session.updated. Setting: linkKey, the part of the link's data that names the job.

function match(event) {
  return event.resourceType === "ScenarioSession";
}

async function run(ctx) {
  const session = ctx.session;
  const jobId = session.externalData[ctx.config.linkKey ?? "work_order_id"];
  if (!jobId) return ctx.skip("the link named no job");
  if (!session.endedAt) return ctx.skip("it still runs");

  const minutes = (Date.parse(session.endedAt) - Date.parse(session.startedAt)) / 60_000;
  const steps = session.numberOfStepsPossible;
  const written = {
    status: session.state,
    minutes: Math.round(minutes),
    steps_pct: steps ? Math.round((100 * session.numberOfStepsViewed) / steps) : null,
  };
  const answer = await ctx.http.patch(`/jobs/${encodeURIComponent(jobId)}`, { json: written });
  ctx.log.info("job updated", { jobId, status: answer.status });
  return { target: jobId, written };
}
