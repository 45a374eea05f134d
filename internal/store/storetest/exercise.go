// Package storetest holds the contract of internal/store. Exercise is called once for each database; what it asks for is what the
// rest of Causeway relies on. The fixtures serve other packages' tests too.
package storetest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/internal/bridge"
	"causeway/internal/store"
)

// Exercise runs the whole contract. Open gives a migrated, empty database that is closed with the test it was opened for.
func Exercise(t *testing.T, open func(t *testing.T) *store.Store) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, *store.Store){
		"accounts":                       accounts,
		"account names are taken once":   accountNames,
		"one company one account":        oneCompanyOneAccount,
		"another company new binding":    newBinding,
		"another company ends runs":      newBindingEndsRuns,
		"an older reading":               olderReading,
		"updates of an account queue":    updatesQueue,
		"keys":                           keys,
		"companies":                      companies,
		"tenants":                        tenantsCycle,
		"tenant by id or name":           tenantByName,
		"mappings all or nothing":        mappings,
		"enabled tenants":                enabledTenants,
		"tenant list":                    tenantList,
		"reports":                        reports,
		"serial holders":                 serialHolders,
		"decide":                         decide,
		"decide all or nothing":          decideAllOrNothing,
		"linked changes":                 decideLinked,
		"a refused date":                 decideBillFrom,
		"decisions are spent":            decisionsSpent,
		"decided list":                   decidedList,
		"ended by hand":                  endedByHand,
		"frozen by mapping":              frozenByMapping,
		"frozen by list":                 frozenByList,
		"frozen by agreement":            frozenByAgreement,
		"open lines":                     openLines,
		"ending":                         ending,
		"previews of endings":            endingPreviews,
		"remove account":                 removeAccount,
		"another company forgets":        bindingForgets,
		"runs":                           runs,
		"run opened twice":               runOpenedTwice,
		"run overtaken":                  runOvertaken,
		"nights are claimed once":        nights,
		"nights claimed at once":         nightsAtOnce,
		"requests":                       requests,
		"progress and counts":            progress,
		"preview":                        preview,
		"tenants of a run":               tenantRuns,
		"plan replaced":                  planReplaced,
		"observations":                   observations,
		"records taken over":             takenOver,
		"tenants beside a run":           companions,
		"agreements half read":           halfRead,
		"observed facts":                 observedFacts,
		"claims":                         claims,
		"claims and finishes at once":    claimsAtOnce,
		"claims against an overtaking":   claimsAgainstOvertaking,
		"finish is all or nothing":       finishAllOrNothing,
		"maybe done":                     maybeDone,
		"managed":                        managedRecords,
		"held":                           heldChanges,
		"held since":                     heldSince,
		"held by limits":                 limitHeld,
		"changes":                        changeList,
		"logs":                           logs,
		"logs of failures":               failureLogs,
		"tenants underway":               tenantsUnderway,
		"touches":                        touches,
		"history":                        history,
		"set-up steps":                   setupSteps,
		"summaries":                      summaries,
		"prune":                          prune,
		"delete account":                 deleteAccount,
		"text from outside":              textFromOutside,
		"accounts do not see each other": separateAccounts,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, open(t))
		})
	}
}

func requireCode(t *testing.T, want bridge.Code, err error) *bridge.Error {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, want, bridge.CodeOf(err), "%v", err)
	var sentence *bridge.Error
	require.ErrorAs(t, err, &sentence)
	assert.NotEmpty(t, sentence.Message)
	return sentence
}
