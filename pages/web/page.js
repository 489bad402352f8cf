// What Streamlit cannot do: hand the set-up link's secret to its form, name the page's language, and show the patient
// that sending worked.
"use strict";

const link = document.querySelector("input[name=link]");
if (link && location.hash) {
  link.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
}

let shown = null;
new MutationObserver(() => {
  const language = document.querySelector(".clinic[lang]")?.lang;
  if (language) document.documentElement.lang = language;
  const heading = document.querySelector(".st-key-check_in_sent h1");
  if (heading && heading !== shown) {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    heading.scrollIntoView({ block: "center" });
  }
  shown = heading;
}).observe(document.documentElement, { childList: true, subtree: true });
