package connectwise

import (
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// documentMemory bounds, in bytes, how much of a multipart body is kept in memory while it is read.
const documentMemory = 8 << 20

// documentOwners are the record types that a document can belong to, as the API names them, with our kinds.
var documentOwners = map[string]string{
	"ticket": "ticket", "service": "ticket", "agreement": "agreement", "company": "company",
	"configuration": "configuration", "config": "configuration", "contact": "contact", "productsetup": "catalogItem",
}

func (n *router) documents() {
	n.add("system/documents", map[string]handler{http.MethodGet: listDocuments, http.MethodPost: postDocument})
	n.add("system/documents/count", map[string]handler{http.MethodGet: countDocuments})
	one := top("document")
	n.add("system/documents/{}", map[string]handler{http.MethodGet: one.get, http.MethodDelete: one.delete})
	n.add("system/documents/{}/download", map[string]handler{http.MethodGet: downloadDocument})
	ofTicket := &resource{kind: kindOf("document"), parent: kindOf("ticket"), rows: func(q *reader, id int32) []*record {
		return q.documentsOf("ticket", id)
	}}
	n.collection("service/tickets/{}/documents", "list count", ofTicket)
}

// documentsOf are the documents of one record, ordered by id.
func (q *reader) documentsOf(owner string, id int32) []*record {
	var rows []*record
	for _, d := range q.rows("document").where("recordId", id) {
		if documentOwners[foldKey(d.text("recordType"))] == owner {
			rows = append(rows, d)
		}
	}
	return rows
}

// documentRows reads recordType and recordId, without which all documents are listed.
func documentRows(c *call) (func(*reader) ([]*record, *table, *apiError), *apiError) {
	v := c.request.URL.Query()
	typ, id := v.Get("recordType"), v.Get("recordId")
	if typ == "" && id == "" {
		return top("document").listed(c), nil
	}
	owner, known := documentOwners[foldKey(typ)]
	n, err := strconv.ParseInt(id, 10, 32)
	if !known || err != nil {
		return nil, parserError("recordType '%s' and recordId '%s' do not name a record.", typ, id)
	}
	return func(q *reader) ([]*record, *table, *apiError) { return q.documentsOf(owner, int32(n)), nil, nil }, nil
}

func listDocuments(c *call) *apiError {
	own, err := documentRows(c)
	if err != nil {
		return err
	}
	l, err := c.list(kindOf("document"), "system/documents", c.query())
	if err != nil {
		return err
	}
	return c.writeList(kindOf("document"), l, own)
}

func countDocuments(c *call) *apiError {
	own, err := documentRows(c)
	if err != nil {
		return err
	}
	l, err := c.list(kindOf("document"), "system/documents", c.query())
	if err != nil {
		return err
	}
	return c.writeCount(l, own)
}

// upload is a document as its form describes it.
type upload struct {
	recordType, title, link, fileName string
	recordID                          int32
	private, readOnly                 bool
	file                              []byte
}

// postDocument takes multipart/form-data only. A link is a document with the part url in the place of file.
func postDocument(c *call) *apiError {
	if kind, _, err := mime.ParseMediaType(c.request.Header.Get("Content-Type")); err != nil || kind != "multipart/form-data" {
		return refuse(http.StatusUnsupportedMediaType, "InvalidObject",
			"The request entity's media type '%s' is not supported for this resource.", c.request.Header.Get("Content-Type"))
	}
	up, problems, err := c.readUpload()
	if err != nil {
		return err
	}
	var b []byte
	var id int32
	err = c.change(func(t *tx) *apiError {
		if owner := documentOwners[foldKey(up.recordType)]; len(problems) == 0 && t.find(owner, up.recordID) == nil {
			problems = append(problems, problem{
				code: "NotFound", field: "recordId", message: kindOf(owner).label + " " + strconv.Itoa(int(up.recordID)) + " not found",
			})
		}
		if len(problems) > 0 {
			return invalid("documentInfo", problems...)
		}
		rec := up.record(t.set)
		rec.set("owner", t.actor)
		rec.set("guid", guid())
		t.create(rec)
		id, b = rec.id, c.encode(&t.reader, rec.kind, rec)
		return nil
	})
	if err != nil {
		return err
	}
	c.writer.Header().Set("Location", c.apiBase()+"/system/documents/"+strconv.Itoa(int(id)))
	c.write(http.StatusCreated, b)
	return nil
}

func (c *call) readUpload() (upload, []problem, *apiError) {
	if err := c.request.ParseMultipartForm(documentMemory); err != nil {
		return upload{}, nil, parserError("The multipart body could not be read: %s", err)
	}
	form := c.request.MultipartForm
	defer func() { _ = form.RemoveAll() }()
	value := func(name string) string { return strings.TrimSpace(c.request.PostFormValue(name)) }
	up := upload{recordType: value("recordType"), title: value("title"), link: value("url")}
	up.private, up.readOnly = sameText(value("privateFlag"), "true"), sameText(value("readOnlyFlag"), "true") || sameText(value("readOnlyFlay"), "true")
	var problems []problem
	if _, ok := documentOwners[foldKey(up.recordType)]; !ok {
		problems = append(problems, problem{code: "InvalidField", message: "The recordType '" + shorten(up.recordType) + "' is not valid.", field: "recordType"})
	}
	n, err := strconv.ParseInt(value("recordId"), 10, 32)
	if err != nil {
		problems = append(problems, missing("recordId"))
	}
	up.recordID = int32(n)
	if up.title == "" {
		problems = append(problems, missing("title"))
	}
	file, header, err := c.request.FormFile("file")
	switch {
	case err == nil:
		defer file.Close()
		if up.file, err = io.ReadAll(file); err != nil {
			return up, nil, parserError("The file could not be read: %s", err)
		}
		up.fileName = header.Filename
	case !errors.Is(err, http.ErrMissingFile):
		return up, nil, parserError("The file could not be read: %s", err)
	case up.link == "":
		problems = append(problems, problem{code: "MissingRequiredField", message: "file or url is required.", field: "file"})
	case !validLink(up.link):
		problems = append(problems, problem{code: "InvalidField", message: "Invalid URL", field: "url"})
	}
	return up, problems, nil
}

func validLink(link string) bool {
	u, err := url.Parse(link)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

func (up upload) record(set Settings) *record {
	rec := &record{kind: kindOf("document")}
	rec.set("recordType", up.recordType)
	rec.set("recordId", up.recordID)
	rec.set("title", up.title)
	rec.set("publicFlag", !up.private)
	rec.set("readOnlyFlag", up.readOnly)
	if up.fileName == "" {
		rec.set("url", up.link)
		rec.set("fileName", up.link)
		rec.set("urlFlag", set.LinkFlags != "link")
		rec.set("linkFlag", set.LinkFlags != "url")
		return rec
	}
	rec.set("fileName", up.fileName)
	rec.set("serverFileName", guid()+"_"+up.fileName)
	rec.set("size", int32(len(up.file)))
	rec.set("imageFlag", strings.HasPrefix(http.DetectContentType(up.file), "image/"))
	rec.set("content", base64.StdEncoding.EncodeToString(up.file))
	return rec
}

// guid is a random identifier in the vendor's form.
func guid() string {
	id := requestID()
	return id[:8] + "-" + id[8:12] + "-4" + id[13:16] + "-8" + id[17:20] + "-" + id[20:]
}

func downloadDocument(c *call) *apiError {
	var content []byte
	var failed *apiError
	c.server.store.read(c.set, c.now, func(q *reader) {
		r := q.find("document", c.id())
		if r == nil || r.text("url") != "" {
			failed = notFound(kindOf("document"), c.id())
			return
		}
		content, _ = base64.StdEncoding.DecodeString(r.text("content")) // written by us
	})
	if failed != nil {
		return failed
	}
	c.writer.Header().Set("Content-Type", "application/octet-stream")
	c.write(http.StatusOK, content)
	return nil
}
