package config

import (
	"fmt"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
)

// TemporalOptions says how to reach Temporal. Address and namespace are ours where set; everything else, and they where not,
// comes from the variables of Temporal's own tools (TEMPORAL_ADDRESS, TEMPORAL_API_KEY, TEMPORAL_TLS_CLIENT_CERT_PATH, …) and
// from their configuration file where TEMPORAL_CONFIG_FILE or TEMPORAL_PROFILE names one. Logger and the rest are the caller's
// to fill in. env is for tests; nil is the process' environment.
func (s Settings) TemporalOptions(env envconfig.EnvLookup) (client.Options, error) {
	profile, err := s.temporalProfile(env)
	if err != nil {
		return client.Options{}, fmt.Errorf("Temporal's settings (TEMPORAL_…): %w", err)
	}
	profile.Address = firstOf(s.TemporalAddress, profile.Address, defaultTemporalAddress)
	profile.Namespace = firstOf(s.TemporalNamespace, profile.Namespace, defaultTemporalNamespace)
	options, err := profile.ToClientOptions(envconfig.ToClientOptionsRequest{})
	if err != nil {
		return client.Options{}, fmt.Errorf("Temporal's settings (TEMPORAL_…): %w", err)
	}
	return options, nil
}

func (s Settings) temporalProfile(env envconfig.EnvLookup) (envconfig.ClientConfigProfile, error) {
	if s.dev {
		return envconfig.ClientConfigProfile{}, nil
	}
	if env == nil {
		env = envconfig.EnvLookupOS
	}
	// A configuration file that merely lies in the home directory is for a person's own tools.
	named := false
	for _, name := range []string{"TEMPORAL_CONFIG_FILE", "TEMPORAL_PROFILE"} {
		value, _ := env.LookupEnv(name)
		named = named || value != ""
	}
	return envconfig.LoadClientConfigProfile(envconfig.LoadClientConfigProfileOptions{DisableFile: !named, EnvLookup: env})
}

func (s Settings) temporalAddress(env envconfig.EnvLookup) string {
	options, err := s.TemporalOptions(env)
	if err != nil {
		return s.TemporalAddress
	}
	return options.HostPort
}

func (s Settings) temporalNamespace(env envconfig.EnvLookup) string {
	options, err := s.TemporalOptions(env)
	if err != nil {
		return s.TemporalNamespace
	}
	return options.Namespace
}
