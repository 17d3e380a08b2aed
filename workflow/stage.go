package workflow

// Stage is where a job stands for the desk as a whole, in one word: it is what lists
// are made of. It follows from the issue and its assignments.
type Stage string

// The stages.
const (
	// StageNew was offered to nobody yet, or to nobody who answered.
	StageNew Stage = "new"
	// StageOffered waits for a firm to accept.
	StageOffered Stage = "offered"
	// StageProgress was accepted and is not handed in.
	StageProgress Stage = "progress"
	// StageApproval was handed in and waits for the desk.
	StageApproval Stage = "approval"
	// StageDeclined was turned down, and no firm has it now.
	StageDeclined Stage = "declined"
	// StageExternal is with people outside who only comment.
	StageExternal Stage = "external"
	// StageLater waits for another job to be done.
	StageLater    Stage = "later"
	StageResolved Stage = "resolved"
	StageClosed   Stage = "closed"
)

// Stages are all of them.
func Stages() []Stage { return append(OpenStages(), StageResolved, StageClosed) }

// OpenStages are the stages of work that is not done.
func OpenStages() []Stage {
	return []Stage{StageNew, StageOffered, StageProgress, StageApproval, StageDeclined, StageExternal, StageLater}
}

// StageOf derives the stage of an issue. Of several offers the one that has come
// furthest counts.
func StageOf(issue Issue) Stage {
	switch issue.Status {
	case Closed:
		return StageClosed
	case Resolved:
		return StageResolved
	case AllocatedExternal:
		return StageExternal
	}
	if issue.Status == Reported && issue.Line.After.Waiting() {
		return StageLater
	}
	is := func(s Status) func(Status) bool { return func(o Status) bool { return o == s } }
	switch {
	case hasStatus(issue.Assignments, is(WaitingApproval)):
		return StageApproval
	case hasStatus(issue.Assignments, Taken):
		return StageProgress
	case hasStatus(issue.Assignments, Out):
		return StageOffered
	case hasStatus(issue.Assignments, is(Declined)):
		return StageDeclined
	}
	return StageNew
}
