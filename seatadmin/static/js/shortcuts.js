// Keys for what one does often; the page of the search lists them. Single letters can be switched
// off, and are no keys while one types.
import { find } from "./find.js";
import { isOpen, load, modal } from "./modal.js";

const OFF = "shortcuts-off";
const TYPING = "input:not([type=checkbox]), select, textarea";
const KEYS = {
  "/": find,
  "?": help,
  j: () => step(1),
  k: () => step(-1),
  x: () => row()?.querySelector("[name=rowid]")?.click(),
  n: () => follow(".page-head a[href$='new/']"),
};
for (const page of ["participant", "user", "sponsor", "employer", "change"]) {
  KEYS[`g${page[0]}`] = () => follow(`nav a[href$="/${page}/"]`);
}
let before = "";

document.addEventListener("keydown", (event) => {
  const { key, ctrlKey, metaKey, altKey, target } = event;
  const control = ctrlKey || metaKey;
  if (control && key === "k") find(event);
  if (control || altKey || isOpen() || localStorage[OFF] || target.closest?.(TYPING)) return;
  const act = KEYS[before + key];
  before = key === "g" ? key : "";
  if (act) event.preventDefault();
  act?.(event);
});

document.addEventListener("click", (event) => {
  const asked = event.target.closest("[data-shortcuts]");
  if (!asked) return;
  asked.closest("dialog")?.close();
  event.preventDefault();
  help();
});

async function help() {
  const { action } = document.querySelector(".find");
  const listed = (await load(action))?.querySelector("#shortcuts");
  if (!listed || isOpen()) return;
  const dialog = modal("Keyboard shortcuts", listed.innerHTML);
  const box = dialog.querySelector("input");
  box.checked = !localStorage[OFF];
  box.addEventListener("change", () => {
    localStorage[OFF] = box.checked ? "" : "1";
  });
}

function follow(selector) {
  document.querySelector(selector)?.click();
}

function row() {
  return document.activeElement.closest(".list tbody tr");
}

function step(by) {
  const rows = [...document.querySelectorAll(".list tbody tr")];
  const next = rows[row() ? rows.indexOf(row()) + by : 0];
  next?.querySelector("a")?.focus();
}
