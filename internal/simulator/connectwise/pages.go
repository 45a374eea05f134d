package connectwise

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

//go:embed assets/page.html assets/style.css
var assets embed.FS

var pageTemplate = template.Must(template.ParseFS(assets, "assets/page.html"))

// pageRows is how many records a page shows at once.
const pageRows = 100

// page is what the one template shows: a title, facts about one record, and tables.
type page struct {
	Title, Company, Now, Note string
	Menu                      []menuEntry
	Facts                     []fact
	Search                    bool
	Query                     string
	Tables                    []pageTable
}

type menuEntry struct {
	cellText
	Current bool
}

type fact struct {
	Name  string
	Value cellText
}

type pageTable struct {
	Title          string
	Columns        []string
	Rows           [][]cellText
	Range          string
	Previous, Next string
}

// cellText is a text, with a link where the record has a page of its own.
type cellText struct {
	Text, Link string
	Number     bool
}

var menu = []cellText{
	{Text: "Companies", Link: "/companies"}, {Text: "Agreements", Link: "/agreements"}, {Text: "Catalog", Link: "/catalog"},
	{Text: "Configurations", Link: "/configurations"}, {Text: "Tickets", Link: "/tickets"},
}

// pageRoutes are plain pages for a person who wants to see in "ConnectWise" what an integration did there. They only read.
func (s *Server) pageRoutes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.page(homePage))
	mux.HandleFunc("GET /style.css", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, assets, "assets/style.css")
	})
	for name, pages := range map[string]struct{ list, one func(*pageView) bool }{
		"companies": {companiesPage, companyPage}, "agreements": {agreementsPage, agreementPage}, "catalog": {catalogPage, catalogItemPage},
		"configurations": {configurationsPage, configurationPage}, "tickets": {ticketsPage, ticketPage},
	} {
		mux.HandleFunc("GET /"+name, s.page(pages.list))
		mux.HandleFunc("GET /"+name+"/{id}", s.page(pages.one))
	}
	return mux
}

// openRecord takes the links that other systems make into the vendor's screens.
func openRecord(w http.ResponseWriter, r *http.Request) {
	v := r.URL.Query()
	kind := strings.ToLower(v.Get("recordType") + v.Get("routeTo"))
	at, ok := map[string]string{"servicefv": "/tickets/", "accountfv": "/companies/", "configfv": "/configurations/", "agreementfv": "/agreements/"}[kind]
	id, err := strconv.Atoi(v.Get("recid"))
	if !ok || err != nil {
		http.NotFound(w, r)
		return
	}
	http.Redirect(w, r, at+strconv.Itoa(id), http.StatusFound)
}

// pageView is one page being made.
type pageView struct {
	*reader
	request *http.Request
	page    page
}

// page renders what build fills in; build returns false when there is no such record.
func (s *Server) page(build func(*pageView) bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		now := s.Now()
		v := &pageView{request: r, page: page{Company: s.opts.Company, Now: now.Format("2006-01-02 15:04 MST"), Query: r.URL.Query().Get("q")}}
		for _, m := range menu {
			v.page.Menu = append(v.page.Menu, menuEntry{m, under(strings.Trim(r.URL.Path, "/"), m.Link)})
		}
		found := false
		s.store.read(s.settings.Get(), now, func(q *reader) {
			v.reader = q
			found = build(v)
		})
		if !found {
			http.NotFound(w, r)
			return
		}
		var b bytes.Buffer // a page that fails half way is not sent
		if err := pageTemplate.Execute(&b, v.page); err != nil {
			s.log.ErrorContext(r.Context(), "the page could not be rendered", "path", r.URL.Path, "error", err)
			http.Error(w, "The page could not be rendered.", http.StatusInternalServerError)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		_, _ = b.WriteTo(w)
	}
}

// subject is the record that the path names.
func (v *pageView) subject(kind string) *record {
	id, err := strconv.ParseInt(v.request.PathValue("id"), 10, 32)
	if err != nil {
		return nil
	}
	return v.find(kind, int32(id))
}

// list shows one page of the records that contain what was searched for in one of the fields.
func (v *pageView) list(title, kind string, fields []string, columns []string, line func(*record) []cellText) bool {
	v.page.Title, v.page.Search = title, true
	var rows []*record
	for r := range v.rows(kind).all() {
		if v.contains(r, fields) {
			rows = append(rows, r)
		}
	}
	number, err := strconv.Atoi(v.request.URL.Query().Get("page"))
	if err != nil || number < 1 {
		number = 1
	}
	from := min((number-1)*pageRows, len(rows))
	to := min(from+pageRows, len(rows))
	t := pageTable{Columns: columns, Range: fmt.Sprintf("%d to %d of %d", from+1, to, len(rows))}
	for _, r := range rows[from:to] {
		t.Rows = append(t.Rows, line(r))
	}
	if number > 1 {
		t.Previous = v.at(number - 1)
	}
	if to < len(rows) {
		t.Next = v.at(number + 1)
	}
	v.page.Tables = []pageTable{t}
	return true
}

func (v *pageView) at(number int) string {
	q := url.Values{"page": {strconv.Itoa(number)}}
	if v.page.Query != "" {
		q.Set("q", v.page.Query)
	}
	return "?" + q.Encode()
}

func (v *pageView) contains(r *record, fields []string) bool {
	if v.page.Query == "" {
		return true
	}
	part := foldKey(v.page.Query)
	for _, name := range fields {
		if strings.Contains(foldKey(v.to(r, name).Text), part) {
			return true
		}
	}
	return false
}

// pagesOf are where records of a kind have pages.
var pagesOf = map[string]string{
	"company": "/companies/", "agreement": "/agreements/", "catalogItem": "/catalog/", "configuration": "/configurations/", "ticket": "/tickets/",
}

// to shows a field: references by name and linked, numbers to the right.
func (v *pageView) to(r *record, name string) cellText {
	f := r.kind.must(name)
	value := v.value(r, f)
	id, isRef := value.(ref)
	if !isRef {
		_, number := value.(amount)
		return cellText{Text: printed(value), Number: number}
	}
	c := cellText{Text: v.nameOf(f.target, int32(id))}
	if at, ok := pagesOf[f.target.name]; ok {
		c.Link = at + strconv.Itoa(int(id))
	}
	return c
}

// nameOf is the first text by which a record is referred to, preferring its name.
func (v *pageView) nameOf(k *kind, id int32) string {
	for i, member := range slices.Backward(k.shows) {
		if s, ok := v.shown(k, id, member).(string); ok && (member.name == "name" || i == 0) {
			return s
		}
	}
	return strconv.Itoa(int(id))
}

// self links a record's own name or id.
func self(r *record, text string) cellText {
	return cellText{Text: text, Link: pagesOf[r.kind.name] + strconv.Itoa(int(r.id))}
}

func number(r *record) cellText { return cellText{Text: strconv.Itoa(int(r.id)), Number: true} }

// edited says who changed the record last, and when.
func edited(r *record) cellText {
	return cellText{Text: r.updatedBy + ", " + instant(r.updated/1000).time().Format("2006-01-02 15:04")}
}

func (v *pageView) facts(r *record, names ...string) {
	for _, name := range names {
		label, field, ok := strings.Cut(name, "=")
		if !ok {
			field = label
		}
		v.page.Facts = append(v.page.Facts, fact{label, v.to(r, field)})
	}
	v.page.Facts = append(v.page.Facts, fact{"Entered by", cellText{Text: r.enteredBy + ", " + instant(r.created/1000).time().Format("2006-01-02 15:04")}},
		fact{"Last edited by", edited(r)})
}
