// The second tap of a double tap, which lands on the confirmation, leaves the focus on its heading.
document.addEventListener("mousedown", function (event) {
  if (performance.now() < 1000) event.preventDefault();
}, true);
// One that came before this script has taken it already.
const heading = document.querySelector("h1[autofocus]");
if (heading && document.activeElement === document.body) heading.focus({ preventScroll: true });
