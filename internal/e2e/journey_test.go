//go:build e2e

package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"causeway/internal/simulator/estate"
)

// The estate of the journeys. The first tenant's agreement bills monthly; that of the last one quarterly, so its sync fails (R29).
const (
	seed      = 1
	tenants   = 6
	good      = 0
	quarterly = 5
)

// journey is a person at the dashboard who knows the estate and the keys.
type journey struct {
	*tab
	stand   *stand
	account string
	made    estate.Estate
}

func newJourney(t *testing.T, account string) *journey {
	t.Helper()
	s := newStand(t, "--no-demo", "--tenants", strconv.Itoa(tenants), "--seed", strconv.Itoa(seed))
	return &journey{newTab(t, s.dev.Dashboard), s, account, estate.Generate(seed, tenants, time.Now())}
}

func (j *journey) at(path string) string { return "/accounts/" + j.account + path }

func (j *journey) tenantID(number int) string { return strconv.Itoa(j.made.Tenants[number].ID) }

// company is the company in ConnectWise that stands for a tenant.
func (j *journey) company(number int) estate.Company {
	j.t.Helper()
	for _, c := range j.made.Companies {
		if c.ID == j.made.Tenants[number].CompanyID {
			return c
		}
	}
	j.t.Fatalf("tenant %d has no company", number)
	return estate.Company{}
}

// TestJourney walks the way of a new user, from nothing to a second sync that writes what changed in between.
func TestJourney(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "northbridge")
	j.addAccount()
	j.connect()
	j.chooseTickets()
	j.setUp()
	j.mapTenants()
	j.preview()
	run := j.sync()
	j.failureIsInTheLog(run)
	j.tenantsRun(run)
	j.changeIsWritten()
	j.looksRight(run)
	require.Empty(t, j.heard.all(), "the browser had nothing to say")
}

// R1: bad input stays, with its error beside the field; the key alone has to be typed again.
func (j *journey) addAccount() {
	j.visit("/")
	require.Equal(j.t, "Connect your first account", j.text(`[data-testid=title]`))
	j.fill("#name", "Northbridge IT")
	j.fill("#msw_api_key", "wrong")
	j.follow("#add")
	require.Contains(j.t, j.text(`[data-testid=error-name]`), "lower case")
	require.Equal(j.t, "Northbridge IT", j.value("#name"))
	require.Empty(j.t, j.value("#msw_api_key"))
	j.fill("#name", j.account)
	j.fill("#msw_api_key", "wrong")
	j.follow("#add")
	require.Contains(j.t, j.text(`[data-testid=error-msw_api_key]`), "MySonicWall refuses this key.")
	j.fill("#msw_api_key", j.stand.dev.MySonicWall.APIKey)
	j.follow("#add")
	require.Equal(j.t, strconv.Itoa(tenants), j.text(`[data-testid=added-tenants]`))
	j.follow(`[data-testid=account-added] .btn-primary`)
}

// R2, R3: the test names the check that failed, and what was typed stays, the private key excepted.
func (j *journey) connect() {
	cw := j.stand.dev.ConnectWise
	j.fill("#host", cw.Host)
	j.fill("#company", cw.Company)
	j.fill("#public_key", cw.PublicKey)
	j.fill("#private_key", "not-the-key")
	j.follow("#test")
	require.Contains(j.t, j.text(`[data-testid=connection-test]`), "Failed at check 6 of 7")
	require.Contains(j.t, j.text(`[data-testid=check-keys]`), "ConnectWise knows the company but not this pair of keys.")
	require.Contains(j.t, j.text(`[data-testid=check-keys] [data-testid=answer]`), "error:401")
	require.NotEmpty(j.t, j.text(`[data-testid=error-private_key]`))
	require.Equal(j.t, cw.Company, j.value("#company"))
	require.Empty(j.t, j.value("#private_key"))
	j.fill("#private_key", cw.PrivateKey)
	j.follow("#test")
	require.Contains(j.t, j.text(`[data-testid=connection-test]`), "All 7 passed")
	j.follow("#continue")
	require.Equal(j.t, j.at("/configure/tickets"), j.path())
}

