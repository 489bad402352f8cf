// What our scripts know of Streamlit's document. A test compares each name with the installed release.
const HOOKS = {
  app: ".stApp",
  connection: "data-test-connection-state", connected: "CONNECTED",
  script: "data-test-script-state", resting: "notRunning",
  scrolls: "[data-testid=stMain]",
  skip: "a[href='#stMain']",
  bottom: "[data-testid=stBottom] > div",
  row: "[data-testid=stLayoutWrapper]", // of a label and its gloss
  gloss: "[data-testid=stCaptionContainer]",
  square: "label > span + div",
  missing: "[role=spinbutton][data-placeholder]", // a part of a time
  openTab: ".st-key-dashboard_view [aria-checked=true]",
};
