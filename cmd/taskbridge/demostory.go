package main

import (
	"image/color"
	"time"

	"taskbridge/bot/present"
)

// demoTask is a task of the demonstration and what happens to it.
type demoTask struct {
	title, text, topic, priority, place, due, firm string
	steps                                          []demoStep
}

// demoStep is one act: a button with its form, or a reply in the thread, in the firm's
// channel or, for the desk, beneath its own card.
type demoStep struct {
	who, text, button string
	// choice is what is chosen in the list that the button names.
	choice string
	desk   bool
	// command asks for the form at the desk, with the task's number behind it.
	command string
	// file is attached to what is said.
	file *demoFile
	// link gives the customer the link to the job's page.
	link  bool
	form  map[string]string
	after time.Duration
}

const minutes = time.Minute

// moreButton is the list of what else a firm can do.
const moreButton = string(present.More)

func replies(who, text string, after time.Duration) demoStep {
	return demoStep{who: who, text: text, after: after}
}

func notes(who, text string, after time.Duration) demoStep {
	return demoStep{who: who, text: text, desk: true, after: after}
}

func accepts(who string, after time.Duration) demoStep {
	return demoStep{who: who, button: "accept", after: after}
}

func declines(who, reason, text string) demoStep {
	return demoStep{who: who, button: "decline", form: map[string]string{"reason": reason, "text": text}, after: 12 * minutes}
}

func starts(who string, after time.Duration) demoStep {
	return demoStep{who: who, button: "start", after: after}
}

// plans says that they come so many days from now, at these hours of the day.
func plans(who string, days, from, till int, after time.Duration) demoStep {
	y, m, day := time.Now().Date()
	at := func(hour int) string {
		return time.Date(y, m, day+days, hour, 0, 0, 0, time.Local).Format("2006-01-02 15:04")
	}
	return demoStep{who: who, button: moreButton, choice: present.ChosenStep + "Planned", form: map[string]string{"from": at(from), "till": at(till)}, after: after}
}

// travels and works say that they are on their way, and there.
func travels(who string, after time.Duration) demoStep {
	return demoStep{who: who, button: moreButton, choice: present.ChosenStep + "Travel", after: after}
}

func works(who string, after time.Duration) demoStep {
	return demoStep{who: who, button: moreButton, choice: present.ChosenStep + "Work", after: after}
}

func pauses(who, reason, text string, after time.Duration) demoStep {
	return demoStep{who: who, button: moreButton, choice: present.ChosenPause, form: map[string]string{"reason": reason, "text": text}, after: after}
}

// shows says something with a file.
func shows(who, text string, f *demoFile, after time.Duration) demoStep {
	return demoStep{who: who, text: text, file: f, after: after}
}

// wantsPhoto has the firm post a photo or another file before the work is done.
func wantsPhoto() demoStep {
	return demoStep{who: "olivia", desk: true, command: "/task require", form: map[string]string{"evidence": "1"}, after: minutes}
}

// givesLink gives the customer the link to the job's page.
func givesLink(who string) demoStep {
	return demoStep{who: who, link: true, desk: true, after: 2 * minutes}
}

func completes(who, note, effort, costs string) demoStep {
	return demoStep{who: who, button: "submit", form: map[string]string{"note": note, "effort": effort, "costs": costs}, after: 50 * minutes}
}

func approves() demoStep {
	return demoStep{who: "olivia", button: "approve", desk: true, after: 25 * minutes}
}

func sendsBack(reason string) demoStep {
	return demoStep{who: "olivia", button: "sendback", desk: true, form: map[string]string{"reason": reason}, after: 25 * minutes}
}

const (
	heating = "Acme Heating"
	locks   = "Bright Locks"
	roofs   = "Stone & Sons"
)

