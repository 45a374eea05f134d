package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"causeway/internal/bridge"
	"causeway/internal/secret"
)

// maxAccountFile is far above any honest file, in bytes.
const maxAccountFile = 1 << 20

// AccountFile is the file of `account apply`, its environment variables and key files already read. Secrets and choices that
// need ConnectWise to be understood stay apart from the account's settings.
type AccountFile struct {
	Account        string
	MySonicWallKey secret.Text // empty keeps the stored one
	MySonicWallURL string      // empty: the installation's
	TimeZone       string      // IANA name; empty: MySonicWall's
	ConnectWise    bridge.ConnectWiseSettings
	PrivateKey     secret.Text // empty keeps the stored one, for the same host and company
	Options        bridge.Options
	Limits         bridge.Limits
	// Board and priorities by exact name or id.
	Board, Critical, High string
}

// Problem is one mistake in a file. Line is the editor's, 0 where the file as a whole lacks something.
type Problem struct {
	Line    int    `json:"line,omitempty"`
	Field   string `json:"field,omitempty"` // dotted, as in connectwise.host
	Message string `json:"message"`
}

// FileError holds everything that is wrong with a file.
type FileError struct {
	File     string
	Problems []Problem
}

func (e *FileError) Error() string {
	var b strings.Builder
	for i, p := range e.Problems {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(e.File)
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d", p.Line)
		}
		b.WriteString(": ")
		if p.Field != "" {
			b.WriteString(p.Field + ": ")
		}
		b.WriteString(p.Message)
	}
	return b.String()
}

// ReadAccountFile reads and checks a file. Paths in it are relative to its folder.
func ReadAccountFile(file string) (AccountFile, error) {
	f, err := os.Open(file)
	if err != nil {
		return AccountFile{}, fmt.Errorf("read the account file: %w", err)
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, maxAccountFile+1))
	if err != nil {
		return AccountFile{}, fmt.Errorf("read the account file %s: %w", file, err)
	}
	if len(text) > maxAccountFile {
		return AccountFile{}, &FileError{file, []Problem{{Message: "is larger than 1 MB"}}}
	}
	return ParseAccountFile(file, text, os.LookupEnv)
}

// accountYAML is the file as written. Keys that it lacks are refused.
type accountYAML struct {
	Account     string `yaml:"account"`
	MySonicWall struct {
		URL    string `yaml:"url"`
		APIKey string `yaml:"api_key"`
		Env    string `yaml:"api_key_env"`
		File   string `yaml:"api_key_file"`
	} `yaml:"mysonicwall"`
	TimeZone    string `yaml:"time_zone"`
	ConnectWise struct {
		Host           string   `yaml:"host"`
		Company        string   `yaml:"company"`
		PublicKey      string   `yaml:"public_key"`
		PublicEnv      string   `yaml:"public_key_env"`
		PublicFile     string   `yaml:"public_key_file"`
		PrivateKey     string   `yaml:"private_key"`
		PrivateEnv     string   `yaml:"private_key_env"`
		PrivateFile    string   `yaml:"private_key_file"`
		CallsAtOnce    *int     `yaml:"calls_at_once"`
		CallsPerSecond *float64 `yaml:"calls_per_second"`
	} `yaml:"connectwise"`
	Network        bool       `yaml:"network_products_as_additions"`
	Unicode        bool       `yaml:"allow_unicode_tenant_names"`
	PriceFirst     bool       `yaml:"price_first"`
	ActiveStatuses []string   `yaml:"active_statuses"`
	Limits         limitsYAML `yaml:"limits"`
	Tickets        struct {
		Board    string `yaml:"board"`
		Critical string `yaml:"critical"`
		High     string `yaml:"high"`
	} `yaml:"tickets"`
}

// limitsYAML keeps numbers as written: 20%, 0.2, 3.
type limitsYAML struct {
	RemovedShare    string `yaml:"removed_share"`
	RemovedMoreThan string `yaml:"removed_more_than"`
	QuantityFactor  string `yaml:"quantity_factor"`
	QuantityStep    string `yaml:"quantity_step"`
	NewAdditions    string `yaml:"new_additions"`
}

