// The clinic's tablet: each step takes the place of the one before, so that the history holds none, and a page that was
// left clears itself. An engine without what is asked for here works as it does without a script.
(function () {
  if (!window.HTMLDialogElement || !window.SubmitEvent) return;
  const script = document.currentScript, root = document.documentElement, title = document.title;
  const IDLE = 60, WARNED = 20, PATIENCE = 20; // seconds; whatever is asked for comes before the page counts as idle
  const byFetch = root.dataset.kiosk === "ready"; // a page that a post has brought goes on posting
  let first = document.getElementById("first"), begun, seen, ends; // the clock's times: timers sleep with the tablet
  let sending = false, left = false;

  function ask(address, options) {
    const patience = new AbortController(), late = setTimeout(function () { patience.abort(); }, 1000 * PATIENCE);
    return fetch(address, Object.assign({ cache: "no-store", signal: patience.signal }, options))
      .then(function (answer) {
        return answer.text().then(function (text) { return { status: answer.status, text: text }; });
      })
      .finally(function () { clearTimeout(late); });
  }

  // Clearing.
  function arrive() {
    const foot = first.querySelector("[data-leave]"), still = first.querySelector("dialog");
    begun = root.dataset.kiosk === "begun";
    seen = Date.now();
    ends = foot && seen + 1000 * foot.dataset.leave;
    if (still) still.addEventListener("click", function () { still.close(); });
  }
  function look() {
    if (left) return;
    const now = Date.now(), due = ends || (begun ? seen + 1000 * IDLE : Infinity), rest = Math.ceil((due - now) / 1000);
    if (rest <= 0) return leave();
    const told = Math.floor(rest / 60) + ":" + String(rest % 60).padStart(2, "0");
    for (const number of first.querySelectorAll("[role=timer] b")) number.textContent = told;
    const still = first.querySelector("dialog");
    if (!still) return;
    if (rest <= WARNED && !still.open) still.showModal();
    if (rest > WARNED && still.open && now - seen > 1500) still.close(); // a long tap must reach nothing below
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
    renew();
  }
  function renew() { // never to the browser's own page of an error: nobody may be there to reload it
    ask(script.dataset.start)
      .then(function (answer) {
        if (answer.status >= 500) throw new Error(answer.status);
        location.replace(script.dataset.start);
      })
      .catch(function () {
        if (!first.firstChild) {
          first.innerHTML = "<main><p role=alert></p></main>";
          first.querySelector("p").textContent = script.dataset.offline;
        }
        setTimeout(renew, 5000);
      });
  }
  setInterval(look, 250);
  for (const type of ["pointerdown", "keydown", "input", "wheel", "scroll"]) {
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

  // Steps.
  document.addEventListener("submit", function (event) {
    const form = event.target, by = event.submitter;
    if (!byFetch) return;
    event.preventDefault();
    if (form.method === "get") return leave(); // Done
    if (by && by.name === "more") ends += 1000 * IDLE;
    else if (!sending) send(form, by);
  });
  function send(form, by) {
    const body = new URLSearchParams(), button = form.querySelector(".foot button"), label = button && button.textContent;
    new FormData(form).forEach(function (value, name) { body.append(name, value); });
    if (by && by.name) body.append(by.name, by.value);
    const slow = setTimeout(function () { if (button) button.textContent = form.dataset.sending; }, 1000);
    sending = true;
    ask(form.action, { method: "POST", body: body })
      .then(function (answer) {
        look();
        if (left) return; // the tablet slept meanwhile
        const page = new DOMParser().parseFromString(answer.text, "text/html");
        if (page.documentElement.dataset.kiosk) show(page);
        else say(form, form.dataset.failed); // not our answer
      }, function () { say(form, form.dataset.lost); })
      .finally(function () {
        clearTimeout(slow);
        if (button) button.textContent = label;
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
  function say(form, words) {
    const told = form.querySelector(".error");
    told.textContent = words;
    focusOn(told);
  }
  function focusOn(told) {
    told.tabIndex = -1;
    told.focus({ preventScroll: true });
    const box = told.getBoundingClientRect();
    if (box.top < 0 || box.bottom > innerHeight) told.scrollIntoView({ block: "nearest" });
  }
  arrive();
})();
