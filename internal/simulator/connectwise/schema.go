package connectwise

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

// The tables below fields/ say which members each record has; they are read once, when the program starts.
//
//go:embed fields/*.txt
var fieldFiles embed.FS

// fieldType is what a field holds.
type fieldType uint8

const (
	textField    fieldType = iota // string
	intField                      // int32
	numField                      // amount
	boolField                     // bool
	timeField                     // instant
	dateField                     // instant at midnight UTC: a calendar date
	enumField                     // string, one of field.options
	refField                      // ref: the id of a record of field.target
	refsField                     // []ref
	intsField                     // []int32
	textsField                    // []string
	customField                   // []any: custom fields as they were sent
	answersField                  // []answer
)

// field is one member of a record.
type field struct {
	name     string
	typ      fieldType
	limit    int // longest text in UTF-16 units, 0: none stated
	options  []string
	target   *kind
	required bool
	// readOnly fields are accepted in a body and ignored; inputOnly ones are accepted and never returned; internal ones are
	// neither.
	readOnly, inputOnly, internal bool
	indexed                       bool
	def                           any // shown while the field is unset; nil: nothing is shown
	at                            int // place in the base kind's records
	// compute derives the value from the rest of the state; nil where it is stored.
	compute func(*reader, *record) any
}

// shown is one member of a reference to a record: the member's name and the path it is read from.
type shown struct {
	name  string
	steps []string // field, or reference and field of the record referred to
	plus  string   // second field, joined with a space
}

// kind is one type of record. A twin (base differs from the kind itself) is another way of showing the records of its base.
type kind struct {
	name   string // resource in errors: catalogItem
	typ    string // type in parser texts: CatalogItem
	label  string // in "Catalog Item 12 not found"
	path   string // where one record is read, for _info links; empty: no address of its own
	base   *kind
	fields []field
	byName map[string]int
	folded map[string]int // by lower-case name, for conditions
	shows  []shown
	links  [][2]string // name and path of further _info links
	// unique lists the fields that together may occur once, and what the vendor calls them.
	unique     []string
	uniqueText string
	number     int // place in a store's tables
	rules      rules
}

// kinds holds every kind by name.
var kinds = readKinds()

func kindOf(name string) *kind {
	k, ok := kinds[name]
	if !ok {
		panic("connectwise simulator: no kind " + name + " in fields/")
	}
	return k
}

// field returns the field of that exact name.
func (k *kind) field(name string) (*field, bool) {
	i, ok := k.byName[name]
	if !ok {
		return nil, false
	}
	return &k.fields[i], true
}

// must is field for names that this package's own code uses.
func (k *kind) must(name string) *field {
	f, ok := k.field(name)
	if !ok {
		panic("connectwise simulator: " + k.name + " has no field " + name)
	}
	return f
}

func readKinds() map[string]*kind {
	p := schemaParser{kinds: map[string]*kind{}}
	entries, err := fieldFiles.ReadDir("fields")
	if err != nil {
		panic(err)
	}
	for _, e := range entries {
		text, err := fieldFiles.ReadFile("fields/" + e.Name())
		if err != nil {
			panic(err)
		}
		for i, line := range strings.Split(string(text), "\n") {
			if err := p.line(strings.TrimSpace(line)); err != nil {
				panic(fmt.Errorf("fields/%s:%d: %w", e.Name(), i+1, err))
			}
		}
	}
	p.finish()
	return p.kinds
}

type schemaParser struct {
	kinds   map[string]*kind
	current *kind
	blank   bool
	order   []*kind
}

func (p *schemaParser) line(s string) error {
	switch {
	case s == "" || strings.HasPrefix(s, "#"):
		return nil
	case strings.HasPrefix(s, "= "):
		words := strings.Fields(s[2:])
		if len(words) < 3 {
			return fmt.Errorf("a kind needs a name, a type and a label: %q", s)
		}
		p.current, p.blank = p.kind(words[0]), false
		p.current.typ, p.current.label = words[1], strings.Join(words[2:], " ")
		return nil
	case strings.HasPrefix(s, "@"):
		return p.directive(strings.Fields(s[1:]), s)
	default:
		return p.field(strings.Fields(s))
	}
}

// kind returns the kind of that name, which may be described later or, for references that nothing here fills, never.
func (p *schemaParser) kind(name string) *kind {
	k, ok := p.kinds[name]
	if !ok {
		k = &kind{name: name, typ: name, label: spaced(name), byName: map[string]int{}, folded: map[string]int{}, number: len(p.order)}
		k.base = k
		p.kinds[name] = k
		p.order = append(p.order, k)
	}
	return k
}

