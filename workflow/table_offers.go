package workflow

// bargaining is what firm and desk say to each other about an offer's terms.
var bargaining = []row{
	{
		verb: Discard, roles: of(Operator), from: of(Unsent), to: Canceled,
		effect: effectEnd, event: EventDiscarded,
		does: "the firm never hears of it",
	},
	refuse(Discard, Conflict, "This was sent already: cancel the offer instead.", Assigned),
	refuse(Discard, TooLate, "{charge} accepted this already, so there is no draft to discard.", Accepted, InProgress),
	refuse(Discard, TooLate, "The firm has handed in its work, so there is no draft to discard.", WaitingApproval),
	refuse(Discard, TooLate, "{ended}, so there is no draft to discard.", Complete, Declined, Canceled),

	{
		verb: CounterOffer, roles: of(Contractor), from: of(Assigned),
		guard: guardCounter, effect: effectCounter, event: EventCounterOffered, tell: of(Notice{To: ToOperators, Kind: NoticeCounter}),
		does: "another date, another price, or both; the job lies with the desk and the clock of the answer stands still; one at a time; the firm may still accept or decline",
	},
	refuse(CounterOffer, TooLate, "{charge} accepted this already: tell the desk in the thread if the terms have to change.", Accepted, InProgress).
		unless("You accepted this already: tell the desk in the thread if the terms have to change."),
	refuse(CounterOffer, TooLate, "The work was handed in already, so its terms stay as they are.", WaitingApproval),
	refuse(CounterOffer, TooLate, "{ended}, so no other terms can be suggested.", Complete, Declined, Canceled),

	{
		verb: AcceptCounter, roles: of(Operator), from: of(Assigned), to: Accepted,
		guard: guardAnswerCounter, effect: effectAcceptCounter, event: EventCounterAccepted, tell: of(Notice{To: ToInCharge, Kind: NoticeCounterAccepted}),
		does: "the firm's terms hold, and the firm has accepted with them; who suggested them is in charge; offers to other firms are withdrawn and no further one is asked",
	},
	{
		verb: RefuseCounter, roles: of(Operator), from: of(Assigned),
		guard: guardAnswerCounter, effect: effectRefuseCounter, event: EventCounterRefused, tell: of(Notice{To: ToFirm, Kind: NoticeCounterRefused}),
		does: "the offer stands as it was, and the clock of the answer goes on",
	},
	{
		verb: WithdrawCounter, roles: of(Contractor), from: of(Assigned),
		guard: guardWithdrawCounter, effect: effectWithdrawCounter, event: EventCounterWithdrawn, tell: of(Notice{To: ToOperators, Kind: NoticeCounterWithdrawn}),
		does: "the offer is as it was, and the time to answer ends when it would have ended without the suggestion; if that has passed, it expires",
	},
	refuse(WithdrawCounter, TooLate, "{charge} accepted this already: tell the desk in the thread if the terms have to change.", Accepted, InProgress).
		unless("You accepted this already: tell the desk in the thread if the terms have to change."),
	refuse(WithdrawCounter, TooLate, "The work was handed in already, so its terms stay as they are.", WaitingApproval),
	refuse(WithdrawCounter, TooLate, "{ended}, so there is no suggestion to withdraw.", Complete, Declined, Canceled),
	refuse(AcceptCounter, Conflict, "This was never sent, so the firm suggested nothing.", Unsent),
	refuse(AcceptCounter, Conflict, "{charge} accepted this already: amend the terms instead.", Accepted, InProgress),
	refuse(AcceptCounter, Conflict, "The firm has handed in its work: approve it or send it back.", WaitingApproval),
	refuse(AcceptCounter, TooLate, "{ended}, so there are no terms to agree to.", Complete, Declined, Canceled),
	refuse(RefuseCounter, Conflict, "This was never sent, so the firm suggested nothing.", Unsent),
	refuse(RefuseCounter, Conflict, "{charge} accepted this already: amend the terms instead.", Accepted, InProgress),
	refuse(RefuseCounter, Conflict, "The firm has handed in its work: approve it or send it back.", WaitingApproval),
	refuse(RefuseCounter, TooLate, "{ended}, so there are no terms to refuse.", Complete, Declined, Canceled),
}

// chaining is about firms that are asked one after another.
var chaining = []row{
	{
		verb: SetChain, roles: of(Operator), issue: of(Allocated),
		guard: guardSetChain, effect: effectSetChain, event: EventChainSet,
		does: "the next firm is asked when no firm has the job any more, with the same terms and the same time to answer; replaces the chain there was",
	},
	refuse(SetChain, Conflict, "Offer the job to the first firm before others wait for their turn.").when(Reported, AllocatedExternal),
	refuse(SetChain, Conflict, "This job is resolved: reopen it first.").when(Resolved),
	refuse(SetChain, Conflict, "{by} closed the job: reopen it first.").when(Closed),

	{
		verb: StopChain, roles: of(Operator), issue: of(Allocated),
		guard: guardStopChain, effect: effectStopChain, event: EventChainStopped,
		does: "offers that are out stay",
	},
	refuse(StopChain, Conflict, "No firm waits for its turn, so there is nothing to stop.").when(Reported, AllocatedExternal, Resolved, Closed),
}
