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

// What is still being kept; once it is, the page says so and stays as it is: somebody may be writing a note.
const pending = document.querySelector("[data-pending]");
async function ask() {
  const answer = await fetch("/review/pending", { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const { waiting } = await answer.json();
  const again = pending.querySelector("a");
  pending.firstChild.data = waiting.length ? `Being kept: ${waiting.join("; ")}. ` : "All is kept, or was refused. ";
  pending.append(again);
  if (waiting.length) setTimeout(ask, 2000);
}
if (pending) setTimeout(ask, 1500);
