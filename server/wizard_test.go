package server_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/store"
	"causeway/server"
)

// R1: the first page of a fresh installation is the form for the first account.
func TestHomeWithoutAccountIsTheForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	home := w.shown("/")
	require.Equal(t, 1, home.part("add-account").Length())
	require.Contains(t, home.text("title"), "Connect your first account")
}

func TestAddAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	added := w.sent("/accounts/new", "name", "northbridge-it", "msw_api_key", " "+mswKey+" ")
	require.Equal(t, "6", added.text("added-tenants"))
	require.NotEmpty(t, added.text("added-zone"))
	require.Equal(t, bridge.AccountNew, w.account("northbridge-it").State)
	require.Contains(t, w.shown("/").text("account-row"), "Finish set-up")
}

func TestAddAccountMistakes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.add("taken")
	for name, c := range map[string]struct{ name, key, field, says string }{
		"no name":       {"", mswKey, "name", "missing"},
		"upper case":    {"North", mswKey, "name", "lower case"},
		"taken":         {"taken", mswKey, "name", "there already"},
		"no key":        {"fresh", "", "msw_api_key", "missing"},
		"key refused":   {"fresh", "wrong", "msw_api_key", "MySonicWall refuses this key"},
		"hostile input": {`"><script>alert(1)</script>`, mswKey, "name", "lower case"},
	} {
		t.Run(name, func(t *testing.T) {
			answer := w.post("/accounts/new", "name", c.name, "msw_api_key", c.key)
			require.Equal(t, http.StatusUnprocessableEntity, answer.status)
			require.Contains(t, answer.text("error-"+c.field), c.says)
			value, _ := answer.doc.Find("#name").Attr("value")
			require.Equal(t, c.name, value, "what was typed stays")
			key, _ := answer.doc.Find("#msw_api_key").Attr("value")
			require.Empty(t, key, "but never the key")
			require.Zero(t, answer.doc.Find("script:not([src])").Length())
		})
	}
}

// R2, R3, R4, R5: the wizard from an empty account to a finished set-up.
func TestWizardFromStartToEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.add("north")
	require.Equal(t, http.StatusSeeOther, w.get("/accounts/north/configure/tickets").status, "the first step comes first")

	connection := []string{"host", w.host, "company", company, "public_key", publicKey, "private_key", privateKey}
	tested := w.post("/accounts/north/configure/connection/test", connection...)
	require.Equal(t, http.StatusOK, tested.status)
	require.Contains(t, tested.text("connection-test"), "All 7 passed")
	require.Equal(t, 7, tested.part("connection-test").Find(`[data-state="ok"]`).Length())
	require.True(t, w.account("north").Configured(), "what passed before set-up is kept, so that the key is typed once")

	// The key is stored now: the form needs it no more.
	tickets := w.sent("/accounts/north/configure/connection", connection[:6]...)
	require.Contains(t, tickets.text("flash"), "ConnectWise is connected")
	board, ok := tickets.doc.Find(`#board option:contains("Professional Services")`).Attr("value")
	require.True(t, ok, tickets.body)
	critical, _ := tickets.doc.Find(`#critical option:contains("Priority 1 - Emergency")`).Attr("value")
	high, _ := tickets.doc.Find(`#high option:contains("Priority 2 - High")`).Attr("value")

	review := w.sent("/accounts/north/configure/tickets", "board", board, "critical", critical, "high", high)
	require.Contains(t, review.text("review-settings"), "Professional Services")
	require.Contains(t, review.text("review-settings"), "stored, not shown")
	require.Positive(t, review.part("provision").Length())
	require.Zero(t, review.part("submit-closed").Length(), review.text("review-findings"))

	setup := w.sent("/accounts/north/configure/review")
	require.Contains(t, setup.text("setup-ready"), "Ready. 6 tenants wait for a company.")
	require.Contains(t, w.starter.all(), "set-up north")
	_, live := setup.part("setup-live").Attr("hx-get")
	require.False(t, live, "a finished set-up refreshes no more")
}

// R3: the first failing check explains, later ones are not tested; what was typed stays, the private key excepted.
func TestConnectionTestSaysWhichCheckFailed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.add("north")
	const path = "/accounts/north/configure/connection/test"
	for name, c := range map[string]struct {
		host, company, key string
		failed, field      string
	}{
		"host not allowed": {"127.0.0.1:9", company, privateKey, "check-host", "host"},
		"wrong company":    {w.host, "nobody", privateKey, "check-company", "company"},
		"wrong keys":       {w.host, company, "not-the-key", "check-keys", "private_key"},
	} {
		t.Run(name, func(t *testing.T) {
			answer := w.post(path, "host", c.host, "company", c.company, "public_key", publicKey, "private_key", c.key)
			require.Equal(t, http.StatusOK, answer.status, "the test itself worked")
			state, _ := answer.part(c.failed).Attr("data-state")
			require.Equal(t, "failed", state)
			require.Equal(t, 1, answer.part("connection-test").Find(`[data-state="failed"]`).Length())
			value, _ := answer.doc.Find("#company").Attr("value")
			require.Equal(t, c.company, value)
			require.NotEmpty(t, answer.text("error-"+c.field), "the field that has to be looked at says so")
			require.NotContains(t, answer.body, c.key)
			require.False(t, w.account("north").Configured(), "nothing was saved")
		})
	}
	refused := w.post("/accounts/north/configure/connection", "host", w.host, "company", company, "public_key", publicKey, "private_key", "not-the-key")
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	require.False(t, w.account("north").Configured())
}

func TestConnectionFieldsAreChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.add("north")
	answer := w.post("/accounts/north/configure/connection", "host", "https://cwm.example.com/path", "company", "", "public_key", "", "private_key", "")
	require.Equal(t, http.StatusUnprocessableEntity, answer.status)
	for _, field := range []string{"host", "company", "public_key", "private_key"} {
		require.NotEmpty(t, answer.text("error-"+field))
	}
	require.Equal(t, http.StatusSeeOther, w.get("/accounts/north/configure/connection/test").status, "a test is no address to reload")
}

// A new host never gets the stored key, and a test of one changes nothing of an account that works.
func TestTestingAnotherHostStoresNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ready("north")
	answer := w.post("/accounts/north/configure/connection/test", "host", "127.0.0.1:9", "company", company, "public_key", publicKey, "private_key", "")
	require.Equal(t, http.StatusUnprocessableEntity, answer.status)
	require.Contains(t, answer.text("error-private_key"), "private key again")
	require.Equal(t, w.host, w.account("north").ConnectWise.Host)
}

// R10: the second account on one ConnectWise company is refused with the first one's name.
func TestSecondAccountOnOneCompanyIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ready("north")
	w.add("south")
	answer := w.post("/accounts/south/configure/connection", "host", w.host, "company", company, "public_key", publicKey, "private_key", privateKey)
	require.Equal(t, http.StatusUnprocessableEntity, answer.status)
	require.Contains(t, answer.text("error-company"), "north already uses this ConnectWise company")
}

func TestTicketsMistakes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	account := w.ready("north")
	answer := w.post("/accounts/north/configure/tickets", "board", "999", "critical", "", "high", "")
	require.Equal(t, http.StatusUnprocessableEntity, answer.status)
	require.Contains(t, answer.text("error-board"), "ConnectWise has no active service board “999”. Choose another.")
	require.Contains(t, answer.text("error-critical"), "Choose a priority")
	require.Equal(t, account.Tickets, w.account("north").Tickets)

	_, err := w.store.UpdateAccount(t.Context(), account.ID, func(a *bridge.Account) error {
		a.Tickets.BoardID, a.Tickets.BoardName = 4711, "Security"
		return nil
	})
	require.NoError(t, err)
	require.Contains(t, w.shown("/accounts/north/configure/tickets").text("error-board"), "Board Security is no longer in ConnectWise. Choose another.")
}

// R5: a failed step shows its reason and is retried from the page; the page polls while set-up is not done.
func TestSetupStuckAndRetried(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.add("north")
	w.starter.stuck = &store.SetupStep{
		Name: "categories", Title: "Categories", Status: "failed", Message: "The API member may not add categories.",
		Fix: "System › Security Roles", Answer: "POST procurement/categories error:403 <b>Security</b>", Started: noon,
	}
	require.Equal(t, http.StatusOK, w.post("/accounts/north/configure/connection/test", "host", w.host, "company", company, "public_key", publicKey, "private_key", privateKey).status)
	tickets := w.shown("/accounts/north/configure/tickets")
	id := func(selector string) string { v, _ := tickets.doc.Find(selector).Attr("value"); return v }
	w.sent("/accounts/north/configure/tickets", "board", id(`#board option:contains("Professional Services")`),
		"critical", id(`#critical option:contains("Priority 1 - Emergency")`), "high", id(`#high option:contains("Priority 2 - High")`))
	setup := w.sent("/accounts/north/configure/review")
	require.Contains(t, setup.text("setup-steps"), "The API member may not add categories.")
	require.Contains(t, setup.text("setup-steps"), "<b>Security</b>", "shown as text")
	every, _ := setup.part("setup-live").Attr("hx-trigger")
	require.Equal(t, "every 1s", every)

	part := w.part("/accounts/north/setup", "setup-live")
	require.Zero(t, part.doc.Find("main").Length(), "the region alone")
	require.Equal(t, 1, part.part("setup-live").Length())

	retried := w.sent("/accounts/north/setup/retry", "step", "categories")
	require.Contains(t, retried.text("flash"), "tried again")
	require.Contains(t, w.starter.all(), "retry north categories")
	require.Contains(t, w.shown("/").text("attention-row"), "north is being set up")
}

// Where Temporal is away, nothing is half done and the page says so.
func TestSubmitWithoutTemporal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ready("north")
	w.starter.fails = &bridge.Error{Code: bridge.CodeNotReady, Message: "Temporal did not take the request; try again once it answers"}
	answer := w.post("/accounts/north/configure/review")
	require.Equal(t, http.StatusServiceUnavailable, answer.status)
	require.Contains(t, answer.body, "Temporal did not take the request")
	require.Equal(t, bridge.AccountReady, w.account("north").State)
}

func TestReviewKeepsSubmitClosedWhileSomethingIsToMend(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	account := w.ready("north")
	_, err := w.store.UpdateAccount(t.Context(), account.ID, func(a *bridge.Account) error {
		a.Tickets = bridge.TicketSettings{}
		return nil
	})
	require.NoError(t, err)
	review := w.shown("/accounts/north/configure/review")
	require.Contains(t, review.text("submit-closed"), "nothing is left to mend")
	require.Positive(t, review.part("mend").Length(), "each names the screen that mends it (R8)")
	answer := w.post("/accounts/north/configure/review")
	require.Equal(t, http.StatusUnprocessableEntity, answer.status)
	require.Contains(t, answer.text("flash"), "not ready")
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	_, err := server.New(server.Options{})
	require.ErrorContains(t, err, "needs the store")
}
