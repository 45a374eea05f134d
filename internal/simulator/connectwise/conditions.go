package connectwise

import (
	"strings"
	"unicode"
)

// A filter is a tree of comparisons joined by and/or:
//
//	filter  = term { "or" term }
//	term    = factor { "and" factor }
//	factor  = compare | "(" filter ")"
//	compare = name op literal | name ["not"] "in" "(" literal { "," literal } ")"
//	op      = "=" | "!=" | "<" | "<=" | ">" | ">=" | ["not"] "like" | ["not"] "contains"
//	literal = "text" | 'text' | [date] | number | True | False | null
//
// Words are not case-sensitive (ConnectWise developer guide). Names may hold slashes: company/identifier.
type node struct {
	op       string // and, or, or a comparison: = != < <= > >= like contains in
	not      bool
	nodes    []node
	name     string
	literals []literal
}

type literalKind uint8

const (
	textLiteral literalKind = iota
	dateLiteral
	numberLiteral
	boolLiteral
	nullLiteral
)

type literal struct {
	kind literalKind
	text string
}

// maxDepth bounds nested parentheses, so that a hostile filter cannot exhaust the stack.
const maxDepth = 100

type token struct {
	kind byte // w word, s string, d date, n number, o operator (parentheses and commas too), 0 end
	text string
}

type filterParser struct {
	tokens []token
	next   int
	depth  int
}

// parseFilter reads a filter; an empty one gives no node.
func parseFilter(text string) (*node, *apiError) {
	tokens, err := scanFilter(text)
	if err != nil {
		return nil, err
	}
	if len(tokens) == 1 {
		return nil, nil
	}
	p := &filterParser{tokens: tokens}
	n, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.peek().kind != 0 {
		return nil, p.unexpected("the end, and, or")
	}
	return &n, nil
}

func scanFilter(text string) ([]token, *apiError) {
	var tokens []token
	for rest := strings.TrimLeftFunc(text, unicode.IsSpace); rest != ""; rest = strings.TrimLeftFunc(rest, unicode.IsSpace) {
		t, n, err := scanToken(rest)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		rest = rest[n:]
	}
	return append(tokens, token{}), nil
}

func scanToken(s string) (token, int, *apiError) {
	switch c := s[0]; {
	case c == '"' || c == '\'':
		return scanText(s)
	case c == '[':
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return token{}, 0, conditionError("A date in the condition has no closing bracket: %s", s)
		}
		return token{'d', s[1:end]}, end + 1, nil
	case strings.IndexByte("(),", c) >= 0:
		return token{'o', s[:1]}, 1, nil
	case strings.IndexByte("=!<>", c) >= 0:
		for _, op := range [...]string{"!=", "<=", ">=", "<>", "==", "=", "<", ">"} {
			if strings.HasPrefix(s, op) {
				return token{'o', op}, len(op), nil
			}
		}
		return token{}, 0, conditionError("The condition could not be read at: %s", s)
	case c >= '0' && c <= '9' || c == '-' || c == '.':
		n := strings.IndexFunc(s[1:], func(r rune) bool { return !unicode.IsDigit(r) && r != '.' })
		return token{'n', s[:wordEnd(s, n)]}, wordEnd(s, n), nil
	case c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		n := strings.IndexFunc(s[1:], func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '/' })
		return token{'w', s[:wordEnd(s, n)]}, wordEnd(s, n), nil
	default:
		return token{}, 0, conditionError("The condition could not be read at: %s", s)
	}
}

// wordEnd turns the result of an index in s[1:] into a length of s.
func wordEnd(s string, n int) int {
	if n < 0 {
		return len(s)
	}
	return n + 1
}

// scanText reads a quoted text; a backslash takes the quote or backslash after it literally.
func scanText(s string) (token, int, *apiError) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == s[0] || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		case s[i] == s[0]:
			return token{'s', b.String()}, i + 1, nil
		default:
			b.WriteByte(s[i])
		}
	}
	return token{}, 0, conditionError("A text in the condition has no closing quote: %s", s)
}

