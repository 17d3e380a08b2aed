package web

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestStepsForCustomers: a step is dragged to another status, another is put there by its
// select, and both are saved, once.
func TestStepsForCustomers(t *testing.T) {
	at, b := demo(t), browser(t)
	w := open(t, b, 1360, 900, at+"/web/as/olivia/steps")
	w.sees("steps", `document.querySelectorAll(".step[draggable=true]").length >= 3`)
	w.run("drag Travel to Planned", chromedp.Evaluate(`(() => {
		const data = new DataTransfer(), step = document.querySelector('.step[data-name="Travel"]'), column = document.querySelector('[data-status="planned"]');
		const fire = (at, kind) => at.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data }));
		fire(step, "dragstart"); fire(column, "dragover"); fire(column, "drop"); fire(step, "dragend");
	})()`, nil))
	w.sees("Travel in its column", `document.querySelector('[data-status="planned"] .step[data-name="Travel"] select').value === "planned"`)
	w.sees("it is said", `document.querySelector("[data-moved]").textContent.includes("Travel stands for Planned")`)
	w.run("choose a status for Work", chromedp.SetValue(`.step[data-name="Work"] select`, "finished", chromedp.ByQuery),
		chromedp.Evaluate(`document.querySelector('.step[data-name="Work"] select').dispatchEvent(new Event("change", { bubbles: true }))`, nil))
	w.sees("Work in its column", `document.querySelector('[data-status="finished"] .step[data-name="Work"]')`)
	w.run("save", chromedp.Click(`.step-save button`, chromedp.ByQuery))
	w.sees("it is saved", `document.querySelector(".done") && document.querySelector('[data-status="planned"] .step[data-name="Travel"]') && document.querySelector('[data-status="finished"] .step[data-name="Work"]')`)
	w.sees("the change is told", `document.querySelector("main").innerText.includes("Olivia Hart")`)
}
