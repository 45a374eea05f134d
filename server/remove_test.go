package server_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
)

// R56: an account is removed by a person who typed its name; its history stays readable, everything else is refused in a sentence.
func TestRemoveAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	account := w.ready("north")
	tenant := w.mapped(account, 1)[0]
	w.wrote(account, tenant, line(tenant, 0))
	rows := w.compared(account, zero(tenant, 1))

	ask := w.shown("/accounts/north/settings?section=remove")
	require.Contains(t, ask.words("remove-means"), "1 line of ours stays open there")
	wrong := w.post("/accounts/north/settings", "section", "remove", "typed_name", "south")
	require.Equal(t, http.StatusUnprocessableEntity, wrong.status)
	require.Contains(t, wrong.words("error-typed_name"), "Nothing was removed.")
	require.NotContains(t, w.starter.all(), "remove north by dashboard")

	home := w.sent("/accounts/north/settings", "section", "remove", "typed_name", "north")
	require.Contains(t, home.words("flash"), "north was removed. Nothing in ConnectWise changed.")
	require.Contains(t, w.starter.all(), "remove north by dashboard")
	require.Contains(t, home.words("account-row"), "Removed")
	require.Zero(t, home.part("attention-row").Length(), "of a removed account nothing needs anybody")

	for _, path := range []string{
		"/runs", "/runs/" + runNumber(rows[0]), "/runs/" + runNumber(rows[0]) + "/tenants/" + tenant.ID, "/changes", "/tenants", "/tenants/" + tenant.ID, "/held",
		"/preview", "/settings", "/configure/connection",
	} {
		page := w.shown("/accounts/north" + path)
		require.Contains(t, page.words("message"), "north was removed.", path)
	}
	for path, fields := range map[string][]string{
		"/held/decide":                       {"id", number(rows[0]), "choice", "release"},
		"/sync":                              nil,
		"/tenants/" + tenant.ID + "/end":     {"typed_name", tenant.Name},
		"/pause":                             nil,
		"/tenants/bulk":                      {"tenant", tenant.ID, "action", "disable"},
		"/tenants/" + tenant.ID + "/enabled": {"enabled", "off"},
	} {
		answer := w.sent("/accounts/north"+path, fields...)
		require.Contains(t, answer.words("flash"), "north was removed. Its history can still be read; nothing else is done for it.", path)
	}
	require.Empty(t, syncsOf(w.starter.all()))
	again := w.sent("/accounts/north/settings", "section", "remove", "typed_name", "north")
	require.Contains(t, again.words("flash"), "north was removed.", "asked again it ends what was left")
}

// What waits for a person stands on the first page with what it costs: held changes that touch an invoice, and frozen tenants
// whose lines go on billing.
func TestHomeNamesHeldAndFrozen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	account := w.ready("north")
	tenants := w.mapped(account, 2)
	w.wrote(account, tenants[0], line(tenants[0], 0))
	starts, ends := moving(tenants[1], 0)
	starts.Status, starts.Reason = bridge.StatusHeld, bridge.ReasonQuantityJump
	ends.Status = bridge.StatusHeld
	w.compared(account, starts, ends, zero(tenants[1], 5))
	w.sent("/accounts/north/tenants/"+tenants[0].ID+"/enabled", "enabled", "off")

	home := w.shown("/")
	rows := home.part("attention-row")
	require.Equal(t, 3, rows.Length(), home.body)
	held, frozen := rows.Eq(0), rows.Eq(1)
	require.Contains(t, wordsIn(held), "2 changes wait for a decision; 2 touch the invoice of 1 Dec.", "a linked change is one")
	require.Contains(t, wordsIn(held), "the quantity jumps, the quantity would become 0")
	require.Equal(t, "/accounts/north/held?filter=invoice", held.Find(".btn").AttrOr("href", ""))
	require.Contains(t, wordsIn(frozen), "1 tenant is frozen with 1 line open in ConnectWise.")
	require.Equal(t, "/accounts/north/tenants?filter=frozen", frozen.Find(".btn").AttrOr("href", ""))
	require.Contains(t, w.shown("/accounts/north/held").words("chip-all"), "2")
	require.Contains(t, w.shown("/accounts/north/held").words("nav-held"), "2 waiting", "the same figure everywhere")
}

// R55: the connection says what another ConnectWise means, and wants the private key again.
func TestAnotherConnectWiseStartsAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ready("north")
	stored := w.shown("/accounts/north/configure/connection")
	require.Contains(t, stored.words("message"), "Another host or company starts anew.")
	other := w.post("/accounts/north/configure/connection", "host", w.host, "company", "other", "public_key", publicKey)
	require.Equal(t, http.StatusUnprocessableEntity, other.status)
	require.Contains(t, other.words("message"), "the mapping starts empty")
	require.NotEmpty(t, other.words("error-private_key"))
	require.Equal(t, company, w.account("north").ConnectWise.Company)
}