func (p *filterParser) peek() token { return p.tokens[p.next] }

func (p *filterParser) take() token {
	t := p.tokens[p.next]
	if t.kind != 0 {
		p.next++
	}
	return t
}

// word takes the next token if it is that word.
func (p *filterParser) word(w string) bool {
	if t := p.peek(); t.kind == 'w' && strings.EqualFold(t.text, w) {
		p.next++
		return true
	}
	return false
}

func (p *filterParser) unexpected(wanted string) *apiError {
	found := p.peek().text
	if p.peek().kind == 0 {
		found = "the end"
	}
	return conditionError("The condition could not be read: expected %s, found %s.", wanted, found)
}

func (p *filterParser) or() (node, *apiError) { return p.joined("or", p.and) }

func (p *filterParser) and() (node, *apiError) { return p.joined("and", p.factor) }

func (p *filterParser) joined(word string, part func() (node, *apiError)) (node, *apiError) {
	first, err := part()
	if err != nil {
		return node{}, err
	}
	n := node{op: word, nodes: []node{first}}
	for p.word(word) {
		further, err := part()
		if err != nil {
			return node{}, err
		}
		n.nodes = append(n.nodes, further)
	}
	if len(n.nodes) == 1 {
		return first, nil
	}
	return n, nil
}

func (p *filterParser) factor() (node, *apiError) {
	if t := p.peek(); t.kind != 'o' || t.text != "(" {
		return p.comparison()
	}
	p.take()
	p.depth++
	if p.depth > maxDepth {
		return node{}, conditionError("The condition is nested too deeply.")
	}
	n, err := p.or()
	if err != nil {
		return node{}, err
	}
	p.depth--
	if t := p.peek(); t.kind != 'o' || t.text != ")" {
		return node{}, p.unexpected(")")
	}
	p.take()
	return n, nil
}

func (p *filterParser) comparison() (node, *apiError) {
	if p.peek().kind != 'w' {
		return node{}, p.unexpected("a field name")
	}
	n := node{name: p.take().text, not: p.word("not")}
	switch t := p.peek(); {
	case p.word("in"):
		n.op = "in"
		return p.list(n)
	case p.word("like"):
		n.op = "like"
	case p.word("contains"):
		n.op = "contains"
	case t.kind == 'o' && !n.not && strings.ContainsAny(t.text, "=<>"):
		p.take()
		n.op = t.text
		switch t.text {
		case "==":
			n.op = "="
		case "<>":
			n.op = "!="
		}
	default:
		return node{}, p.unexpected("an operator")
	}
	l, err := p.literal()
	n.literals = []literal{l}
	return n, err
}

func (p *filterParser) list(n node) (node, *apiError) {
	if t := p.take(); t.kind != 'o' || t.text != "(" {
		return node{}, conditionError("The condition could not be read: in needs a list in parentheses.")
	}
	for {
		l, err := p.literal()
		if err != nil {
			return node{}, err
		}
		n.literals = append(n.literals, l)
		switch t := p.peek(); {
		case t.kind == 'o' && t.text == ",":
			p.take()
		case t.kind == 'o' && t.text == ")":
			p.take()
			return n, nil
		default:
			return node{}, p.unexpected(", or )")
		}
	}
}

func (p *filterParser) literal() (literal, *apiError) {
	t := p.peek()
	l := literal{text: t.text}
	switch {
	case t.kind == 's':
		l.kind = textLiteral
	case t.kind == 'd':
		l.kind = dateLiteral
	case t.kind == 'n':
		l.kind = numberLiteral
	case t.kind == 'w' && (strings.EqualFold(t.text, "true") || strings.EqualFold(t.text, "false")):
		l.kind = boolLiteral
	case t.kind == 'w' && strings.EqualFold(t.text, "null"):
		l.kind = nullLiteral
	default:
		return l, p.unexpected("a value")
	}
	p.take()
	return l, nil
}
