package web

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestPictures shows the main pages; with PICTURES set it leaves pictures of them.
func TestPictures(t *testing.T) {
	at, b := demo(t), browser(t)
	desk := open(t, b, 1360, 860, at+"/web/as/olivia/")
	desk.run("with a mouse", emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "light"}, {Name: "hover", Value: "hover"}}))
	desk.sees("cards", `document.querySelectorAll(".card").length > 5`)
	desk.picture("desk")
	desk.run("open a thread", chromedp.Evaluate(`[...document.querySelectorAll(".message")].find((m) => m.textContent.includes("Boiler shows F28")).querySelector(".replies").click()`, nil))
	desk.sees("the thread", `document.querySelector("#thread-list .message")`)
	desk.js("show a card beside it", `[...document.querySelectorAll("#list .message")].find((m) => m.textContent.includes("Pigeons under the eaves")).scrollIntoView({block: "start"})`)
	desk.picture("desk-thread")
	desk.run("dark", emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}, {Name: "hover", Value: "hover"}, {Name: "prefers-reduced-motion", Value: "reduce"}}))
	desk.picture("desk-dark")
	firm := open(t, b, 1360, 860, at+"/web/as/ben/")
	firm.sees("cards", `document.querySelectorAll(".card").length > 3`)
	firm.picture("firm")
	firm.js("decline", `document.querySelector('button[data-key="decline"]').click()`)
	firm.sees("the form", `document.querySelector("dialog[open] form")`)
	firm.picture("firm-form")
	phone := open(t, b, 390, 844, at+"/web/as/mia/")
	phone.sees("cards", `document.querySelectorAll(".card").length > 2`)
	phone.picture("phone")
	manager := open(t, b, 1360, 860, at+"/web/as/priya/")
	manager.sees("the empty state", `document.querySelector(".empty")`)
	manager.picture("manager")
	manager.run("type a command", chromedp.SendKeys(`.composer textarea`, "/task", chromedp.ByQuery))
	manager.picture("manager-hints")
}
