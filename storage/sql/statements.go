package sqlstore

import (
	"fmt"
	"slices"
	"strings"

	"taskbridge/workflow"
)

// Columns of the wide tables, in the order of the functions in fields.go.
const (
	issueColumns = "id, number, status, lies_with, revision, created_at, closed_at, remind_at, remind_set, " +
		"due_at, overdue, external_people, was_accepted, last_by, last_verb, title, description, topic, priority, " +
		"place, customer, external_ref, url, created_by_id, created_by_name, source_url, demands, chain, " +
		"escalate_at, seen_by_id, seen_by_name, line, request"
	assignmentColumns = "id, contractor_id, status, revision, in_charge_id, in_charge_name, step, step_from, step_to, " +
		"accept_by, terms_note, warn_at, declined_reason, declined_text, send_back_reason, completion_note, " +
		"completion_effort, completion_costs, created_at, offered_at, answered_at, started_at, submitted_at, " +
		"ended_at, last_by, last_verb, send_backs, sent_back_at, rating_stars, rating_text, rating_shared, rated_at, " +
		"rated_by_id, rated_by_name, rating_asked, pause, ticks, completion_materials, completion_activity, " +
		"terms_within, terms_due, terms_price, terms_limit, was_terms, counter_offer, count_at, clocks, request, " +
		"consent, terms_due_in, granted, knew"
	commentColumns = "id, issue_id, assignment_id, visibility, author_id, author_name, author_side, text, created_at, " +
		"edited_at, deleted_at, deleted_by, held, orphan, platform, workspace, channel, thread, message, files, rich"
	contractorColumns = "id, city, company, state, calendar, created_at, topics"
	experienceColumns = "contractor_id, assignment_complete, " +
		"assignment_accepted + assignment_in_progress + assignment_waiting_approval + assignment_complete, assignment_declined"
	invitationColumns = "id, contractor_id, workspace, channel, address, external_id, state, note, at"
	firmPersonColumns = "id, contractor_id, workspace, person, address, name, role, standing, present, at"
	channelColumns    = "workspace, id, kind, contractor_id, name, url, state, shared, synced_at, created_at"
	personColumns     = "workspace, id, name, email, kind, admin, zone, locale, seen_at"
	cardColumns       = "id, kind, issue_id, assignment_id, workspace, channel, message"
	mirrorColumns     = "comment_id, card_id, part, thread, message, shown"
	carriedColumns    = "comment_id, card_id, file, remote, refused, thread, message"
	homeColumns       = "workspace, person, view, shown, opened_at"
	markColumns       = "workspace, channel, thread, gap, read_at, replies, latest, found_at"
	eventColumns      = "issue_id, assignment_id, at, actor_id, actor_name, kind, data, workspace, dedup_key"
)

// statements are the texts that are put together from lists of columns, made once
// per store. The desk is $1 in each of them.
type statements struct {
	// savedIssueColumns are those that savedIssueFields gives, savedAssignmentColumns
	// those of savedAssignmentFields.
	savedIssueColumns, savedAssignmentColumns []string

	insertIssue, insertAssignment      string
	insertComment, updateComment       string
	insertContractor, updateContractor string
	insertInbox                        manyRows
	insertEvents, insertDeliveries     manyRows
	addStandings, addTallies           manyRows
	addFirmTallies                     manyRows
	// standings are the columns of that table by what they count.
	standings      map[workflow.Figure]int
	putInvitation  string
	putFirmPerson  string
	putChannel     string
	putPerson      string
	putCard        string
	putMirror      string
	putCarriedFile string
	putMark        string
	putHome        string
}

func newStatements() statements {
	const mayExist = " ON CONFLICT DO NOTHING"
	_, standings := standingColumns()
	return statements{
		addStandings: addStandings(), addTallies: addTallies(), addFirmTallies: addFirmTallies(), standings: standings,
		savedIssueColumns:      append(split(issueColumns), "stage", "topic_key", "breached"),
		savedAssignmentColumns: append(split(assignmentColumns), "limit_warn_at", "limit_breach_at", "breached", "created_by_id"),
		// After the columns: the version, and what lists are made of.
		insertIssue: insert("issues", issueColumns, "version", "stage", "topic_key", "breached") + mayExist,
		// After the columns: the issue, the position, the version, and what lists are
		// made of; the city is the firm's.
		insertAssignment: insertWith("assignments", assignmentColumns,
			"COALESCE((SELECT city_key FROM contractors WHERE desk_id = $1 AND id = $3), '')", "city_key",
			"issue_id", "position", "version", "number", "topic_key", "created_by_id", "limit_warn_at", "limit_breach_at", "breached") + mayExist,
		insertComment:    insert("comments", commentColumns) + mayExist,
		updateComment:    update("comments", commentColumns, "id"),
		insertContractor: insert("contractors", contractorColumns, "city_key") + mayExist,
		updateContractor: update("contractors", contractorColumns+", city_key", "id"),
		insertInbox:      insertRows("inbox", "desk_id, workspace, dedup_key, at, answer", ""),
		insertEvents:     insertRows("events", "desk_id, "+eventColumns, ""),
		insertDeliveries: insertRows("deliveries",
			"desk_id, workspace, lane, kind, card, payload, not_before, created_at, trace", mayExist),
		putInvitation:  upsert("invitations", invitationColumns, "id"),
		putFirmPerson:  upsert("firm_people", firmPersonColumns, "id"),
		putChannel:     upsert("channels", channelColumns, "workspace", "id"),
		putPerson:      upsert("people", personColumns, "workspace", "id"),
		putCard:        upsert("cards", cardColumns, "id"),
		putMirror:      upsert("mirrors", mirrorColumns, "comment_id", "card_id", "part"),
		putCarriedFile: upsert("carried_files", carriedColumns, "comment_id", "card_id", "file"),
		putHome:        upsert("homes", homeColumns, "workspace", "person"),
		putMark:        upsert("thread_marks", markColumns, "workspace", "channel", "thread"),
	}
}

