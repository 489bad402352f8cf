// What Streamlit cannot do: hand the set-up link's secret to its form, say that cookies are blocked, copy and print, name the languages on the page, and tell the
// patient, by focus and by voice, that sending worked or that the line is lost.
"use strict";

const link = document.querySelector("input[name=link]");
if (link && location.hash) {
  link.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
}

// Without cookies, even the right passphrase leads back to the sign-in without explanation.
const noCookies = document.getElementById("no-cookies");
if (noCookies) {
  document.cookie = "probe=yes; SameSite=Lax";
  noCookies.hidden = document.cookie.includes("probe=yes");
  document.cookie = "probe=; Max-Age=0";
}

// The second tap of a double tap registers no second infusion; a time with a gap, which Streamlit would not send and
// so take for the one before, registers none.
let registered = -Infinity;
document.addEventListener("click", async (event) => {
  const made = event.target.closest(".st-key-infusions_create button");
  const gap = made && document.querySelector(".st-key-infusions_ended [role=spinbutton][data-placeholder]");
  if (made && (gap || event.timeStamp - registered < 1500)) {
    event.stopImmediatePropagation();
    gap?.focus();
  } else if (made) registered = event.timeStamp;
  if (event.target.closest("button.print")) print();
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    try {
      await navigator.clipboard.writeText(copy.dataset.copy);
      copy.textContent = "Copied";
    } catch { // without HTTPS no script may copy: the link is selected instead
      getSelection().selectAllChildren(document.querySelector(".invitation .link"));
      copy.textContent = "Press Ctrl-C";
    }
    setTimeout(() => { copy.textContent = "Copy link"; }, 3000);
  }
}, true);

// What is drawn for the dark is turned light on paper.
addEventListener("beforeprint", () => {
  const scheme = getComputedStyle(document.querySelector(".stApp") ?? document.body).colorScheme;
  document.documentElement.classList.toggle("dark", scheme === "dark");
});

// The card opens in another tab, so that the invitation stays; Streamlit would forbid the form to say whose it is.
document.addEventListener("submit", (event) => {
  if (event.target.matches(".ways form")) event.target.target = "_blank";
}, true);

// While the line is lost Streamlit takes its own page away from screen readers, but no live announcer.
const voice = document.createElement("p");
voice.className = "voice";
voice.setAttribute("role", "status");
voice.dataset.liveAnnouncer = "true";
document.body.append(voice);

// Where the socket is refused, Streamlit shows grey bars indefinitely: offer the simple form again.
const way = document.querySelector("template#way")?.content.firstElementChild;
if (way) setTimeout(() => { if (!document.querySelector(".clinic")) document.body.append(way); }, 10_000);

let shown = null;
let spoken = null; // not the document's lang, which browser translation also changes
let switching = false;
new MutationObserver(() => {
  const language = document.querySelector(".clinic[lang]")?.lang;
  if (language && language !== spoken) {
    switching = spoken !== null;
    if (switching) document.documentElement.lang = language;
    spoken = language;
  }
  const others = document.querySelector("[class*=st-key-check_in_language_] button");
  if (switching && others && !document.querySelector(`.st-key-check_in_language_${language}`)) {
    others.focus(); // the button that was pressed is gone, and the focus with it
    switching = false;
  }
  document.querySelector("a[href='#stMain']")?.setAttribute("lang", "en"); // Streamlit's own words
  for (const gloss of document.querySelectorAll(".st-key-check_in_list [data-testid=stCaptionContainer]")) {
    gloss.id = "gloss";
    gloss.closest("[data-testid=stLayoutWrapper]").querySelector("input").setAttribute("aria-describedby", gloss.id);
  }
  for (const other of document.querySelectorAll("[class*=st-key-check_in_language_]")) {
    other.lang = other.className.match(/check_in_language_([\w-]+)/)[1];
  }
  if (language) way?.remove();
  const heading = document.querySelector(".st-key-check_in_sent h1");
  if (heading && heading !== shown) {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    heading.scrollIntoView({ block: "center" });
  }
  shown = heading;
  const lost = document.querySelector(".stApp:not([data-test-connection-state=CONNECTED]) .lost")?.textContent ?? "";
  if (voice.textContent !== lost) voice.textContent = lost;
}).observe(document.documentElement, {
  attributeFilter: ["data-test-connection-state"], childList: true, subtree: true,
});
