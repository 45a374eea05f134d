package connectwise

import (
	"bytes"
	"net/http"
	"strconv"
)

// resource is a collection with the usual operations: records of a kind, all of them or those of one parent.
type resource struct {
	kind *kind
	// parent is the kind named by the number before the collection, field what points to it; nil for collections at the top.
	parent *kind
	field  *field
	// rows gives the records of one parent where they are not simply the kind's; may be nil.
	rows func(q *reader, parent int32) []*record
}

// parentOf is the number of the parent in the path of a collection or, one being set, of a member.
func (res *resource) parentOf(c *call, member bool) int32 {
	if member {
		return c.ids[len(c.ids)-2]
	}
	return c.ids[len(c.ids)-1]
}

// own returns the records of the collection, and their table where they are all of it.
func (res *resource) own(q *reader, parent int32) ([]*record, *table, *apiError) {
	if res.parent == nil {
		t := q.table(res.kind)
		return t.rows, t, nil
	}
	if q.get(res.parent, parent) == nil {
		return nil, nil, notFound(res.parent, parent)
	}
	if res.rows != nil {
		return res.rows(q, parent), nil, nil
	}
	return q.table(res.kind).where(res.kind.base.fields[res.field.at].name, res.pointer(parent)), nil, nil
}

// pointer is the parent's id as the field holds it.
func (res *resource) pointer(parent int32) any {
	if res.field.typ == refField {
		return ref(parent)
	}
	return parent
}

// member finds the record that the path names.
func (res *resource) member(q *reader, c *call) (*record, *apiError) {
	id := c.id()
	if res.parent != nil {
		parent := res.parentOf(c, true)
		if q.get(res.parent, parent) == nil {
			return nil, notFound(res.parent, parent)
		}
		if !res.has(q, parent, id) {
			return nil, notFound(res.kind, id)
		}
	}
	if r := q.get(res.kind, id); r != nil {
		return r, nil
	}
	return nil, notFound(res.kind, id)
}

func (res *resource) has(q *reader, parent, id int32) bool {
	if res.rows != nil {
		for _, r := range res.rows(q, parent) {
			if r.id == id {
				return true
			}
		}
		return false
	}
	r := q.get(res.kind, id)
	return r != nil && pointsTo(r, res.field, parent)
}

func (res *resource) listed(c *call) func(*reader) ([]*record, *table, *apiError) {
	return func(q *reader) ([]*record, *table, *apiError) {
		if res.parent == nil {
			return res.own(q, 0)
		}
		return res.own(q, res.parentOf(c, false))
	}
}

func (c *call) query() query {
	v := c.request.URL.Query()
	return query{v.Get("conditions"), v.Get("childConditions"), v.Get("customFieldConditions"), v.Get("orderBy")}
}

func (res *resource) list(c *call) *apiError {
	l, err := c.list(res.kind, c.route.path(), c.query())
	if err != nil {
		return err
	}
	return c.writeList(res.kind, l, res.listed(c))
}

func (res *resource) count(c *call) *apiError {
	q := c.query()
	q.orderBy = ""
	l, err := c.list(res.kind, c.route.path(), q)
	if err != nil {
		return err
	}
	return c.writeCount(l, res.listed(c))
}

func (res *resource) get(c *call) *apiError {
	var b []byte
	var failed *apiError
	c.server.store.read(c.set, c.now, func(q *reader) {
		var r *record
		if r, failed = res.member(q, c); failed == nil {
			b = c.encode(q, res.kind, r)
		}
	})
	if failed != nil {
		return failed
	}
	c.write(http.StatusOK, b)
	return nil
}

func (res *resource) post(c *call) *apiError {
	in, err := c.body()
	if err != nil {
		return err
	}
	members, err := in.object(in, "", 0)
	if err != nil {
		return err
	}
	var b []byte
	var id int32
	err = c.change(func(t *tx) *apiError {
		rec := &record{kind: res.kind}
		if res.parent != nil {
			parent := res.parentOf(c, false)
			if t.get(res.parent, parent) == nil {
				return notFound(res.parent, parent)
			}
			rec.put(res.field, res.pointer(parent))
		}
		if e := t.insert(c, in, members, rec); e != nil {
			return e
		}
		id, b = rec.id, c.encode(&t.reader, res.kind, t.get(res.kind, rec.id))
		return nil
	})
	if err != nil {
		return err
	}
	c.writer.Header().Set("Location", c.apiBase()+"/"+c.path+"/"+strconv.Itoa(int(id)))
	c.write(http.StatusCreated, b)
	return nil
}

// insert fills and saves a new record.
func (t *tx) insert(c *call, in body, members []member, rec *record) *apiError {
	problems, err := t.fill(in, members, rec)
	if err != nil {
		return err
	}
	if err := c.mayClose(t, nil, rec); err != nil {
		return err
	}
	return t.save(nil, rec, problems)
}

// put replaces the record: what the body leaves out becomes its default, what the server keeps itself stays.
func (res *resource) put(c *call) *apiError {
	in, err := c.body()
	if err != nil {
		return err
	}
	members, err := in.object(in, "", 0)
	if err != nil {
		return err
	}
	return res.alter(c, func(t *tx, old *record) (*record, []problem, *apiError) {
		rec := *old
		rec.cells = nil
		for _, cell := range old.cells {
			if !old.kind.fields[cell.at].writable() {
				rec.cells = append(rec.cells, cell)
			}
		}
		problems, err := t.fill(in, members, &rec)
		return &rec, problems, err
	})
}

func (res *resource) patch(c *call) *apiError {
	in, err := c.body()
	if err != nil {
		return err
	}
	if bytes.HasPrefix(bytes.TrimSpace(in), []byte("{")) {
		return parserError("Cannot deserialize the current JSON object because the type 'PatchOperation[]' requires a JSON array. Path '', line 1, position 1.")
	}
	return res.alter(c, func(t *tx, old *record) (*record, []problem, *apiError) {
		rec := old.clone()
		problems, err := t.patch(in, rec)
		return rec, problems, err
	})
}

// alter saves what edit makes of the record and answers it.
func (res *resource) alter(c *call, edit func(*tx, *record) (*record, []problem, *apiError)) *apiError {
	var b []byte
	err := c.change(func(t *tx) *apiError {
		old, err := res.member(&t.reader, c)
		if err != nil {
			return err
		}
		rec, problems, err := edit(t, old)
		if err != nil {
			return err
		}
		if err := c.mayClose(t, old, rec); err != nil {
			return err
		}
		if err := t.save(old, rec, problems); err != nil {
			return err
		}
		b = c.encode(&t.reader, res.kind, t.get(res.kind, rec.id))
		return nil
	})
	if err != nil {
		return err
	}
	c.write(http.StatusOK, b)
	return nil
}

func (res *resource) delete(c *call) *apiError {
	err := c.change(func(t *tx) *apiError {
		r, err := res.member(&t.reader, c)
		if err != nil {
			return err
		}
		return t.erase(r)
	})
	if err != nil {
		return err
	}
	c.writer.Header().Del("Content-Type")
	c.writer.WriteHeader(http.StatusNoContent)
	return nil
}
