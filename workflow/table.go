package workflow

import "slices"

//go:generate go test -run ^Test(Docs|Access)$ -update

// none is the status of an assignment that does not exist yet.
const none Status = ""

// row is one line of the machine: a transition, or a refusal with its sentence.
type row struct {
	verb Verb
	// roles may use the row; a refusing row is for everybody who may use the verb.
	roles []Role
	// from are the statuses of the assignment; nil means the issue as a whole.
	from []Status
	// issue are the statuses of the issue; nil means any.
	issue []IssueStatus
	// to and issueTo are the new statuses; empty means as before.
	to      Status
	issueTo IssueStatus
	guard   func(*change) *Refusal
	effect  func(*change)
	event   string
	tell    []Notice
	// quiet rows leave the assignment's revision alone, because no button drawn
	// before becomes wrong by them.
	quiet bool
	// still rows change nothing; they are never stale.
	still bool
	// silent rows leave no trace in the history, because nothing happened but that cards
	// have to be drawn anew.
	silent bool
	// does is the effect in words, for the documentation.
	does string

	// refuse is the sentence of a refusing row, and self the one for the person
	// in charge. Names in braces are filled in by sentence.
	refuse, self string
	code         Code
}

// table is the whole machine. It is never written to.
var table = slices.Concat(offering, bargaining, chaining, following, limiting, working, requesting, judging, issues, talking, desk)

