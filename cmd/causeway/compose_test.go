package main

import (
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"causeway/internal/config"
	"causeway/internal/devstack"
)

// composeFile is the part of docker-compose.yml that is about Causeway itself.
type composeFile struct {
	Services map[string]struct {
		Image       string             `yaml:"image"`
		Command     []string           `yaml:"command"`
		Environment map[string]*string `yaml:"environment"` // nil: taken from whoever starts it
		Healthcheck struct {
			Test []string `yaml:"test"`
		} `yaml:"healthcheck"`
	} `yaml:"services"`
}

func deploymentFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", name))
	require.NoError(t, err)
	return string(text)
}

// What the deployment's files start and set is what this program offers and reads.
func TestDeploymentFilesFitTheProgram(t *testing.T) {
	var compose composeFile
	require.NoError(t, yaml.Unmarshal([]byte(deploymentFile(t, "docker-compose.yml")), &compose))
	var started []string
	for name, service := range compose.Services {
		if !strings.HasPrefix(service.Image, "causeway:") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			for setting, value := range service.Environment {
				if value != nil {
					t.Setenv(setting, regexp.MustCompile(`\$\{\w+:-(\w+)\}`).ReplaceAllString(*value, "$1"))
				}
			}
			c, parsed, err := parse(service.Command, io.Discard, io.Discard)
			require.NoError(t, err)
			require.NotNil(t, parsed)
			require.NoError(t, c.Settings.Check())
			if test := service.Healthcheck.Test; len(test) > 0 {
				require.Equal(t, []string{"CMD", "/causeway"}, test[:2])
				_, parsed, err := parse(test[2:], io.Discard, io.Discard)
				require.NoError(t, err)
				require.NotNil(t, parsed)
			}
		})
		started = append(started, service.Command[0])
	}
	slices.Sort(started)
	require.Equal(t, []string{"migrate", "server", "simulate", "worker"}, started)

	read := map[string]bool{"CAUSEWAY_VERSION": true} // of the image, for compose alone
	for field := range reflect.TypeFor[config.Settings]().Fields() {
		read[field.Tag.Get("env")] = true
	}
	for _, name := range []string{"docker-compose.yml", "Dockerfile", "Dockerfile.binary"} {
		text := deploymentFile(t, name)
		for _, setting := range regexp.MustCompile(`\bCAUSEWAY_[A-Z_]+`).FindAllString(text, -1) {
			require.True(t, read[setting], "%s names %s, which nothing reads", name, setting)
		}
	}
	require.Contains(t, deploymentFile(t, "docker-compose.yml"), "CAUSEWAY_CONNECTWISE_CLIENT_ID="+devstack.SimulatedClientID)
}
