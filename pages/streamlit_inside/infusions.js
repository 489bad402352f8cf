// A time with a gap or a number that is none, which Streamlit would not send and so take for the one before, registers no
// infusion. A number is sent once its field is left; on some phones a tap on a button leaves it the focus.
document.addEventListener("click", (event) => {
  if (!event.target.closest(".st-key-infusions_create button")) return;
  const gap = document.querySelector(`.st-key-infusions_ended ${HOOKS.missing}, .st-key-infusions_number :invalid`);
  if (!gap) return document.querySelector(".st-key-infusions_number :focus")?.blur();
  event.stopImmediatePropagation();
  gap.focus();
  gap.reportValidity?.();
}, true);