// demoStory is what happened at the desk in the last three days.
func demoStory() []demoTask {
	const ben, tess, mia, george, olivia, sam = "ben", "tess", "mia", "george", "olivia", "sam"
	return []demoTask{
		{"Radiators cold on the second floor", "Three flats report cold radiators since the weekend; the ground floor is warm.", "Heating", "high", "12 Mill Lane, Leeds", "", heating, []demoStep{
			accepts(ben, 9*minutes), starts(ben, 40*minutes), replies(ben, "Air in the system and one stuck valve. Bleeding it now.", 30*minutes), replies(olivia, "Thank you. Flat 5 is home until four.", 3*minutes),
			shows(ben, "The old valve, and the pressure over the last hour.", &demoFile{"pressure.txt", "text/plain", []byte("14:05  0.9 bar, air let out\n14:30  1.2 bar, valve in flat 5 replaced\n15:05  1.6 bar, steady\n")}, 20*minutes),
			completes(ben, "Bled the system, replaced the valve in flat 5, pressure back at 1.6 bar.", "2h", "48 GBP"), approves(),
		}},
		{"Front door does not latch", "The door springs open again unless it is pulled hard.", "Locks", "", "3 Canal St, Leeds", "", locks, []demoStep{
			accepts(mia, 6*minutes), completes(mia, "Strike plate moved by 2 mm, closer adjusted.", "45m", ""), approves(),
		}},
		{"Slipped tiles above the bike shed", "Two tiles lie in the gutter. Nobody walks below.", "Roof", "low", "27 Priory Rd, York", "", roofs, []demoStep{
			accepts(george, 30*minutes), replies(george, "Can be there on Thursday with the long ladder.", 5*minutes), replies(sam, "Thursday is fine, the caretaker has the yard key.", 14*minutes),
			completes(george, "Four tiles replaced, gutter cleared.", "1h30m", "36 GBP"), approves(),
		}},
		{"Boiler shows F28 and locks out", "Resets once, runs for ten minutes, then locks out again.", "Heating", "urgent", "4 Elm St, Leeds", "2d", heating, []demoStep{
			wantsPhoto(), accepts(tess, 4*minutes), notes(olivia, "The tenant has a baby. Sam, please ring her before noon.", 2*minutes), notes(sam, "Done. She has a fan heater for now.", 22*minutes),
			travels(tess, 10*minutes), works(tess, 20*minutes), replies(tess, "Gas valve is fine. I suspect the ignition electrode; there is one in the van.", 18*minutes), replies(olivia, "Go ahead up to 150.", 2*minutes),
			shows(tess, "The old electrode.", photo("electrode.png", color.RGBA{176, 180, 184, 255}, color.RGBA{58, 44, 38, 255}, [3]int{46, 34, 16}, [3]int{60, 30, 9}), 25*minutes),
			completes(tess, "Electrode replaced, burner cleaned, ran for 40 minutes without a fault.", "1h45m", "92 GBP"),
		}},
		{"Master key lost on site", "The caretaker lost the master key of block B. Six cylinders.", "Locks", "high", "Block B, 40 Station Rd, Leeds", "6d", locks, []demoStep{
			accepts(mia, 8*minutes), replies(mia, "Six cylinders keyed alike are 312, in stock. Shall I bring twelve keys?", 6*minutes), replies(olivia, "Yes, twelve, and two for us.", 9*minutes), plans(mia, 2, 8, 10, 6*minutes),
		}},
		{"Water stain on the top floor ceiling", "It grows with every rain. Photos follow.", "Roof", "high", "9 Abbey Walk, York", "30h", roofs, []demoStep{
			declines(george, "no_capacity", "Both crews are on the school until Friday."),
		}},
		{"Annual service, six boilers", "Six flats, one after the other; the tenants are told.", "Heating", "", "12 Mill Lane, Leeds", "6d", heating, []demoStep{
			accepts(ben, 25*minutes), replies(ben, "All six in one day, from eight. I put it into the plan.", 7*minutes), replies(olivia, "Good. I have put it on the notice board.", 12*minutes), plans(ben, 3, 8, 16, 5*minutes),
		}},
		{"Intercom buzzes but does not open", "Flat 11 only. The others work.", "Locks", "", "3 Canal St, Leeds", "4d", locks, []demoStep{
			accepts(mia, 10*minutes), starts(mia, 45*minutes), completes(mia, "Handset replaced.", "30m", "29 GBP"), sendsBack("The tenant says it still does not open from the bedroom handset. Please check that one, too."),
			replies(mia, "There are two? I was shown one. I go back tomorrow morning.", 15*minutes),
		}},
		{"Chimney cowl rattles in the wind", "Heard in the attic flat at night.", "Roof", "low", "27 Priory Rd, York", "", roofs, []demoStep{
			accepts(george, 55*minutes), starts(george, 30*minutes), completes(george, "Cowl refixed with two new straps.", "1h", "14 GBP"), approves(),
		}},
		{"No hot water in flat 2", "Heating works, the tap stays cold.", "Heating", "high", "18 Victoria Ave, Leeds", "5d", heating, []demoStep{
			accepts(ben, 5*minutes), starts(ben, 35*minutes), replies(ben, "Diverter valve is stuck. Part is ordered; I come back with it as soon as it is here.", 20*minutes), plans(ben, 1, 10, 12, 4*minutes), givesLink(sam), replies(olivia, "Thanks. The tenant showers at her sister's tonight.", 4*minutes), notes(olivia, "Promised her a call when it is done.", 1*minutes),
		}},
		{"Meter cupboard will not lock", "The utility reads the meters next week.", "Locks", "low", "40 Station Rd, Leeds", "", locks, []demoStep{
			declines(mia, "other", "That cupboard belongs to the utility; only they may change its lock."),
		}},
		{"Gutter overflows at the north corner", "Water runs down the wall when it rains.", "Roof", "", "9 Abbey Walk, York", "6d", roofs, []demoStep{
			accepts(george, 20*minutes), starts(george, 80*minutes), shows(george, "This is how it looks below the corner.", photo("corner.png", color.RGBA{206, 200, 186, 255}, color.RGBA{112, 92, 62, 255}, [3]int{30, 20, 22}, [3]int{38, 44, 14}, [3]int{72, 58, 8}), 15*minutes),
			pauses(george, "weather", "Too wet for the ladder until the rain is through.", 10*minutes),
		}},
		{"Thermostat shows nothing", "Display is blank after the power cut.", "Heating", "", "4 Elm St, Leeds", "", heating, []demoStep{
			accepts(tess, 11*minutes), completes(tess, "New batteries, clock set, programme restored.", "20m", ""), approves(),
		}},
		{"Replace the cylinder of flat 7", "New tenant on the first. Standard cylinder, five keys.", "Locks", "", "18 Victoria Ave, Leeds", "5d", locks, nil},
		{"Skylight lets water in", "Drips when the rain comes from the west.", "Roof", "urgent", "2 Minster Yard, York", "26h", roofs, []demoStep{
			accepts(george, 3*minutes), replies(george, "On my way, 40 minutes.", 2*minutes), replies(george, "Sealed for tonight. The frame is rotten on one side and has to be replaced: about 680.", 50*minutes),
			replies(sam, "We need the owner for that. I ask her today.", 6*minutes), notes(sam, "Owner is Mrs Lindqvist, back from holiday on Monday.", 2*minutes),
		}},
		{"Pump in the cellar hums loudly", "Since yesterday; the heating works.", "Heating", "", "12 Mill Lane, Leeds", "4d", heating, nil},
		{"Garage door stuck half open", "Two cars cannot get out.", "Doors", "high", "40 Station Rd, Leeds", "5h", "", nil},
		{"Quarterly check of emergency lights", "The log book is at the caretaker's.", "Electrical", "", "Block B, 40 Station Rd, Leeds", "12d", "", nil},
		{"Rekey the office after a change of staff", "Two doors and the post box.", "Locks", "", "1 Park Row, Leeds", "3d", locks, []demoStep{
			accepts(mia, 15*minutes), starts(mia, 30*minutes), completes(mia, "Three cylinders rekeyed, eight keys handed over to reception.", "1h15m", "84 GBP"),
		}},
		{"Loose ridge tile", "The scaffold next door could be used until Friday.", "Roof", "", "27 Priory Rd, York", "3d", roofs, nil},
		{"Radiator leaks at the valve", "A bowl stands under it; half a litre a day.", "Heating", "high", "3 Canal St, Leeds", "18h", heating, []demoStep{accepts(ben, 4*minutes), replies(ben, "There is a slot this afternoon, I come at once.", 3*minutes), travels(ben, 25*minutes)}},
		{"Window in the stairwell does not close", "Third landing, the handle turns freely.", "Doors", "low", "18 Victoria Ave, Leeds", "", "", nil},
		{"Heating curve too high in block A", "Tenants open windows; the flow is at 72 °C.", "Heating", "low", "Block A, 40 Station Rd, Leeds", "8d", heating, []demoStep{accepts(tess, 18*minutes), starts(tess, 25*minutes)}},
		{"Pigeons under the eaves", "They nest above the entrance.", "Roof", "low", "2 Minster Yard, York", "", "", nil},
	}
}
