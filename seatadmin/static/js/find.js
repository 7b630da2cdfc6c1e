// The palette finds anything as one types. It asks the page to which the form in the head leads.
import { isOpen, modal } from "./modal.js";

const PAUSE = 120;
const form = document.querySelector(".find");
const field = form?.elements.q;

form?.addEventListener("submit", find);
field?.addEventListener("click", find);
field?.addEventListener("input", find);

export function find(event) {
  if (!form || isOpen()) return;
  event.preventDefault();
  const dialog = modal("Find anything", form.querySelector("template").innerHTML, "palette");
  const input = dialog.querySelector("input");
  const list = dialog.querySelector("ul");
  const chosen = () => list.querySelector("[aria-selected=true]");
  let waiting, asked;

  input.value = field.value;
  field.value = "";
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) choose([...list.children].indexOf(chosen()) + step);
    else if (event.key === "Enter") chosen()?.click();
    else return;
    event.preventDefault();
  });
  ask();

  async function ask() {
    const text = (asked = input.value);
    const results = await look(text);
    if (text !== asked) return;
    list.replaceChildren(...results.map(option));
    list.nextElementSibling.textContent = `${results.length} found`;
    choose(0);
  }

  function choose(index) {
    const next = list.children[(index + list.children.length) % list.children.length];
    chosen()?.setAttribute("aria-selected", "false");
    next?.setAttribute("aria-selected", "true");
    next?.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", next?.id ?? "");
  }
}

async function look(text) {
  const address = `${form.action}?q=${encodeURIComponent(text)}`;
  const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => {});
  return answer?.ok && !answer.redirected ? (await answer.json()).results : [];
}

function option({ kind, label, detail, href }, index) {
  const item = Object.assign(document.createElement("li"), { id: `found-${index}`, role: "option" });
  for (const textContent of [label, detail, kind]) {
    item.append(Object.assign(document.createElement("span"), { textContent }));
  }
  item.addEventListener("click", () => location.assign(href));
  return item;
}
