package admin

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"causeway/internal/bridge"
	"causeway/internal/connectwise"
	"causeway/internal/outbound"
	"causeway/internal/secret"
)

// The checks of a connection test, in the order in which they happen (R3).
const (
	CheckHost        = "host"
	CheckName        = "name"
	CheckTLS         = "tls"
	CheckServer      = "server"
	CheckCompany     = "company"
	CheckKeys        = "keys"
	CheckPermissions = "permissions"
)

var connectionChecks = []string{CheckHost, CheckName, CheckTLS, CheckServer, CheckCompany, CheckKeys, CheckPermissions}

// testTimeout bounds a whole connection test; one answer may take ten seconds.
const testTimeout = time.Minute

// ConnectionTest is the outcome of a test: one finding per check, those after the first failure skipped.
type ConnectionTest struct {
	Findings []bridge.Finding
	At       time.Time
	Took     time.Duration
}

// OK tells whether every check passed.
func (t ConnectionTest) OK() bool { return allOK(t.Findings) }

func allOK(findings []bridge.Finding) bool {
	for _, f := range findings {
		if !f.OK {
			return false
		}
	}
	return true
}

// TestConnection tells which check fails for what was typed (R3); nothing is stored. It answers with categories and ConnectWise's
// own error text, never with a body, so that it is no port scanner. The error is about what was typed.
func (a *Admin) TestConnection(ctx context.Context, name string, c Connection) (ConnectionTest, error) {
	account, err := a.inUse(ctx, name)
	if err != nil {
		return ConnectionTest{}, err
	}
	settings, key, err := a.typed(ctx, account, c)
	if err != nil {
		return ConnectionTest{}, err
	}
	if err := a.mayTest(); err != nil {
		return ConnectionTest{}, err
	}
	return a.testConnection(ctx, settings, key), nil
}

// Connection tests call hosts that a person typed, so they come at the pace of a person: ten at once, then one in two seconds.
const (
	testsAtOnce = 10
	testEvery   = 2 * time.Second
)

func (a *Admin) mayTest() error {
	if a.tests.Allow() {
		return nil
	}
	return &bridge.Error{Code: bridge.CodeNotReady, Message: "Too many connection tests at once. Try again in a few seconds."}
}

func (a *Admin) testConnection(ctx context.Context, settings bridge.ConnectWiseSettings, key secret.Text) ConnectionTest {
	ctx, cancel := context.WithTimeout(ctx, testTimeout)
	defer cancel()
	started := a.now()
	clock := time.Now()
	t := &tester{settings: settings, plain: a.guard.Plain(settings.Host)}
	a.runTest(t.way.watch(ctx), t, key)
	for _, check := range connectionChecks[len(t.findings):] {
		t.findings = append(t.findings, bridge.Finding{Check: check, Skipped: true, Message: "not tested"})
	}
	return ConnectionTest{Findings: t.findings, At: started, Took: time.Since(clock)}
}

func (a *Admin) runTest(ctx context.Context, t *tester, key secret.Text) {
	if err := a.guard.CheckHost(t.settings.Host); err != nil {
		t.fail(CheckHost, hostTrouble(err), "", "")
		return
	}
	client, err := a.vendors.ProbeConnectWise(t.settings, key)
	if err != nil {
		t.fail(CheckHost, "These values cannot be used: "+err.Error(), "", "")
		return
	}
	info, err := client.CompanyInfo(ctx)
	if err != nil {
		t.lookupFailed(err)
		return
	}
	t.reached()
	t.pass(CheckServer, strings.TrimSpace(fmt.Sprintf("release %s, API at %s/%s", info.VersionNumber, client.Host(), info.Codebase)))
	t.pass(CheckCompany, info.CompanyName)
	if !t.keys(ctx, client) {
		return
	}
	t.permissions(probeAll(ctx, client))
}

// tester collects findings in order.
type tester struct {
	settings bridge.ConnectWiseSettings
	plain    bool // the operator allowed plain HTTP to this host and port
	way      wayThere
	findings []bridge.Finding
}

func (t *tester) pass(check, message string) {
	t.findings = append(t.findings, bridge.Finding{Check: check, OK: true, Message: message})
}

func (t *tester) fail(check, message, fix, answer string) {
	t.findings = append(t.findings, bridge.Finding{Check: check, Message: message, Fix: fix, Answer: answer})
}

// reached passes the checks below HTTP.
func (t *tester) reached() {
	for _, check := range connectionChecks[len(t.findings):3] {
		switch {
		case check == CheckHost && t.plain:
			t.pass(check, t.settings.Host+", plain HTTP as your operator allowed")
		case check == CheckHost:
			t.pass(check, t.settings.Host+", HTTPS")
		case check == CheckTLS && t.plain:
			t.pass(check, "none: your operator allowed plain HTTP for this host")
		case check == CheckTLS:
			t.pass(check, t.way.certificate())
		default:
			t.pass(check, "")
		}
	}
}

const hostRefused = "Causeway may call only public addresses over HTTPS on port 443, or hosts your operator allowed."

func hostTrouble(err error) string {
	if wrong, ok := errors.AsType[*outbound.HostError](err); ok {
		return "This is not a host name: " + wrong.Error() + "."
	}
	return hostRefused
}

