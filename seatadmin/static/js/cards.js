// In a narrow window rows are cards, and each value needs its column's name beside it. The names
// are copied from the head instead of being sent with every cell.

const narrow = matchMedia("(max-width: 62rem)");

narrow.addEventListener("change", label);
label();

function label() {
  if (!narrow.matches) return;
  for (const table of document.querySelectorAll("table.list")) {
    const names = [...table.tHead.rows[0].cells].map((head) => head.textContent.trim());
    for (const row of table.tBodies[0].rows) {
      [...row.cells].forEach((cell, column) => (cell.dataset.label = names[column]));
    }
  }
}
