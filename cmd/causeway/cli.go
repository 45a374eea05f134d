package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/mattn/go-isatty"

	"causeway/internal/config"
	"causeway/internal/wiring"
)

// Exit codes. Scripts rely on them.
const (
	exitDone     = 0
	exitError    = 1
	exitUsage    = 2
	exitFailures = 3 // done, but tenants failed or findings are not ok
)

// cli is the command line: one struct of flags, each also an environment variable where it is a setting.
type cli struct {
	JSON     bool            `name:"json" help:"Answer with one JSON document."`
	Settings config.Settings `embed:"" group:"Settings, also as environment variables"`

	Account    accountCommands   `cmd:"" help:"Add, change and look at accounts."`
	Tenants    tenantsCommand    `cmd:"" help:"List an account's tenants with mapping and last sync."`
	Companies  companiesCommand  `cmd:"" help:"List the ConnectWise companies and agreements that tenants can be mapped to."`
	Mapping    mappingCommands   `cmd:"" help:"Export and import the mapping of tenants as CSV."`
	Preflight  preflightCommand  `cmd:"" help:"Check whether ConnectWise is ready for an account."`
	Preview    previewCommand    `cmd:"" help:"Show what a sync would write, without writing it."`
	SyncNow    syncNowCommand    `cmd:"" name:"sync-now" help:"Ask for a sync, and with --wait see it through."`
	Held       heldCommand       `cmd:"" help:"List the changes that wait for a person, or what persons ended in ConnectWise."`
	Release    releaseCommand    `cmd:"" help:"Have the next run write held changes exactly as shown."`
	Dismiss    dismissCommand    `cmd:"" help:"Put held changes aside until MySonicWall's facts change."`
	Resume     resumeCommand     `cmd:"" help:"Take up again what persons ended in ConnectWise."`
	EndBilling endBillingCommand `cmd:"" name:"end-billing" help:"End every open line of tenants that are no longer synchronised."`
	Runs       runsCommand       `cmd:"" help:"List an account's runs."`
	Run        runCommand        `cmd:"" help:"Show one run's result, changes and log."`
	Export     exportCommand     `cmd:"" help:"Write out an account's changes or log."`
	MasterKey  masterKeyCommands `cmd:"" name:"master-key" help:"Create and rotate the key that seals the API keys."`

	Server      serverCommand      `cmd:"" help:"Run the dashboard."`
	Worker      workerCommand      `cmd:"" help:"Run a worker, which does the syncing."`
	Migrate     migrateCommand     `cmd:"" help:"Bring the database's schema up to date."`
	Dev         devCommand         `cmd:"" help:"Run everything on this machine: Temporal, dashboard, worker and simulated vendors."`
	Simulate    simulateCommand    `cmd:"" help:"Run the simulated ConnectWise and MySonicWall alone."`
	Healthcheck healthcheckCommand `cmd:"" help:"Ask an address whether it is well; for containers."`
	Version     versionCommand     `cmd:"" help:"Print the version."`
}

// run parses and carries out one command line and answers with the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c, parsed, err := parse(args, stdout, stderr)
	if err != nil {
		return tell(stdout, stderr, slices.Contains(args, "--json"), &usageError{err})
	}
	if parsed == nil { // help was asked for, and given
		return exitDone
	}
	s := &session{ctx: ctx, out: stdout, err: stderr, in: os.Stdin, json: c.JSON, settings: c.Settings, patience: patience}
	s.asks = isatty.IsTerminal(os.Stdin.Fd())
	if s.level.UnmarshalText([]byte(c.Settings.LogLevel)) != nil {
		s.level = slog.LevelInfo // Check names the mistake
	}
	s.log = slog.New(wiring.NewLog(stderr, s.level))
	if err := parsed.Run(s); err != nil {
		return tell(stdout, stderr, c.JSON, err)
	}
	return exitDone
}

// parse turns arguments into a command; nil where help was printed instead.
func parse(args []string, stdout, stderr io.Writer) (c *cli, parsed *kong.Context, err error) {
	type helped struct{}
	defer func() {
		// kong ends the process after printing help; here that ends the parsing.
		if r := recover(); r != nil {
			if _, ok := r.(helped); !ok {
				panic(r)
			}
			c, parsed, err = nil, nil, nil
		}
	}()
	c = &cli{}
	parser, err := kong.New(c, kong.Name("causeway"), kong.Description("SonicWall tenants as catalog items, agreement additions and configurations in ConnectWise Manage."),
		kong.Writers(stdout, stderr), kong.Exit(func(int) { panic(helped{}) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		return nil, nil, err
	}
	parsed, err = parser.Parse(args)
	return c, parsed, err
}

// usageError is a mistake of the command line or of the settings.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// answeredError ends a command that has answered already.
type answeredError int

func (e answeredError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// tell reports why a command failed and answers with its exit code.
func tell(stdout, stderr io.Writer, asJSON bool, err error) int {
	if code, answered := errors.AsType[answeredError](err); answered {
		return int(code)
	}
	code := exitError
	if _, usage := errors.AsType[*usageError](err); usage {
		code = exitUsage
	}
	failure := describe(err)
	if asJSON {
		_ = writeJSON(stdout, failure)
		return code
	}
	_, _ = fmt.Fprintln(stderr, "causeway: "+strings.TrimSpace(failure.Error))
	for _, f := range failure.Findings {
		if !f.OK && !f.Skipped {
			_, _ = fmt.Fprintln(stderr, "  "+strings.TrimSpace(f.Check+": "+f.Message+" "+f.Fix))
		}
	}
	if code == exitUsage {
		_, _ = fmt.Fprintln(stderr, "Try causeway --help.")
	}
	return code
}
