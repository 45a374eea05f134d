//go:build e2e

package views

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"causeway/views/assets"
)

// contentPolicy is the strictest one the pages promise to live with.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// axeSource is the accessibility checker, as npm installed it.
const axeSource = "../node_modules/axe-core/axe.min.js"

// axeRun names each violated rule with the first elements that violate it.
const axeRun = `axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations.map(v =>
	v.id + ": " + v.nodes.slice(0, 3).map(n => n.target.join(" ") + " " + (n.any[0]?.message ?? "")).join(" | "))))`

// sideways is how far the page scrolls to the side, log text excepted because it
// scrolls within itself.
const sideways = `document.documentElement.scrollWidth - document.documentElement.clientWidth`

type sight struct {
	name  string
	theme Theme
	width int64
	axe   bool // the narrow page has the same elements in the same colours
}

var sights = []sight{
	{"light", ThemeLight, 1440, true},
	{"dark", ThemeDark, 1440, true},
	{"390", ThemeLight, 390, false},
}

// servePages serves every story at /story/{story}/{theme} under the content policy.
func servePages(t *testing.T) *httptest.Server {
	t.Helper()
	all := map[string]story{}
	for _, s := range stories() {
		all[s.name] = s
	}
	mux := http.NewServeMux()
	mux.Handle("GET /assets/", http.StripPrefix("/assets/", http.FileServerFS(assets.FS())))
	// What a live region polls: nothing new.
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /story/{story}/{theme}", func(w http.ResponseWriter, r *http.Request) {
		s, ok := all[r.PathValue("story")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		frame := s.frame
		frame.Theme = Theme(r.PathValue("theme"))
		w.Header().Set("Content-Security-Policy", contentPolicy)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if err := Layout(frame, s.page).Render(r.Context(), w); err != nil {
			t.Errorf("render %s: %v", s.name, err)
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// browser starts one Chromium that speaks to loopback only.
func browser(t *testing.T) context.Context {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed: pages are not looked at")
	}
	if !assets.Built() {
		t.Fatal("the assets are not built: run `make build` first")
	}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-quic", true), chromedp.Flag("hide-scrollbars", false),
	)...)
	t.Cleanup(stop)
	ctx, stop = context.WithTimeout(ctx, 10*time.Minute)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	require.NoError(t, chromedp.Do(ctx))
	return ctx
}

// TestPagesInABrowser looks at every story as a browser shows it: no violation of
// axe's rules, none of the content policy, no sideways scrolling. With
// CAUSEWAY_LOOK=FOLDER it leaves a picture of each there.
func TestPagesInABrowser(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	axe, err := os.ReadFile(axeSource)
	require.NoError(t, err)
	server := servePages(t)

	heard := &complaints{}
	require.NoError(t, chromedp.Listen(ctx, heard.listen))
	for _, s := range stories() {
		for _, look := range sights {
			where := s.name + " " + look.name
			require.NoError(t, chromedp.Do(ctx,
				chromedp.EmulateViewport(look.width, 900),
				chromedp.Navigate(server.URL+"/story/"+s.name+"/"+string(look.theme)),
			), where)
			require.NoError(t, picture(ctx, s.name+"-"+look.name), where)
			over, err := chromedp.Run(ctx, chromedp.Evaluate[int](sideways))
			require.NoError(t, err, where)
			if over > 0 {
				t.Errorf("%s scrolls sideways by %d px", where, over)
			}
			if look.axe {
				for _, v := range violations(ctx, t, string(axe)) {
					t.Errorf("%s: %s", where, v)
				}
			}
			for _, c := range heard.take() {
				t.Errorf("%s: the browser says: %s", where, c)
			}
		}
	}
}

// complaints is what the browser says about a page: the policy's refusals, errors of
// scripts, files that are not there.
type complaints struct {
	mu    sync.Mutex
	texts []string
}

// listen runs in the loop that reads the browser's messages, so it only notes.
func (c *complaints) listen(event any) {
	var text string
	switch e := event.(type) {
	case *log.EventEntryAdded:
		text = e.Entry.Text + " " + e.Entry.URL
	case *runtime.EventExceptionThrown:
		text = e.ExceptionDetails.Text + " " + e.ExceptionDetails.URL
	}
	if text == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.texts = append(c.texts, text)
}

func (c *complaints) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := c.texts
	c.texts = nil
	return out
}

func violations(ctx context.Context, t *testing.T, axe string) []string {
	t.Helper()
	_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](axe+"; true"))
	require.NoError(t, err)
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](axeRun, chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	var out []string
	require.NoError(t, json.Unmarshal([]byte(text), &out))
	return out
}

func picture(ctx context.Context, name string) error {
	folder := os.Getenv("CAUSEWAY_LOOK")
	if folder == "" {
		return nil
	}
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		return fmt.Errorf("take a picture of %s: %w", name, err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o644); err != nil {
		return fmt.Errorf("keep the picture of %s: %w", name, err)
	}
	return nil
}
