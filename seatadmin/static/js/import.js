// A file may be dropped on its field, wherever in the frame around it.
const frame = document.querySelector("[data-drop]");

if (frame) {
  const field = frame.querySelector("input[type=file]");
  for (const kind of ["dragover", "dragleave", "drop"]) {
    frame.addEventListener(kind, (event) => {
      event.preventDefault();
      frame.toggleAttribute("data-over", kind === "dragover");
      if (kind === "drop" && event.dataTransfer.files.length) {
        field.files = event.dataTransfer.files;
        field.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
  }
}
