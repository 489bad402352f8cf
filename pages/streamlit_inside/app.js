// Streamlit's form, once it has taken over: what Streamlit cannot do, and the way back to the HTML form.

const SHOWN = ".st-key-check_in_send button, .st-key-check_in_sent h1, .st-key-check_in_refused h1";
const BLANK = 5000, SENDING = 10_000; // milliseconds without anything to read, and without an answer to Send
const EMPTY = 5000; // milliseconds that boxes may stand empty which Streamlit has just put in the place of others

function watch(root, first, form) {
  let shown = null, told = null, language = null, isSwitching = false; // not the document's language: translation changes it
  let kept = null, seen = performance.now(), sending = Infinity, ended = Infinity; // when
  let newest = null, came = 0; // the first box, and when it came
  let own = null; // the language of the HTML form
  let hasRun = false; // since the tap on Send: until then a mistake on the page is that of an earlier tap

  // What is filled in, as it was while the line was there: the HTML form takes it over, with the same key. In another
  // language there are other boxes, and until they are filled in as well, what was ticked before holds.
  function keep(isThere, now) {
    const boxes = [...root.querySelectorAll(".st-key-check_in_list input")];
    const windows = [...root.querySelectorAll(".st-key-check_in_window button")];
    const chosen = windows.findIndex((button) => button.getAttribute("aria-checked") === "true");
    if (boxes[0] !== newest) [newest, came] = [boxes[0], now];
    const isFilled = kept?.ticks.every((ticked, at) => !ticked || boxes[at]?.checked) && (chosen >= 0 || kept.chosen < 0);
    if (isFilled) came = -Infinity;
    const before = now - came < EMPTY && kept || { key: "", code: "", ticks: [], chosen: -1 };
    kept = {
      key: root.querySelector(".st-key-check_in_key input").value || before.key,
      code: root.querySelector(".st-key-check_in_code input").value || before.code,
      ticks: boxes.map((box, at) => box.checked || Boolean(before.ticks[at])),
      chosen: chosen < 0 ? before.chosen : chosen,
      top: root.querySelector(HOOKS.scrolls).scrollTop,
      focus: isThere ? boxes.indexOf(document.activeElement) : kept?.focus, // what Streamlit disables loses it
    };
  }
  // The HTML form speaks the language that was chosen meanwhile, which is in the address.
  async function translate() {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    const chosen = page.querySelector("[data-form] form");
    if (!chosen || page.documentElement.lang !== language || window.checkin.stopped) return; // too late: it is in use
    for (const { name, value } of chosen.attributes) form.setAttribute(name, value);
    form.replaceChildren(...chosen.childNodes);
    own = language;
  }
  function giveBack() {
    clearInterval(clock);
    changes.disconnect();
    form.elements.key.value = kept.key;
    const boxes = form.querySelectorAll("[type=checkbox]");
    boxes.forEach((box, at) => { box.checked = kept.ticks[at]; });
    if (kept.chosen >= 0) form.elements.window[kept.chosen].checked = true;
    if (kept.code) {
      form.querySelector(".code").hidden = form.elements.code.disabled = false;
      form.elements.code.value = kept.code;
    }
    document.body.prepend(first);
    window.checkin.removeStreamlit();
    document.documentElement.dataset.form = "html";
    if (language !== own) document.documentElement.lang = own;
    scrollTo(0, kept.top);
    boxes[kept.focus]?.focus({ preventScroll: true });
    if (sending < Infinity) window.checkin.send();
  }

  function look() {
    const app = root.querySelector(HOOKS.app), button = root.querySelector(SHOWN), isForm = button?.localName === "button";
    const isThere = navigator.onLine && app?.getAttribute(HOOKS.connection) === HOOKS.connected, now = performance.now();
    if (button) seen = now;
    if (isForm) keep(isThere, now);
    if (app?.getAttribute(HOOKS.script) !== HOOKS.resting) hasRun = true;
    else if (hasRun && root.querySelector(".st-key-check_in_foot [role=alert]")) sending = Infinity;
    if (!isForm) sending = Infinity;
    ended = button && !isForm ? Math.min(ended, now) : Infinity;
    if (isForm && !isThere || now - seen > BLANK || now - sending > SENDING) return giveBack();
    if (ended < now && !isThere) window.checkin.stop(); // otherwise Streamlit shuts the page until the line is back
    complete();
  }

  function complete() { // what assistive technology needs and Streamlit leaves out
    const spoken = root.querySelector(".clinic[lang]")?.lang;
    if (spoken && spoken !== language) {
      isSwitching = language !== null;
      if (isSwitching) {
        document.documentElement.lang = spoken;
        translate().catch(() => {}); // without a line it stays as it is
      }
      language = spoken;
      own ??= spoken;
    }
    const other = root.querySelector("[class*=st-key-check_in_language_] button");
    if (isSwitching && other && !root.querySelector(`.st-key-check_in_language_${language}`)) {
      other.focus(); // the button that was pressed is gone, and the focus with it
      isSwitching = false;
    }
    for (const one of root.querySelectorAll("[class*=st-key-check_in_language_]")) {
      one.lang = one.className.match(/check_in_language_([\w-]+)/)[1];
    }
    root.querySelector(HOOKS.skip)?.setAttribute("lang", "en"); // Streamlit's own words
    const list = root.querySelector(".st-key-check_in_list"), question = root.querySelector("h2");
    if (list && question) {
      question.id = "question";
      list.setAttribute("role", "group");
      list.setAttribute("aria-labelledby", question.id);
    }
    for (const gloss of root.querySelectorAll(`.st-key-check_in_list ${HOOKS.gloss}`)) {
      gloss.id = "gloss";
      gloss.closest(HOOKS.row)?.querySelector("input")?.setAttribute("aria-describedby", gloss.id);
    }
    const alert = root.querySelector(".st-key-check_in_foot [role=alert]");
    if (alert && alert !== told) alert.scrollIntoView({ block: "nearest" }); // with large text Send is below the list
    told = alert;
    const heading = root.querySelector(".st-key-check_in_sent h1");
    if (heading && heading !== shown) {
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
      heading.scrollIntoView({ block: "center" });
    }
    shown = heading;
  }

  root.addEventListener("click", (event) => {
    if (event.target.closest(".st-key-check_in_send button")) {
      sending = Math.min(sending, performance.now()); // whoever taps again waits no longer
      hasRun = false;
    }
    setTimeout(look);
  }, true);
  // The second tap of a double tap takes no link and no focus.
  root.addEventListener("mousedown", (event) => { if (performance.now() - ended < 1000) event.preventDefault(); }, true);

  // Back shows no confirmation again, in Safari as elsewhere: the next patient may hold the device.
  addEventListener("pagehide", (event) => { if (event.persisted && ended < Infinity) root.remove(); });
  addEventListener("pageshow", (event) => { if (event.persisted && ended < Infinity) location.reload(); });

  const changes = new MutationObserver(look);
  const clock = setInterval(look, 500);
  changes.observe(document.documentElement, {
    attributeFilter: [HOOKS.connection, HOOKS.script], childList: true, subtree: true,
  });
  look();
}
