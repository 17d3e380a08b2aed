package workflow

// requesting is what the desk is asked to approve: by a firm while it is at work, which
// goes on whatever comes of it, and by whoever makes a job that is not offered before.
var requesting = []row{
	{
		verb: AskApproval, roles: of(Contractor), from: of(Accepted, InProgress),
		guard: guardAsk, effect: effectAsk, event: EventApprovalAsked, tell: of(Notice{To: ToOperators, Kind: NoticeApprovalAsked}),
		does: "more money, another part, a wider scope; the job lies with the desk, and its time limits stand still; one at a time; the firm may go on with what is agreed, and hands in its work only after an answer; whatever ends the work ends the request",
	},
	refuse(AskApproval, Conflict, "Accept this first, or suggest other terms.", Assigned),
	refuse(AskApproval, TooLate, "The work was handed in already: an approval can be asked for if the desk sends it back.", WaitingApproval),
	refuse(AskApproval, TooLate, "{ended}, so there is nothing to ask an approval for.", Complete, Declined, Canceled),

	{
		verb: GrantRequest, roles: of(Operator, Manager), from: of(Accepted, InProgress),
		guard: guardGrant, effect: effectGrant, event: EventApprovalGiven, tell: of(Notice{To: ToInCharge, Kind: NoticeApprovalGiven}),
		does: "an amount is added to the spending limit, or to the price where no limit is agreed; the firm need not accept anew",
	},
	refuse(GrantRequest, Conflict, "This was never sent, so the firm asks for no approval.", Unsent),
	refuse(GrantRequest, Conflict, "The firm has not accepted this, so it asks for no approval.", Assigned),
	refuse(GrantRequest, Conflict, "The firm has handed in its work: approve it or send it back.", WaitingApproval),
	refuse(GrantRequest, TooLate, "{ended}, so there is no request to answer.", Complete, Declined, Canceled),

	{
		verb: RefuseRequest, roles: of(Operator, Manager), from: of(Accepted, InProgress),
		guard: guardRefuseRequest, effect: effectRefuseRequest, event: EventApprovalRefused, tell: of(Notice{To: ToInCharge, Kind: NoticeApprovalRefused}),
		does: "needs a reason, which the firm reads; the work goes on as it was agreed",
	},
	refuse(RefuseRequest, Conflict, "This was never sent, so the firm asks for no approval.", Unsent),
	refuse(RefuseRequest, Conflict, "The firm has not accepted this, so it asks for no approval.", Assigned),
	refuse(RefuseRequest, Conflict, "The firm has handed in its work: approve it or send it back.", WaitingApproval),
	refuse(RefuseRequest, TooLate, "{ended}, so there is no request to answer.", Complete, Declined, Canceled),

	{
		verb: GrantRequest, roles: of(Operator, Manager), from: of(none), issue: of(Reported, AllocatedExternal),
		guard: guardRelease, effect: effectRelease, event: EventJobApproved, tell: of(Notice{To: ToOperators, Kind: NoticeJobApproved}),
		does: "of a job that needs an approval before it is offered; by those who may approve above the limit; it can be offered from now on",
	},
	refuse(GrantRequest, Conflict, "This job waits for no approval, so there is nothing to answer.", none).when(Allocated, Resolved),
	refuse(GrantRequest, Conflict, "{by} closed the job: reopen it first.", none).when(Closed),
	{
		verb: RefuseRequest, roles: of(Operator, Manager), from: of(none), issue: of(Reported, AllocatedExternal), issueTo: Closed,
		guard: guardTurnDown, effect: effectTurnDown, event: EventJobRefused, tell: of(Notice{To: ToRequester, Kind: NoticeJobRefused}),
		does: "the same, with a reason; the job is closed, and whoever made it is told; when it is reopened it needs the approval again",
	},
	refuse(RefuseRequest, Conflict, "This job waits for no approval, so there is nothing to answer.", none).when(Allocated, Resolved),
	refuse(RefuseRequest, Conflict, "{by} closed the job: reopen it first.", none).when(Closed),

	{
		verb: WithdrawRequest, roles: of(Contractor), from: of(Accepted, InProgress),
		guard: guardWithdrawRequest, effect: effectWithdrawRequest, event: EventApprovalWithdrawn, tell: of(Notice{To: ToOperators, Kind: NoticeApprovalWithdrawn}),
		does: "until the desk has answered",
	},
	refuse(WithdrawRequest, Conflict, "Accept this first: you ask for no approval yet.", Assigned),
	refuse(WithdrawRequest, TooLate, "The work was handed in already, so there is no request to withdraw.", WaitingApproval),
	refuse(WithdrawRequest, TooLate, "{ended}, so there is no request to withdraw.", Complete, Declined, Canceled),
}
