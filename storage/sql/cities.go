package sqlstore

import (
	"context"
	"fmt"
	"strings"

	"taskbridge/storage"
	"taskbridge/workflow"
)

// What is counted for a firm is counted for its city in the same statement, which looks up
// where the firm is: nobody who counts has to know. So a city's figures are always the
// sum of those of the firms that are there now, and a firm that moves takes its past along.

// ofCity is where the figures of a city are counted, by the key of its name.
func ofCity(city string) string { return workflow.ShareCity + key(city) }

// firmOf is the firm whose figure a key is of, itself or the ages of its open work; empty
// for all that no city counts.
func firmOf(k figureKey) string {
	if k.day <= 0 {
		return ""
	}
	if firm, ok := strings.CutPrefix(k.contractor, workflow.AgesOf("")); ok {
		return firm
	}
	if strings.HasPrefix(k.contractor, "*") {
		return ""
	}
	return k.contractor
}

// ageOfCities are the first letters of where the ages of a city's open work are counted.
func ageOfCities() string { return workflow.AgesOf(workflow.ShareCity) }

// addFirmTallies makes a statement that adds to what is counted of firms and of their
// cities, of these by weeks, too. Each row asks for its firm by itself: of a join with
// many rows PostgreSQL makes one reading of all firms.
func addFirmTallies() manyRows {
	const columns = 6
	m := manyRows{columns: columns, texts: map[int]string{}}
	for rows := 1; rows <= chunk; rows *= 2 {
		values := make([]string, rows)
		for n := range values {
			at := 1 + n*columns
			values[n] = fmt.Sprintf("($%d, $%d, $%d, CAST($%d AS BIGINT), $%d, CAST($%d AS BIGINT))", at, at+1, at+2, at+3, at+4, at+5)
		}
		m.texts[rows] = `WITH v (desk_id, contractor_id, firm, day, name, n) AS (VALUES ` + strings.Join(values, ", ") + `),
			of_city (desk_id, contractor_id, day, name, n) AS (
				SELECT v.desk_id, CASE WHEN v.contractor_id = v.firm THEN '` + workflow.ShareCity + `' ELSE '` + ageOfCities() + `' END ||
					(SELECT c.city_key FROM contractors AS c WHERE c.desk_id = v.desk_id AND c.id = v.firm), v.day, v.name, v.n FROM v)
			INSERT INTO tallies (desk_id, contractor_id, day, name, n)
			SELECT desk_id, contractor_id, day, name, n FROM v
			UNION ALL SELECT desk_id, contractor_id, day, name, sum(n) FROM of_city
				WHERE contractor_id IS NOT NULL GROUP BY desk_id, contractor_id, day, name
			UNION ALL SELECT desk_id, contractor_id, -((day + 3) / 7), name, sum(n) FROM of_city
				WHERE contractor_id NOT LIKE '` + ageOfCities() + `%' GROUP BY desk_id, contractor_id, -((day + 3) / 7), name
			ON CONFLICT (desk_id, contractor_id, day, name) DO UPDATE SET n = tallies.n + excluded.n`
	}
	return m
}

// moveFirm follows a firm from one city to another: its figures, and its jobs in the lists
// of a city. Both cities are added up anew from their firms, so that it does not matter
// what else of them is counted in the same commit. With many firms that have done much it
// takes a second, in which other writers of the desk wait.
func (t *tx) moveFirm(ctx context.Context, firm string, keys ...string) error {
	_, err := t.exec(ctx, "UPDATE assignments SET city_key = $3 WHERE desk_id = $1 AND contractor_id = $2", t.desk, firm, keys[len(keys)-1])
	if err != nil {
		return err
	}
	for _, city := range keys {
		for _, s := range []struct{ of, firms, day, which string }{
			{workflow.ShareCity + city, "c.id", "t.day", "day > 0"},
			{workflow.ShareCity + city, "c.id", "-((t.day + 3) / 7)", "day < 0"},
			{ageOfCities() + city, "'" + workflow.AgesOf("") + "' || c.id", "t.day", "day > 0"},
		} {
			if _, err := t.exec(ctx, "DELETE FROM tallies WHERE desk_id = $1 AND contractor_id = $2 AND "+s.which, t.desk, s.of); err != nil {
				return err
			}
			// What was added meanwhile by others is in the sum.
			_, err := t.exec(ctx, `INSERT INTO tallies (desk_id, contractor_id, day, name, n)
				SELECT c.desk_id, CAST($3 AS TEXT), `+s.day+`, t.name, sum(t.n) FROM contractors AS c
				JOIN tallies AS t ON t.desk_id = c.desk_id AND t.contractor_id = `+s.firms+`
				WHERE c.desk_id = $1 AND c.city_key = $2 AND t.day > 0 GROUP BY c.desk_id, `+s.day+`, t.name
				ON CONFLICT (desk_id, contractor_id, day, name) DO UPDATE SET n = excluded.n`, t.desk, city, s.of)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// counted restricts to what is counted by days of those whom a filter chooses.
func (t *tx) counted(q storage.SummaryFilter) *filter {
	f := &filter{}
	f.add("desk_id = ?", t.desk)
	if q.City != "" {
		f.add("contractor_id = ?", ofCity(q.City))
	} else {
		f.add("contractor_id = ?", q.Contractor)
	}
	return f
}

// standingOf restricts to what stands of those whom a filter chooses, which a city has no
// rows of: it is the sum of one of each firm.
func (t *tx) standingOf(q storage.SummaryFilter) *filter {
	f := &filter{}
	f.add("desk_id = ?", t.desk)
	if q.City != "" {
		f.add("contractor_id IN (SELECT id FROM contractors WHERE desk_id = ? AND city_key = ?)", t.desk, key(q.City))
	} else {
		f.add("contractor_id = ?", q.Contractor)
	}
	return f
}