// offering is the way from nothing to a firm's answer.
var offering = []row{
	{
		verb: Draft, roles: of(Operator), from: of(none, Unsent), issue: of(Reported, Allocated, AllocatedExternal), to: Unsent,
		guard: guardDraft, effect: effectDraft, event: EventDrafted,
		does: "nothing leaves the desk; a draft for the same firm is written anew",
	},
	refuse(Draft, Conflict, "{by} closed the job: reopen it first.", none, Unsent).when(Closed),
	refuse(Draft, Conflict, "This job is resolved: reopen it first.", none, Unsent).when(Resolved),

	{
		verb: Offer, roles: of(Operator, System), from: of(none, Unsent), issue: of(Reported, Allocated, AllocatedExternal), to: Assigned, issueTo: Allocated,
		guard: guardOffer, effect: effectOffer, event: EventOffered, tell: of(Notice{To: ToFirm, Kind: NoticeOffered}),
		does: "the clock of the answer starts; several firms may be asked at once, each firm once",
	},
	refuse(Offer, Conflict, "{by} closed the job: reopen it first.", none, Unsent).when(Closed),
	refuse(Offer, Conflict, "This job is resolved: reopen it first.", none, Unsent).when(Resolved),
	refuse(Offer, Conflict, "The firm has this offer already: cancel that offer first.", Assigned),
	refuse(Offer, Conflict, "{charge} accepted this already: amend the terms instead.", Accepted, InProgress),
	refuse(Offer, Conflict, "The firm has handed in its work: approve it or send it back.", WaitingApproval),
	refuse(Offer, Conflict, "{ended}: reopen it instead.", Complete),
	refuse(Offer, Conflict, "{ended}: make a new offer, to the same firm or another.", Declined, Canceled),

	{
		verb: Cancel, roles: of(Operator), from: of(Assigned), to: Canceled,
		effect: effectEnd, event: EventCanceled, tell: of(Notice{To: ToFirm, Kind: NoticeWithdrawn}),
		does: "the card closes; the issue is Reported again when no firm has it",
	},
	refuse(Cancel, Conflict, "This was never sent, so there is nothing to cancel.", Unsent),
	refuse(Cancel, TooLate, "{charge} accepted this already, so it cannot be canceled: take it back, complete it early or amend its terms.", Accepted, InProgress),
	refuse(Cancel, TooLate, "The firm has handed in its work: approve it or send it back.", WaitingApproval),
	refuse(Cancel, TooLate, "{ended}, so there is nothing to cancel.", Complete, Declined),
	refuse(Cancel, Conflict, "{ended}, so there is nothing to cancel.", Canceled),

	{
		verb: Accept, roles: of(Contractor), from: of(Assigned), to: Accepted,
		guard: guardAccept, effect: effectAccept, event: EventAccepted, tell: of(Notice{To: ToOperators, Kind: NoticeAccepted}),
		does: "that person is in charge; offers to other firms are withdrawn and no further one is asked; the issue can no longer be deleted",
	},
	refuse(Accept, Conflict, "Already accepted by {charge}.", Accepted, InProgress).unless("You accepted this already."),
	refuse(Accept, Conflict, "This was accepted and handed in already: the desk is looking at it.", WaitingApproval),
	refuse(Accept, TooLate, "{ended}, so there is nothing left to accept.", Complete),
	refuse(Accept, TooLate, "{ended}; ask the desk to offer it again.", Declined),
	refuse(Accept, TooLate, "{ended}, so it can no longer be accepted.", Canceled),

	{
		verb: Decline, roles: of(Contractor), from: of(Assigned), to: Declined,
		guard: guardDecline, effect: effectDecline, event: EventDeclined, tell: of(Notice{To: ToOperators, Kind: NoticeDeclined}),
		does: "needs a reason; the next firm in turn is asked; the issue is Reported again when no firm has it",
	},
	refuse(Decline, TooLate, "{charge} accepted this already: tell the desk in the thread if it cannot be done, and it takes the job back.", Accepted, InProgress).
		unless("You accepted this already: tell the desk in the thread if it cannot be done, and it takes the job back."),
	refuse(Decline, TooLate, "The work was handed in already, so it can no longer be declined.", WaitingApproval),
	refuse(Decline, TooLate, "{ended}, so it can no longer be declined.", Complete, Canceled),
	refuse(Decline, Conflict, "{ended}, so no other answer is needed.", Declined),

	{
		verb: Expire, roles: of(System), from: of(Assigned), to: Declined,
		guard: guardExpire, effect: effectExpire, event: EventExpired,
		tell: of(Notice{To: ToOperators, Kind: NoticeExpired}, Notice{To: ToFirm, Kind: NoticeExpired}),
		does: "as Declined, with no answer as the reason; only once the time to answer has ended; the next firm in turn is asked",
	},
	refuse(Expire, Conflict, "This was never sent, so its time does not run.", Unsent),
	refuse(Expire, TooLate, "The firm answered in time.", Accepted, InProgress, WaitingApproval, Complete),
	refuse(Expire, TooLate, "{ended} already.", Declined, Canceled),

	{
		verb: WarnOffer, roles: of(System), from: of(Assigned), quiet: true,
		guard: guardWarn, effect: effectWarn, event: EventWarned, tell: of(Notice{To: ToFirm, Kind: NoticeExpiresSoon}),
		does: "once per offer, before its time to answer ends",
	},
	refuse(WarnOffer, Conflict, "This was never sent, so its time does not run.", Unsent),
	refuse(WarnOffer, TooLate, "The firm answered already.", Accepted, InProgress, WaitingApproval, Complete),
	refuse(WarnOffer, TooLate, "{ended} already.", Declined, Canceled),
}

