// Whether the HTML form, in #first, and Streamlit's, in #root, look the same. Joined with other scripts, after hooks.js, and read by tests.
const SAME_PAIRS = [ // name, the HTML form's elements, Streamlit's, and what is measured: their boxes or the words in them
  ["Send", "#first .foot button", "#root .st-key-check_in_send button", "box"],
  ["rows", "#first .row", `#root .st-key-check_in_list > :is([class*=st-key-], ${HOOKS.row})`, "box"],
  ["links", "#first .line", "#root .line", "box"],
  ["banner", "#first .demonstration", "#root .demonstration", "box"],
  ["clinic", "#first .clinic", "#root .clinic", "words"],
  ["language", "#first .link", "#root .st-key-check_in_head button", "box"],
  ["heading", "#first h1", "#root h1", "words"],
  ["safety line", "#first .inset", "#root .inset", "box"],
  ["about", "#first .about", "#root .about", "box"],
  ["question of the windows", "#first .windows legend", "#root .st-key-check_in_window label p", "words"],
  ["windows", "#first .windows span", "#root .st-key-check_in_window button", "box"],
  ["words of the windows", "#first .windows span", "#root .st-key-check_in_window button p", "words"],
  ["question of the rows", "#first .list legend", "#root h2", "words"],
  ["squares", "#first .row input", `#root .st-key-check_in_list ${HOOKS.square}`, "box"],
  ["labels", "#first .row span", "#root .st-key-check_in_list label p", "words"],
  ["gloss", "#first .row small", `#root .st-key-check_in_list ${HOOKS.gloss} p`, "words"],
  ["or", "#first .or", "#root .or", "words"],
  ["foot", "#first .foot", `#root ${HOOKS.bottom}`, "box"],
  ["words of Send", "#first .foot button", "#root .st-key-check_in_send button p", "words"],
];

function sameMeasures(element, what) {
  const range = document.createRange();
  range.selectNodeContents(element);
  const box = (what === "box" ? element : range).getBoundingClientRect();
  return [box.x, box.y, box.width, box.height];
}
function sameWithin(ours, theirs) { return ours.every((value, i) => Math.abs(value - theirs[i]) <= 1); }

// Returns the names of the pairs that differ, or of the first one. Measuring costs a layout, so it waits until no element
// is missing.
function sameDifferences(all = true) {
  if (!document.querySelector("#first .row")) return ["rows"];
  const found = (selector) => [...document.querySelectorAll(selector)];
  const pairs = SAME_PAIRS.map(([name, ours, theirs, what]) => [name, found(ours), found(theirs), what]);
  const missing = pairs.filter(([, ours, theirs]) => ours.length !== theirs.length);
  const apart = ([, ours, theirs, what]) => ours.some((one, i) => !sameWithin(sameMeasures(one, what), sameMeasures(theirs[i], what)));
  const differ = missing.length ? missing : all ? pairs.filter(apart) : [pairs.find(apart)].filter(Boolean);
  return differ.map(([name]) => name);
}
