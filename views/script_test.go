//go:build e2e

package views

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"causeway/views/assets"
)

// liveRun serves a run that gets one tenant further with every poll, until end is
// set; broken makes its polls fail.
type liveRun struct {
	polls  atomic.Int64
	ended  atomic.Bool
	broken atomic.Bool
}

func (l *liveRun) page() RunPage {
	return runPage(func(p *RunPage) {
		p.Live = Live{URL: "/live", Every: 1}
		p.Phases[3].Done = 21 + int(l.polls.Load())
		if l.ended.Load() {
			p.Live, p.Status, p.Ended = Live{}, "completed", p.Now
		}
	})
}

func (l *liveRun) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", contentPolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	switch r.URL.Path {
	case "/":
		_ = Layout(inside(PlaceRuns, "Run"), Run(l.page())).Render(r.Context(), w)
	case "/live":
		if l.broken.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		l.polls.Add(1)
		_ = RunLive(l.page()).Render(r.Context(), w)
	default:
		http.StripPrefix("/assets/", http.FileServerFS(assets.FS())).ServeHTTP(w, r)
	}
}

// A refresh closes nothing that is open, opens nothing that was closed, and leaves
// focus where it is; polling ends with the work.
func TestRefreshLeavesWhatIsInHand(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	run := &liveRun{}
	server := httptest.NewServer(run)
	t.Cleanup(server.Close)

	require.NoError(t, chromedp.Do(ctx,
		chromedp.Navigate(server.URL+"/"),
		chromedp.Click("#group-synced > summary"),
		chromedp.Click("#group-failed > summary"),
		chromedp.Focus("#retry-failed"),
		chromedp.WaitReady(`#run-live[data-announce="Write tenants: 24 of 34"]`),
	))
	opened, err := chromedp.Run(ctx, chromedp.Evaluate[string](
		`[...document.querySelectorAll("details.group[open]")].map(d => d.id).join(" ")`))
	require.NoError(t, err)
	assert.Equal(t, "group-held group-running group-synced", opened)
	focused, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.activeElement.id`))
	require.NoError(t, err)
	assert.Equal(t, "retry-failed", focused)

	run.broken.Store(true)
	require.NoError(t, chromedp.Do(ctx, chromedp.WaitReady(".as-of.stale")))
	said, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector(".as-of").textContent`))
	require.NoError(t, err)
	assert.Equal(t, "No answer since 14:19:01 CDT", said)
	run.broken.Store(false)

	run.ended.Store(true)
	require.NoError(t, chromedp.Do(ctx, chromedp.WaitReady(`#run-live:not([data-live])`)))
	triggers, err := chromedp.Run(ctx, chromedp.Evaluate[int](`document.querySelectorAll("[hx-trigger^=every]").length`))
	require.NoError(t, err)
	assert.Zero(t, triggers)
	announced, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.getElementById("announce").textContent`))
	require.NoError(t, err)
	assert.Equal(t, "Run 1843: Completed", announced)
}

// Letters move through the rows, tick and open them, and find the search.
func TestKeys(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	server := servePages(t)
	read := func(script string) string {
		out, err := chromedp.Run(ctx, chromedp.Evaluate[string](script))
		require.NoError(t, err)
		return out
	}
	require.NoError(t, chromedp.Do(ctx,
		chromedp.EmulateViewport(1440, 900),
		chromedp.Navigate(server.URL+"/story/tenants/light"),
		chromedp.WaitReady("html[data-script]"),
		chromedp.KeyEvent("jj"), chromedp.KeyEvent("x"),
		chromedp.WaitVisible("#bulk"),
	))
	assert.Equal(t, "tenant-2300417", read(`document.querySelector("[data-current]").id`))
	assert.Equal(t, "1 selected", read(`document.querySelector("[data-selected]").textContent`))

	require.NoError(t, chromedp.Do(ctx, chromedp.KeyEvent("/"), chromedp.KeyEvent("jx?")))
	// The browser's protocol types the slash as well, which a keyboard does not once it is taken as a key.
	assert.Equal(t, "tenant-search jx?", strings.Replace(read(`document.activeElement.id + " " + document.activeElement.value`), "/", "", 1),
		"letters are text in a field")

	read(`document.activeElement.blur(); ""`)
	require.NoError(t, chromedp.Do(ctx, chromedp.KeyEvent("?"), chromedp.WaitVisible("#keys"), chromedp.KeyEvent(kb.Escape), chromedp.WaitNotVisible("#keys")))

	read(`addEventListener("click", e => { window.opened = e.target.closest("a")?.getAttribute("href"); e.preventDefault(); }); ""`)
	require.NoError(t, chromedp.Do(ctx, chromedp.KeyEvent("k"), chromedp.KeyEvent("e")))
	assert.Equal(t, "/accounts/northbridge-it/tenants?edit=2300411#tenant-2300411", read(`window.opened`))
}

// On arrival focus is in the message of the action just taken, or in the list of a
// form's errors.
func TestFocusGoesToWhatWasSaid(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	server := servePages(t)
	for story, id := range map[string]string{"tenants": "message", "account-add": "errors", "tenants-find": "company_q", "runs": ""} {
		require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(server.URL+"/story/"+story+"/light"), chromedp.WaitReady("html[data-script]")))
		got, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.activeElement.id`))
		require.NoError(t, err)
		assert.Equal(t, id, got, story)
	}
}