func (p *schemaParser) directive(words []string, line string) error {
	k := p.current
	switch words[0] {
	case "path":
		k.path = words[1]
	case "shows":
		k.shows = nil
		for _, w := range words[1:] {
			k.shows = append(k.shows, parseShown(w))
		}
	case "link":
		k.links = append(k.links, [2]string{words[1], words[2]})
	case "unique":
		k.unique = strings.Split(words[1], ",")
		_, text, _ := strings.Cut(line, `"`)
		k.uniqueText = strings.TrimSuffix(text, `"`)
	case "blank":
		p.blank = true
	case "of":
		k.base = p.kind(words[1])
	default:
		return fmt.Errorf("unknown directive %q", words[0])
	}
	return nil
}

func parseShown(word string) shown {
	name, from, aliased := strings.Cut(word, "=")
	if !aliased {
		from = name
	}
	from, plus, _ := strings.Cut(from, "+")
	return shown{name: name, steps: strings.Split(from, "/"), plus: plus}
}

var fieldTypes = map[string]fieldType{
	"text": textField, "int": intField, "num": numField, "bool": boolField, "time": timeField, "date": dateField,
	"enum": enumField, "ref": refField, "refs": refsField, "ints": intsField, "texts": textsField,
	"custom": customField, "answers": answersField,
}

func (p *schemaParser) field(words []string) error {
	if len(words) < 2 {
		return fmt.Errorf("a field needs a name and a type: %q", words)
	}
	typ, arg, _ := strings.Cut(words[1], ":")
	t, ok := fieldTypes[typ]
	if !ok {
		return fmt.Errorf("unknown type %q", typ)
	}
	f := field{name: words[0], typ: t, at: len(p.current.fields)}
	switch t {
	case textField:
		if arg != "" {
			if _, err := fmt.Sscanf(arg, "%d", &f.limit); err != nil {
				return err
			}
		}
		if p.blank {
			f.def = ""
		}
	case boolField:
		f.def = false
	case enumField:
		f.options = strings.Split(arg, "|")
	case refField, refsField:
		f.target = p.kind(arg)
	}
	for _, flag := range words[2:] {
		if err := f.flag(flag); err != nil {
			return err
		}
	}
	p.current.add(f)
	return nil
}

func (k *kind) add(f field) {
	k.byName[f.name] = len(k.fields)
	k.folded[strings.ToLower(f.name)] = len(k.fields)
	k.fields = append(k.fields, f)
}

func (f *field) flag(flag string) error {
	switch flag[0] {
	case '!':
		f.required = true
	case '~':
		f.readOnly = true
	case '+':
		f.inputOnly, f.def = true, nil
	case '-':
		f.internal, f.def = true, nil
	case '#':
		f.indexed = true
	case '<':
		f.options = append(f.options, flag[1:]) // resolved in finish, once the base is known
	case '=':
		switch f.typ {
		case numField:
			f.def = amount(0)
		case intField:
			f.def = int32(0)
		case boolField:
			f.def = flag == "=true"
		default:
			f.def = flag[1:]
		}
	default:
		return fmt.Errorf("unknown flag %q", flag)
	}
	return nil
}

// finish gives kinds without a description a name only, and lets the fields of twins point into their base's records.
func (p *schemaParser) finish() {
	for _, k := range p.order {
		if len(k.fields) == 0 {
			k.add(field{name: "name", typ: textField})
		}
		if len(k.shows) == 0 {
			if _, ok := k.byName["name"]; ok {
				k.shows = []shown{parseShown("name")}
			}
		}
	}
	for _, k := range p.order {
		if k.base == k {
			continue
		}
		k.path, k.shows = k.base.path, k.base.shows
		for i := range k.fields {
			f := &k.fields[i]
			name := f.name
			if f.typ != enumField && len(f.options) == 1 {
				name, f.options = f.options[0], nil
			}
			if at, ok := k.base.byName[name]; ok {
				f.at, f.indexed = at, k.base.fields[at].indexed
			} else {
				f.at = -1
			}
		}
	}
}

// spaced turns lowerCamel into words: agreementType → Agreement Type.
func spaced(name string) string {
	var b strings.Builder
	for i, c := range name {
		switch {
		case i == 0:
			b.WriteString(strings.ToUpper(string(c)))
		case c >= 'A' && c <= 'Z':
			b.WriteByte(' ')
			b.WriteRune(c)
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// writable reports whether a caller may set the field.
func (f *field) writable() bool { return !f.readOnly && !f.internal }

// option finds an enum value without regard to case.
func (f *field) option(text string) (string, bool) {
	i := slices.IndexFunc(f.options, func(o string) bool { return strings.EqualFold(o, text) })
	if i < 0 {
		return "", false
	}
	return f.options[i], true
}
