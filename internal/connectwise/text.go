package connectwise

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxErrorText bounds text from outside in an error, in characters.
const maxErrorText = 500

// cleanText returns at most limit characters of s on one line: white space collapsed, control and formatting characters
// (which could forge log lines or turn the direction of writing) dropped, broken UTF-8 replaced.
func cleanText(s string, limit int) string {
	var b strings.Builder
	count, space := 0, false
	for _, r := range s {
		if unicode.IsSpace(r) {
			space = b.Len() > 0
			continue
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r) {
			continue
		}
		if space {
			b.WriteByte(' ')
			count, space = count+1, false
		}
		if count >= limit {
			return b.String() + "…"
		}
		if r == utf8.RuneError {
			r = '?'
		}
		b.WriteRune(r)
		count++
	}
	return b.String()
}

// sameText compares names as ConnectWise's database does: without regard to case, outer white space and the invisible
// marks that some values carry.
func sameText(a, b string) bool {
	return strings.EqualFold(cleanText(a, len(a)), cleanText(b, len(b)))
}
