package admin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"causeway/internal/bridge"
	"causeway/internal/connectwise"
)

// Menu paths of ConnectWise's screens that mend a finding.
const (
	screenConnection      = "Causeway › Settings › ConnectWise: test the connection there."
	screenConfigStatuses  = "System › Setup Tables › Configuration Status"
	screenBoards          = "System › Setup Tables › Service Board"
	screenPriorities      = "System › Setup Tables › Priority"
	screenTicketsStep     = "Causeway › Configure › Tickets: choose another."
	closedStatus          = "Closed"
	checkReachable        = "reachable"
	checkPermissions      = "permissions"
	checkStatusDefault    = "configuration-status-default"
	checkStatusClosed     = "configuration-status-closed"
	checkBoard            = "board"
	checkBoardDefault     = "board-status-default"
	checkBoardClosed      = "board-status-closed"
	checkPriorityCritical = "priority-critical"
	checkPriorityHigh     = "priority-high"
	checkAgreements       = "agreements"
)

// CheckTitle names a check of Preflight, for one that was not tested and so has no finding to say.
func CheckTitle(check string) string {
	switch check {
	case checkReachable:
		return "ConnectWise answers"
	case checkPermissions:
		return "Permissions"
	case checkStatusDefault:
		return "Default configuration status"
	case checkStatusClosed:
		return "A status that closes a configuration"
	case checkBoard:
		return "The service board is active"
	case checkBoardDefault:
		return "The board's default status"
	case checkBoardClosed:
		return "The board's status that closes a ticket"
	case checkPriorityCritical:
		return "Priority for Critical"
	case checkPriorityHigh:
		return "Priority for High"
	case checkAgreements:
		return "Companies and agreements"
	}
	return check
}

// Preflight tells whether ConnectWise is ready (R8): reachable, every resource readable, the configuration statuses, the board and
// the priorities as they must be. Each finding that is not OK names the screen that mends it; one that is OK and has a Fix is only
// to be known. The error is ours, never ConnectWise's.
func (a *Admin) Preflight(ctx context.Context, account bridge.Account) ([]bridge.Finding, error) {
	client, err := a.vendors.ConnectWise(ctx, account, nil)
	if err != nil {
		return nil, err
	}
	offer, err := a.Offer(ctx, account)
	if err != nil {
		return nil, err
	}
	return preflight(ctx, client, account, offer), nil
}

// CheckReadiness is Preflight for the command line.
func (a *Admin) CheckReadiness(ctx context.Context, name string) (PreflightAnswer, error) {
	account, err := a.inUse(ctx, name)
	if err != nil {
		return PreflightAnswer{}, err
	}
	findings, err := a.Preflight(ctx, account)
	if err != nil {
		return PreflightAnswer{}, err
	}
	return PreflightAnswer{OK: allOK(findings), Findings: orEmpty(findings)}, nil
}

// preflight may have no offer, for an account that is not stored yet.
func preflight(ctx context.Context, client *connectwise.Client, account bridge.Account, offer *Offer) []bridge.Finding {
	p := &checker{ctx: ctx, client: client}
	if !p.reachable() {
		for _, check := range []string{checkPermissions, checkStatusDefault, checkStatusClosed, checkBoard, checkBoardDefault, checkBoardClosed, checkPriorityCritical, checkPriorityHigh} {
			p.findings = append(p.findings, bridge.Finding{Check: check, Skipped: true, Message: "not tested"})
		}
		return p.findings
	}
	p.permissions()
	p.configurationStatuses()
	p.board(account.Tickets)
	p.priorities(account.Tickets)
	p.agreements(offer)
	return p.findings
}

type checker struct {
	ctx      context.Context
	client   *connectwise.Client
	findings []bridge.Finding
}

func (p *checker) fine(check, message string) {
	p.findings = append(p.findings, bridge.Finding{Check: check, OK: true, Message: message})
}

func (p *checker) mend(check, message, fix, answer string) {
	p.findings = append(p.findings, bridge.Finding{Check: check, Message: message, Fix: fix, Answer: answer})
}

func (p *checker) reachable() bool {
	info, err := p.client.System.Info(p.ctx)
	if err != nil && kindOf(err) != connectwise.KindForbidden {
		p.mend(checkReachable, preflightTrouble(err), screenConnection, err.Error())
		return false
	}
	p.fine(checkReachable, strings.TrimSpace("ConnectWise answers at "+p.client.Host()+" "+info.Version))
	return true
}