func (j *journey) chooseTickets() {
	j.choose("#board", "Professional Services")
	j.choose("#critical", "Priority 1")
	j.choose("#high", "Priority 2")
	j.follow("#continue")
	require.Contains(j.t, j.text(`[data-testid=review-settings]`), "Professional Services")
	require.Contains(j.t, j.text(`[data-testid=review-settings]`), "stored, not shown")
	require.Contains(j.t, j.text(`[data-testid=review-creates]`), "SonicWall Add")
}

// R5: the page shows each step as it happens; one that ConnectWise refuses says what to do and is tried again from the page.
func (j *journey) setUp() {
	cw := j.stand.dev.ConnectWise.URL
	j.stand.simulator(http.MethodPost, cw+"/_sim/faults", `{"method": "POST", "path": "procurement/subcategories", "status": 403}`)
	j.follow("#submit")
	require.Equal(j.t, j.at("/setup"), j.path())
	j.wait(`#setup-live [data-testid^=retry]`)
	require.Contains(j.t, j.text(`[data-testid=setup-steps]`), "error:403")
	j.stand.simulator(http.MethodDelete, cw+"/_sim/faults", "")
	j.follow(`[data-testid^=retry]`)
	j.wait(`#setup-live:not([data-live]) [data-testid=setup-ready]`)
	require.Equal(j.t, "7 of 7 done", j.text(`[data-testid=setup-done]`))
	require.Contains(j.t, j.text(`[data-testid=setup-ready]`), "Ready. 6 tenants wait for a company.")
	j.follow(`[data-testid=setup-ready] .btn-primary`)
}

// R11, R14: one suggestion accepted with a click, one company found by typing, both switched on in place.
func (j *journey) mapTenants() {
	first, last := `[data-tenant="`+j.tenantID(good)+`"]`, `[data-tenant="`+j.tenantID(quarterly)+`"]`
	j.wait("html[data-script]")
	j.press(first + ` [data-testid=accept]`)
	j.wait("#message")
	j.visit(j.at("/tenants"))
	require.Contains(j.t, j.text(first), j.company(good).Name)

	j.follow(last + ` [data-edit]`)
	company := j.company(quarterly)
	j.fill("#company_q", company.Name[:6])
	j.follow(`[data-testid=company-choice][data-company="` + strconv.Itoa(company.ID) + `"]`)
	require.Equal(j.t, company.Name, j.text(`[data-testid=chosen-company]`))
	j.choose("#agreement", company.Agreements[0].Name)
	j.follow("#save-mapping")
	for _, number := range []int{good, quarterly} {
		id := "#switch-" + j.tenantID(number)
		j.press(id)
		j.wait(id + `[aria-checked=true]`)
	}
}

// R34: what a sync would do, and nothing is written for it.
func (j *journey) preview() {
	before := j.stand.writes()
	j.visit(j.at("/preview"))
	j.follow("#compute")
	j.wait(`#preview-live:not([data-live]) [data-testid=preview-changes]`)
	require.Contains(j.t, j.text(`[data-testid=preview-changes]`), j.made.Tenants[good].Name)
	require.NotEqual(j.t, "0", j.text(`[data-testid=sum-added] dd`))
	require.Equal(j.t, before, j.stand.writes())
}

