// Photos to their record
// Attaches each photo, and tells the other system when and at which step it was taken.
// On: photo.stored. Needs a granted connection with a mapping of the kind attach for scripts.

async function run(ctx) {
  if (!ctx.order) return ctx.skip("no work order was found for it");
  if (!ctx.photos.length) return ctx.skip("no photo");

  const attached = [];
  for (const photo of ctx.photos) {
    if (ctx.config.step && !photo.step.includes(ctx.config.step)) continue;
    const written = await ctx.record().attach(photo, { key: `photo:${photo.id}` });
    attached.push({ name: photo.name, step: photo.step, write: written.writeId });
  }
  if (!attached.length) return ctx.skip(`no photo of the step ${ctx.config.step}`);
  ctx.log.info("attached", { count: attached.length });
  return { attached };
}
