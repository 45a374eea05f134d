package workflows

import (
	"strconv"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// Search attributes by which a person finds an account's, a tenant's or a run's workflows in the Temporal UI. They are plain
// text even where payloads are encrypted: names of ours, never a customer's secret.
var (
	AttributeAccount = temporal.NewSearchAttributeKeyKeyword("CausewayAccount")
	AttributeTenant  = temporal.NewSearchAttributeKeyKeyword("CausewayTenant")
	AttributeRun     = temporal.NewSearchAttributeKeyKeyword("CausewayRun")
)

func searchAttributes(searchable bool, account, tenant string, run int64) temporal.SearchAttributes {
	if !searchable {
		return temporal.NewSearchAttributes()
	}
	set := []temporal.SearchAttributeUpdate{AttributeAccount.ValueSet(account)}
	if tenant != "" {
		set = append(set, AttributeTenant.ValueSet(tenant))
	}
	if run != 0 {
		set = append(set, AttributeRun.ValueSet(strconv.FormatInt(run, 10)))
	}
	return temporal.NewSearchAttributes(set...)
}

func childOptions(id, summary, queue string, attributes temporal.SearchAttributes) workflow.ChildWorkflowOptions {
	return workflow.ChildWorkflowOptions{
		WorkflowID:            id,
		TaskQueue:             queue,
		StaticSummary:         summary,
		TypedSearchAttributes: attributes,
		WaitForCancellation:   true,
	}
}