// sync asks for one and watches it to its end on the page that nobody loads again (R16, R42).
func (j *journey) sync() string {
	j.visit(j.at("/tenants"))
	j.follow(`.page-head [data-testid=sync-now]`)
	run := j.path()
	require.Regexp(j.t, "^"+j.at("/runs/")+"[0-9]+$", run)
	j.eval(`window.stayed = "yes"`)
	j.wait(`#run-live:not([data-live])`)
	require.Equal(j.t, "yes", j.eval(`window.stayed`), "the page refreshed itself")
	require.Equal(j.t, "1 tenant failed", j.text(`h1 [data-testid=badge]`))
	require.Contains(j.t, j.text(`[data-testid=group-failed]`), j.made.Tenants[quarterly].Name)

	ui := j.attribute(`[data-testid=temporal]`, "href")
	require.Contains(j.t, ui, j.stand.dev.TemporalUI+"/namespaces/default/workflows/sync%2F"+j.account+"%2F")
	return run
}

// failureIsInTheLog downloads by the failed count, as a browser does (R43).
func (j *journey) failureIsInTheLog(run string) {
	folder, err := os.MkdirTemp(j.t.TempDir(), "downloads")
	require.NoError(j.t, err)
	whole := make(chan string, 1)
	require.NoError(j.t, chromedp.Listen(j.ctx, func(event any) {
		if e, ok := event.(*browser.EventDownloadProgress); ok && e.State == browser.DownloadProgressStateCompleted {
			select {
			case whole <- e.GUID:
			default:
			}
		}
	}))
	j.do("take downloads", call(browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllowAndName, DownloadPath: folder, EventsEnabled: new(true),
	}))
	j.press(`[data-testid=failed-count]`)
	select {
	case name := <-whole:
		log, err := os.ReadFile(filepath.Join(folder, name))
		require.NoError(j.t, err)
		require.Contains(j.t, string(log), j.made.Tenants[quarterly].Name)
		require.Contains(j.t, string(log), "only monthly ones are supported")
	case <-time.After(within):
		j.t.Fatalf("the log of %s was not downloaded", run)
	}
}

// tenantsRun reads what was written for the first tenant, and why (R45).
func (j *journey) tenantsRun(run string) {
	j.press(`[data-testid=group-synced] > summary`)
	j.follow(`[data-testid=run-tenant][data-tenant="` + j.tenantID(good) + `"] [data-open]`)
	require.Equal(j.t, run+"/tenants/"+j.tenantID(good), j.path())
	require.Contains(j.t, j.text(`[data-testid=section-addition]`), "additions of "+j.company(good).Agreements[0].Name)
	require.Equal(j.t, "Written", j.text(`[data-testid=change] .change-status`))
	j.press(`[data-testid=change] .why > summary`)
	j.do("see why", chromedp.WaitVisible(`[data-testid=change] [data-testid=why-panel]`))
	require.Contains(j.t, j.text(`[data-testid=change] [data-testid=why-panel]`), "Why is the quantity")
}

// changeIsWritten syncs one tenant alone after MySonicWall reports another figure, and reads before and after.
func (j *journey) changeIsWritten() {
	serial := j.text(`[data-testid=section-addition] [data-testid=serial]`)
	j.stand.setQuantity(j.made.Tenants[good].ID, serial, 29)
	j.follow("#sync-tenant")
	j.wait(`#run-live:not([data-live])`)
	require.Equal(j.t, "Completed", j.text(`h1 [data-testid=badge]`))
	require.Contains(j.t, j.text(`[data-testid=facts]`), "1 tenant")
	j.press(`[data-testid=group-synced] > summary`)
	j.follow(`[data-testid=run-tenant] [data-open]`)
	require.Regexp(j.t, `Quantity ?[0-9,]+ becomes 29 \([+−][0-9,]+\)`, j.text(`[data-testid=change]`))
	require.Equal(j.t, "1", j.eval(`document.querySelectorAll("[data-testid=change]").length`))

	j.visit("/")
	require.Contains(j.t, j.text(`[data-testid=attention-row]`), "1 of 2 tenants failed in their last sync; 1 other is up to date.")
	require.Equal(j.t, "/accounts/"+j.account+"/failed-logs.txt", j.attribute(`[data-testid=failed-logs]`, "href"))
}
