package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	_ "time/tzdata" // Desks and firms name time zones that the machine may not have.

	"github.com/alecthomas/kong"
	"github.com/mattn/go-isatty"
)

// The exit codes.
const (
	exitFailed = 1
	exitUsage  = 2
)

// process is what a command may use of the process it runs in.
type process struct {
	stdout, stderr io.Writer
	environ        []string
	// args are the command line without the program's name.
	args []string
	// terminal is true when a person reads stderr.
	terminal bool
}

func main() {
	p := &process{
		stdout: os.Stdout, stderr: os.Stderr, environ: os.Environ(), args: os.Args[1:],
		terminal: isatty.IsTerminal(os.Stderr.Fd()),
	}
	os.Exit(run(context.Background(), p))
}

// run parses the arguments and runs the command. It gives the exit code.
func run(ctx context.Context, p *process) int { return runOn(ctx, p, nil) }

// runInside runs a command for somebody else inside the service, on its set-up.
func runInside(ctx context.Context, p *process, args []string, s *station) int {
	p.args = args
	return runOn(ctx, p, s, kong.Exit(func(int) {}))
}

func runOn(ctx context.Context, p *process, s *station, more ...kong.Option) int {
	c := cli{globals: globals{station: s}}
	parser, err := kong.New(&c, append(more,
		kong.Name("taskbridge"),
		kong.Description("Hands jobs to contractors through Slack and Mattermost."),
		kong.Writers(p.stdout, p.stderr),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(p),
	)...)
	if err != nil {
		return p.fail(exitFailed, fmt.Errorf("describe the commands: %w", err))
	}
	command, err := parser.Parse(p.args)
	if err != nil {
		return p.fail(exitUsage, fmt.Errorf("%w; `taskbridge --help` lists the commands", err))
	}
	if s != nil && !takenInside(command.Command()) {
		return p.fail(exitUsage, errors.New("the running service does not take this command"))
	}
	if err := command.Run(&c.globals); err != nil {
		if !errors.Is(err, errSaid) {
			p.fail(exitFailed, err)
		}
		return exitFailed
	}
	return 0
}

// errSaid fails a command that has said already what is wrong.
var errSaid = errors.New("said already")

func (p *process) fail(code int, err error) int {
	fmt.Fprintf(p.stderr, "taskbridge: %v\n", err)
	return code
}
