//go:build e2e || pictures

package e2e

import (
	"context"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// wide is a common laptop, narrow a phone.
const (
	wide   = 1280
	narrow = 390
	tall   = 900
)

// tab is one on the dashboard. Every step waits for what it needs and fails the test when that does not come.
type tab struct {
	t     *testing.T
	ctx   context.Context //nolint:containedctx // chromedp keeps the tab in its context
	base  string
	heard *complaints
}

// newTab starts a Chromium that speaks to nobody but what the pages name, and listens to all it complains about.
func newTab(t *testing.T, base string) *tab {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("SKIPPED, NOT TESTED: chromium is not installed")
	}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-quic", true),
	)...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	b := &tab{t: t, ctx: ctx, base: base, heard: &complaints{base: base}}
	require.NoError(t, chromedp.Do(ctx, call(network.Enable, network.EnableParams{}), call(log.Enable, cdp.Empty{}), chromedp.EmulateViewport(wide, tall)))
	require.NoError(t, chromedp.Listen(ctx, b.heard.listen))
	return b
}

// call makes a step of a protocol command whose answer says nothing.
func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, command, params)
		return err
	})
}

func (b *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, within)
	defer stop()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.fail(what, err)
	}
}

func (b *tab) fail(what string, err error) {
	b.t.Helper()
	where, _ := chromedp.Run(b.ctx, chromedp.Location())
	page, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.querySelector("main")?.innerText ?? ""`))
	b.t.Fatalf("%s: %v\nat %s\n%s", what, err, where, page)
}

// visit opens an address of the dashboard.
func (b *tab) visit(path string) {
	b.t.Helper()
	b.do("visit "+path, chromedp.Navigate(b.base+path))
}

// follow clicks what leads to another page and waits for that.
func (b *tab) follow(selector string) {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, within)
	defer stop()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(selector)); err != nil {
		b.fail("follow "+selector, err)
	}
}

// press clicks what changes this page.
func (b *tab) press(selector string) {
	b.t.Helper()
	b.do("press "+selector, chromedp.Click(selector))
}

// fill types into a field in place of what stands there.
func (b *tab) fill(selector, text string) {
	b.t.Helper()
	b.eval(`document.querySelector(` + strconv.Quote(selector) + `).value = ""`)
	b.do("fill "+selector, chromedp.SendKeys(selector, text))
}

// choose picks the option of that text.
func (b *tab) choose(selector, text string) {
	b.t.Helper()
	value := b.eval(`[...document.querySelector(` + strconv.Quote(selector) + `).options].find(o => o.text.startsWith(` + strconv.Quote(text) + `))?.value ?? ""`)
	require.NotEmpty(b.t, value, "no option %q in %s", text, selector)
	b.do("choose "+text, chromedp.SetValue(selector, value))
}

// wait waits until the page has something that fits.
func (b *tab) wait(selector string) {
	b.t.Helper()
	b.do("wait for "+selector, chromedp.WaitReady(selector))
}

// text is what a part shows, white space collapsed; empty where there is no such part.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return strings.Join(strings.Fields(b.eval(`document.querySelector(`+strconv.Quote(selector)+`)?.textContent ?? ""`)), " ")
}

// attribute is an attribute of a part that must be there.
func (b *tab) attribute(selector, name string) string {
	b.t.Helper()
	return b.eval(`document.querySelector(` + strconv.Quote(selector) + `).getAttribute(` + strconv.Quote(name) + `) ?? ""`)
}

// value is what a field holds.
func (b *tab) value(selector string) string {
	b.t.Helper()
	return b.eval(`document.querySelector(` + strconv.Quote(selector) + `).value`)
}

// path is where the browser is, without what marks a place on the page.
func (b *tab) path() string {
	b.t.Helper()
	return b.eval(`location.pathname + location.search`)
}

// eval is a text that a script gives; also where the page's own scripts are off.
func (b *tab) eval(script string) string {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, within)
	defer stop()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[string](`String(`+script+`)`))
	if err != nil {
		b.fail(script, err)
	}
	return out
}

// scheme makes the system prefer a light or a dark one.
func (b *tab) scheme(name string) {
	b.t.Helper()
	b.do("prefer "+name, call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
	}))
}

// complaints is what the browser says about the pages: errors of scripts, refusals of the content policy, files that are not there,
// and requests to anywhere but the dashboard.
type complaints struct {
	base  string
	mu    sync.Mutex
	texts []string
}

// listen runs in the loop that reads the browser's messages, so it only notes.
func (c *complaints) listen(event any) {
	var text string
	switch e := event.(type) {
	case *log.EventEntryAdded:
		// A refused form answers 422, which the browser notes like a missing file.
		if !strings.Contains(e.Entry.Text, "status of 422") {
			text = e.Entry.Text + " " + e.Entry.URL
		}
	case *runtime.EventExceptionThrown:
		text = e.ExceptionDetails.Text + " " + e.ExceptionDetails.URL
	case *runtime.EventConsoleAPICalled:
		text = "a script wrote to the console: " + string(e.Type)
	case *network.EventRequestWillBeSent:
		// The browser draws the mark of its own date fields from a data address, which asks nobody.
		if !strings.HasPrefix(e.Request.URL, c.base+"/") && !strings.HasPrefix(e.Request.URL, "data:") {
			text = "a request to elsewhere: " + e.Request.URL
		}
	}
	if text == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.texts = append(c.texts, text)
}

func (c *complaints) all() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string{}, c.texts...)
}