// working is the way from the firm's acceptance to its finished work.
var working = []row{
	{
		verb: Start, roles: of(Contractor), from: of(Accepted), to: InProgress,
		effect: effectStart, event: EventStarted,
		does: "the same happens by the firm's first comment, step or hand-over",
	},
	refuse(Start, Conflict, "Accept this first, then the work can start.", Assigned),
	refuse(Start, Conflict, "The work on this has started already.", InProgress),
	refuse(Start, TooLate, "The work was handed in already: the desk is looking at it.", WaitingApproval),
	refuse(Start, TooLate, "{ended}, so there is nothing to start.", Complete, Declined, Canceled),

	{
		verb: Step, roles: of(Contractor), from: of(Accepted, InProgress), to: InProgress,
		guard: guardStep, effect: effectStep, event: EventStep,
		does: "the customer-facing status follows the step",
	},
	refuse(Step, Conflict, "Accept this first, then report its steps.", Assigned),
	refuse(Step, TooLate, "The work was handed in already: steps can be reported again if the desk sends it back.", WaitingApproval),
	refuse(Step, TooLate, "{ended}, so there are no steps to report.", Complete, Declined, Canceled),

	{
		verb: HandOver, roles: of(Contractor), from: of(Accepted, InProgress), to: InProgress,
		guard: guardHandOver, effect: effectHandOver, event: EventHandedOver, tell: of(Notice{To: ToInCharge, Kind: NoticeHandedOver}),
		does: "the colleague is in charge",
	},
	refuse(HandOver, Conflict, "Accept this first, then hand it over to a colleague.", Assigned),
	refuse(HandOver, TooLate, "The work was handed in already: it can be handed over again if the desk sends it back.", WaitingApproval),
	refuse(HandOver, TooLate, "{ended}, so there is nothing to hand over.", Complete, Declined, Canceled),

	{
		verb: TakeCharge, roles: of(Contractor), from: of(Accepted, InProgress), to: InProgress,
		guard: guardTakeCharge, effect: effectTakeCharge, event: EventTookCharge, tell: of(Notice{To: ToFirm, Kind: NoticeTookCharge}),
		does: "whoever of the firm asks for it is in charge",
	},
	refuse(TakeCharge, Conflict, "Accept this first: whoever accepts is in charge.", Assigned),
	refuse(TakeCharge, TooLate, "The work was handed in already: take charge if the desk sends it back.", WaitingApproval),
	refuse(TakeCharge, TooLate, "{ended}, so there is nothing to be in charge of.", Complete, Declined, Canceled),

	{
		verb: HoldWork, roles: of(Contractor), from: of(Accepted, InProgress), to: InProgress,
		guard: guardPause, effect: effectPause, event: EventPaused,
		does: "needs a reason, which says whom the job lies with; the reminder comes when the pause should be over; the due date stands",
	},
	{
		verb: HoldWork, roles: of(Operator), from: of(Accepted, InProgress),
		guard: guardPause, effect: effectPause, event: EventPaused,
		does: "the same, and work that has not started stays Accepted",
	},
	refuse(HoldWork, Conflict, "This was never sent, so there is no work to pause.", Unsent),
	refuse(HoldWork, Conflict, "Nobody has accepted this yet, so there is no work to pause.", Assigned),
	refuse(HoldWork, TooLate, "The work was handed in already, so there is nothing to pause.", WaitingApproval),
	refuse(HoldWork, TooLate, "{ended}, so there is nothing to pause.", Complete, Declined, Canceled),

	{
		verb: ResumeWork, roles: of(Contractor, Operator), from: of(Accepted, InProgress),
		guard: guardResume, effect: effectResume, event: EventResumed,
		does: "only of work that is paused; a step other than a planned one does the same",
	},
	refuse(ResumeWork, Conflict, "This was never sent, so there is no work to resume.", Unsent),
	refuse(ResumeWork, Conflict, "Nobody has accepted this yet, so there is no work to resume.", Assigned),
	refuse(ResumeWork, TooLate, "The work was handed in already, so there is nothing to resume.", WaitingApproval),
	refuse(ResumeWork, TooLate, "{ended}, so there is nothing to resume.", Complete, Declined, Canceled),

	{
		verb: Check, roles: of(Contractor), from: of(Accepted, InProgress), to: InProgress, quiet: true,
		guard: guardCheck, effect: effectCheck, event: EventChecked,
		does: "who ticked what and when stays in the history; forms opened before stay good",
	},
	refuse(Check, Conflict, "Accept this first, then tick what is done.", Assigned),
	refuse(Check, TooLate, "The work was handed in already: items can be ticked again if the desk sends it back.", WaitingApproval),
	refuse(Check, TooLate, "{ended}, so there is nothing to tick.", Complete, Declined, Canceled),

	{
		verb: AnswerVisit, roles: of(Operator), from: of(Accepted, InProgress), quiet: true,
		guard: guardConsent, effect: effectConsent, event: EventVisitAnswered, tell: of(Notice{To: ToOperators, Kind: NoticeConsent}),
		does: "for the customer, by the page behind the link; only of a visit with a window that is to come; may be changed until a step without one is reported, and is asked for anew when the window changes",
	},
	refuse(AnswerVisit, Conflict, "This was never sent, so no visit is planned.", Unsent),
	refuse(AnswerVisit, Conflict, "Nobody has accepted this yet, so no visit is planned.", Assigned),
	refuse(AnswerVisit, TooLate, "The work was handed in already, so there is no visit to answer to.", WaitingApproval),
	refuse(AnswerVisit, TooLate, "{ended}, so there is no visit to answer to.", Complete, Declined, Canceled),

	{
		verb: Submit, roles: of(Contractor), from: of(Accepted, InProgress), to: WaitingApproval,
		guard: guardSubmit, effect: effectSubmit, event: EventSubmitted, tell: of(Notice{To: ToOperators, Kind: NoticeSubmitted}),
		does: "needs each required item ticked, the photos and files asked for, and each required field; comments are held until the desk has decided",
	},
	refuse(Submit, Conflict, "Accept this first, then hand in the work.", Assigned),
	refuse(Submit, Conflict, "{by} handed in the work already: the desk is looking at it.", WaitingApproval),
	refuse(Submit, TooLate, "{ended}, so there is nothing to hand in.", Complete, Declined, Canceled),
}

