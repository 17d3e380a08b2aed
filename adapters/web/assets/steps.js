// Steps are dragged to the status that they stand for. The select on each step does the
// same and is what is sent; without this script everything else works as it is.
"use strict";
(() => {
  const form = document.querySelector("[data-steps]");
  if (!form) return;
  const said = form.querySelector("[data-moved]");
  let held = null;
  function place(step, column) {
    const select = step.querySelector("select"), was = select.value;
    select.value = column.dataset.status;
    column.querySelector("ul").append(step);
    if (was !== select.value || said.textContent) said.textContent = say("{{.Step}} stands for {{.Status}}. Save to keep it.", { Step: step.dataset.name, Status: column.querySelector("h2").textContent });
  }
  for (const step of form.querySelectorAll(".step")) {
    step.draggable = true;
    step.addEventListener("dragstart", (e) => { held = step; step.classList.add("held"); e.dataTransfer.effectAllowed = "move"; e.dataTransfer.setData("text/plain", step.dataset.name); });
    step.addEventListener("dragend", () => { step.classList.remove("held"); held = null; for (const c of form.querySelectorAll(".over")) c.classList.remove("over"); });
  }
  for (const column of form.querySelectorAll(".step-column")) {
    column.addEventListener("dragover", (e) => { if (held) { e.preventDefault(); column.classList.add("over"); } });
    column.addEventListener("dragleave", (e) => { if (!column.contains(e.relatedTarget)) column.classList.remove("over"); });
    column.addEventListener("drop", (e) => { if (held) { e.preventDefault(); place(held, column); } });
  }
  form.addEventListener("change", (e) => {
    const step = e.target.closest(".step");
    if (!step || e.target.tagName !== "SELECT") return;
    said.textContent = said.textContent || " ";
    place(step, form.querySelector(`[data-status="${e.target.value}"]`));
    e.target.focus();
  });
  form.addEventListener("submit", () => { form.elements.once.value ||= crypto.randomUUID ? crypto.randomUUID() : String(Date.now()); });
})();
