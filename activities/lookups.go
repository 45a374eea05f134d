package activities

import (
	"context"
	"iter"
	"strings"
	"sync"

	"causeway/internal/bridge"
	"causeway/internal/connectwise"
	"causeway/internal/store"
)

// lookupCache keeps, per run, the ConnectWise ids of shared records: thousands of additions point at a few dozen catalog items.
// It lives in one worker and is forgotten with the run; another worker fills its own.
type lookupCache struct {
	mu   sync.Mutex
	runs map[int64]*runLookups
}

type runLookups struct {
	mu       sync.Mutex
	loaded   bool
	ids      map[string]int // by NeedKey, lower case
	failed   map[string]string
	statuses map[string]int // configuration statuses by lower-cased name
	// questions by configuration type.
	questions map[int][]connectwise.TypeQuestion
}

func (l *lookupCache) of(run int64) *runLookups {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.runs == nil {
		l.runs = map[int64]*runLookups{}
	}
	if l.runs[run] == nil {
		l.runs[run] = &runLookups{ids: map[string]int{}, failed: map[string]string{}, questions: map[int][]connectwise.TypeQuestion{}}
	}
	return l.runs[run]
}

func (l *lookupCache) forget(run int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.runs, run)
}

func (l *lookupCache) learn(run int64, need string, id int) {
	known := l.of(run)
	known.mu.Lock()
	defer known.mu.Unlock()
	known.ids[strings.ToLower(need)] = id
	delete(known.failed, strings.ToLower(need))
}

// lookups answers what this run knows of shared records, read from the store the first time.
func (a *Activities) runLookups(ctx context.Context, acc bridge.Account, run bridge.Run) (*runLookups, error) {
	known := a.lookups.of(run.ID)
	known.mu.Lock()
	defer known.mu.Unlock()
	if known.loaded {
		return known, nil
	}
	managed, err := a.Store.Managed(ctx, acc.ID, store.ManagedFilter{SharedOnly: true})
	if err != nil {
		return nil, err
	}
	for _, m := range managed {
		known.ids[strings.ToLower(bridge.NeedKey(m.Kind, m.Key))] = m.CWMID
	}
	shared := ""
	changes, _, err := a.Store.Changes(ctx, store.ChangeFilter{AccountID: acc.ID, RunID: run.ID, TenantID: &shared})
	if err != nil {
		return nil, err
	}
	for _, c := range changes {
		if c.Status == bridge.StatusFailed || c.Status == bridge.StatusHeld {
			known.failed[strings.ToLower(bridge.NeedKey(c.Kind, c.Key))] = c.Message
		}
	}
	known.loaded = true
	return known, nil
}

// needMet tells whether a record that a change needs stands, and if not, why in words.
func (w *writing) needMet(ctx context.Context, c bridge.Change, need string) (bool, string, error) {
	if kind, parent, ownKey, ok := bridge.ParseRecordNeed(need); ok {
		m := w.record(kind, parent, ownKey)
		if m != nil && m.CWMID != 0 && (m.Facts[bridge.FactEnded] == "" || !c.LinkedEnd()) {
			return true, "", nil
		}
		return false, "the " + string(kind) + " " + ownKey + " was not written", nil
	}
	known, err := w.a.runLookups(ctx, w.acc, w.run)
	if err != nil {
		return false, "", err
	}
	key := strings.ToLower(need)
	known.mu.Lock()
	why, failed := known.failed[key]
	_, stands := known.ids[key]
	known.mu.Unlock()
	switch {
	case failed:
		return false, "the " + needWords(need) + " could not be written: " + why, nil
	case stands:
		return true, "", nil
	}
	return false, "the " + needWords(need) + " is not there", nil
}

func needWords(need string) string {
	kind, key, _ := strings.Cut(need, "/")
	return kind + " " + key
}

// id of a shared record that was written or adopted.
func (w *writing) id(ctx context.Context, kind bridge.Kind, key string) (int, error) {
	known, err := w.a.runLookups(ctx, w.acc, w.run)
	if err != nil {
		return 0, err
	}
	known.mu.Lock()
	defer known.mu.Unlock()
	id, ok := known.ids[strings.ToLower(bridge.NeedKey(kind, key))]
	if !ok {
		return 0, notThere(kind, key)
	}
	return id, nil
}

