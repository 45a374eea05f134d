//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"os"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// axeSource is the accessibility checker, as npm installed it.
const axeSource = "../../node_modules/axe-core/axe.min.js"

// axeRun names each violated rule with the first elements that violate it.
const axeRun = `axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations.map(v =>
	v.id + ": " + v.nodes.slice(0, 3).map(n => n.target.join(" ") + " " + (n.any[0]?.message ?? "")).join(" | "))))`

// looksRight holds every page, with what is really on it, to axe's rules in both colours and to the width of a phone.
func (j *journey) looksRight(run string) {
	axe, err := os.ReadFile(axeSource)
	require.NoError(j.t, err)
	pages := []string{"/", "/accounts/new", run, run + "/tenants/" + j.tenantID(good), run + "/tenants/" + j.tenantID(quarterly)}
	for _, path := range []string{
		"/configure/connection", "/configure/tickets", "/configure/review", "/setup", "/tenants", "/tenants?edit=" + j.tenantID(good),
		"/tenants?ask=accept", "/tenants/" + j.tenantID(good), "/mapping", "/preview", "/held", "/runs", "/changes",
		"/settings?section=schedule", "/settings?section=connectwise", "/settings?section=mysonicwall", "/settings?section=options", "/settings?section=limits",
	} {
		pages = append(pages, j.at(path))
	}
	for _, path := range pages {
		j.visit(path)
		for _, scheme := range []string{"light", "dark"} {
			j.scheme(scheme)
			for _, v := range j.violations(string(axe)) {
				j.t.Errorf("%s in %s: %s", path, scheme, v)
			}
		}
		j.do("narrow "+path, chromedp.EmulateViewport(narrow, tall))
		require.Equal(j.t, "0", j.eval(`Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)`), "%s scrolls sideways", path)
		j.do("widen "+path, chromedp.EmulateViewport(wide, tall))
	}
}

func (j *journey) violations(axe string) []string {
	j.t.Helper()
	ctx, stop := context.WithTimeout(j.ctx, within)
	defer stop()
	j.eval(`(() => {` + axe + `; return "" })()`)
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](axeRun, chromedp.EvalAwaitPromise))
	if err != nil {
		j.fail("ask axe", err)
	}
	var out []string
	require.NoError(j.t, json.Unmarshal([]byte(text), &out))
	return out
}