// judging is what the desk makes of a firm's work.
var judging = []row{
	{
		verb: Approve, roles: of(Operator), from: of(WaitingApproval), to: Complete, issueTo: Resolved,
		effect: effectComplete, event: EventApproved, tell: of(Notice{To: ToFirm, Kind: NoticeApproved}),
		does: "a rating is asked for, once",
	},
	refuse(Approve, Conflict, "This was never sent, so there is no work to approve.", Unsent),
	refuse(Approve, Conflict, "The firm has not answered yet, so there is no work to approve.", Assigned),
	refuse(Approve, Conflict, "The firm has not handed in its work yet: wait for it, or complete it early.", Accepted, InProgress),
	refuse(Approve, Conflict, "{ended} already.", Complete),
	refuse(Approve, TooLate, "{ended}, so there is no work to approve.", Declined, Canceled),

	{
		verb: SendBack, roles: of(Operator), from: of(WaitingApproval), to: InProgress,
		guard: guardSendBack, effect: effectSendBack, event: EventSentBack, tell: of(Notice{To: ToInCharge, Kind: NoticeSentBack}),
		does: "needs a reason; what was held is released",
	},
	refuse(SendBack, Conflict, "This was never sent, so there is no work to send back.", Unsent),
	refuse(SendBack, Conflict, "The firm has not answered yet, so there is no work to send back.", Assigned),
	refuse(SendBack, Conflict, "The firm has not handed in its work yet, so there is nothing to send back.", Accepted),
	refuse(SendBack, Conflict, "The firm is at work on this, so there is nothing to send back.", InProgress),
	refuse(SendBack, TooLate, "{ended} already: reopen it to have more done.", Complete),
	refuse(SendBack, TooLate, "{ended}, so there is no work to send back.", Declined, Canceled),

	{
		verb: CompleteEarly, roles: of(Operator), from: of(Accepted, InProgress), to: Complete, issueTo: Resolved,
		effect: effectComplete, event: EventCompletedEarly, tell: of(Notice{To: ToFirm, Kind: NoticeCompleted}),
		does: "a rating is asked for, once",
	},
	refuse(CompleteEarly, Conflict, "This was never sent, so there is nothing to complete.", Unsent),
	refuse(CompleteEarly, Conflict, "The firm has not accepted this: cancel the offer instead.", Assigned),
	refuse(CompleteEarly, Conflict, "The firm has handed in its work: approve it or send it back.", WaitingApproval),
	refuse(CompleteEarly, Conflict, "{ended} already.", Complete),
	refuse(CompleteEarly, TooLate, "{ended}, so there is nothing to complete.", Declined, Canceled),

	{
		verb: Amend, roles: of(Operator), from: of(Accepted, InProgress), to: Assigned,
		guard: guardAmend, effect: effectAmend, event: EventAmended, tell: of(Notice{To: ToFirm, Kind: NoticeAmended}),
		does: "the firm must accept anew; until then nobody is in charge",
	},
	refuse(Amend, Conflict, "This was never sent: give the new terms when you offer it.", Unsent),
	refuse(Amend, Conflict, "The firm has not answered yet: cancel this offer and make a new one.", Assigned),
	refuse(Amend, Conflict, "The firm has handed in its work: send it back before the terms change.", WaitingApproval),
	refuse(Amend, TooLate, "{ended}: reopen it before the terms change.", Complete),
	refuse(Amend, TooLate, "{ended}: make a new offer with the terms you want.", Declined, Canceled),

	{
		verb: Reopen, roles: of(Operator), from: of(Complete), to: InProgress, issueTo: Allocated,
		guard: guardReopen, effect: effectReopen, event: EventReopened, tell: of(Notice{To: ToInCharge, Kind: NoticeReopened}),
		does: "offers to other firms are withdrawn",
	},
	refuse(Reopen, Conflict, "This was never sent: offer it instead.", Unsent),
	refuse(Reopen, Conflict, "This is open: it waits for the firm's answer.", Assigned),
	refuse(Reopen, Conflict, "This is open: {charge} has accepted it.", Accepted),
	refuse(Reopen, Conflict, "This is open: {charge} is at work on it.", InProgress),
	refuse(Reopen, Conflict, "This is open: approve the work or send it back.", WaitingApproval),
	refuse(Reopen, Conflict, "{ended}: make a new offer instead.", Declined, Canceled),

	{
		verb: TakeBack, roles: of(Operator), from: of(Unsent), to: Canceled,
		effect: effectEnd, event: EventTakenBack,
		does: "the firm never heard of it",
	},
	{
		verb: TakeBack, roles: of(Operator), from: of(Assigned, Accepted, InProgress, WaitingApproval), to: Canceled,
		guard: guardTakeBack, effect: effectTakeBack, event: EventTakenBack,
		does: "needs a reason, which the firm is told; its card closes; the issue is Reported again when no firm has it; the same happens when the firm is off-boarded",
	},
	refuse(TakeBack, TooLate, "{ended}, so there is nothing to take back.", Complete, Declined, Canceled),

	{
		verb: Rate, roles: of(Operator), from: of(Complete), quiet: true,
		guard: guardRate, effect: effectRate, event: EventRated,
		does: "may be changed until the job has been closed for two weeks; the firm reads it only when it is shared",
	},
	refuse(Rate, Conflict, "This was never sent, so there is no work to rate.", Unsent),
	refuse(Rate, Conflict, "The firm has not answered yet, so there is no work to rate.", Assigned),
	refuse(Rate, Conflict, "The firm is not done yet: rate the work when it is complete.", Accepted, InProgress),
	refuse(Rate, Conflict, "Approve the work or send it back before you rate it.", WaitingApproval),
	refuse(Rate, Conflict, "{ended}, so there is no work to rate.", Declined, Canceled),
}

