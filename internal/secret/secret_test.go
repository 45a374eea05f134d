package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"causeway/internal/secret"
)

const canary = "canary-5f1c77"

func TestTextNeverPrints(t *testing.T) {
	t.Parallel()
	text := secret.Text(canary)
	wrapped := struct {
		Key  secret.Text
		Keys []secret.Text
		Ptr  *secret.Text
	}{text, []secret.Text{text}, &text}

	var printed bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t"} {
		fmt.Fprintf(&printed, verb+"\n", text)
		fmt.Fprintf(&printed, verb+"\n", wrapped)
	}
	asJSON, err := json.Marshal(map[string]any{"key": text, "all": wrapped})
	require.NoError(t, err)
	printed.Write(asJSON)
	asYAML, err := yaml.Marshal(wrapped)
	require.NoError(t, err)
	printed.Write(asYAML)
	slog.New(slog.NewJSONHandler(&printed, nil)).Info("x", "key", text, "all", wrapped)
	slog.New(slog.NewTextHandler(&printed, nil)).Info("x", "key", text, "all", wrapped)
	fmt.Fprintln(&printed, fmt.Errorf("call with %v: %w", text, fs.ErrInvalid))

	require.NotContains(t, printed.String(), canary)
	require.NotContains(t, printed.String(), fmt.Sprintf("%x", canary))
	require.Contains(t, printed.String(), "[redacted]")
	require.Equal(t, canary, text.Reveal())
	require.True(t, text.Set())
	require.False(t, secret.Text("").Set())
}

func TestSealedTextOpensOnlyInItsContext(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "master.key")
	made, err := secret.CreateMasterKey(file)
	require.NoError(t, err)
	sealer, err := secret.NewSealer(made)
	require.NoError(t, err)

	sealed, err := sealer.Seal([]byte(canary), "account 1 msw")
	require.NoError(t, err)
	require.NotContains(t, string(sealed), canary)
	again, err := sealer.Seal([]byte(canary), "account 1 msw")
	require.NoError(t, err)
	require.NotEqual(t, sealed, again, "the same key must not show as the same bytes")

	loaded, err := secret.LoadMasterKey(file)
	require.NoError(t, err)
	opener, err := secret.NewSealer(loaded)
	require.NoError(t, err)
	plain, err := opener.Unseal(sealed, "account 1 msw")
	require.NoError(t, err)
	require.Equal(t, canary, string(plain))

	_, err = opener.Unseal(sealed, "account 2 msw")
	require.ErrorContains(t, err, "account 2 msw")
	sealed[len(sealed)-1] ^= 1
	_, err = opener.Unseal(sealed, "account 1 msw")
	require.Error(t, err)
}

func TestMasterKeyFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "master.key")
	_, err := secret.LoadMasterKey(file)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, file)

	_, err = secret.CreateMasterKey(file)
	require.NoError(t, err)
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
	before, err := os.ReadFile(file)
	require.NoError(t, err)

	_, err = secret.CreateMasterKey(file)
	require.ErrorIs(t, err, fs.ErrExist)
	after, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, before, after, "an existing master key must never be replaced")

	require.NoError(t, os.WriteFile(file, []byte(`{"`+canary), 0o600))
	_, err = secret.LoadMasterKey(file)
	require.ErrorContains(t, err, "not a master key file")
	require.NotContains(t, err.Error(), canary)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 1, "no temporary file may stay behind")
}

func TestRotation(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "master.key")
	first, err := secret.CreateMasterKey(file)
	require.NoError(t, err)
	old, err := secret.NewSealer(first)
	require.NoError(t, err)
	sealedOld, err := old.Seal([]byte(canary), "c")
	require.NoError(t, err)

	both, err := secret.AddMasterKey(file)
	require.NoError(t, err)
	during, err := secret.NewSealer(both)
	require.NoError(t, err)
	plain, err := during.Unseal(sealedOld, "c")
	require.NoError(t, err)
	sealedNew, err := during.Seal(plain, "c")
	require.NoError(t, err)
	_, err = old.Unseal(sealedNew, "c")
	require.Error(t, err, "the new key must seal as soon as it is added")

	_, err = secret.DropOldMasterKeys(file)
	require.NoError(t, err)
	kept, err := secret.LoadMasterKey(file)
	require.NoError(t, err)
	after, err := secret.NewSealer(kept)
	require.NoError(t, err)
	plain, err = after.Unseal(sealedNew, "c")
	require.NoError(t, err)
	require.Equal(t, canary, string(plain))
	_, err = after.Unseal(sealedOld, "c")
	require.Error(t, err)
}
