// Passkeys: only a script can ask the browser for one. And the secret of a link is in its fragment, which is never sent.

const opening = document.querySelector("form.opening");
if (opening && location.hash) {
  opening.link.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  opening.submit();
} else if (opening) {
  document.querySelector(".incomplete").hidden = false;
}

// Browsers want HTTPS, or localhost, and a host name.
const works = isSecureContext && "PublicKeyCredential" in window && !/^[\d.]+$|:/.test(location.hostname);
for (const part of document.querySelectorAll("[data-passkeys]")) {
  part.hidden = part.dataset.passkeys !== (works ? "work" : "do not work");
}

function bytes(text) {
  return Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const letters = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return letters.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

// The browsers' own conversions from and to JSON are missing in Safari before 18.4.
async function answered(asked) {
  const publicKey = { ...asked, challenge: bytes(asked.challenge) };
  if (asked.user) {
    publicKey.user = { ...asked.user, id: bytes(asked.user.id) };
    publicKey.excludeCredentials = asked.excludeCredentials.map((each) => ({ ...each, id: bytes(each.id) }));
  }
  const made = await navigator.credentials[asked.user ? "create" : "get"]({ publicKey });
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature"]) {
    if (made.response[part]) response[part] = text(made.response[part]);
  }
  return JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response });
}

async function asked(form) {
  const body = new URLSearchParams(new FormData(form));
  body.delete("credential");
  body.delete("next");
  const answer = await fetch("/device/options", { method: "POST", headers: { "x-check-in": "fetch" }, body });
  const given = await answer.json();
  if (!answer.ok) throw new Error(given.sentence);
  return given;
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form.device")) return;
  event.preventDefault();
  const button = form.querySelector("button"), told = form.querySelector(".error");
  button.disabled = true;
  told.textContent = "";
  try {
    form.credential.value = await answered(await asked(form));
    form.submit();
  } catch (error) {
    const known = { Error: error.message, InvalidStateError: "This device has already been added. Sign in with it." };
    told.textContent = known[error.name] || form.dataset.failed;
    button.disabled = false;
  }
});