// ParseAccountFile is ReadAccountFile for a text that was read already; name is the file's, env looks variables up. The error is
// a *FileError with every mistake.
func ParseAccountFile(name string, text []byte, env func(string) (string, bool)) (AccountFile, error) {
	r := fileReader{dir: filepath.Dir(name), env: env, lines: map[string]int{}}
	var raw accountYAML
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&raw); err != nil {
		r.fromYAML(err)
	} else if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		r.add("", "holds more than one document; one file describes one account")
	}
	var tree yaml.Node
	if yaml.Unmarshal(text, &tree) == nil && len(tree.Content) > 0 {
		r.note("", tree.Content[0])
	}
	file := r.file(raw)
	if len(r.problems) > 0 {
		slices.SortStableFunc(r.problems, func(a, b Problem) int { return a.Line - b.Line })
		return AccountFile{}, &FileError{name, r.problems}
	}
	return file, nil
}

// fileReader turns the file as written into what it means and collects what is wrong with it.
type fileReader struct {
	dir      string
	env      func(string) (string, bool)
	lines    map[string]int // of each key, by its dotted name
	problems []Problem
	broken   bool // YAML itself failed: what is missing then is no mistake of its own
}

func (r *fileReader) note(prefix string, node *yaml.Node) {
	for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
		field := prefix + node.Content[i].Value
		r.lines[field] = node.Content[i].Line
		r.note(field+".", node.Content[i+1])
	}
}

func (r *fileReader) add(field, message string) {
	r.problems = append(r.problems, Problem{Line: r.lines[field], Field: field, Message: message})
}

var (
	yamlLine     = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)
	unknownField = regexp.MustCompile(`^field (.+) not found in type .+$`)
	wrongType    = regexp.MustCompile("^cannot unmarshal (!!\\w+)(?: `.*`)? into (.+)$")
)

// fromYAML keeps the parser's line numbers and drops what it quotes of values: they may be keys.
func (r *fileReader) fromYAML(err error) {
	r.broken = true
	if errors.Is(err, io.EOF) {
		r.problems = append(r.problems, Problem{Message: "is empty"})
		return
	}
	texts := []string{err.Error()}
	if several, ok := errors.AsType[*yaml.TypeError](err); ok {
		texts = several.Errors
	}
	for _, text := range texts {
		p := Problem{Message: strings.TrimPrefix(text, "yaml: ")}
		if m := yamlLine.FindStringSubmatch(text); m != nil {
			p.Line, _ = strconv.Atoi(m[1])
			p.Message = m[2]
		}
		if m := unknownField.FindStringSubmatch(p.Message); m != nil {
			p.Field, p.Message = m[1], "is not a setting of an account"
		} else if m := wrongType.FindStringSubmatch(p.Message); m != nil {
			p.Message = "has a value of the wrong kind (" + kindWords[m[1]] + ")"
		} else if strings.Contains(p.Message, "unknown anchor") {
			p.Message = "has a value that begins with *; put it in quotes"
		}
		r.problems = append(r.problems, p)
	}
}

var kindWords = map[string]string{
	"!!str": "a text", "!!int": "a number", "!!float": "a number", "!!bool": "true or false", "!!map": "a group of settings", "!!seq": "a list",
}

