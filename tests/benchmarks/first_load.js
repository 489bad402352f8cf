// When a page was usable and when Streamlit took over, in milliseconds since the navigation began; how long it kept a
// finger waiting. `USABLE` says what makes it usable.
window.seen = { usable: 0, over: 0, tasks: [] };
{
  const { seen } = window;
  const watch = (type, note) => new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true });
  watch("longtask", (task) => { seen.tasks.push([task.startTime, task.duration]); });

  const look = () => {
    const there = [...document.querySelectorAll(USABLE.elements)].filter((one) => one.getClientRects().length);
    if (there.length < USABLE.number) return requestAnimationFrame(look);
    seen.usable = performance.now();
  };
  requestAnimationFrame(look);

  new MutationObserver(() => {
    if (document.documentElement.dataset.form === "app") seen.over ||= performance.now();
  }).observe(document, { attributeFilter: ["data-form"], subtree: true });
}
