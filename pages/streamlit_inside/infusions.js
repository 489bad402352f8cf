// A time with a gap or a number that is none, which Streamlit would not send and so take for the one before, registers and
// changes nothing. A number is sent once its field is left; on some phones a tap on a button leaves it the focus.
document.addEventListener("click", (event) => {
  const button = event.target.closest(":is(.st-key-infusions_create, .st-key-infusions_save) button");
  const form = button?.closest(".st-key-infusions_new, .st-key-infusions_invitation");
  const gap = form?.querySelector(`${HOOKS.missing}, :invalid`);
  if (!gap) return form?.querySelector("[type=number]:focus")?.blur();
  event.stopImmediatePropagation();
  gap.focus();
  gap.reportValidity?.();
}, true);

// What a tap opens may be far above: once the page has answered, it is in sight, and its heading has the focus. A refresh
// may end before the answer, so this is done again, unless somebody has begun to type.
let opening = -Infinity;
document.addEventListener("click", (event) => {
  if (event.target.closest(":is(.st-key-infusions_create, [class*=st-key-infusions_row]) button")) opening = performance.now();
});
new MutationObserver((changes) => {
  const rests = changes.some((change) => change.target.getAttribute(HOOKS.script) === HOOKS.resting);
  if (!rests || performance.now() - opening > 3000 || document.activeElement.matches("input, [role=spinbutton]")) return;
  const opened = document.querySelector(".opened h2");
  opened?.focus({ preventScroll: true });
  opened?.scrollIntoView({ block: "nearest" });
}).observe(document.documentElement, { subtree: true, attributeFilter: [HOOKS.script] });

// Rows that move because somebody else has registered an infusion take no tap for a moment: it was meant for another one.
// A screen reader hears which infusion a button is of.
const ROWS = "[class*=st-key-infusions_row]";
let order = "", tapped = -Infinity, moved = -Infinity;
addEventListener("pointerdown", () => { tapped = performance.now(); }, true);
addEventListener("click", (event) => {
  if (performance.now() - moved < 600 && event.target.closest(`${ROWS} button`)) event.stopImmediatePropagation();
}, true);
new MutationObserver(() => {
  const names = [...document.querySelectorAll(ROWS)].map((row) => {
    const name = row.querySelector("strong")?.textContent ?? "";
    for (const button of row.querySelectorAll("button")) button.ariaLabel = `${button.textContent}, ${name}`;
    return name;
  });
  if (order && names.join() !== order && performance.now() - tapped > 3000) moved = performance.now();
  order = names.join();
}).observe(document.documentElement, { childList: true, subtree: true });
