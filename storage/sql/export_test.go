package sqlstore

import (
	"context"
	"fmt"
	"strings"
)

// Prepared is a statement that a connection to PostgreSQL has ready.
type Prepared struct {
	// Text has Args arguments. Plan is what the connection has kept for it, empty as long
	// as it plans each time anew.
	Text string
	Args int
	Plan string
}

// Prepared returns what all connections have ready.
func (s *Store) Prepared(ctx context.Context) ([]Prepared, error) {
	writers := s.runner.(*pipelined).single.pool
	var all []Prepared
	// All at once, so that no connection is asked twice and another never.
	for _, from := range []*pool{s.readers, writers} {
		for range cap(from.free) {
			c, err := from.get(ctx)
			if err != nil {
				return nil, err
			}
			defer from.put(c, false)
			some, err := preparedBy(ctx, c)
			if err != nil {
				return nil, err
			}
			all = append(all, some...)
		}
	}
	return all, nil
}

func preparedBy(ctx context.Context, c session) ([]Prepared, error) {
	var list []Prepared
	var names []string
	var kept []bool
	err := c.each(ctx, `SELECT name, statement, cardinality(parameter_types), generic_plans > 0 FROM pg_prepared_statements
		WHERE statement ~ '^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)'`, func(scan func(...any) error) error {
		var p Prepared
		var name string
		var generic bool
		err := scan(&name, &p.Text, &p.Args, &generic)
		list, names, kept = append(list, p), append(names, name), append(kept, generic)
		return err
	})
	if err != nil {
		return nil, err
	}
	for n := range list {
		p := &list[n]
		if !kept[n] {
			continue
		}
		err := c.each(ctx, ExplainExecute(names[n], p.Args), func(scan func(...any) error) error {
			var line string
			err := scan(&line)
			p.Plan += line + "\n"
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// ExplainExecute explains a statement that was prepared with so many arguments.
func ExplainExecute(name string, args int) string {
	explain := "EXPLAIN EXECUTE " + name
	if args > 0 {
		explain += fmt.Sprintf("(%s)", strings.TrimSuffix(strings.Repeat("NULL, ", args), ", "))
	}
	return explain
}
