package mysonicwall

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// consoleHost is where alerts are looked at by a person.
const consoleHost = "captureclient-36.example"

// Statuses of an alert.
const (
	alertOpen         = "OPEN"
	alertAcknowledged = "ACKNOWLEDGED"
	alertClosed       = "CLOSED"
	alertDeleted      = "DELETED"
)

// firstLook is how far back the feed goes for a reader without a cursor.
const firstLook = 24 * time.Hour

type alert struct {
	AlertID        string      `json:"alertId"`
	Source         string      `json:"source"`
	ProductGroupID int         `json:"productGroupID"`
	Severity       string      `json:"severity"`
	Status         string      `json:"status"`
	AlertType      string      `json:"alertType"`
	Message        string      `json:"message"`
	Device         alertDevice `json:"device"`
	CreatedAt      time.Time   `json:"createdAt"`
	UpdatedAt      time.Time   `json:"updatedAt"`
	ClosedAt       *time.Time  `json:"closedAt"`
	ConsoleURL     string      `json:"consoleUrl"`
}

type alertDevice struct {
	DeviceID string `json:"deviceId"`
	Name     string `json:"name"`
}

// feedRow is one change of an alert, as it was then. Added is the simulator's
// own instant, by which a reader without a cursor is served.
type feedRow struct {
	Seq   int64     `json:"seq"`
	Added time.Time `json:"added"`
	Alert alert     `json:"alert"`
}

// record appends the alert as it now is to the feed.
func (a *account) record(al *alert, at time.Time) {
	a.LastSeq++
	a.Feed = append(a.Feed, feedRow{Seq: a.LastSeq, Added: at, Alert: *al})
}

func alertRow(al alert, seq int64) any {
	const milliseconds = "2006-01-02T15:04:05.000Z"
	row := map[string]any{
		"alertId": al.AlertID, "source": al.Source, "productGroupID": al.ProductGroupID, "severity": al.Severity,
		"status": al.Status, "alertType": al.AlertType, "message": al.Message, "device": al.Device,
		"createdAt": al.CreatedAt.UTC().Format(milliseconds), "updatedAt": al.UpdatedAt.UTC().Format(milliseconds),
		"closedAt": nil, "consoleUrl": al.ConsoleURL,
	}
	if seq > 0 {
		row["seq"] = strconv.FormatInt(seq, 10)
	}
	if al.ClosedAt != nil {
		row["closedAt"] = al.ClosedAt.UTC().Format(milliseconds)
	}
	return row
}

// alertFilter keeps the rows that the query asks for; words are compared
// without regard to case, and an absent word keeps all.
func alertFilter(query url.Values) func(alert) bool {
	among := func(name string) func(string) bool {
		if query.Get(name) == "" {
			return func(string) bool { return true }
		}
		words := strings.Split(query.Get(name), ",")
		return func(have string) bool {
			return slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(strings.TrimSpace(w), have) })
		}
	}
	source, severity := among("source"), among("severity")
	return func(al alert) bool { return source(al.Source) && severity(al.Severity) }
}

type feedContent struct {
	Rows       []any  `json:"rows"`
	NextCursor string `json:"nextCursor"`
	HasMore    string `json:"hasMore"`
}

func (s *Server) serveAlerts(w http.ResponseWriter, r *http.Request, a *account) {
	query := r.URL.Query()
	limit, err := s.readLimit(query)
	if err != nil {
		refuseQuery(w, err)
		return
	}
	set := s.settings.Get()
	after, err := readCursor(query, feedCursor, s.control.Now(), time.Duration(set.AlertCursorHours)*time.Hour)
	if err != nil {
		refuseQuery(w, err)
		return
	}
	s.mu.RLock()
	content := s.feedPage(a, after, limit, set.RepeatAlerts, alertFilter(query))
	s.mu.RUnlock()
	answer(w, content)
}

const feedCursor = "alerts"

// feedPage gives up to limit rows behind the cursor that keep lets through.
// The cursor moves past rows that were filtered out, too.
func (s *Server) feedPage(a *account, after *cursor, limit, repeat int, keep func(alert) bool) feedContent {
	now := s.control.Now()
	start := 0
	for start < len(a.Feed) && s.delivered(a.Feed[start], start, after, now) {
		start++
	}
	content := feedContent{Rows: []any{}, HasMore: "NO"}
	if after != nil {
		for _, row := range a.Feed[max(0, start-repeat):start] {
			if keep(row.Alert) {
				content.Rows = append(content.Rows, alertRow(row.Alert, row.Seq))
			}
		}
	}
	position, taken := start, 0
	for ; position < len(a.Feed); position++ {
		row := a.Feed[position]
		if !keep(row.Alert) {
			continue
		}
		if taken == limit {
			content.HasMore = "YES"
			break
		}
		content.Rows = append(content.Rows, alertRow(row.Alert, row.Seq))
		taken++
	}
	content.NextCursor = cursor{What: feedCursor, After: strconv.Itoa(position), Issued: now}.String()
	return content
}

// delivered tells rows that lie behind the reader. The feed only grows, so a
// position in it is a cursor that redelivered rows do not confuse.
func (s *Server) delivered(row feedRow, index int, after *cursor, now time.Time) bool {
	if after == nil {
		return row.Added.Before(now.Add(-firstLook))
	}
	position, err := strconv.Atoi(after.After)
	return err == nil && index < position
}

func (s *Server) serveOpenAlerts(w http.ResponseWriter, r *http.Request, a *account) {
	group := r.URL.Query().Get("productGroupID")
	id, err := strconv.Atoi(group)
	if group != "" && err != nil {
		refuse(w, http.StatusBadRequest, "INVALID PRODUCT GROUP ID")
		return
	}
	s.mu.RLock()
	content := feedContent{Rows: []any{}, HasMore: "NO"}
	for _, al := range a.Alerts {
		live := al.Status == alertOpen || al.Status == alertAcknowledged
		if live && (group == "" || al.ProductGroupID == id) {
			content.Rows = append(content.Rows, alertRow(*al, 0))
		}
	}
	content.NextCursor = cursor{What: feedCursor, After: strconv.Itoa(len(a.Feed)), Issued: s.control.Now()}.String()
	s.mu.RUnlock()
	answer(w, content)
}
