// Package secret keeps API keys out of sight: [Text] hides itself wherever values are printed, and [Sealer] seals keys at rest
// with a key that is not in the database.
package secret

import (
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// Text is a secret such as an API key. Every way of printing it gives [redacted], its length included; only Reveal gives it out.
type Text string

// Reveal gives the secret itself: to the call that needs it or to the sealer, and to nothing else.
func (t Text) Reveal() string { return string(t) }

// Set tells whether there is a secret at all.
func (t Text) Set() bool { return t != "" }

func (Text) String() string { return redacted }

func (Text) GoString() string { return redacted }

// Format covers the verbs that would pass String by, %d and %x among them.
func (Text) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

func (Text) LogValue() slog.Value { return slog.StringValue(redacted) }

func (Text) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText serves YAML, forms and everything else that asks for text.
func (Text) MarshalText() ([]byte, error) { return []byte(redacted), nil }
