package workflow

// following is about jobs that wait until another one is done.
var following = []row{
	{
		verb: Follow, roles: of(Operator), issue: of(Reported),
		guard: guardFollow, effect: effectFollow, event: EventFollows,
		does: "nobody is asked, nobody is reminded and nothing is overdue until the other job is done; handing this one out or closing it ends the waiting",
	},
	refuse(Follow, Conflict, "A firm has this job already: withdraw the offer before it waits for another job.").when(Allocated),
	refuse(Follow, Conflict, "People outside are looking into this job: let them go before it waits for another.").when(AllocatedExternal),
	refuse(Follow, Conflict, "This job is resolved: reopen it first.").when(Resolved),
	refuse(Follow, Conflict, "{by} closed the job: reopen it first.").when(Closed),

	{
		verb: StopFollowing, roles: of(Operator), issue: of(Reported),
		guard: guardWaiting, effect: effectStopFollowing, event: EventStoppedFollowing,
		does: "drafts stay as they are",
	},
	refuse(StopFollowing, Conflict, "This job waits for no other.").when(Allocated, AllocatedExternal, Resolved, Closed),

	{
		verb: GoOn, roles: of(Operator, System), issue: of(Reported),
		guard: guardWaiting, effect: effectGoOn, event: EventWentOn,
		does: "by itself when the job before is done, whatever the desk does before; drafts are sent as offers with it; tells the desk: went on",
	},
	refuse(GoOn, Conflict, "This job waits for no other.").when(Allocated, AllocatedExternal, Resolved, Closed),

	{
		verb: AheadClosed, roles: of(System), issue: of(Reported),
		guard: guardAheadClosed, effect: effectAheadClosed, event: EventAheadClosed, tell: of(Notice{To: ToOperators, Kind: NoticeAheadClosed}),
		does: "when the job before is closed without being done; this one goes on waiting",
	},
	refuse(AheadClosed, Conflict, "This job waits for no other.").when(Allocated, AllocatedExternal, Resolved, Closed),

	{
		verb: AheadReopened, roles: of(System), issue: IssueStatuses(),
		guard: guardAheadReopened, effect: effectAheadReopened, event: EventAheadReopened, tell: of(Notice{To: ToOperators, Kind: NoticeAheadReopened}),
		does: "when the job before is reopened; what was offered stays, and what still waits goes on waiting",
	},
}