func (r *fileReader) file(raw accountYAML) AccountFile {
	if r.broken {
		return AccountFile{}
	}
	cw := raw.ConnectWise
	f := AccountFile{
		Account:        raw.Account,
		MySonicWallKey: r.secret("mysonicwall.api_key", raw.MySonicWall.APIKey, raw.MySonicWall.Env, raw.MySonicWall.File),
		MySonicWallURL: strings.TrimSuffix(raw.MySonicWall.URL, "/"),
		TimeZone:       raw.TimeZone,
		ConnectWise: bridge.ConnectWiseSettings{
			Host:           cw.Host,
			Company:        cw.Company,
			PublicKey:      r.secret("connectwise.public_key", cw.PublicKey, cw.PublicEnv, cw.PublicFile).Reveal(),
			CallsAtOnce:    bridge.DefaultCallsAtOnce,
			CallsPerSecond: bridge.DefaultCallsPerSecond,
		},
		PrivateKey: r.secret("connectwise.private_key", cw.PrivateKey, cw.PrivateEnv, cw.PrivateFile),
		Options: bridge.Options{
			NetworkAdditions: raw.Network, UnicodeNames: raw.Unicode, PriceFirst: raw.PriceFirst, ActiveStatuses: raw.ActiveStatuses,
		},
		Limits: r.limits(raw.Limits),
		Board:  raw.Tickets.Board, Critical: raw.Tickets.Critical, High: raw.Tickets.High,
	}
	if cw.CallsAtOnce != nil {
		f.ConnectWise.CallsAtOnce = *cw.CallsAtOnce
	}
	if cw.CallsPerSecond != nil {
		f.ConnectWise.CallsPerSecond = *cw.CallsPerSecond
	}
	r.check(f)
	return f
}

func (r *fileReader) check(f AccountFile) {
	if err := bridge.CheckAccountName(f.Account); err != nil {
		r.add("account", err.Message)
	}
	for _, needed := range []struct{ field, value string }{
		{"connectwise.host", f.ConnectWise.Host}, {"connectwise.company", f.ConnectWise.Company},
		{"tickets.board", f.Board}, {"tickets.critical", f.Critical}, {"tickets.high", f.High},
	} {
		if strings.TrimSpace(needed.value) == "" {
			r.add(needed.field, "is missing")
		}
	}
	if f.ConnectWise.PublicKey == "" && !r.failed("connectwise.public_key") {
		r.add("connectwise.public_key", "is missing; also public_key_env or public_key_file may name it")
	}
	if f.TimeZone != "" {
		if _, err := time.LoadLocation(f.TimeZone); err != nil || f.TimeZone == "Local" {
			r.add("time_zone", fmt.Sprintf("%q is not a zone of the IANA list such as America/Chicago", f.TimeZone))
		}
	}
	if f.ConnectWise.CallsAtOnce < 1 {
		r.add("connectwise.calls_at_once", "must be 1 or more")
	}
	if !(f.ConnectWise.CallsPerSecond >= 0 && f.ConnectWise.CallsPerSecond <= 1e6) {
		r.add("connectwise.calls_per_second", "must be 0 (no limit of ours) or more")
	}
}

func (r *fileReader) failed(field string) bool {
	return slices.ContainsFunc(r.problems, func(p Problem) bool { return strings.HasPrefix(p.Field, field) })
}

// secret takes a key from the one place that names it. No message repeats a value.
func (r *fileReader) secret(field, value, variable, file string) secret.Text {
	named := 0
	for _, v := range []string{value, variable, file} {
		if v != "" {
			named++
		}
	}
	switch {
	case named > 1:
		r.add(field, "is named more than once; keep one of it, …_env and …_file")
	case variable != "":
		set, ok := r.env(variable)
		if !ok || strings.TrimSpace(set) == "" {
			r.add(field+"_env", "the environment has no variable "+variable+", or it is empty")
		}
		return secret.Text(strings.TrimSpace(set))
	case file != "":
		return r.secretFile(field+"_file", file)
	}
	return secret.Text(strings.TrimSpace(value))
}

func (r *fileReader) secretFile(field, file string) secret.Text {
	if !filepath.IsAbs(file) {
		file = filepath.Join(r.dir, file)
	}
	text, err := os.ReadFile(file)
	key := strings.TrimSpace(string(text))
	switch {
	case err != nil:
		r.add(field, "cannot be read: "+err.Error())
	case key == "":
		r.add(field, file+" is empty")
	case len(key) > 4096:
		r.add(field, file+" holds more than a key")
		return ""
	}
	return secret.Text(key)
}