// issues is what happens to an issue as a whole.
var issues = []row{
	{
		verb: Create, roles: of(Operator, System), issue: of(IssueStatus("")), issueTo: Reported,
		effect: effectCreate, event: EventCreated,
	},
	refuse(Create, Conflict, "This job exists already.").when(IssueStatuses()...),

	{
		verb: AllocateExternal, roles: of(Operator), issue: of(Reported, AllocatedExternal), issueTo: AllocatedExternal,
		guard: guardExternal, effect: effectExternal, event: EventAllocatedExternal,
		does: "they may comment and nothing else; the reminder stays where it is; the job lies with both",
	},
	{
		verb: AllocateExternal, roles: of(Operator), issue: of(Allocated),
		guard: guardExternal, effect: effectExternal, event: EventAllocatedExternal,
		does: "the same while a firm has the job, and whom it lies with stays",
	},
	refuse(AllocateExternal, Conflict, "This job is resolved: reopen it first.").when(Resolved),
	refuse(AllocateExternal, Conflict, "{by} closed the job: reopen it first.").when(Closed),

	{
		verb: RemoveExternal, roles: of(Operator), issue: of(Reported, Allocated, AllocatedExternal, Resolved),
		guard: guardRemoveExternal, effect: effectRemoveExternal, event: EventExternalRemoved,
		does: "with the last of them a job that only they had is Reported again",
	},
	refuse(RemoveExternal, Conflict, "{by} closed the job: reopen it first.").when(Closed),

	{
		verb: Close, roles: of(Operator), issue: of(Reported, Allocated, AllocatedExternal, Resolved), issueTo: Closed,
		effect: effectClose, event: EventClosed,
		does: "accepted work is Complete, unanswered offers and drafts are Canceled; the cards of both sides close",
	},
	refuse(Close, Conflict, "{happened} already.").when(Closed),

	{
		verb: ReopenIssue, roles: of(Operator), issue: of(Resolved, Closed), issueTo: Reported,
		effect: effectReopenIssue, event: EventIssueReopened,
		does: "work that was complete is reopened by Reopen instead",
	},
	refuse(ReopenIssue, Conflict, "This job is open.").when(Reported, Allocated, AllocatedExternal),

	{
		verb: Delete, roles: of(Operator), issueTo: Closed, issue: IssueStatuses(),
		guard: guardDelete, effect: effectClose, event: EventDeleted,
		does: "never once a firm has accepted; offers are withdrawn",
	},

	{
		verb: Remind, roles: of(Operator), issue: of(Reported, Allocated, AllocatedExternal, Resolved),
		guard: guardRemind, effect: effectRemind, event: EventReminderSet,
		does: "no transition moves a reminder that a person set",
	},
	refuse(Remind, Conflict, "This job is closed: reopen it before you set a reminder.").when(Closed),
	{
		verb: Snooze, roles: of(Operator, Contractor), issue: of(Reported, Allocated, AllocatedExternal, Resolved), quiet: true,
		guard: guardSnooze, effect: effectSnooze, event: EventSnoozed,
		does: "by who has to act, for two weeks at most; the next change of status sets a date of its own",
	},
	refuse(Snooze, TooLate, "This job is closed, so nobody is reminded of it.").when(Closed),
	{
		verb: RemindDue, roles: of(System), issue: of(Reported, Allocated, AllocatedExternal, Resolved),
		guard: guardRemindDue, effect: effectRemindDue, event: EventReminded,
		does: "whoever the job lies with is reminded; the next date is set",
	},
	refuse(RemindDue, TooLate, "This job is closed, so nobody needs a reminder.").when(Closed),

	{
		verb: SetDue, roles: of(Operator), issue: of(Reported, Allocated, AllocatedExternal),
		guard: guardSetDue, effect: effectSetDue, event: EventDueSet,
		does: "without a date the old one is taken away",
	},
	refuse(SetDue, Conflict, "The work is done: reopen the job before you set a due date.").when(Resolved),
	refuse(SetDue, Conflict, "This job is closed: reopen it before you set a due date.").when(Closed),
	{
		verb: Demand, roles: of(Operator), issue: of(Reported, Allocated, AllocatedExternal),
		guard: guardDemand, effect: effectDemand, event: EventDemanded,
		does: "checklist, evidence, fields and steps; the firm at work is told; ticks of items that stay, stay",
	},
	refuse(Demand, Conflict, "The work is done: reopen the job before you ask for more.").when(Resolved),
	refuse(Demand, Conflict, "This job is closed: reopen it before you ask for more.").when(Closed),
	{
		verb: WorkDue, roles: of(System), issue: of(Reported, Allocated, AllocatedExternal),
		guard: guardWorkDue, effect: effectWorkDue, event: EventOverdue, tell: of(Notice{To: ToOperators, Kind: NoticeOverdue}),
		does: "once per due date; the firm at work is told as well",
	},
	refuse(WorkDue, TooLate, "The work is done, so it cannot be overdue.").when(Resolved, Closed),
	{
		verb: Escalate, roles: of(System), issue: of(Reported, Allocated, AllocatedExternal),
		guard: guardEscalate, effect: effectEscalate, event: EventEscalated, tell: of(Notice{To: ToManagers, Kind: NoticeEscalated}),
		does: "some time after it became overdue, once per due date; never once somebody took note, and not before a reminder that the desk put off",
	},
	refuse(Escalate, TooLate, "The work is done, so nobody has to be told.").when(Resolved, Closed),
	{
		verb: Acknowledge, roles: of(Operator), issue: of(Reported, Allocated, AllocatedExternal), quiet: true,
		guard: guardAcknowledge, effect: effectAcknowledge, event: EventAcknowledged,
		does: "of overdue work; the managers are not told any more",
	},
	refuse(Acknowledge, TooLate, "The work is done, so there is nothing to take note of.").when(Resolved, Closed),
}

