// The check-in's HTML form where scripts run: Send without leaving the page, and the start of Streamlit if nobody has
// begun. Written for old engines; where something is missing the form works as it does without a script.
(function () {
  const script = document.currentScript, first = document.getElementById("first");
  const ask = window.fetch, form = first.querySelector("form");
  const visit = Object.assign(window.checkin, { touched: false, tookOver: false, onTouch: function () {}, send: send });

  // Somebody has begun: a finger, key, wheel or screen reader's click, a selection, zoom, print, or another tab.
  function touch() {
    if (visit.touched || visit.tookOver) return;
    visit.touched = true;
    visit.onTouch();
  }
  for (const type of ["pointerdown", "touchstart", "mousedown", "click", "keydown", "input", "focusin", "wheel"]) {
    document.addEventListener(type, touch, { capture: true, passive: true });
  }
  for (const type of ["scroll", "visibilitychange"]) document.addEventListener(type, touch);
  for (const type of ["beforeprint", "pagehide"]) addEventListener(type, touch);

  visit.hasBegun = function () { // Back ticks boxes without an event
    for (const input of form.querySelectorAll("input")) {
      if (input.checked !== input.defaultChecked || input.value !== input.defaultValue) touch();
    }
    if (window.visualViewport && visualViewport.scale !== 1 || document.hidden || scrollY) touch();
    if (devicePixelRatio !== visit.zoom || !getSelection().isCollapsed) touch();
    return visit.touched;
  };

  function isWorthIt() {
    const line = navigator.connection, own = performance.getEntriesByName(script.src)[0];
    if (line && (line.saveData || line.effectiveType && line.effectiveType !== "4g")) return false;
    return (line && line.effectiveType || own && own.duration <= 300) && visit.canRun;
  }
  function begin() {
    if (visit.hasBegun() || !isWorthIt()) return;
    const more = document.createElement("script");
    more.src = script.dataset.more;
    document.head.append(more);
  }
  if (script.dataset.more) {
    addEventListener("load", function () {
      visit.loaded = performance.now();
      visit.zoom = devicePixelRatio;
      setTimeout(function () { (window.requestIdleCallback || setTimeout)(begin); }, 1500);
    });
  }

  // Send. The key in the form makes every repetition harmless.
  let sending = false;
  const PARTS = { window: "[role=radiogroup]", list: "[type=checkbox]", code: "#code" };
  function say(words, place) {
    const told = form.querySelector(".error");
    told.textContent = words;
    for (const part in PARTS) {
      for (const field of form.querySelectorAll(PARTS[part])) {
        if (part === place) field.setAttribute("aria-invalid", "true");
        else field.removeAttribute("aria-invalid");
      }
    }
    told.focus({ preventScroll: true });
    const box = told.getBoundingClientRect();
    if (box.top < 0 || box.bottom > innerHeight) told.scrollIntoView({ block: "nearest" }); // with large text
  }
  let again = null; // the next attempt of a Send that found no connection, unless something is changed meanwhile
  function wait() {
    again = setTimeout(sendAgain, 5000);
    addEventListener("online", sendAgain);
  }
  function waitNoMore() {
    clearTimeout(again);
    removeEventListener("online", sendAgain);
  }
  form.addEventListener("input", waitNoMore);
  function sendAgain() { // not from behind: whoever sends in another tab now would be shown this check-in
    if (!document.hidden) return send(true);
    waitNoMore();
    wait();
  }
  function send(isRepeated) {
    if (sending) return;
    sending = true;
    waitNoMore();
    const patience = new AbortController(), body = new URLSearchParams();
    const button = form.querySelector(".foot button"), label = button.textContent;
    new FormData(form).forEach(function (value, name) { body.append(name, value); });
    const slow = setTimeout(function () { button.textContent = form.dataset.sending; }, 1000);
    const late = setTimeout(function () { patience.abort(); }, 20000);
    function rest() {
      sending = false;
      button.textContent = label;
    }
    ask(form.action, { method: "POST", body: body, headers: { "x-check-in": "fetch" }, signal: patience.signal })
      .then(function (answer) {
        return answer.json().catch(function () {});
      })
      .then(function (told) {
        if (!told || !told.location && !told.sentence) told = { sentence: form.dataset.failed }; // not our answer
        if (told.location) {
          setTimeout(rest, 20000); // the page may not come, and this one stay: then another tap leads there
          return location.replace(told.location);
        }
        if (told.code) form.querySelector(".code").hidden = form.querySelector("#code").disabled = false;
        say(told.sentence, told.place);
        rest();
      }, function () {
        if (!isRepeated) say(form.dataset.lost);
        wait();
        rest();
      })
      .then(function () {
        clearTimeout(slow);
        clearTimeout(late);
      });
  }
  form.addEventListener("submit", function (event) {
    const by = event.submitter;
    if (!by || by.name || !window.AbortController) return; // a language, or an engine that does not say which button
    event.preventDefault();
    send();
  });
})();
