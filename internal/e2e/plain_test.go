//go:build e2e

package e2e

import (
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/stretchr/testify/require"
)

// TestJourneyWithoutScript walks the main way with the pages' scripts off: every step is a link or a form (R42: "refreshing shows the
// latest").
func TestJourneyWithoutScript(t *testing.T) {
	t.Parallel()
	j := newJourney(t, "plain")
	j.do("switch scripts off", call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	j.addAccount()
	require.Empty(t, j.eval(`document.documentElement.dataset.script ?? ""`), "the pages' scripts are off")
	j.connect()
	j.chooseTickets()
	j.follow("#submit")
	j.latestUntil("[data-testid=setup-ready]")
	j.follow(`[data-testid=setup-ready] .btn-primary`)

	first := `[data-tenant="` + j.tenantID(good) + `"]`
	j.follow(first + ` [data-edit]`)
	j.fill("#company_q", j.company(good).Name)
	j.follow(`[data-testid=company-find]`)
	j.follow(`[data-testid=company-choice][data-company="` + strconv.Itoa(j.company(good).ID) + `"]`)
	j.follow("#save-mapping")
	j.visit(j.at("/tenants"))
	j.follow("#switch-" + j.tenantID(good))
	require.Contains(t, j.text("#message"), "is on. It is synced for the first time tonight, or when you ask for it.")

	j.visit(j.at("/preview"))
	j.follow("#compute")
	j.latestUntil("[data-testid=preview-changes]")
	j.follow(`.page-head .btn-primary`)
	require.Contains(t, j.text(`[data-testid=question]`), "Sync this 1 tenant?")
	j.follow(`[data-testid=question] [data-testid=sync-now]`)
	j.latestUntil(`#run-live:not([data-live])`)
	require.Equal(t, "Completed", j.text(`h1 [data-testid=badge]`))
	j.eval(`document.querySelector("[data-testid=group-synced]").open = true`)
	j.follow(`[data-testid=run-tenant] [data-open]`)
	require.Equal(t, "Written", j.text(`[data-testid=change] .change-status`))
	require.Empty(t, j.heard.all(), "the browser had nothing to say")
}

// latestUntil follows the page's own link to its latest state until something is there.
func (j *journey) latestUntil(selector string) {
	j.t.Helper()
	j.stand.until(selector, func() bool {
		if j.eval(`document.querySelector(`+strconv.Quote(selector)+`) !== null`) == "true" {
			return true
		}
		j.follow(`noscript a`)
		return false
	})
}
