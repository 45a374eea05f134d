package mysonicwall

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// maxLimit is the most rows of a page, and how many come unasked.
const maxLimit = 100

// envelope wraps nearly every answer of the API.
type envelope struct {
	OperationStatus string `json:"operationStatus"`
	MsgDesc         string `json:"msgDesc"`
	Content         any    `json:"content"`
}

type rowsContent struct {
	Rows       []any  `json:"rows"`
	NextCursor string `json:"nextCursor,omitempty"`
}

func answer(w http.ResponseWriter, content any) {
	writeJSON(w, http.StatusOK, envelope{OperationStatus: "SUCCESS", Content: content})
}

func refuse(w http.ResponseWriter, status int, text string) {
	writeJSON(w, status, envelope{OperationStatus: "FAILURE", MsgDesc: text, Content: struct{}{}})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that left is no fault of ours
}

// cursor is where a listing goes on. What names the listing, so that a cursor
// of one cannot be used on another.
type cursor struct {
	What   string    `json:"w"`
	After  string    `json:"a"`
	Issued time.Time `json:"i"`
}

func (c cursor) String() string {
	text, _ := json.Marshal(c) // strings and a time always marshal
	return base64.RawURLEncoding.EncodeToString(text)
}

var (
	errCursorForeign = errors.New("INVALID CURSOR")
	errCursorExpired = errors.New("CURSOR_EXPIRED")
	errLimit         = errors.New("LIMIT MUST BE BETWEEN 1 AND 100")
)

// readCursor gives nil where the query has none.
func readCursor(query url.Values, what string, now time.Time, life time.Duration) (*cursor, error) {
	text := query.Get("cursor")
	if text == "" {
		return nil, nil
	}
	var c cursor
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(raw, &c) != nil || c.What != what {
		return nil, errCursorForeign
	}
	if now.Sub(c.Issued) > life {
		return nil, errCursorExpired
	}
	return &c, nil
}

func (s *Server) readLimit(query url.Values) (int, error) {
	limit := maxLimit
	if text := query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxLimit {
			return 0, errLimit
		}
		limit = n
	}
	return min(limit, s.settings.Get().PageCap), nil
}

func refuseQuery(w http.ResponseWriter, err error) {
	status := http.StatusBadRequest
	if errors.Is(err, errCursorExpired) {
		status = http.StatusGone
	}
	refuse(w, status, err.Error())
}

// servePage answers one page of n items in the order of their keys. It calls
// for as many items as the page has, under the state's read lock.
func (s *Server) servePage(w http.ResponseWriter, r *http.Request, what string, list func() listing) {
	query := r.URL.Query()
	limit, err := s.readLimit(query)
	if err != nil {
		refuseQuery(w, err)
		return
	}
	set := s.settings.Get()
	after, err := readCursor(query, what, s.control.Now(), time.Duration(set.CursorMinutes)*time.Minute)
	if err != nil {
		refuseQuery(w, err)
		return
	}
	s.mu.RLock()
	l := list()
	start := 0
	if after != nil {
		for start < l.count && l.key(start) <= after.After {
			start++
		}
	}
	end := min(start+limit, l.count)
	content := rowsContent{Rows: []any{}}
	for i := max(0, start-set.RepeatRows*min(start, 1)); i < end; i++ {
		content.Rows = append(content.Rows, l.row(i))
	}
	if end < l.count {
		content.NextCursor = cursor{What: what, After: l.key(end - 1), Issued: s.control.Now()}.String()
	}
	s.mu.RUnlock()
	answer(w, content)
}

// listing is a sorted list seen through its keys and rows.
type listing struct {
	count int
	key   func(int) string
	row   func(int) any
}
