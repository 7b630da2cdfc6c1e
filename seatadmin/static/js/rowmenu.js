// The three dots of a row open its menu: one menu a page, moved to the row that is asked about.
// The browser closes it on Esc, on a click elsewhere, and when another opens.

const template = document.querySelector("#row-menu");
const menu = template?.content.firstElementChild;

if (menu) {
  for (const dots of document.querySelectorAll(".kebab")) {
    const name = dots.closest("tr").querySelector("[data-field]").textContent;
    dots.setAttribute("aria-label", `Menu of ${name}`);
    dots.setAttribute("role", "button");
    dots.setAttribute("aria-expanded", "false");
  }
  document.addEventListener("click", (event) => {
    const dots = event.target.closest(".kebab");
    if (!dots || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    toggle(dots);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === " " && event.target.matches(".kebab")) {
      event.preventDefault();
      toggle(event.target);
    }
  });
  menu.addEventListener("keydown", walk);
  menu.addEventListener("beforetoggle", ({ newState }) => {
    menu.parentElement?.querySelector(".kebab").setAttribute("aria-expanded", newState === "open");
  });
  for (const moved of ["scroll", "resize"]) addEventListener(moved, place);
}

function toggle(dots) {
  const isOpen = menu.matches(":popover-open") && menu.previousElementSibling === dots;
  if (menu.isConnected) menu.hidePopover();
  if (isOpen) return;
  fill(dots.closest("tr"));
  dots.after(menu);
  menu.showPopover();
  place();
  choices()[0].focus({ preventScroll: true });
}

function fill({ dataset: { id, state } }) {
  for (const link of menu.querySelectorAll("a")) {
    const address = new URL(link.getAttribute("href"), location);
    address.searchParams.set(link.dataset.act ? "rowid" : "id", id);
    link.href = address;
    link.hidden = Boolean(link.dataset.act) && !link.dataset.states.split(" ").includes(state);
  }
}

// Beside its dots, wherever these scroll to.
function place() {
  if (!menu.matches(":popover-open")) return;
  const { top, bottom, right } = menu.previousElementSibling.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = bottom + height + 8 < innerHeight;
  menu.style.left = `${Math.max(8, right - width)}px`;
  menu.style.top = `${below ? bottom + 4 : Math.max(8, top - height - 4)}px`;
}

function walk(event) {
  if (event.key === "Tab") menu.hidePopover();
  const links = choices();
  const here = links.indexOf(document.activeElement);
  const next = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: -1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  links.at(next % links.length).focus();
}

function choices() {
  return [...menu.querySelectorAll("a:not([hidden])")];
}