// talking is what people say and look at.
var talking = []row{
	{
		verb: Comment, roles: of(Contractor), from: of(Accepted), to: InProgress, quiet: true,
		effect: effectImplicitStart, event: EventCommented,
		does: "the work has started; forms opened before stay good",
	},
	{verb: Comment, roles: of(Contractor), from: of(Assigned, InProgress, WaitingApproval, Complete), still: true, effect: effectComment, event: EventCommented, does: "held while Waiting approval"},
	{verb: Comment, roles: of(Operator), from: of(Assigned, Accepted, InProgress, WaitingApproval, Complete), still: true, effect: effectComment, event: EventCommented, does: "held while Waiting approval"},
	{verb: Comment, roles: of(Operator, External), from: of(none), still: true, guard: guardComment, effect: effectComment, event: EventCommented, does: "about the issue as a whole"},
	refuse(Comment, Conflict, "The firm has not been asked yet, so it would not read this: write an internal note.", Unsent),
	refuse(Comment, TooLate, "{ended}, so nothing more is passed on here.", Declined, Canceled),

	{verb: InternalNote, roles: of(Operator), still: true, issue: IssueStatuses(), effect: effectNote, event: EventNoted, does: "never leaves the desk"},
	{verb: View, roles: of(Operator, Manager, Contractor, External, System), issue: IssueStatuses(), still: true, does: "a contractor sees only what concerns its firm"},
	{verb: Watch, roles: of(Operator, Manager), issue: IssueStatuses(), still: true, does: "hears privately of what others do with it"},
}

