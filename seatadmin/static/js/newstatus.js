// Date, reason and note in the form belong to the status that it opened with: another status
// starts without them, and takes effect today unless a date is given.
const DETAILS = ["status_date", "cancellation_reason", "status_note"];
const status = document.querySelector("select[name=program_status]");

if (status?.form?.elements.version) {
  const details = DETAILS.map((name) => status.form.elements[name]);
  const forget = () => {
    const same = status.value === opened(status);
    for (const field of details) {
      if (same && !field.value) field.value = opened(field);
      else if (!same && field.value === opened(field)) field.value = "";
    }
  };
  status.addEventListener("change", forget);
  forget(); // it may have been changed before this ran
}

function opened(field) {
  if (!field.options) return field.defaultValue;
  return [...field.options].find((option) => option.defaultSelected)?.value ?? "";
}
