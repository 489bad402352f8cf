// The open view's tab is in sight, also where a phone has no room for all of them and once their letters have come.
new MutationObserver((_, watching) => {
  const open = document.querySelector(HOOKS.openTab);
  if (!open) return;
  watching.disconnect();
  new ResizeObserver(() => open.scrollIntoView({ block: "nearest", inline: "center" })).observe(open);
}).observe(document.documentElement, { childList: true, subtree: true });
