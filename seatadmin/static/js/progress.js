// Work that takes longer than a second shows how far it has come. The form is sent, and the export
// saved, as ever; meanwhile this page asks under the request_id of either.

const PATIENCE = 1000;
const ASK_EVERY = 500;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-progress]") || event.defaultPrevented) return;
  setTimeout(() => watch(form.elements.request_id.value, show(form)), PATIENCE);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href*="export/"]');
  if (!link || !crypto.randomUUID) return;
  const address = new URL(link.href);
  const id = crypto.randomUUID();
  address.searchParams.set("request_id", id);
  link.href = address;
  setTimeout(() => watch(id, null, link.parentElement), PATIENCE);
});

addEventListener("pageshow", () => document.querySelector("#progress")?.remove()); // came back

// A form's box goes with its page, an export's when nothing is told any more.
async function watch(id, box, place) {
  const address = new URL(`/admin/import/progress/`, location);
  address.searchParams.set("id", id);
  do {
    const { done, total, what } = await ask(address);
    if (place && !total) break;
    box ??= show(place);
    const { firstChild: words, lastChild: bar } = box;
    if (total) {
      bar.max = total;
      bar.value = done;
    } else bar.removeAttribute("value");
    if (words.textContent !== (what ?? "Working")) words.textContent = what ?? "Working";
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY));
  } while (box.isConnected);
  box?.remove();
}

function show(place) {
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
  place.append(box);
  return box;
}

async function ask(address) {
  try {
    return await (await fetch(address, { headers: { Accept: "application/json" } })).json();
  } catch {
    return {}; // the answer of the work itself says what happened
  }
}
