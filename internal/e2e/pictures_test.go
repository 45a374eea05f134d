//go:build pictures

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

const (
	pictureFolder = "../../docs/pictures"
	// largest is what a picture may weigh, in bytes: they are part of every clone.
	largest = 200_000
	// pictureTall is how much of a page a picture shows.
	pictureTall = 860
)

// TestPictures takes the pictures of the documentation: the demonstration's account on a day on which something happens.
func TestPictures(t *testing.T) {
	s := newStand(t, "--seed", "1", "--tenants", "20")
	s.until("the demonstration", func() bool { return strings.Contains(s.output(), "Look first at") })
	p := &photographer{newTab(t, s.dev.Dashboard), s}
	p.do("set up the camera", chromedp.EmulateViewport(wide, pictureTall))
	p.scheme("light")

	p.connection()
	p.life()
	p.visit("/accounts/demo/preview")
	p.follow("#compute")
	p.wait(`#preview-live:not([data-live]) [data-testid=preview-changes]`)
	p.visit("/accounts/demo/preview?filter=everything&q=" + changedName)
	p.take("preview")
	// Slow enough to be seen at work.
	s.simulator(http.MethodPatch, s.dev.ConnectWise.URL+"/_sim/settings", `{"latency": "300ms"}`)
	p.visit("/accounts/demo/tenants")
	p.follow(`.page-head [data-testid=sync-now]`)
	run := p.path()
	p.wait(`[data-testid=phase]:nth-child(4)[data-state=running]`)
	p.take("run")
	p.wait(`#run-live:not([data-live])`)
	p.visit(run + "/tenants/" + changedTenant)
	p.press(`[data-testid=change] .why > summary`)
	p.take("tenant-run")
	p.visit("/accounts/demo/tenants")
	p.take("tenants")
	p.visit("/")
	p.take("home")
	p.scheme("dark")
	p.take("home-dark")
	require.Empty(t, p.heard.all())
}

// Tenants of the demonstration's estate that sync well, by MySonicWall's ids.
const (
	changedTenant = "2300404" // gets other quantities and renewals
	changedName   = "Drifthaven"
	jumpingTenant = "2300402" // reports a quantity that no limit lets through
)

type photographer struct {
	*tab
	stand *stand
}

// connection is the wizard's first step as it explains keys that do not fit.
func (p *photographer) connection() {
	cw := p.stand.dev.SecondConnectWise
	p.visit("/accounts/second/configure/connection")
	p.fill("#host", cw.Host)
	p.fill("#company", cw.Company)
	p.fill("#public_key", cw.PublicKey)
	p.fill("#private_key", "not-the-key")
	p.follow("#test")
	p.wait("#errors, [data-testid=error-private_key]")
	p.take("connection")
}

// life changes what MySonicWall reports, as a week does.
func (p *photographer) life() {
	p.t.Helper()
	var state struct {
		Accounts map[string]struct {
			Tenants []struct {
				ID       int `json:"productGroupID"`
				Products []struct {
					Serial   string `json:"serialNumber"`
					Status   string `json:"status"`
					Billable string `json:"isBillable"`
				} `json:"products"`
			} `json:"tenants"`
		} `json:"accounts"`
	}
	require.NoError(p.t, json.Unmarshal(p.stand.simulator(http.MethodGet, p.stand.dev.MySonicWall.URL+"/_sim/state", ""), &state))
	for _, tenant := range state.Accounts["main"].Tenants {
		sold := 0
		for _, product := range tenant.Products {
			if product.Status != "ACTIVE" || product.Billable != "YES" {
				continue
			}
			sold++
			switch id := strconv.Itoa(tenant.ID); {
			case id == jumpingTenant && sold <= 2:
				p.stand.setQuantity(tenant.ID, product.Serial, 5000)
			case id == changedTenant && sold == 1:
				p.stand.setQuantity(tenant.ID, product.Serial, 72)
			case id == changedTenant && sold <= 3:
				p.stand.simulator(http.MethodPost, p.stand.dev.MySonicWall.URL+"/_sim/edit",
					`{"op": "product.renew", "productGroupID": `+id+`, "serialNumber": "`+product.Serial+`", "until": "2032-12-31"}`)
			}
		}
	}
}

// take keeps what the window shows.
func (p *photographer) take(name string) {
	p.t.Helper()
	// Focus and the pointer are a person's, not the page's.
	p.eval(`(document.activeElement?.blur(), scrollTo(0, 0), "")`)
	ctx, stop := context.WithTimeout(p.ctx, within)
	defer stop()
	shot, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	require.NoError(p.t, err)
	picture, err := png.Decode(bytes.NewReader(shot))
	require.NoError(p.t, err)
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	require.NoError(p.t, encoder.Encode(&out, paletted(picture)))
	require.Less(p.t, out.Len(), largest, name)
	require.NoError(p.t, os.MkdirAll(pictureFolder, 0o755))
	require.NoError(p.t, os.WriteFile(filepath.Join(pictureFolder, name+".png"), out.Bytes(), 0o644))
}
