package workflow

// limiting is what the clock does while a firm has a job: it counts down the time to
// answer, and keeps the desk's time limits. What a person does at the same moment goes
// on, because none of it makes a button wrong.
var limiting = []row{
	{
		verb: CountDown, roles: of(System), from: of(Assigned), quiet: true, silent: true,
		guard: guardCountDown, effect: effectCountDown,
		does: "the cards say how little time is left to answer; at a few steps, never each minute",
	},
	refuse(CountDown, Conflict, "This was never sent, so its time does not run.", Unsent),
	refuse(CountDown, TooLate, "The firm answered already.", Accepted, InProgress, WaitingApproval, Complete),
	refuse(CountDown, TooLate, "{ended} already.", Declined, Canceled),

	{
		verb: WarnLimit, roles: of(System), from: of(Assigned, Accepted, InProgress), quiet: true,
		guard: guardWarnLimit, effect: effectWarnLimit, event: EventLimitNear,
		does: "once per time limit, after a share of it; tells the desk and who is in charge",
	},
	refuse(WarnLimit, Conflict, "This was never sent, so no time limit runs.", Unsent),
	refuse(WarnLimit, TooLate, "The work was handed in, so no time limit runs.", WaitingApproval),
	refuse(WarnLimit, TooLate, "{ended}, so no time limit runs.", Complete, Declined, Canceled),

	{
		verb: BreachLimit, roles: of(System), from: of(Assigned, Accepted, InProgress), quiet: true,
		guard: guardBreachLimit, effect: effectBreachLimit, event: EventLimitBroken,
		does: "once per time limit; what a person does later than that notes it as well; tells the desk and who is in charge",
	},
	refuse(BreachLimit, Conflict, "This was never sent, so no time limit runs.", Unsent),
	refuse(BreachLimit, TooLate, "The work was handed in, so no time limit runs.", WaitingApproval),
	refuse(BreachLimit, TooLate, "{ended}, so no time limit runs.", Complete, Declined, Canceled),
}