func preflightTrouble(err error) string {
	e, ok := errors.AsType[*connectwise.Error](err)
	if !ok {
		return "ConnectWise cannot be asked."
	}
	if e.Kind == connectwise.KindAuth {
		return "ConnectWise does not accept the API keys."
	}
	if _, message := whereUnreachable(e); message != "" {
		return message
	}
	_, message := whereRefused(e, bridge.ConnectWiseSettings{Company: e.Company})
	return message
}

// permissions has one finding for everything that may be read, and one for each resource that may not.
func (p *checker) permissions() {
	var readable []string
	for _, r := range probeAll(p.ctx, p.client) {
		switch {
		case r.err == nil:
			readable = append(readable, r.resource.name)
		case kindOf(r.err) == connectwise.KindForbidden:
			p.mend(checkPermissions+":"+r.resource.id, fmt.Sprintf("The API member may not read %s.", r.resource.name),
				rolesScreen([]string{r.resource.screen}), r.err.Error())
		default:
			p.mend(checkPermissions+":"+r.resource.id, fmt.Sprintf("Whether the API member may read %s could not be told: %s", r.resource.name, preflightTrouble(r.err)),
				"Check again in a few minutes.", r.err.Error())
		}
	}
	if len(readable) > 0 {
		p.fine(checkPermissions, "May read "+strings.Join(readable, ", "))
	}
}

// configurationStatuses: ConnectWise gives a configuration the default status where it can, and R32 closes with one that has its
// closed flag.
func (p *checker) configurationStatuses() {
	var defaults, closing []string
	named := false
	for s, err := range p.client.ConfigurationStatuses.All(p.ctx, connectwise.ListOptions{}) {
		if err != nil {
			p.unread(checkStatusDefault, "configuration statuses", err)
			return
		}
		if s.DefaultFlag {
			defaults = append(defaults, s.Description)
		}
		if s.ClosedFlag {
			closing = append(closing, s.Description)
		}
		named = named || strings.EqualFold(s.Description, closedStatus)
	}
	if len(defaults) > 0 {
		p.fine(checkStatusDefault, "Default configuration status: "+strings.Join(defaults, ", "))
	} else {
		p.mend(checkStatusDefault, "No configuration status is the default.", screenConfigStatuses+": open Active and tick Default.", "")
	}
	p.closing(checkStatusClosed, "configuration status", "a configuration", closing, named, screenConfigStatuses)
}

// closing wants the status named Closed with its flag, else the only one with the flag.
func (p *checker) closing(check, word, what string, closing []string, named bool, screen string) {
	i := slices.IndexFunc(closing, func(name string) bool { return strings.EqualFold(name, closedStatus) })
	switch {
	case i >= 0:
		p.fine(check, fmt.Sprintf("The %s %s closes %s", word, closing[i], what))
	case len(closing) == 1:
		p.fine(check, fmt.Sprintf("The %s %s closes %s", word, closing[0], what))
	case len(closing) > 1:
		p.mend(check, fmt.Sprintf("Several closing statuses and none named Closed: %s.", strings.Join(closing, ", ")),
			screen+": name the one that Causeway is to use Closed.", "")
	case named:
		p.mend(check, fmt.Sprintf("The %s Closed lacks its Closed flag.", word), screen+": open Closed and tick Closed.", "")
	default:
		p.mend(check, fmt.Sprintf("No %s closes %s: none has its Closed flag ticked.", word, what), screen+": add Closed, or open the one that means it, and tick Closed.", "")
	}
}

func (p *checker) unread(check, what string, err error) {
	if kindOf(err) == connectwise.KindForbidden {
		// The finding on permissions names the right.
		p.findings = append(p.findings, bridge.Finding{Check: check, Skipped: true, Message: "not tested: the API member may not read " + what})
		return
	}
	p.mend(check, fmt.Sprintf("The %s could not be read: %s", what, preflightTrouble(err)), "Check again in a few minutes.", err.Error())
}

