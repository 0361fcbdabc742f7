// Keys of the review desk: each control names its own in `data-key`. The page works without.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const field = event.target.closest("input:not([type=radio], [type=checkbox]), select, textarea");
  if (event.key === "Escape" && field) field.blur();
  if (field) return;
  const control = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!control || control.disabled) return;
  event.preventDefault();
  if (control.matches("input:not([type=radio])")) control.focus();
  else control.click();
});

// Enter in the field for another item replaces; the form's first button would accept.
document.getElementById("new-item")?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  event.target.form.querySelector("button[value=replace]").click();
});

// A decision takes a moment: a second key must not decide on the same thing again.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => delete form.dataset.sent));

const status = document.querySelector("[role=alert], [role=status]");
if (status) {
  status.tabIndex = -1;
  status.focus();
}
