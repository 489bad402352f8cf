// What the clinicians' pages cannot do without a script: say that cookies are blocked, copy and print.

// Without cookies, even the right passphrase leads back to the sign-in without explanation.
const noCookies = document.getElementById("no-cookies");
if (noCookies) {
  document.cookie = "probe=yes; SameSite=Lax";
  noCookies.hidden = document.cookie.includes("probe=yes");
  document.cookie = "probe=; Max-Age=0";
}

document.addEventListener("click", async (event) => {
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
  document.documentElement.classList.toggle("dark", matchMedia("(prefers-color-scheme: dark)").matches);
});

// The card opens in another tab, so that the invitation stays; Streamlit would forbid the form to say whose it is.
document.addEventListener("submit", (event) => {
  if (event.target.matches(".ways form")) event.target.target = "_blank";
}, true);