// manyRows are INSERTs of so many rows.
type manyRows struct {
	columns int
	texts   map[int]string
}

// of is the statement for a number of rows as inChunks makes it.
func (m manyRows) of(rows int) string { return m.texts[rows] }

// insertRows makes INSERTs of any number of rows that inChunks hands on.
func insertRows(table, columns, more string) manyRows {
	width := len(split(columns))
	m := manyRows{columns: width, texts: map[int]string{}}
	for rows := 1; rows <= chunk; rows *= 2 {
		marks := make([]string, rows)
		for n := range marks {
			marks[n] = "(" + placeholders(1+n*width, width) + ")"
		}
		m.texts[rows] = fmt.Sprintf("INSERT INTO %s (%s) VALUES %s%s", table, columns, strings.Join(marks, ", "), more)
	}
	return m
}

func split(columns string) []string { return strings.Split(columns, ", ") }

// insert makes an INSERT of a desk's row.
func insert(table, columns string, more ...string) string {
	all := append(split(columns), more...)
	return fmt.Sprintf("INSERT INTO %s (desk_id, %s) VALUES (%s)",
		table, strings.Join(all, ", "), placeholders(1, len(all)+1))
}

// insertWith is insert with one more column, whose value is an expression.
func insertWith(table, columns, expression, column string, more ...string) string {
	all := append(split(columns), more...)
	return fmt.Sprintf("INSERT INTO %s (desk_id, %s, %s) VALUES (%s, %s)",
		table, strings.Join(all, ", "), column, placeholders(1, len(all)+1), expression)
}

// update makes an UPDATE of all columns but the key's.
func update(table, columns string, key ...string) string {
	set, where := setList(columns, key, "")
	return fmt.Sprintf("UPDATE %s SET %s WHERE desk_id = $1%s", table, set, where)
}

// upsert makes an INSERT that brings a row that is there up to date.
func upsert(table, columns string, key ...string) string {
	set, _ := setList(columns, key, "excluded.")
	return fmt.Sprintf("%s ON CONFLICT (desk_id, %s) DO UPDATE SET %s",
		insert(table, columns), strings.Join(key, ", "), set)
}

// setList makes the SET list of all columns but the key's, from arguments or,
// with a prefix, from columns, and the condition on the key.
func setList(columns string, key []string, prefix string) (set, where string) {
	var sets []string
	for i, c := range split(columns) {
		switch {
		case slices.Contains(key, c):
			where += fmt.Sprintf(" AND %s = $%d", c, i+2)
		case prefix != "":
			sets = append(sets, c+" = "+prefix+c)
		default:
			sets = append(sets, fmt.Sprintf("%s = $%d", c, i+2))
		}
	}
	return strings.Join(sets, ", "), where
}

// placeholders makes "$from, …" for so many arguments.
func placeholders(from, count int) string {
	var b strings.Builder
	for i := range count {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", from+i)
	}
	return b.String()
}

// filter puts conditions together with their arguments.
type filter struct {
	where strings.Builder
	args  []any
}

// add adds a condition in which each ? stands for the next argument.
func (f *filter) add(condition string, args ...any) {
	f.where.WriteString(" AND ")
	for _, a := range args {
		before, after, _ := strings.Cut(condition, "?")
		f.args = append(f.args, a)
		fmt.Fprintf(&f.where, "%s$%d", before, len(f.args))
		condition = after
	}
	f.where.WriteString(condition)
}

// in makes "(?, …)" for a list, with its arguments. The list is filled up with its
// last member to a power of two, so that lists of any length make few statements.
func in[T any](list []T) (string, []any) {
	size := 1
	for size < len(list) {
		size *= 2
	}
	args := make([]any, size)
	for i := range args {
		args[i] = list[min(i, len(list)-1)]
	}
	return "(" + strings.TrimSuffix(strings.Repeat("?, ", size), ", ") + ")", args
}
