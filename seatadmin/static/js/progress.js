// Work that takes longer than a second shows how far it has come. The form is sent as ever; until
// the answer is there, this page asks under the form's request_id.

const PATIENCE = 1000;
const ASK_EVERY = 500;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-progress]") || event.defaultPrevented) return;
  setTimeout(() => watch(form), PATIENCE);
});

addEventListener("pageshow", () => document.querySelector("#progress")?.remove()); // came back

async function watch(form) {
  const { box, bar, words } = show(form);
  const address = new URL(`/admin/import/progress/`, location);
  address.searchParams.set("id", form.elements.request_id.value);
  while (box.isConnected) {
    const { done, total, what } = await ask(address);
    if (total) {
      bar.max = total;
      bar.value = done;
    } else bar.removeAttribute("value");
    if (words.textContent !== (what ?? "Working")) words.textContent = what ?? "Working";
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY));
  }
}

function show(form) {
  document.querySelector("#progress")?.remove();
  const box = document.createElement("div");
  box.id = "progress";
  box.className = "field";
  const words = document.createElement("label");
  words.htmlFor = "progress-bar";
  words.setAttribute("aria-live", "polite");
  words.textContent = "Working";
  const bar = document.createElement("progress");
  bar.id = "progress-bar";
  box.append(words, bar);
  form.append(box);
  return { box, bar, words };
}

async function ask(address) {
  try {
    return await (await fetch(address, { headers: { Accept: "application/json" } })).json();
  } catch {
    return {}; // the answer of the work itself says what happened
  }
}
