package server_test

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/store"
)

// elsewhere is another agreement than the tenant's, of another company.
func (w *world) elsewhere(account bridge.Account, tenant bridge.Tenant) (company, agreement string) {
	w.t.Helper()
	offer, err := w.admin.Offer(w.t.Context(), account)
	require.NoError(w.t, err)
	for _, c := range offer.Companies {
		if c.ID != tenant.Mapping.CompanyID {
			return strconv.Itoa(c.ID), strconv.Itoa(c.Agreements[0].ID)
		}
	}
	w.t.Fatal("there is only one company")
	return "", ""
}

// R49: a tenant with open lines is mapped elsewhere only after a person saw what moves from when and what ends when.
func TestMappingOpenLinesElsewhereAsksFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	account := w.ready("north")
	tenant := w.mapped(account, 1)[0]
	company, agreement := w.elsewhere(account, tenant)
	path := "/accounts/north/tenants/" + tenant.ID
	mapping := func() bridge.Mapping {
		t.Helper()
		now, err := w.store.Tenant(t.Context(), account.ID, tenant.ID)
		require.NoError(t, err)
		return now.Mapping
	}
	w.wrote(account, tenant, line(tenant, 0), line(tenant, 1))

	question := w.sent(path+"/mapping", "company", company, "agreement", agreement)
	require.Equal(t, tenant.Mapping, mapping(), "nothing is saved by asking")
	require.Contains(t, question.words("mapping-sentence"), "2 open lines move to")
	require.Contains(t, question.words("side-now"), "2 open lines")
	rows := question.part("moving-line")
	require.Equal(t, 2, rows.Length())
	require.Contains(t, question.words("moving-line"), "25", "the quantity as written last")
	require.Regexp(t, `\d+ (Nov|Dec) 2026`, question.words("moving-line"))

	request := w.request(http.MethodPost, path+"/mapping", nil)
	request.Header.Set("HX-Request", "true")
	request.Header.Set("Origin", w.http.URL)
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	request.URL.RawQuery = "company=" + company + "&agreement=" + agreement
	answer := w.do(request)
	require.Equal(t, http.StatusNoContent, answer.status)
	require.Contains(t, answer.header.Get("HX-Redirect"), path+"/mapping?", "htmx goes to the question whole")

	after := w.sent(path+"/mapping", "company", company, "agreement", agreement, "confirmed", "yes", "back", path)
	require.Contains(t, after.words("flash"), "The next run moves its lines.")
	require.Equal(t, agreement, strconv.Itoa(mapping().AgreementID))

	removal := w.sent(path+"/mapping", "clear", "1")
	require.Contains(t, removal.words("mapping-sentence"), "2 lines stay open in ConnectWise")
	gone := w.sent(path+"/mapping", "clear", "1", "confirmed", "yes", "back", path)
	require.Contains(t, gone.words("flash"), "Its lines stay open in ConnectWise")
	require.Zero(t, mapping().AgreementID)
	require.Contains(t, gone.words("mapping"), "Frozen since 23 Nov It is not mapped; 2 lines stay open in ConnectWise")
}

// R53: the billing of a tenant that is switched off is ended by a person who saw the lines and typed the name.
func TestEndBilling(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	account := w.ready("north")
	tenant := w.mapped(account, 1)[0]
	path := "/accounts/north/tenants/" + tenant.ID
	w.wrote(account, tenant, line(tenant, 0))

	refused := w.shown(path + "/end")
	require.Contains(t, refused.words("refused"), "is synchronised")
	require.Zero(t, w.shown(path).part("end-billing").Length())

	off := w.sent(path+"/enabled", "enabled", "off")
	require.Contains(t, off.words("flash"), "1 line goes on billing there. End billing…")
	frozen := w.shown("/accounts/north/tenants?filter=frozen")
	require.Equal(t, 1, frozen.part("tenant").Length())
	require.Contains(t, frozen.words("tenant"), "Its sync is off; 1 line stays open in ConnectWise End billing…")

	w.starter.preview = func(tenants []string) (int64, error) {
		leaving := bridge.Tenant{ID: tenants[0], Name: tenant.Name, Mapping: tenant.Mapping, Ending: true}
		run, _, err := w.store.OpenRun(t.Context(), store.OpenRun{AccountID: account.ID, Kind: bridge.RunPreview, Tenants: []bridge.Tenant{leaving}})
		if err != nil {
			return 0, err
		}
		end := line(tenant, 0)
		end.Action, end.CWMID, end.Before, end.After = bridge.ActionCancel, 900, bridge.Fields{bridge.FieldCancelled: ""}, bridge.Fields{bridge.FieldCancelled: "2026-11-23"}
		plan := store.PlannedTenant{TenantID: tenant.ID, NeedSync: true, Plan: bridge.TenantPlan{Changes: []bridge.Change{end}}}
		if err := w.store.SavePlan(t.Context(), run, []store.PlannedTenant{plan}); err != nil {
			return 0, err
		}
		_, err = w.store.CloseRun(t.Context(), run.ID, "", "")
		return run.ID, err
	}
	ask := w.shown(path + "/end")
	require.Contains(t, ask.words("end-why"), "Frozen since 23 Nov: its sync is off. 1 line stays open")
	require.Zero(t, ask.part("end-form").Length())
	shown := w.sent(path + "/end/preview")
	require.Contains(t, shown.words("ending-lines"), "Cancelled none becomes 23 Nov 2026")
	require.Equal(t, "End billing of 1 line", shown.words("end-billing"))
	require.NotContains(t, w.shown("/accounts/north/preview").body, "Capture Client Advanced", "it is no preview of a sync")

	wrong := w.post(path+"/end", "typed_name", "somebody else")
	require.Equal(t, http.StatusUnprocessableEntity, wrong.status)
	require.Contains(t, wrong.words("error-typed_name"), "Nothing was ended.")
	require.Empty(t, syncsOf(w.starter.all()))
	done := w.sent(path+"/end", "typed_name", "  "+tenant.Name+" ")
	require.Contains(t, done.words("flash"), "The end of billing of "+tenant.Name+" is asked for.")
	require.Contains(t, done.words("ending"), "dashboard asked to end its billing")
	require.Equal(t, []string{"sync north"}, syncsOf(w.starter.all()))
	require.Equal(t, []string{tenant.ID}, w.starter.requests[0].Tenants)
}