// lookupFailed places the failure of the first call, which carries no keys, at the check that it belongs to.
func (t *tester) lookupFailed(err error) {
	e, ok := errors.AsType[*connectwise.Error](err)
	if !ok {
		t.reached()
		t.fail(CheckServer, "ConnectWise could not be asked: "+err.Error(), "", "")
		return
	}
	check, message := whereUnreachable(e)
	if check == "" {
		check, message = whereRefused(e, t.settings)
	}
	if e.Cause == connectwise.CauseTimeout || e.Cause == connectwise.CauseReset {
		check = t.way.broke(t.plain)
	}
	t.upTo(check)
	fix := ""
	if check == CheckCompany {
		fix = "Type what you type as Company when you sign in to ConnectWise."
	}
	// Only what was attempted and the status: whoever answers there is not known to be ConnectWise, and its words must not be
	// readable through a connection test.
	bare := *e
	bare.Message, bare.Fields, bare.Code = "", nil, ""
	t.fail(check, message, fix, bare.Error())
}

// upTo passes every check before the one that failed.
func (t *tester) upTo(check string) {
	t.reached()
	t.pass(CheckServer, "")
	t.findings = t.findings[:slices.Index(connectionChecks, check)]
}

// whereUnreachable is for failures without an answer; no check when there was one.
func whereUnreachable(e *connectwise.Error) (check, message string) {
	switch e.Cause {
	case connectwise.CauseHostNotAllowed:
		return CheckHost, hostRefused
	case connectwise.CauseDNS:
		return CheckName, "No server has this name. Check for a typing error."
	case connectwise.CauseTLS:
		return CheckTLS, tlsTrouble(e)
	case connectwise.CauseRefused:
		return CheckTLS, "Nothing answers at this host and port. Is the server on, and is the port right?"
	case connectwise.CauseTimeout:
		return CheckServer, noAnswer
	case connectwise.CauseReset:
		return CheckServer, "The connection was cut before an answer came. Is a firewall between us?"
	case connectwise.CauseServer:
		return CheckServer, fmt.Sprintf("The server is in trouble: it answered with error %d. Try again later.", e.Status)
	}
	return "", ""
}

const noAnswer = "No answer within 10 s. Is a firewall between us?"

func tlsTrouble(e *connectwise.Error) string {
	if _, ok := errors.AsType[x509.UnknownAuthorityError](e); ok {
		return "The server's certificate was not issued by an authority that this computer trusts."
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](e); ok && invalid.Reason == x509.Expired {
		return "The server's certificate has expired, or is not valid yet."
	}
	if _, ok := errors.AsType[x509.HostnameError](e); ok {
		return "The server's certificate is not valid for this name."
	}
	return "The server offers no secure connection with TLS 1.2 or newer."
}

// whereRefused is for answers that are not what a ConnectWise server says about a company that it knows.
func whereRefused(e *connectwise.Error, settings bridge.ConnectWiseSettings) (check, message string) {
	switch e.Kind {
	case connectwise.KindWrongCompany:
		return CheckCompany, fmt.Sprintf("ConnectWise does not know the company %s.", settings.Company)
	case connectwise.KindThrottled:
		return CheckServer, fmt.Sprintf("The server asks to slow down. Try again in %s.", e.RetryAfter.Round(time.Second))
	case connectwise.KindCanceled:
		return CheckServer, "The test was stopped before an answer came."
	}
	return CheckServer, "Something answers there, but it is not ConnectWise Manage."
}

// keys signs in. system/info alone proves nothing: some servers answer it to anyone, so a list is read as well.
func (t *tester) keys(ctx context.Context, client *connectwise.Client) bool {
	_, err := client.System.Info(ctx)
	if err == nil || kindOf(err) == connectwise.KindForbidden {
		err = client.Companies.Probe(ctx)
	}
	switch kind := kindOf(err); {
	case err == nil, kind == connectwise.KindForbidden:
		t.pass(CheckKeys, "")
		return true
	case kind == connectwise.KindAuth && mentionsClientID(err):
		t.fail(CheckKeys, "ConnectWise refuses the clientId that Causeway sends.",
			"Your operator sets it as CAUSEWAY_CONNECTWISE_CLIENT_ID, from the ConnectWise developer portal.", err.Error())
	case kind == connectwise.KindUnavailable, kind == connectwise.KindThrottled, kind == connectwise.KindProtocol, kind == connectwise.KindCanceled:
		t.fail(CheckKeys, "ConnectWise knows the company, but gave no usable answer to the sign-in. Try again in a few minutes.", "", err.Error())
	default: // also a 404 or 400: some servers answer so to a wrong sign-in
		t.fail(CheckKeys, "ConnectWise knows the company but not this pair of keys.",
			"System › Members › API Members: choose the member, tab API Keys, and copy both keys of one line.", err.Error())
	}
	return false
}

func kindOf(err error) connectwise.Kind {
	if e, ok := errors.AsType[*connectwise.Error](err); ok {
		return e.Kind
	}
	return ""
}

func mentionsClientID(err error) bool {
	return strings.Contains(strings.ToLower(err.Error()), "clientid")
}

func (t *tester) permissions(results []probed) {
	var readable, missing, screens, answers []string
	for _, p := range results {
		switch {
		case p.err == nil:
			readable = append(readable, p.resource.name)
		case kindOf(p.err) == connectwise.KindForbidden:
			missing = append(missing, p.resource.name)
			screens = append(screens, p.resource.screen)
			answers = append(answers, p.err.Error())
		default:
			t.fail(CheckPermissions, fmt.Sprintf("Whether the API member may read %s could not be told. Try again.", p.resource.name), "", p.err.Error())
			return
		}
	}
	if len(missing) == 0 {
		t.pass(CheckPermissions, "may read "+strings.Join(readable, ", "))
		return
	}
	t.fail(CheckPermissions, "The API member may not read "+strings.Join(missing, ", ")+".", rolesScreen(screens), strings.Join(answers, "\n"))
}
