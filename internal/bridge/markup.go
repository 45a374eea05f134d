package bridge

import (
	"html"
	"strings"
	"unicode"
)

// inlineTags style a part of a word, so that nothing stands in their place; any other tag separates words.
var inlineTags = map[string]bool{
	"a": true, "b": true, "em": true, "font": true, "i": true, "small": true, "span": true, "strong": true, "sub": true,
	"sup": true, "u": true,
}

// CleanName frees a name as MySonicWall reports it of HTML markup and character entities and collapses its white space (R21).
// Markup that was cut off in the middle of a tag goes too; a "<" that opens no tag stays.
func CleanName(raw string) string {
	if isClean(raw) {
		return raw
	}
	text := strings.ToValidUTF8(raw, "")
	// Portals encode names more than once; three rounds reach what was seen without looping on made-up input.
	for range 3 {
		stripped := html.UnescapeString(stripTags(text))
		if stripped == text {
			break
		}
		text = stripped
	}
	text = strings.Map(dropInvisible, text)
	return strings.Join(strings.Fields(text), " ")
}

// isClean spares the common case every allocation: plain ASCII, no markup, single spaces.
func isClean(s string) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case c == ' ' && (i == 0 || i == len(s)-1 || s[i+1] == ' '):
			return false
		case c < ' ' || c > '~' || c == '<' || c == '&':
			return false
		}
	}
	return true
}

// dropInvisible removes what a screen does not show and ConnectWise may drop on its own.
func dropInvisible(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return r
	case unicode.IsControl(r), r == '\u200b', r == '\u200e', r == '\u200f', r == '\ufeff', r == '\u00ad':
		return -1
	}
	return r
}

func stripTags(text string) string {
	var out strings.Builder
	for {
		open := strings.IndexByte(text, '<')
		if open < 0 {
			out.WriteString(text)
			return out.String()
		}
		out.WriteString(text[:open])
		rest := text[open+1:]
		name, isTag := tagName(rest)
		if !isTag {
			out.WriteByte('<')
			text = rest
			continue
		}
		if !inlineTags[name] {
			out.WriteByte(' ')
		}
		text = rest[tagLength(rest):]
	}
}

// tagName reads the element's name after "<"; a comment has an empty one.
func tagName(rest string) (string, bool) {
	body := strings.TrimPrefix(rest, "/")
	end := strings.IndexFunc(body, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if end < 0 {
		end = len(body)
	}
	name := strings.ToLower(body[:end])
	if strings.HasPrefix(body, "!") {
		return "", true
	}
	return name, name != "" && unicode.IsLetter(rune(name[0]))
}

// tagLength counts the bytes up to and including the tag's ">", which may also stand inside quotes; all of it when none closes.
func tagLength(rest string) int {
	var quote byte
	for i := range len(rest) {
		switch c := rest[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i + 1
		}
	}
	return len(rest)
}
