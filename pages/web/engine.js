// Whether this engine can run Streamlit's bundle; where not, the page says so in words. The oldest engine must parse this.
(function () {
  "use strict";
  var canRun = true;
  try {
    new RegExp("", "v"); // the newest of what the bundle needs: Chrome 112, Firefox 116, Safari 17
  } catch (error) {
    canRun = false;
  }
  window.checkin = { canRun: canRun };
  var told = document.getElementById("too-old");
  if (canRun || !told) return;
  document.getElementById("root").style.display = "none"; // what runs half-way may draw there
  told.removeAttribute("hidden");
})();
