package server

import (
	"cmp"
	"slices"
	"strings"

	"causeway/internal/bridge"
	"causeway/internal/store"
	"causeway/views"
	"causeway/views/components"
)

// cause is a row of what needs a person, with its rank: what costs most comes first.
type cause struct {
	rank int
	row  views.Attention
}

// attention gives one row per cause and account, most costly first.
func attention(summaries []store.Summary, failing map[int64]failures) []views.Attention {
	var causes []cause
	for _, s := range summaries {
		causes = append(causes, causesOf(s, failing[s.Account.ID])...)
	}
	slices.SortStableFunc(causes, func(a, b cause) int { return cmp.Compare(a.rank, b.rank) })
	rows := make([]views.Attention, 0, len(causes))
	for _, c := range causes {
		rows = append(rows, c.row)
	}
	return rows
}

func causesOf(s store.Summary, failed failures) []cause {
	var causes []cause
	name := s.Account.Name
	add := func(rank int, row views.Attention) {
		row.Account = name
		causes = append(causes, cause{rank, row})
	}
	if s.Account.State == bridge.AccountNeedsAttention {
		add(0, keysRefused(s.Account))
	}
	if last := s.LastRun; last != nil && last.Status == bridge.RunFailed && s.Account.State != bridge.AccountNeedsAttention {
		why, _ := views.Parted(last.Reason)
		add(1, views.Attention{
			Badge: views.Badge{Status: components.StatusFailed}, Sentence: "Run " + runID(last.ID) + " failed. " + why,
			Consequence: "what it did not write waits for the next run", Step: views.Link{Text: "See why", URL: views.RunURL(name, runID(last.ID))},
			LogsURL: views.RunLogsURL(name, runID(last.ID), "txt"),
		})
	}
	if s.HeldChanges > 0 {
		add(2, views.Attention{
			Badge:    views.Badge{Status: components.StatusHeld, Word: views.Number(s.HeldChanges) + " held"},
			Sentence: views.CountOf(s.HeldChanges, "change is held", "changes are held") + " and not written.",
			Step:     views.Link{Text: "Review changes", URL: views.HeldURL(name)},
		})
	}
	if s.FailedTenants > 0 {
		add(3, failedTenants(s, failed))
	}
	if s.Account.SetUpAt.IsZero() {
		add(4, unfinished(s.Account))
	} else if s.TenantsUnmapped > 0 {
		add(5, views.Attention{
			Badge:       views.Badge{Status: components.StatusNotMapped},
			Sentence:    views.CountOf(s.TenantsUnmapped, "tenant has", "tenants have") + " no company and agreement.",
			Consequence: "nothing is billed for them",
			Step:        views.Link{Text: "Map tenants", URL: views.TenantsQuery{Filter: views.TenantsNotMapped}.URL(name)},
		})
	}
	return causes
}

func keysRefused(a bridge.Account) views.Attention {
	step := views.Link{Text: "Replace keys", URL: views.ConnectionURL(a.Name)}
	if strings.Contains(a.StateReason, "MySonicWall") {
		step.URL = views.SettingsURL(a.Name, views.SettingsMySonicWall)
	}
	sentence, _ := views.Parted(a.StateReason)
	return views.Attention{
		Badge: views.Badge{Status: components.StatusNeedsAttention}, Sentence: sentence,
		Consequence: "nothing is synced until then", Step: step,
	}
}

func failedTenants(s store.Summary, failed failures) views.Attention {
	sentence := views.OfTotal(s.FailedTenants, s.TenantsEnabled) + " tenants failed in their last sync"
	if s.SyncedTenants > 0 {
		sentence += "; " + views.CountOf(s.SyncedTenants, "other is", "others are") + " up to date"
	}
	return views.Attention{
		Badge: views.Badge{Status: components.StatusFailed, Word: views.Number(s.FailedTenants) + " failed"}, Sentence: sentence + ".",
		Tenants: failed.named, More: failed.more,
		Step:    views.Link{Text: "See why", URL: views.TenantsQuery{Filter: views.TenantsFailed}.URL(s.Account.Name)},
		LogsURL: views.FailedLogsURL(s.Account.Name),
	}
}

func unfinished(a bridge.Account) views.Attention {
	row := views.Attention{
		Badge: views.Badge{Status: components.StatusNew}, Sentence: "The set-up of " + a.Name + " is not finished.", Consequence: "nothing is synced until then",
		Step: views.Link{Text: "Finish set-up", URL: views.ConnectionURL(a.Name)},
	}
	if a.State == bridge.AccountSettingUp {
		row.Badge.Status, row.Sentence = components.StatusSettingUp, a.Name+" is being set up."
		row.Step = views.Link{Text: "See set-up", URL: views.SetupURL(a.Name)}
	}
	return row
}
