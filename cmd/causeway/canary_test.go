package main

import (
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/proto"

	"causeway/internal/store/storetest"
)

// wrongKey is a private key that ConnectWise refuses; nobody else gets to see it either.
const wrongKey = "mistyped-private-key"

// canaries are the secrets of a deployment in every form in which one could be told: as it is, as it travels, and encoded.
func (d *deployment) canaries() map[string]string {
	forms := map[string]string{}
	add := func(name, secret string) {
		forms[name] = secret
		forms[name+" in base64"] = strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(secret)), "=")
		forms[name+" in hex"] = hex.EncodeToString([]byte(secret))
	}
	for _, s := range d.vendors {
		cwm := s.ConnectWise
		add("ConnectWise's private key", cwm.PrivateKey)
		add("ConnectWise's sign-in", cwm.Company+"+"+cwm.PublicKey+":"+cwm.PrivateKey)
		add("a mistyped private key", wrongKey)
		add("a mistyped sign-in", cwm.Company+"+"+cwm.PublicKey+":"+wrongKey)
		add("ConnectWise's client id", cwm.ClientID)
		add("MySonicWall's key", s.MySonicWall.APIKey)
	}
	add("the database's password", d.password)
	return forms
}

// silent requires that a text tells no secret. It must hold something that proves that it is the text meant.
func (d *deployment) silent(t *testing.T, where, text, proof string) {
	t.Helper()
	if !strings.Contains(text, proof) {
		t.Fatalf("%s does not hold %q, so it is not what was to be looked at", where, proof)
	}
	lower := strings.ToLower(text)
	for name, secret := range d.canaries() {
		if at := strings.Index(lower, strings.ToLower(secret)); at >= 0 {
			t.Fatalf("%s tells %s: …%s…", where, name, text[max(at-200, 0):min(at+200, len(text))])
		}
	}
}

// keepsSecrets looks for the keys in everything that people and programs can read about an account.
func (d *deployment) keepsSecrets(t *testing.T, account string) {
	t.Helper()
	d.silent(t, "the database", storetest.Dump(t, d.database), account)
	d.silent(t, "what commands say", d.answers.String(), account)
	for _, m := range append([]*member{d.server}, d.workers...) {
		if m.alive() {
			_, text := probe(t, "http://"+m.metrics+"/metrics")
			d.silent(t, "metrics of a "+m.name, text, "go_goroutines")
		}
	}
	d.histories(t)
	d.pages(t, d.dashboard)
}

// quiet looks at what the processes wrote, once they have ended. The simulators tell their keys on purpose, in their answer.
func (d *deployment) quiet(t *testing.T) {
	t.Helper()
	d.silent(t, "the server's output", d.server.said(t), "the dashboard listens")
	d.silent(t, "the output of migrate", d.migrate.said(t), "schema")
	for _, w := range d.workers {
		d.silent(t, "a worker's output", w.said(t), "worker started")
	}
	for account, c := range d.stands {
		d.silent(t, "the log of the simulators of "+account, c.stderr(t), "")
	}
	d.silent(t, "Temporal's output", d.temporal.said(t), "")
}

