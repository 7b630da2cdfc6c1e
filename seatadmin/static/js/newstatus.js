// Date, reason and note in the form belong to the status that it opened with: another status
// starts without them, and takes effect today unless a date is given.
const DETAILS = ["status_date", "cancellation_reason", "status_note"];
const status = document.querySelector("select[name=program_status]");

if (status?.form?.elements.version) {
  const opened = status.value;
  const details = DETAILS.map((name) => status.form.elements[name]);
  const before = details.map((field) => field.value);

  status.addEventListener("change", () => {
    details.forEach((field, n) => {
      if (status.value === opened && !field.value) field.value = before[n];
      else if (status.value !== opened && field.value === before[n]) field.value = "";
    });
  });
}
