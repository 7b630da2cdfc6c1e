// One dialog for every act. What it shows is the form of the page `action/confirm/`, which is
// also where the same buttons lead without scripts: there is one place that says what will happen.
import { load, modal } from "./modal.js";

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (form.id !== "act" || !submitter) return;
  event.preventDefault();
  const request = { method: "POST", body: new FormData(form, submitter) };
  // `form.action` would be the buttons of that name.
  ask(form.getAttribute("action"), request, () => send(form, submitter));
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-act]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  link.closest("[popover]")?.hidePopover();
  ask(link.href, {}, () => location.assign(link.href));
});

// Opens at once, so that a slow answer is seen to be under way. `otherwise` is the way without it.
async function ask(address, request, otherwise) {
  const dialog = modal("One moment", "<p>Counting what will change…</p>");
  const page = await load(address, request);
  const form = page?.querySelector("form[data-recount]");
  if (!dialog.isConnected) return; // closed while it was loading
  if (!form) {
    dialog.close();
    otherwise();
    return;
  }
  dialog.querySelector("h2").textContent = page.querySelector("h1").textContent;
  form.classList.remove("card");
  dialog.lastElementChild.replaceWith(form);
  form.querySelector("input:not([type=hidden]), select, textarea").focus();
  form.addEventListener("change", () => recount(dialog, form));
  form.querySelector("[data-close]").addEventListener("click", (event) => {
    event.preventDefault();
    dialog.close();
  });
}

// A date or a note can change what will happen: the page is asked again with what is typed.
let turn = 0;

async function recount(dialog, form) {
  const mine = ++turn;
  form.querySelector("[data-figures]").ariaBusy = true;
  const page = await load(form.dataset.recount, { method: "POST", body: new FormData(form) });
  const now = page?.querySelector("form[data-recount]");
  if (!now || mine !== turn || !dialog.isConnected) return;
  dialog.querySelector("h2").textContent = page.querySelector("h1").textContent;
  form.querySelector("[data-figures]").replaceWith(now.querySelector("[data-figures]"));
  const [button, fresh] = [form, now].map((one) => one.querySelector("[type=submit]"));
  button.textContent = fresh.textContent;
  button.disabled = fresh.disabled;
  for (const field of form.querySelectorAll("[name]:not([type=hidden])")) mark(field, now);
}

function mark(field, now) {
  const error = now.querySelector(`#${field.id}-error`);
  document.querySelector(`#${field.id}-error`)?.remove();
  if (error) field.parentElement.append(error);
  field.toggleAttribute("aria-invalid", false);
  if (error) field.setAttribute("aria-invalid", "true");
}

function send(form, submitter) {
  const action = new FormData(form, submitter).get("action");
  const field = Object.assign(document.createElement("input"), { type: "hidden" });
  Object.assign(field, { name: "action", value: action });
  form.append(field);
  form.submit();
}
