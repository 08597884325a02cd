// Draws the chart of the report from the figures beside it, in the colours of the theme; the table says the same.
"use strict";
(() => {
  const canvas = document.getElementById("report-chart");
  const given = document.getElementById("report-chart-data");
  if (!canvas || !given || !window.Chart) return;
  const figures = JSON.parse(given.textContent);
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  let chart = null;

  function options() {
    const words = { color: colour("--body-fg"), font: { size: 12 } };
    const lines = { color: colour("--hairline-color") };
    const scale = (text, more) => ({ title: { display: true, text, ...words }, ticks: words, grid: lines, ...more });
    return {
      animation: still ? false : { duration: 200 },
      maintainAspectRatio: false,
      plugins: {
        legend: { labels: words },
        tooltip: { callbacks: { label: (at) => `${at.dataset.label}: ${at.formattedValue} %` } },
      },
      scales: { x: scale(figures.x), y: scale(figures.y, { min: 0, max: 100 }) },
    };
  }

  function draw() {
    if (chart) chart.destroy();
    const fills = [colour("--link-fg"), colour("--border-color")];
    const datasets = figures.sets.map((each, at) => ({
      ...each,
      backgroundColor: fills[at],
      borderColor: colour("--body-quiet-color"),
      borderWidth: at ? 1 : 0,
    }));
    chart = new window.Chart(canvas, { type: "bar", data: { labels: figures.labels, datasets }, options: options() });
  }

  draw();
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  window.addEventListener("beforeprint", () => chart.resize());
})();