func notThere(kind bridge.Kind, key string) error {
	return &bridge.Error{Code: bridge.CodeNotFound, Message: "ConnectWise has no " + string(kind) + " " + key + "; the next run looks for it again"}
}

// taxonomy is where catalog items go, by the names that ConnectWise has for it now. It is read when the first row of a pass needs
// it, and learns what the pass, the only writer, adds.
func (w *writing) taxonomy(ctx context.Context) (*taxonomy, error) {
	if w.known != nil {
		return w.known, nil
	}
	s := &snapshot{}
	if err := s.readTaxonomy(ctx, w.client); err != nil {
		return nil, err
	}
	w.known = &taxonomy{productTypes: s.productTypes, categories: s.categories, subcategories: s.subcategories}
	return w.known, nil
}

type taxonomy struct {
	productTypes, categories, subcategories map[string]int
}

// learn a record that the pass just wrote; a nil taxonomy was not read yet and will find it.
func (t *taxonomy) learn(c bridge.Change, id int) {
	if t == nil || c.Action != bridge.ActionCreate {
		return
	}
	name := c.After.Get(bridge.FieldName)
	switch c.Kind {
	case bridge.KindProductType:
		t.productTypes[name] = id
	case bridge.KindCategory:
		t.categories[name] = id
	case bridge.KindSubcategory:
		t.subcategories[c.After.Get(bridge.FieldCategory)+"/"+name] = id
	}
}

func (t *taxonomy) id(among map[string]int, kind bridge.Kind, name string) (int, error) {
	best := 0
	for as, id := range among {
		if strings.EqualFold(as, name) && (best == 0 || id < best) {
			best = id
		}
	}
	if best == 0 {
		return 0, notThere(kind, name)
	}
	return best, nil
}

// configurationTypeID by the name that ConnectWise has for it.
func (w *writing) configurationTypeID(ctx context.Context, name string) (int, error) {
	if id, err := w.id(ctx, bridge.KindConfigurationType, name); err == nil {
		return id, nil
	}
	id, err := firstNamed(w.client.ConfigurationTypes.All(ctx, connectwise.ListOptions{}), func(t connectwise.ConfigurationType) (int, bool) {
		return t.ID, strings.EqualFold(t.Name, name)
	})
	if err == nil && id == 0 {
		err = notThere(bridge.KindConfigurationType, name)
	}
	return id, err
}

// questionID of a label of a type; a type's questions are read once per run and worker, after the shared records were written.
func (w *writing) questionID(ctx context.Context, typeID int, label string) (int, error) {
	known, err := w.a.runLookups(ctx, w.acc, w.run)
	if err != nil {
		return 0, err
	}
	known.mu.Lock()
	defer known.mu.Unlock()
	if known.questions[typeID] == nil {
		rows, err := connectwise.Collect(w.client.TypeQuestions.All(ctx, typeID, connectwise.ListOptions{}))
		if err != nil {
			return 0, err
		}
		known.questions[typeID] = rows
	}
	for _, q := range known.questions[typeID] {
		if !q.InactiveFlag && bridge.SameLabel(q.Question, label) {
			return q.ID, nil
		}
	}
	return 0, notThere(bridge.KindQuestion, label)
}

// firstNamed is the lowest id among the rows that match, 0 when none does.
func firstNamed[T any](rows iter.Seq2[T, error], match func(T) (int, bool)) (int, error) {
	best := 0
	for row, err := range rows {
		if err != nil {
			return 0, err
		}
		if id, ok := match(row); ok && (best == 0 || id < best) {
			best = id
		}
	}
	return best, nil
}

// statusID of a configuration status by name; read once per run and worker.
func (w *writing) statusID(ctx context.Context, name string) (int, error) {
	known, err := w.a.runLookups(ctx, w.acc, w.run)
	if err != nil {
		return 0, err
	}
	known.mu.Lock()
	defer known.mu.Unlock()
	if known.statuses == nil {
		statuses := map[string]int{}
		for status, err := range w.client.ConfigurationStatuses.All(ctx, connectwise.ListOptions{}) {
			if err != nil {
				return 0, err
			}
			statuses[strings.ToLower(status.Description)] = status.ID
		}
		known.statuses = statuses
	}
	id, ok := known.statuses[strings.ToLower(name)]
	if !ok {
		return 0, &bridge.Error{Code: bridge.CodeNotFound, Message: "ConnectWise has no configuration status " + name + ": System › Setup Tables › Configuration Status"}
	}
	return id, nil
}
