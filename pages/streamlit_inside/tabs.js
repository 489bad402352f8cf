// The open view's tab is in sight, also where a phone has no room for all of them.
new MutationObserver((_, watching) => {
  const open = document.querySelector(HOOKS.openTab);
  if (!open) return;
  watching.disconnect();
  document.fonts.ready.then(() => open.scrollIntoView({ block: "nearest", inline: "center" }));
}).observe(document.documentElement, { childList: true, subtree: true });