// desk is what concerns no single issue: only the roles matter.
var desk = []row{
	{verb: List, roles: of(Operator, Manager, Contractor), still: true},
	{verb: Summarise, roles: of(Operator, Manager), still: true},
	{verb: SendDigest, roles: of(System), still: true},
	{verb: ViewScore, roles: of(Operator, Manager, Contractor), still: true, does: "a contractor sees its own firm's alone"},
	{verb: AddContractor, roles: of(Operator), still: true},
	{verb: Invite, roles: of(Operator), still: true},
	{verb: ViewContractors, roles: of(Operator, Manager), still: true},
	{verb: PauseContractor, roles: of(Operator), still: true},
	{verb: FirmHours, roles: of(Operator), still: true},
	{verb: FirmTopics, roles: of(Operator), still: true},
	{verb: MoveContractor, roles: of(Operator), still: true},
	{verb: FirmCertificate, roles: of(Operator), still: true},
	{verb: CertificateEnds, roles: of(System), still: true},
	{verb: Templates, roles: of(Operator), still: true},
	{verb: Notify, roles: of(Operator, Manager), still: true, does: "firms and people outside are told whatever anybody chooses"},
	{verb: SyncContractor, roles: of(Operator, System), still: true},
	// Whoever belongs to a firm or is let in by a link cannot set up the desk,
	// even as an administrator of a workspace of their own.
	{verb: SetUp, roles: of(Operator, Manager, Stranger), still: true},
	{verb: Help, roles: Roles(), still: true},
}

func of[T any](all ...T) []T { return all }

// refuse makes a refusing row.
func refuse(verb Verb, code Code, text string, from ...Status) row {
	return row{verb: verb, from: from, refuse: text, code: code}
}

// when limits a row to statuses of the issue.
func (r row) when(statuses ...IssueStatus) row {
	r.issue = statuses
	return r
}

// unless gives the sentence for the person in charge.
func (r row) unless(self string) row {
	r.self = self
	return r
}

// find returns the row for what somebody wants in a state; its verb is empty when
// the table has none.
func find(verb Verb, status Status, issue IssueStatus, role Role) row {
	for i := range table {
		r := &table[i]
		if r.verb == verb && covers(r, status, issue) && (r.refuse != "" || slices.Contains(r.roles, role)) {
			return *r
		}
	}
	return row{}
}

func covers(r *row, status Status, issue IssueStatus) bool {
	onStatus := slices.Contains(r.from, status) || r.from == nil && status == none
	return onStatus && (r.issue == nil || slices.Contains(r.issue, issue))
}
