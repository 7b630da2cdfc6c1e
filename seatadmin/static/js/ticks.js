// Ticking rows: the head ticks the page, Shift ticks a range, and a page that is ticked whole
// offers all that match.

const form = document.querySelector("#act");

if (form) {
  const rows = [...form.querySelectorAll("[name=rowid]")];
  const page = form.querySelector("[data-tick-all]");
  const all = form.elements.selection;
  const said = form.querySelector("[data-batch-count]");
  const acts = form.querySelectorAll("[name=action]");
  const offer = form.querySelector("[data-batch-all]");
  const { total } = form.dataset;
  let last = -1;

  form.addEventListener("click", ({ target, shiftKey }) => {
    const index = rows.indexOf(target);
    if (index < 0) return;
    if (shiftKey && last >= 0) {
      const [from, to] = [index, last].sort((a, b) => a - b);
      for (const row of rows.slice(from, to + 1)) row.checked = target.checked;
    }
    last = index;
  });
  form.addEventListener("change", ({ target }) => {
    if (target === page) for (const row of rows) row.checked = page.checked;
    if (target !== all) all.checked = false;
    show();
  });
  show();

  function show() {
    const ticked = rows.filter((row) => row.checked).length;
    const whole = ticked === rows.length;
    page.checked = whole;
    page.indeterminate = ticked > 0 && !whole;
    offer.hidden = !whole || total === String(rows.length);
    for (const act of acts) act.disabled = !ticked;
    said.textContent = words(ticked);
  }

  function words(ticked) {
    if (all.checked) return `All ${total} that match are selected.`;
    if (!ticked) return "Select rows to act on them.";
    return ticked === 1 ? "1 row selected" : `${ticked} rows selected`;
  }
}
