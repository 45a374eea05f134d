package mysonicwall

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is text that never shows when it is printed, logged or marshalled.
// Convert it to string to use it.
type Secret string

// Format writes a fixed text for every verb, so that %q or %x do not help.
func (Secret) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, redacted) }

// String returns a fixed text instead of the secret.
func (Secret) String() string { return redacted }

// LogValue returns a fixed text instead of the secret.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns a fixed text, which covers JSON and YAML as well.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