// histories are read as Temporal keeps them: in its own encoding payloads are bytes within, so a key would stand there as it is.
func (d *deployment) histories(t *testing.T) {
	t.Helper()
	kinds := map[string]int{}
	list := &workflowservice.ListWorkflowExecutionsRequest{Namespace: "default"}
	for {
		page, err := d.asked.ListWorkflow(t.Context(), list)
		require.NoError(t, err)
		for _, execution := range page.GetExecutions() {
			kind := execution.GetType().GetName()
			kinds[kind]++
			id := execution.GetExecution().GetWorkflowId()
			d.silent(t, "what Temporal lists of "+id, encoded(t, execution), id)
			events := d.asked.GetWorkflowHistory(t.Context(), id, execution.GetExecution().GetRunId(), false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
			var history strings.Builder
			for events.HasNext() {
				event, err := events.Next()
				require.NoError(t, err)
				history.WriteString(encoded(t, event))
			}
			d.silent(t, "the history of "+id, history.String(), kind)
		}
		if list.NextPageToken = page.GetNextPageToken(); len(list.GetNextPageToken()) == 0 {
			break
		}
	}
	for _, kind := range []string{"Account", "Setup", "SyncAccount", "SyncTenant"} {
		require.Positive(t, kinds[kind], "no history of %s was looked at", kind)
	}
	schedules, err := d.asked.ScheduleClient().List(t.Context(), client.ScheduleListOptions{})
	require.NoError(t, err)
	for schedules.HasNext() {
		entry, err := schedules.Next()
		require.NoError(t, err)
		described, err := d.asked.WorkflowService().DescribeSchedule(t.Context(), &workflowservice.DescribeScheduleRequest{Namespace: "default", ScheduleId: entry.ID})
		require.NoError(t, err)
		d.silent(t, "the schedule "+entry.ID, encoded(t, described), "Nightly")
	}
}

func encoded(t *testing.T, message proto.Message) string {
	t.Helper()
	text, err := proto.Marshal(message)
	require.NoError(t, err)
	return string(text)
}

// A crawl is bounded: filters and orders of one page multiply each other.
const (
	mostPages   = 2000
	mostQueries = 8 // of one page
)

// pages follows every link within the dashboard, downloads and parts of pages included, and looks at all that is answered.
func (d *deployment) pages(t *testing.T, base string) {
	t.Helper()
	root, err := url.Parse(base + "/")
	require.NoError(t, err)
	queue := []*url.URL{root}
	for account := range d.vendors {
		for _, download := range []string{"changes", "changes.csv", "changes.json"} {
			queue = append(queue, root.JoinPath("accounts", account, download))
		}
	}
	known, queries := map[string]bool{root.String(): true}, map[string]int{}
	var answered []string
	for ; len(queue) > 0; queue = queue[1:] {
		page := queue[0]
		d.silent(t, "the address "+page.Path, page.String(), base)
		body, header := fetched(t, page)
		answered = append(answered, page.Path)
		d.silent(t, "the page "+page.RequestURI(), body, "")
		d.silent(t, "the header of "+page.RequestURI(), header, "")
		if !strings.Contains(header, "text/html") {
			continue
		}
		for _, link := range links(t, page, body) {
			d.silent(t, "a link on "+page.RequestURI(), link.String(), "")
			if link.Host == root.Host && !known[link.String()] && queries[link.Path] < mostQueries {
				known[link.String()] = true
				queries[link.Path]++
				queue = append(queue, link)
			}
		}
		require.Less(t, len(known), mostPages, "the dashboard has no end; the newest page is %s", page)

	}
	for _, part := range []string{"/tenants/", "/configure/connection", "/runs/", "/preview", "/changes", "/settings", "/logs.txt", "/mapping.csv"} {
		require.True(t, slices.ContainsFunc(answered, func(path string) bool { return strings.Contains(path, part) }),
			"the crawl came to no page like %s, only to %v", part, answered)
	}
}

// fetched is an answer; whatever the dashboard links to must be there.
func fetched(t *testing.T, page *url.URL) (body, header string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, page.String(), nil)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode, page)
	var head strings.Builder
	require.NoError(t, response.Header.Write(&head))
	return string(text), head.String()
}

// links are all addresses that a page names, made absolute and without what only the browser sees.
func links(t *testing.T, page *url.URL, body string) []*url.URL {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(body))
	require.NoError(t, err)
	var found []*url.URL
	for _, attribute := range []string{"href", "src", "hx-get"} {
		doc.Find("[" + attribute + "]").Each(func(_ int, s *goquery.Selection) {
			link, err := page.Parse(s.AttrOr(attribute, ""))
			require.NoError(t, err)
			if link.Fragment = ""; link.Scheme == "http" || link.Scheme == "https" {
				found = append(found, link)
			}
		})
	}
	return found
}
