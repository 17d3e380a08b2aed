// Package templates reads and writes the templates of a desk as YAML, and names the
// line of whatever is wrong.
//
// It owns the form of the file. It must not know how templates are kept, shown or used;
// what a legal template is, is the rule of package workflow.
package templates
