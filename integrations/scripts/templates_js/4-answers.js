// Answers of a quiz to a training system
// Sends the answers of a finished session as one result, and as a table where the system takes files.
// On: session.updated. Settings: right, an object with the right answer to each prompt; passAt, in per cent.

async function run(ctx) {
  const session = ctx.session;
  if (!session?.endedAt) return ctx.skip("no finished session");
  const right = ctx.config.right ?? {};
  const asked = ctx.answers.filter((answer) => answer.prompt in right);
  if (!asked.length) return ctx.skip("it asked none of the quiz's questions");

  const rows = asked.map(({ prompt, value, by, at }) => ({ prompt, value, by, at, right: value === right[prompt] }));
  const score = Math.round((100 * rows.filter((row) => row.right).length) / rows.length);
  const result = {
    session: session.id,
    person: rows[0].by,
    score,
    passed: score >= (ctx.config.passAt ?? 80),
    table: ctx.util.csv.stringify(rows),
  };
  await ctx.http.put(`/results/${encodeURIComponent(session.id)}`, { json: result });
  return { score, passed: result.passed, questions: rows.length };
}
