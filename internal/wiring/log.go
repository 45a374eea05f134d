package wiring

import (
	"io"
	"log/slog"
	"strings"
)

// longestLogText is what one text of a log line may hold, in bytes: what comes from outside is bounded.
const longestLogText = 2000

// secretNames are attributes whose values never reach a log, whoever logs them.
var secretNames = []string{"authorization", "cookie", "clientid", "client_id", "api_key", "apikey", "private_key", "public_key", "password", "x-api-key"}

// NewLog writes lines of text; quoting keeps what comes from outside on one line.
func NewLog(w io.Writer, level slog.Leveler) slog.Handler {
	return slog.NewTextHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		for _, name := range secretNames {
			if strings.EqualFold(a.Key, name) {
				return slog.String(a.Key, "[redacted]")
			}
		}
		if err, ok := a.Value.Any().(error); ok {
			a.Value = slog.StringValue(err.Error())
		}
		if a.Value.Kind() == slog.KindString && len(a.Value.String()) > longestLogText {
			a.Value = slog.StringValue(strings.ToValidUTF8(a.Value.String()[:longestLogText], "") + "…")
		}
		return a
	}})
}
