package connectwise_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"causeway/internal/connectwise"
)

func TestConditions(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 4, 7, 1, 2, 3, 900, time.FixedZone("", 3600))
	for want, c := range map[string]connectwise.Condition{
		``:                 connectwise.And(),
		`identifier="ABC"`: connectwise.Equal("identifier", "ABC"),
		`name=""`:          connectwise.Equal("name", ""),
		`name="O'Neill & Söhne [x] (a=b) and c"`: connectwise.Equal("name", "O'Neill & Söhne [x] (a=b) and c"),
		`name like "5% cable"`:                   connectwise.Equal("name", `5" cable`),
		`name like "a%b%c"`:                      connectwise.Equal("name", `a\"'[*b%c`),
		`name like "a%x%"`:                       connectwise.Equal("name", "a\nx\x00"),
		`identifier like "SONICWALL_%"`:          connectwise.HasPrefix("identifier", "SONICWALL_"),
		`identifier like "a%"`:                   connectwise.HasPrefix("identifier", `a"`),
		`company/id=5`:                           connectwise.EqualInt("company/id", 5),
		`deletedFlag=false`:                      connectwise.EqualBool("deletedFlag", false),
		`type/id in (3,1,2)`:                     connectwise.In("type/id", 3, 1, 2),
		`endDate=null`:                           connectwise.IsNull("endDate"),
		`lastUpdated>=[2026-04-07T00:02:03Z]`:    connectwise.Since("lastUpdated", at),
		`endDate>=[2026-04-07]`:                  connectwise.OnOrAfter("endDate", connectwise.NewDate(2026, 4, 7)),
		`a=1 and b=2`:                            connectwise.And(connectwise.EqualInt("a", 1), connectwise.Condition{}, connectwise.EqualInt("b", 2)),
		`(a=1 or a=2) and b=3`:                   connectwise.And(connectwise.Or(connectwise.EqualInt("a", 1), connectwise.EqualInt("a", 2)), connectwise.EqualInt("b", 3)),
		`a=1 or (b=2 and c=3)`:                   connectwise.Or(connectwise.EqualInt("a", 1), connectwise.And(connectwise.EqualInt("b", 2), connectwise.EqualInt("c", 3))),
	} {
		require.NoError(t, c.Err(), want)
		assert.Equal(t, want, c.String())
	}
}

func TestConditionsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]connectwise.Condition{
		"quote in a field":       connectwise.Equal(`a"b`, "x"),
		"space in a field":       connectwise.EqualInt("a or b", 1),
		"no field":               connectwise.EqualBool("", true),
		"nothing to look for":    connectwise.Equal("name", `"`),
		"only wildcards":         connectwise.HasPrefix("name", "%*"),
		"an empty prefix":        connectwise.HasPrefix("name", ""),
		"in nothing":             connectwise.In("id"),
		"no date":                connectwise.OnOrAfter("endDate", connectwise.Date{}),
		"a mistake in a part":    connectwise.And(connectwise.EqualInt("a", 1), connectwise.In("id")),
		"a mistake in one of or": connectwise.Or(connectwise.In("id"), connectwise.EqualInt("a", 1)),
	} {
		require.Error(t, c.Err(), name)
		assert.False(t, c.IsZero(), name)
	}
}

var textCondition = regexp.MustCompile(`^name(?:=| like )"([^"]*)"$`)

