package mysonicwall

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/shopspring/decimal"
	"golang.org/x/net/html"
)

// completeTag is what a name still holds when its markup had been escaped.
var completeTag = regexp.MustCompile(`</?[A-Za-z][^<>]*>`)

// maxUnescapes bounds how often escaped markup is unwrapped.
const maxUnescapes = 3

// PlainText frees a name of HTML markup, decodes entities, drops control and
// invisible filler characters and collapses white space, non-breaking spaces
// included. All other Unicode goes through unchanged.
func PlainText(raw string) string {
	text := raw
	if strings.ContainsAny(text, "<&") {
		text = stripMarkup(text)
		for range maxUnescapes {
			if !completeTag.MatchString(text) {
				break
			}
			text = stripMarkup(text)
		}
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), r == '\u200b', r == '\ufeff', r == '\u00ad':
			return -1 // zero-width space, byte order mark, soft hyphen
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// blocks are the elements that stand apart in a page; others, such as the span
// inside NSa, run on in the word.
var blocks = map[string]bool{"br": true, "p": true, "div": true, "li": true, "ul": true, "ol": true, "td": true, "tr": true, "hr": true}

func stripMarkup(text string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(text))
	for {
		switch z.Next() {
		case html.ErrorToken:
			b.Write(z.Raw()) // an unfinished tag: a name such as "for <b" rather than markup
			return b.String()
		case html.TextToken:
			b.Write(z.Text())
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			if name, _ := z.TagName(); blocks[string(name)] {
				b.WriteByte(' ')
			}
		case html.CommentToken, html.DoctypeToken:
		}
	}
}

// ParseFlag reads YES or NO and their kin in any case; blank is Unknown, other
// text an error.
func ParseFlag(raw string) (Flag, error) {
	switch strings.ToUpper(strings.TrimSpace(raw)) {
	case "":
		return Unknown, nil
	case "YES", "Y", "TRUE", "1":
		return Yes, nil
	case "NO", "N", "FALSE", "0":
		return No, nil
	}
	return Unknown, fmt.Errorf("%s is neither yes nor no", Quote(raw))
}

var plainNumber = regexp.MustCompile(`^\d{1,12}(\.\d{1,6})?$`)

// ParseQuantity reads a quantity. Blank text, and the -1 by which MySonicWall
// says that something is not licensed, are no quantity. Anything but a plain
// number is an error: a comma may mean thousands or a fraction.
func ParseQuantity(raw string) (decimal.NullDecimal, error) {
	text := strings.TrimSpace(raw)
	if text == "" || text == "-1" {
		return decimal.NullDecimal{}, nil
	}
	if !plainNumber.MatchString(text) {
		return decimal.NullDecimal{}, fmt.Errorf("%s is not a quantity", Quote(raw))
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		return decimal.NullDecimal{}, fmt.Errorf("%s is not a quantity", Quote(raw))
	}
	return decimal.NewNullDecimal(d), nil
}

// quoteLimit is how much of a value from outside a message repeats, in bytes.
const quoteLimit = 80

// Quote shows a value from outside in a message: escaped, so that it cannot
// break a log line, and cut.
func Quote(raw string) string {
	if len(raw) > quoteLimit {
		return strconv.QuoteToGraphic(strings.ToValidUTF8(raw[:quoteLimit], "")) + "…"
	}
	return strconv.QuoteToGraphic(raw)
}
