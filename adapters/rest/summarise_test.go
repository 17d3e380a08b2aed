package rest_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// operation is what summarise tells of an operation.
type operation struct {
	OperationID string
	Parameters  []struct{ Name, In string }
	RequestBody any
	Responses   map[string]any
	Security    []map[string][]string
}

// summarise writes each operation of an OpenAPI document on a few lines.
func summarise(paths map[string]map[string]operation) string {
	var b strings.Builder
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		for _, method := range slices.Sorted(maps.Keys(paths[path])) {
			op := paths[path][method]
			fmt.Fprintf(&b, "%s %s (%s)\n", strings.ToUpper(method), path, op.OperationID)
			for _, p := range op.Parameters {
				fmt.Fprintf(&b, "  takes %s in %s\n", p.Name, p.In)
			}
			if op.RequestBody != nil {
				b.WriteString("  takes a body\n")
			}
			if len(op.Security) == 0 {
				b.WriteString("  is open to all\n")
			}
			fmt.Fprintf(&b, "  answers %s\n", strings.Join(slices.Sorted(maps.Keys(op.Responses)), " "))
		}
	}
	return b.String()
}
