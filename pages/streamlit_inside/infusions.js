// A time with a gap, which Streamlit would not send and so take for the one before, registers no infusion.
document.addEventListener("click", (event) => {
  const gap = document.querySelector(`.st-key-infusions_ended ${HOOKS.missing}`);
  if (!gap || !event.target.closest(".st-key-infusions_create button")) return;
  event.stopImmediatePropagation();
  gap.focus();
}, true);
