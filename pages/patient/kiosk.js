// The clinic's tablet: each step takes the place of the one before, so that the history holds none, and a page that was
// left clears itself. An engine without what is asked for here works as it does without a script.
(function () {
  const script = document.currentScript, root = document.documentElement, title = document.title;
  const told = script.dataset, seconds = function (name) { return 1000 * told[name]; };
  if (!window.HTMLDialogElement || !window.SubmitEvent) {
    if (root.dataset.kiosk === "ready") setTimeout(function () { location.replace(told.start); }, seconds("longest"));
    return;
  }
  const PATIENCE = 20000; // whatever is asked for comes before the page counts as idle
  let first = document.getElementById("first"), begun, seen, ends; // the clock's times: timers sleep with the tablet
  let sending = false, lost = false, left = false, unsent = Number(window.name); // when ticks were left without being sent
  window.name = "";

  function ask(address, options) {
    const patience = new AbortController(), late = setTimeout(function () { patience.abort(); }, PATIENCE);
    return fetch(address, Object.assign({ cache: "no-store", signal: patience.signal }, options))
      .then(function (answer) {
        return answer.text().then(function (text) { return { status: answer.status, text: text }; });
      })
      .finally(function () { clearTimeout(late); });
  }

  function arrive() {
    const foot = first.querySelector("[data-leave]"), still = first.querySelector("dialog");
    const typed = first.querySelector("#code");
    begun = root.dataset.kiosk === "begun" || !!(typed && typed.value);
    seen = Date.now();
    ends = foot && seen + 1000 * foot.dataset.leave;
    if (still) still.addEventListener("click", function () { still.close(); });
  }
  function look() {
    if (left) return;
    const now = Date.now(), due = ends || (begun ? seen + seconds("idle") : Infinity), rest = Math.ceil((due - now) / 1000);
    if (unsent && now - unsent > seconds("idle")) {
      unsent = 0;
      say(first, "");
    }
    if (rest <= 0) {
      if (!sending && !lost && first.querySelector("input:checked")) window.name = now;
      return leave();
    }
    const shown = Math.floor(rest / 60) + ":" + String(rest % 60).padStart(2, "0");
    for (const number of first.querySelectorAll("[role=timer] b")) {
      if (number.textContent !== shown) number.textContent = shown;
    }
    const still = first.querySelector("dialog");
    if (!still) return;
    if (rest <= told.warned && !still.open) {
      const last = seen;
      still.showModal();
      seen = last; // nobody moved the focus
    }
    if (rest > told.warned && still.open && now - seen > 1500) still.close(); // a long tap must reach nothing below
  }
  function touch() {
    look(); // whoever wakes the tablet is somebody else
    seen = Date.now();
  }
  function leave() {
    left = true;
    first.textContent = "";
    document.title = title;
    root.style.visibility = "";
    setTimeout(function () { if (!first.firstChild) tell(told.moment); }, 1000);
    renew();
  }
  function renew() { // never to the browser's own page of an error: nobody may be there to reload it
    ask(told.start)
      .then(function (answer) {
        if (answer.status >= 500) throw new Error(answer.status);
        location.replace(told.start);
      })
      .catch(function () {
        if (first.textContent !== told.offline) tell(told.offline);
        setTimeout(renew, 5000);
      });
  }
  function tell(words) {
    first.innerHTML = "<main><p role=alert></p></main>";
    first.querySelector("p").textContent = words;
  }
  setInterval(look, 250);
  for (const type of ["pointerdown", "click", "focusin", "keydown", "input", "wheel", "scroll"]) {
    document.addEventListener(type, touch, { capture: true, passive: true });
  }
  document.addEventListener("input", function () { begun = true; });
  document.addEventListener("visibilitychange", function () {
    if (document.hidden) root.style.visibility = "hidden"; // or it would be seen for a moment when it comes back
    else {
      look();
      root.style.visibility = "";
    }
  });
  addEventListener("pagehide", function () { root.style.visibility = "hidden"; });
  addEventListener("pageshow", function (event) { if (event.persisted) leave(); });

  document.addEventListener("submit", function (event) {
    const form = event.target, by = event.submitter, more = by && by.name === "more";
    if (form.method === "post" && !more && !form.dataset.failed) return; // signing out
    event.preventDefault();
    if (form.method === "get") leave();
    else if (more) ends = Math.max(ends, Date.now() + seconds("more"));
    else if (!sending) send(form, by);
  });
  function send(form, by) {
    const button = by && !by.matches(".enter") ? by : form.querySelector("button:not(.enter):not(.link)");
    const body = new URLSearchParams(), label = button.textContent;
    new FormData(form).forEach(function (value, name) { body.append(name, value); });
    if (by && by.name) body.append(by.name, by.value);
    const slow = setTimeout(function () { button.textContent = form.dataset.sending; }, 1000);
    sending = true;
    unsent = 0;
    ask(form.action, { method: "POST", body: body, headers: { "x-check-in": "fetch" } })
      .then(function (answer) {
        look();
        if (left) return; // the tablet slept meanwhile
        const page = new DOMParser().parseFromString(answer.text, "text/html");
        if (page.documentElement.dataset.kiosk) show(page);
        else { // not our answer
          lost = true;
          say(form, form.dataset.failed);
        }
      }, function () {
        lost = true; // it may have been stored
        look();
        if (!left) say(form, form.dataset.lost);
      })
      .finally(function () {
        clearTimeout(slow);
        button.textContent = label;
        sending = false;
        seen = Date.now();
      });
  }
  function show(page) {
    const next = page.getElementById("first"), stays = first.querySelector(".row") && next.querySelector(".row");
    const place = stays ? scrollY : 0;
    first.replaceWith(next);
    first = next;
    document.title = page.title;
    root.lang = page.documentElement.lang;
    for (const name of ["kiosk", "form"]) {
      if (name in page.documentElement.dataset) root.dataset[name] = page.documentElement.dataset[name];
      else delete root.dataset[name];
    }
    arrive();
    scrollTo(0, place);
    focusOn(first.querySelector(".error:not(:empty)") || first.querySelector("h1"));
  }
  function say(within, words) {
    const error = within.querySelector(".error");
    error.textContent = words;
    if (words) focusOn(error);
  }
  function focusOn(one) {
    one.tabIndex = -1;
    one.focus({ preventScroll: true });
    const box = one.getBoundingClientRect();
    if (box.top < 0 || box.bottom > innerHeight) one.scrollIntoView({ block: "nearest" });
  }
  arrive();
  if (Date.now() - unsent < seconds("idle")) say(first, told.left);
})();
