package devstack

import (
	"fmt"
	"text/tabwriter"

	"causeway/internal/config"
	"causeway/views"
)

// announce says where everything is, in a few lines.
func (s *stack) announce(dev config.DevFile) {
	_, _ = fmt.Fprintf(s.Out, "Causeway %s runs; its data is in %s. Ctrl-C stops all of it.\n\n", s.Version, s.dir)
	lines := tabwriter.NewWriter(s.Out, 0, 0, 2, ' ', 0)
	for _, line := range [][2]string{{"Dashboard", dev.Dashboard}, {"Temporal", dev.TemporalUI}, {"Metrics", dev.Metrics}} {
		_, _ = fmt.Fprintf(lines, "  %s\t%s\n", line[0], line[1])
	}
	if dev.ConnectWise != nil {
		_, _ = fmt.Fprintf(lines, "  ConnectWise\t%s  (simulated: what Causeway writes shows there)\n", dev.ConnectWise.URL)
	}
	if dev.MySonicWall != nil {
		_, _ = fmt.Fprintf(lines, "  MySonicWall\t%s  (simulated)\n", dev.MySonicWall.URL)
	}
	_ = lines.Flush()
	_, _ = fmt.Fprintln(s.Out)
}

// lookFirst is what a new user should see, once the demo accounts are there.
func (s *stack) lookFirst(dev config.DevFile) {
	_, _ = fmt.Fprintf(s.Out, `
Look first at:
  %s   the account that is synced: tenants, and why some of them failed
  %s   what was written, as ConnectWise shows it
`, dev.Dashboard+views.TenantsURL(demoAccount), dev.ConnectWise.URL)
	if second := dev.SecondConnectWise; second != nil {
		_, _ = fmt.Fprintf(s.Out, `  %s   nothing is configured yet: walk the wizard with
    server host name %s, company ID %s, public key %s, private key %s
`, dev.Dashboard+views.ConnectionURL(secondAccount), second.Host, second.Company, second.PublicKey, second.PrivateKey)
	}
}
