package wiring

import (
	"context"

	"go.temporal.io/sdk/client"

	"causeway/server"
)

// Dashboard is the dashboard over these parts; its Run listens.
func (p *Parts) Dashboard() (*server.Server, error) {
	return server.New(server.Options{
		Admin: p.Admin, Store: p.Store, Listen: p.Settings.Listen, PublicURL: p.Settings.PublicURL,
		TemporalUIURL: p.Settings.TemporalUIURL, TemporalNamespace: p.Namespace, Version: p.version, Logger: p.log, Now: p.now,
		Ready: func(ctx context.Context) error {
			_, err := p.Temporal.CheckHealth(ctx, &client.CheckHealthRequest{})
			return err
		},
	})
}
