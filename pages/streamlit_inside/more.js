// Streamlit's form takes the place of the HTML form once both measure the same. Its files are fetched first, so that a
// touch can stop that, and run last. A visitor who touches the HTML form before keeps it, and no socket stays open.
{
const visit = window.checkin, first = document.getElementById("first"), form = first.querySelector("form");
const AT_A_TIME = 4, LATEST = 10_000; // milliseconds after `load`: a screen reader may be reading without an event
const fetching = new AbortController(), sockets = [];
const root = Object.assign(document.createElement("div"), { id: "root", inert: true });
root.style = "position: fixed; inset: 0; visibility: hidden";

// `import` cannot be stopped; the sockets that follow from it can, and so can asking whether a lost server is back.
window.WebSocket = class extends WebSocket {
  constructor(...address) {
    if (visit.stopped) return Object.assign(new EventTarget(), { readyState: WebSocket.CLOSED, send() {}, close() {} });
    super(...address);
    sockets.push(this);
    this.addEventListener("close", giveUp);
  }
};
const ask = window.fetch;
window.fetch = (...asked) => visit.stopped ? new Promise(() => {}) : ask(...asked).catch((error) => {
  giveUp();
  throw error;
});
visit.stop = () => {
  visit.stopped = true;
  fetching.abort();
  for (const socket of sockets) socket.close();
};
visit.removeStreamlit = () => {
  visit.stop();
  root.remove();
  open.observe(first, { attributeFilter: ["inert"] });
  open.observe(document.documentElement, { attributeFilter: ["style"] });
};
// A question to the server that was under way may still let Streamlit shut the page for a dialog that nobody sees.
const open = new MutationObserver(() => {
  if (first.inert) first.inert = false;
  if (document.documentElement.style.overflow) document.documentElement.style.overflow = "";
});
visit.onTouch = giveUp;
function giveUp() { if (!visit.tookOver) visit.removeStreamlit(); }

const isLate = () => performance.now() - visit.loaded > LATEST;

async function fetchAll(addresses) {
  const waiting = addresses.values();
  const fetchNext = async () => {
    for (const address of waiting) await (await fetch(address, { signal: fetching.signal, priority: "low" })).arrayBuffer();
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, fetchNext));
}

async function bring() {
  const { sheet, entry, parts, late } = STREAMLIT;
  await fetchAll([sheet, ...parts, entry, ...late]);
  for (const part of parts) { // one at a time, so that a touch is not kept waiting for all
    if (visit.hasBegun()) return;
    await import(part);
  }
  if (visit.hasBegun()) return;
  if (isLate()) return giveUp();
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: sheet }));
  document.body.append(root);
  await import(entry);
  let same = 0;
  const look = () => {
    if (visit.hasBegun()) return;
    if (isLate()) return giveUp();
    same = sameDifferences(false).length ? 0 : same + 1;
    if (same === 2) takeOver();
    else requestAnimationFrame(look);
  };
  look();
}

function takeOver() {
  visit.tookOver = true;
  root.removeAttribute("style");
  root.inert = false;
  first.remove();
  document.documentElement.dataset.form = "app";
  watch(root, first, form);
}

bring().catch(giveUp);
}