// checkTextCondition: whatever a name contains, the condition is one field, one operator and one string, under every
// reading of backslashes and quotes; and it still lets the name itself through.
func checkTextCondition(t interface {
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}, c connectwise.Condition, text string, prefix bool) {
	if c.Err() != nil {
		return
	}
	match := textCondition.FindStringSubmatch(c.String())
	if match == nil {
		t.Fatalf("%q breaks out of its string: %s", text, c)
	}
	inner := match[1]
	if strings.ContainsAny(inner, "\"\\\n\r\x00") {
		t.Errorf("%q leaves a character that ends or escapes: %s", text, c)
	}
	parts := strings.Split(inner, "%")
	pattern := "(?is)^"
	for i, part := range parts {
		if i > 0 {
			pattern += ".*"
		}
		pattern += regexp.QuoteMeta(part)
	}
	if !regexp.MustCompile(pattern + "$").MatchString(strings.ToValidUTF8(text, "\ufffd")) {
		t.Errorf("%q is not let through by its own condition %s (prefix: %v)", text, c, prefix)
	}
	query, err := url.ParseQuery("conditions=" + url.QueryEscape(c.String()))
	if err != nil || query.Get("conditions") != c.String() {
		t.Errorf("%q does not survive the way: %s", text, c)
	}
}

func TestTextNeverBreaksOut(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-c"'\\*%\[\]() =]{0,12}`)).Draw(t, "text")
		checkTextCondition(t, connectwise.Equal("name", text), text, false)
		checkTextCondition(t, connectwise.HasPrefix("name", text), text, true)
	})
}

func FuzzTextNeverBreaksOut(f *testing.F) {
	for _, seed := range []string{`a" or 1=1 or "`, `\`, `\"`, "*%", "x\x00", "\xff", "'", "a]b["} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		checkTextCondition(t, connectwise.Equal("name", text), text, false)
		checkTextCondition(t, connectwise.HasPrefix("name", text), text, true)
	})
}

func TestConditionsArriveAsBuilt(t *testing.T) {
	t.Parallel()
	var got string
	_, cw := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.URL.Query().Get("conditions")
		assert.NotContains(t, r.URL.RawQuery, "+", "a space is %20")
		writeJSON(w, 200, []any{})
	})
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringN(0, 60, -1).Draw(rt, "text")
		where := connectwise.Equal("name", text)
		_, err := cw.Companies.List(t.Context(), connectwise.ListOptions{Where: where})
		if where.Err() != nil || connectwise.KindOf(err) == connectwise.KindInvalid {
			return
		}
		if err != nil || got != where.String() {
			rt.Fatalf("sent %q, arrived %q, %v", where, got, err)
		}
	})
}

func TestFindComparesInCode(t *testing.T) {
	t.Parallel()
	_, cw := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", `<https://x/>; rel="first"`)
		switch r.URL.Path {
		case "procurement/catalog":
			assert.Equal(t, `identifier like "A%B"`, r.URL.Query().Get("conditions"))
			writeJSON(w, 200, []any{
				map[string]any{"id": 9, "identifier": `a"b`}, map[string]any{"id": 3, "identifier": "AxB"},
				map[string]any{"id": 4, "identifier": "\u200eA\"B "}, map[string]any{"id": 5},
			})
		default:
			writeJSON(w, 200, []any{})
		}
	})
	found, err := cw.Catalog.FindByIdentifier(t.Context(), `A"B`)
	require.NoError(t, err)
	require.Len(t, found, 2)
	assert.Equal(t, []int{4, 9}, []int{found[0].ID, found[1].ID})
	for name, find := range map[string]func() (int, error){
		"types":         func() (int, error) { r, err := cw.ProductTypes.FindByName(t.Context(), "x"); return len(r), err },
		"categories":    func() (int, error) { r, err := cw.Categories.FindByName(t.Context(), "x"); return len(r), err },
		"subcategories": func() (int, error) { r, err := cw.Subcategories.FindByName(t.Context(), "x"); return len(r), err },
		"companies":     func() (int, error) { r, err := cw.Companies.FindByIdentifier(t.Context(), "x"); return len(r), err },
		"configurations": func() (int, error) {
			r, err := cw.Configurations.FindBySerialNumber(t.Context(), "x")
			return len(r), err
		},
		"config types": func() (int, error) { r, err := cw.ConfigurationTypes.FindByName(t.Context(), "x"); return len(r), err },
	} {
		n, err := find()
		require.NoError(t, err, name)
		assert.Zero(t, n, name)
	}
}
