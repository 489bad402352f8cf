const PAIRS = [
  ["heading", "#first h1", "#root h1", "text"],
  ["row", "#first .row", "#root .st-key-check_in_list > :has(input)", "box"],
  ["send", "#first .foot button:last-child", "#root .st-key-check_in_send button", "box"],
];
function differences() {
  const off = [];
  for (const [name, ours, theirs] of PAIRS) {
    const a = document.querySelectorAll(ours), b = document.querySelectorAll(theirs);
    if (!a.length || a.length !== b.length) off.push(name);
  }
  return off;
}
