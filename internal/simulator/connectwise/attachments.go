package connectwise

import (
	"net/http"
	"strconv"
)

// attachments adds the collection of configurations that an agreement covers or a ticket is about. The API shows each as a
// reference to the configuration, under the configuration's id.
func (n *router) attachments(pattern, parent, link string) {
	view := &resource{kind: kindOf("configurationReference"), parent: kindOf(parent)}
	view.rows = func(q *reader, id int32) []*record {
		var rows []*record
		for _, l := range q.rows(link).where(parent, ref(id)) {
			if r := q.find("configuration", l.ref("configuration")); r != nil {
				rows = append(rows, r)
			}
		}
		sortByID(rows)
		return rows
	}
	a := attachment{resource: view, link: kindOf(link)}
	n.collection(pattern, "list count get", view)
	n.add(pattern, map[string]handler{http.MethodPost: a.post})
	n.add(pattern+"/{}", map[string]handler{http.MethodDelete: a.delete})
}

type attachment struct {
	*resource
	link *kind
}

// post attaches {"id":N} or {"deviceIdentifier":"…"}. That a second time and a configuration of another company are refused
// is our choice; the sources say nothing.
func (a attachment) post(c *call) *apiError {
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
		parent := t.get(a.parent, c.ids[0])
		if parent == nil {
			return notFound(a.parent, c.ids[0])
		}
		conf, err := t.wanted(in, members)
		if err != nil {
			return err
		}
		if err := a.allowed(t, parent, conf); err != nil {
			return err
		}
		link := &record{kind: a.link}
		link.set(a.parent.name, ref(parent.id))
		link.set("configuration", ref(conf.id))
		t.create(link)
		id, b = conf.id, c.encode(&t.reader, a.kind, conf)
		return nil
	})
	if err != nil {
		return err
	}
	c.writer.Header().Set("Location", c.apiBase()+"/"+c.path+"/"+strconv.Itoa(int(id)))
	c.write(http.StatusCreated, b)
	return nil
}

// wanted is the configuration that the body names.
func (t *tx) wanted(in body, members []member) (*record, *apiError) {
	id, device := "", ""
	for _, m := range members {
		text, _ := unquote(m.raw)
		switch m.name {
		case "id":
			id = text
		case "deviceIdentifier":
			device = text
		case "_info":
		default:
			return nil, in.unknownMember(m, "ConfigurationReference")
		}
	}
	if n, err := strconv.ParseInt(id, 10, 32); err == nil && n != 0 {
		if r := t.find("configuration", int32(n)); r != nil {
			return r, nil
		}
		return nil, invalid("configuration", problem{code: "NotFound", message: "Configuration " + id + " not found", field: "id"})
	}
	if device != "" && device != "null" {
		if rows := t.rows("configuration").where("deviceIdentifier", device); len(rows) > 0 {
			return rows[0], nil
		}
		return nil, invalid("configuration", problem{code: "NotFound", message: "Configuration " + device + " not found", field: "deviceIdentifier"})
	}
	return nil, invalid("configuration", problem{code: "MissingRequiredField", message: "id or deviceIdentifier is required.", field: "id"})
}

func (a attachment) allowed(t *tx, parent, conf *record) *apiError {
	for _, l := range t.table(a.link).where(a.parent.name, ref(parent.id)) {
		if l.ref("configuration") == conf.id {
			return invalid("configuration", problem{
				code: "ObjectExists", field: "id",
				message: "Configuration " + strconv.Itoa(int(conf.id)) + " is already attached.",
			})
		}
	}
	if !t.sameCompany(conf.ref("company"), parent.ref("company")) {
		return invalid("configuration", problem{
			code: "InvalidObject", field: "id",
			message: "Configuration " + strconv.Itoa(int(conf.id)) + " does not belong to the company of this " + a.parent.name + ".",
		})
	}
	return nil
}

// sameCompany reports whether a company is the other or a child of it.
func (t *tx) sameCompany(company, parent int32) bool {
	for range 10 { // a chain of parents that long is a ring
		if company == parent {
			return true
		}
		r := t.find("company", company)
		if r == nil || r.ref("parentCompany") == 0 {
			return false
		}
		company = r.ref("parentCompany")
	}
	return false
}

func (a attachment) delete(c *call) *apiError {
	err := c.change(func(t *tx) *apiError {
		if t.get(a.parent, c.ids[0]) == nil {
			return notFound(a.parent, c.ids[0])
		}
		for _, l := range t.table(a.link).where(a.parent.name, ref(c.ids[0])) {
			if l.ref("configuration") == c.id() {
				t.remove(l)
				return nil
			}
		}
		return notFound(a.kind, c.id())
	})
	if err != nil {
		return err
	}
	c.writer.Header().Del("Content-Type")
	c.writer.WriteHeader(http.StatusNoContent)
	return nil
}