func (p *checker) board(t bridge.TicketSettings) {
	if t.BoardID == 0 {
		p.mend(checkBoard, "No service board is chosen.", screenTicketsStep, "")
		return
	}
	board, err := p.client.Boards.Get(p.ctx, t.BoardID)
	name := cmp.Or(board.Name, t.BoardName)
	switch {
	case kindOf(err) == connectwise.KindNotFound:
		p.mend(checkBoard, fmt.Sprintf("Board %s is no longer in ConnectWise.", name), screenTicketsStep, err.Error())
		return
	case err != nil:
		p.unread(checkBoard, "service board "+name, err)
		return
	case board.InactiveFlag:
		p.mend(checkBoard, fmt.Sprintf("Board %s is inactive.", name), screenBoards+": open it and untick Inactive, or choose another board.", "")
	case board.ProjectFlag:
		p.mend(checkBoard, fmt.Sprintf("Board %s is for projects, not for service.", name), screenTicketsStep, "")
	default:
		p.fine(checkBoard, fmt.Sprintf("Board %s is active", name))
	}
	p.boardStatuses(board.ID, name)
}

func (p *checker) boardStatuses(id int, name string) {
	var defaults, closing []string
	named := false
	for s, err := range p.client.BoardStatuses.All(p.ctx, id, connectwise.ListOptions{}) {
		if err != nil {
			p.unread(checkBoardDefault, "statuses of board "+name, err)
			return
		}
		if s.Inactive {
			continue
		}
		if s.DefaultFlag {
			defaults = append(defaults, s.Name)
		}
		if s.ClosedStatus {
			closing = append(closing, s.Name)
		}
		named = named || strings.EqualFold(s.Name, closedStatus)
	}
	screen := fmt.Sprintf("%s › %s › Statuses", screenBoards, name)
	switch len(defaults) {
	case 1:
		p.fine(checkBoardDefault, "The board has one default status: "+defaults[0])
	case 0:
		p.mend(checkBoardDefault, fmt.Sprintf("Board %s has no default status.", name), screen+": tick Default on the status of new tickets.", "")
	default:
		p.mend(checkBoardDefault, fmt.Sprintf("Board %s has several default statuses: %s.", name, strings.Join(defaults, ", ")), screen+": leave Default on one.", "")
	}
	p.closing(checkBoardClosed, "status of board "+name+":", "a ticket", closing, named, screen)
}

func (p *checker) priorities(t bridge.TicketSettings) {
	there := map[int]string{}
	for priority, err := range p.client.Priorities.All(p.ctx, connectwise.ListOptions{}) {
		if err != nil {
			p.unread(checkPriorityCritical, "priorities", err)
			return
		}
		there[priority.ID] = priority.Name
	}
	for _, chosen := range []struct {
		check, word, name string
		id                int
	}{{checkPriorityCritical, "Critical", t.CriticalName, t.CriticalID}, {checkPriorityHigh, "High", t.HighName, t.HighID}} {
		switch name, ok := there[chosen.id]; {
		case chosen.id == 0:
			p.mend(chosen.check, fmt.Sprintf("No priority is chosen for %s.", chosen.word), screenTicketsStep, "")
		case !ok:
			p.mend(chosen.check, fmt.Sprintf("Priority %s is no longer in ConnectWise.", chosen.name), screenPriorities+", or "+screenTicketsStep, "")
		default:
			p.fine(chosen.check, fmt.Sprintf("Priority for %s: %s", chosen.word, name))
		}
	}
}

// agreements tells what to know of those that were read: nothing here stops a set-up.
func (p *checker) agreements(offer *Offer) {
	if offer == nil || offer.ReadAt.IsZero() {
		return
	}
	total := 0
	var other []string
	for _, c := range offer.Companies {
		for _, ag := range c.Agreements {
			total++
			if bridge.RecurrenceOf(ag) == bridge.OtherRecurring {
				other = append(other, ag.Name)
			}
		}
	}
	if len(other) == 0 {
		p.fine(checkAgreements, fmt.Sprintf("%d companies with %d agreements", len(offer.Companies), total))
		return
	}
	shown := strings.Join(other[:min(len(other), 5)], ", ")
	if len(other) > 5 {
		shown += ", …"
	}
	p.findings = append(p.findings, bridge.Finding{
		Check: checkAgreements, OK: true, Message: fmt.Sprintf("Recurring agreements that do not bill monthly, %d of %d: %s", len(other), total, shown),
		Fix: "Causeway writes no lines to them; configurations are written. You can go on.",
	})
}
