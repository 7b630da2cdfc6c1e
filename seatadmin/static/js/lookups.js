// Fields of which there are too many choices to list suggest some as one types.

const PAUSE = 150;

for (const field of document.querySelectorAll("[data-lookup]")) {
  let waiting, latest;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const text = (latest = field.value);
      const found = await suggestions(field.dataset.lookup, text);
      if (text !== latest) return;
      field.list.replaceChildren(...found.map((suggested) => new Option("", suggested)));
    }, PAUSE);
  });
}

async function suggestions(lookup, text) {
  const address = new URL(lookup, location);
  address.searchParams.set("query", text);
  const answer = await fetch(address).catch(() => null);
  return answer?.ok ? answer.json() : [];
}
