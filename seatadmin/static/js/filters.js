// An address names only the filters that are set, and columns only when they are not the usual.

for (const form of document.querySelectorAll("form.filters")) {
  const columns = [...form.querySelectorAll("[name=col]")];
  form.addEventListener("submit", () => {
    for (const field of form.elements) field.disabled = field.name && !field.value;
    const usual = columns.every((box) => box.checked === box.hasAttribute("data-usual"));
    for (const box of columns) box.disabled = usual;
  });
  addEventListener("pageshow", () => {
    for (const field of form.elements) field.disabled = false;
  });
}
