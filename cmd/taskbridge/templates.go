package main

import (
	"context"
	"fmt"
	"os"
)

type templatesCmd struct {
	Export templatesExportCmd `cmd:"" help:"Print the desk's templates as YAML."`
	Import templatesImportCmd `cmd:"" help:"Add the templates of a file and replace those of the same name, all or none."`
}

type templatesExportCmd struct{}

// Run exports.
func (templatesExportCmd) Run(ctx context.Context, p *process, g *globals) error {
	return g.operate(ctx, p, func(s *station) error {
		text, err := s.engine.ExportTemplates(ctx)
		if err != nil {
			return err
		}
		_, err = p.stdout.Write(text)
		return err
	})
}

type templatesImportCmd struct {
	File string `arg:"" help:"The file."`
	// Text is the file's content, for the running service: it may see other files.
	Text string `hidden:""`
}

// Run imports.
func (c templatesImportCmd) Run(ctx context.Context, p *process, g *globals) error {
	if g.station == nil {
		text, err := os.ReadFile(c.File)
		if err != nil {
			return fmt.Errorf("read the templates: %w", err)
		}
		c.Text = string(text)
		here := *p
		here.args = append(append([]string{}, p.args...), "--text="+c.Text)
		p = &here
	}
	return g.operate(ctx, p, func(s *station) error {
		done, err := s.engine.ImportTemplates(ctx, []byte(c.Text))
		if err != nil {
			return fmt.Errorf("%s: %w; nothing was changed", c.File, err)
		}
		_, err = fmt.Fprintf(p.stdout, "%d added, %d changed, %d as they were\n", done.Added, done.Changed, done.Same)
		return err
	})
}
