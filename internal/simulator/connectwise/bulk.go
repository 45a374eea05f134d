package connectwise

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Bulk requests answer 207 whatever became of the items; each is a transaction of its own.

type bulkItem struct {
	status int
	data   []byte
	err    *apiError
}

func bulkPost(c *call) *apiError {
	return c.bulk(func(t *tx, in body, item []byte, index int) ([]byte, *apiError) {
		members, err := in.object(item, fmt.Sprintf("[%d]", index), 0)
		if err != nil {
			return nil, err
		}
		rec := &record{kind: kindOf("configuration")}
		if err := t.insert(c, in, members, rec); err != nil {
			return nil, err
		}
		return c.encode(&t.reader, rec.kind, rec), nil
	}, http.StatusCreated)
}

func bulkPut(c *call) *apiError {
	return c.bulk(func(t *tx, in body, item []byte, index int) ([]byte, *apiError) {
		members, err := in.object(item, fmt.Sprintf("[%d]", index), 0)
		if err != nil {
			return nil, err
		}
		old, err := t.bulkTarget(members, item)
		if err != nil {
			return nil, err
		}
		rec := *old
		rec.cells = nil
		problems, err := t.fill(in, members, &rec)
		if err != nil {
			return nil, err
		}
		if err := t.save(old, &rec, problems); err != nil {
			return nil, err
		}
		return c.encode(&t.reader, rec.kind, &rec), nil
	}, http.StatusOK)
}

func bulkDelete(c *call) *apiError {
	return c.bulk(func(t *tx, in body, item []byte, index int) ([]byte, *apiError) {
		var members []member
		if !scalar(item) {
			var err *apiError
			if members, err = in.object(item, fmt.Sprintf("[%d]", index), 0); err != nil {
				return nil, err
			}
		}
		old, err := t.bulkTarget(members, item)
		if err != nil {
			return nil, err
		}
		return nil, t.erase(old)
	}, http.StatusNoContent)
}

// bulkTarget is the configuration that an item means: {"id":N,…} or N.
func (t *tx) bulkTarget(members []member, item []byte) (*record, *apiError) {
	text := strings.TrimSpace(string(item))
	for _, m := range members {
		if m.name == "id" {
			text = string(m.raw)
		}
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return nil, invalid("configuration", missing("id"))
	}
	if r := t.find("configuration", int32(n)); r != nil {
		return r, nil
	}
	return nil, notFound(kindOf("configuration"), int32(n))
}

func (c *call) bulk(one func(*tx, body, []byte, int) ([]byte, *apiError), good int) *apiError {
	in, err := c.body()
	if err != nil {
		return err
	}
	items, err := in.array()
	if err != nil {
		return err
	}
	b := []byte(`{"payload":[`)
	for i, raw := range items {
		item := bulkItem{status: good}
		item.err = c.change(func(t *tx) *apiError {
			var err *apiError
			item.data, err = one(t, in, raw, i)
			return err
		})
		if i > 0 {
			b = append(b, ',')
		}
		b = item.append(b, i)
	}
	c.write(http.StatusMultiStatus, append(b, "]}"...))
	return nil
}

func (item bulkItem) append(b []byte, index int) []byte {
	if item.err != nil {
		item.status = item.err.status
	}
	b = append(b, `{"success":`...)
	b = strconv.AppendBool(b, item.err == nil)
	b = append(b, `,"originalIndex":`...)
	b = strconv.AppendInt(b, int64(index), 10)
	b = append(b, `,"statusCode":`...)
	b = strconv.AppendInt(b, int64(item.status), 10)
	if item.err == nil && item.data != nil {
		b = append(append(b, `,"data":`...), item.data...)
	}
	if item.err != nil {
		b = append(append(b, `,"error":`...), item.err.body()...)
	}
	return append(b, '}')
}
