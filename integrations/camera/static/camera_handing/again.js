// Asks what goes on and says only what is new; a page that came anew each second would be read aloud each second.
const main = document.querySelector("main");
const step = document.querySelector("[role=status]");

async function look() {
  try {
    const answer = await fetch("?look", { cache: "no-store" });
    const told = answer.ok ? await answer.json() : {};
    if (told.page !== main.dataset.page) return location.replace(location.pathname);
    if (step.textContent !== told.step) step.textContent = told.step;
  } catch { /* no network: it comes back */ }
  return setTimeout(look, main.dataset.seconds * 1000);
}

setTimeout(look, main.dataset.seconds * 1000);
