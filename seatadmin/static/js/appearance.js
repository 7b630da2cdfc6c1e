// Light or dark, and a narrow menu: remembered in cookies, so that the server sends the page
// as it was left and nothing flashes.

const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");
const toggle = document.querySelector("[data-theme-toggle]");
const fold = document.querySelector("#fold");

if (toggle) {
  toggle.hidden = false;
  toggle.addEventListener("click", () => choose(!isDark()));
  system.addEventListener("change", announce);
  announce();
}

fold?.addEventListener("change", () => remember("fold", fold.checked ? "1" : ""));

function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : system.matches;
}

// What the system wants anyway is not kept as a choice: the page goes on following the system.
function choose(dark) {
  const theme = dark ? "dark" : "light";
  if (dark === system.matches) delete root.dataset.theme;
  else root.dataset.theme = theme;
  remember("theme", root.dataset.theme ?? "");
  announce();
}

function announce() {
  toggle.setAttribute("aria-pressed", String(isDark()));
}

function remember(name, value) {
  const age = value ? 31536000 : 0;
  document.cookie = `${name}=${value}; Path=/; Max-Age=${age}; SameSite=Lax`;
}
