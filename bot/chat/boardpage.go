package chat

import "time"

// BoardQuery asks for figures.
type BoardQuery struct {
	// Period is week, month, quarter or year, month when empty. Since and Until, the
	// first and the last day, go before it.
	Period       string
	Since, Until time.Time
	// Firm or City narrows the figures down. A firm's own people name neither.
	Firm, City string
}

// BoardPage is the desk in figures, or one firm of it.
type BoardPage struct {
	BoardQuery

	Heading string
	// Own is true where a firm reads its own score.
	Own bool
	// From and To are the first and the last day, by the desk's calendar.
	From, To time.Time
	// Summary is what the chat says of the same.
	Summary Message
	Tiles   []Tile
	Charts  []Chart
	// Firms and Cities are what the board can be narrowed to, as long as they are few.
	Firms, Cities []string
	// At is when it was read.
	At time.Time
}

// Tile is one figure, with what it was in the time before.
type Tile struct {
	Label, Value, Before string
	Tone                 Tone
	// List is the list of the jobs that are meant, if there is one.
	List *ListQuery
}

// ChartKind is how figures are drawn.
type ChartKind string

// The kinds.
const (
	// Columns stand side by side along time or in order, Bars lie one below the other.
	Columns ChartKind = "columns"
	Bars    ChartKind = "bars"
	// Stacked are bars whose series add up.
	Stacked ChartKind = "stacked"
	// Spans are times from the first series to the second, in seconds, and from the
	// third to the fourth for the time before; a time of zero was not measured.
	Spans ChartKind = "spans"
)

// Chart is a set of figures to be drawn.
type Chart struct {
	// ID is a word, Title says what is shown, Note how it is to be read.
	ID, Title, Note string
	Kind            ChartKind
	// Category names what the rows are, Series what their values are.
	Category string
	Series   []Series
	Rows     []ChartRow
	// Omitted is how many more rows there are, of less.
	Omitted int
}

// Series is a kind of value in a chart.
type Series struct {
	Name string
	// Class is a word for its colour: one, two, before, or a tone.
	Class string
}

// ChartRow is a row of a chart with a value for each series.
type ChartRow struct {
	Label  string
	Values []int
	// List is the list of the jobs that are meant, if there is one.
	List *ListQuery
}
