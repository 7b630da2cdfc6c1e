// A dialog, named by its first words. The browser keeps the focus inside, closes it on Esc, and
// gives the focus back.

export function modal(title, html, name = "") {
  const dialog = document.createElement("dialog");
  dialog.className = name;
  if (name) dialog.setAttribute("closedby", "any"); // nothing is lost
  dialog.setAttribute("aria-labelledby", "dialog-title");
  dialog.innerHTML = `<h2 id="dialog-title">${title}</h2>${html}`;
  dialog.addEventListener("close", () => {
    const { activeElement: back } = document;
    dialog.remove();
    back.blur(); // its caret is gone
    back.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

export const isOpen = () => document.querySelector("dialog[open]");

export async function load(address, request) {
  try {
    const answer = await fetch(address, request);
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return null;
  }
}
