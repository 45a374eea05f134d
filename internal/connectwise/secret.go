package connectwise

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is text that does not show when it is printed, logged or marshalled, whatever the verb. Convert it to string to
// use it. Do not keep it in an unexported field: fmt prints those without asking.
type Secret string

// String returns a fixed text instead of the secret.
func (Secret) String() string { return redacted }

// GoString returns a fixed text instead of the secret.
func (Secret) GoString() string { return redacted }

// Format writes a fixed text for every verb, so that %x or %q do not get round String.
func (Secret) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, redacted) }

// LogValue returns a fixed text instead of the secret.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns a fixed text, which also covers JSON and YAML.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
