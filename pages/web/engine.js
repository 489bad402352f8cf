// What Streamlit's bundle needs of a browser.
function canRunStreamlit() {
  try {
    return !!new RegExp("", "v") && CSS.supports("selector(:has(a))");
  } catch (_) {
    return false;
  }
}
