package connectwise

import (
	"maps"
	"net/http"
	"strconv"
	"strings"
)

// handler carries out a request, or says why not.
type handler func(*call) *apiError

// route is one address of the API with what can be done there.
type route struct {
	pattern string
	methods map[string]handler
}

// path is the pattern without its numbers' places, as settings name lists: procurement/categories/subcategories.
func (r *route) path() string {
	return strings.ReplaceAll(strings.TrimSuffix(r.pattern, "/{}"), "/{}", "")
}

// router finds routes by path element: words without regard to case, {} for a number.
type router struct {
	words  map[string]*router
	number *router
	route  *route
}

func (n *router) add(pattern string, methods map[string]handler) {
	at := n
	for step := range strings.SplitSeq(pattern, "/") {
		next := at.number
		if step != "{}" {
			next = at.words[strings.ToLower(step)]
		}
		if next == nil {
			next = &router{words: map[string]*router{}}
			if step == "{}" {
				at.number = next
			} else {
				at.words[strings.ToLower(step)] = next
			}
		}
		at = next
	}
	if at.route == nil {
		at.route = &route{pattern: pattern, methods: map[string]handler{}}
	}
	maps.Copy(at.route.methods, methods)
}

// find returns the route and the numbers of a path; empty elements, as doubled slashes leave them, do not count.
func (n *router) find(path string) (*route, []int32) {
	at := n
	var ids []int32
	for step := range strings.SplitSeq(path, "/") {
		if step == "" {
			continue
		}
		if next, ok := at.words[strings.ToLower(step)]; ok {
			at = next
			continue
		}
		id, err := strconv.ParseInt(step, 10, 32)
		if err != nil || at.number == nil {
			return nil, nil
		}
		at, ids = at.number, append(ids, int32(id))
	}
	return at.route, ids
}

const (
	readOnly = "list count get"
	allVerbs = "list count get post put patch delete"
)

// collection adds the routes of a resource.
func (n *router) collection(pattern, verbs string, res *resource) {
	has := func(verb string) bool { return strings.Contains(" "+verbs+" ", " "+verb+" ") }
	all, one := map[string]handler{}, map[string]handler{}
	for verb, h := range map[string]handler{"list": res.list, "post": res.post} {
		if has(verb) {
			all[map[string]string{"list": http.MethodGet, "post": http.MethodPost}[verb]] = h
		}
	}
	for verb, h := range map[string]handler{"get": res.get, "put": res.put, "patch": res.patch, "delete": res.delete} {
		if has(verb) {
			one[strings.ToUpper(verb)] = h
		}
	}
	n.add(pattern, all)
	if len(one) > 0 {
		n.add(pattern+"/{}", one)
	}
	if has("count") {
		n.add(pattern+"/count", map[string]handler{http.MethodGet: res.count})
	}
}

// top is a resource of its own, below of one whose records belong to a parent by a field.
func top(name string) *resource { return &resource{kind: kindOf(name)} }

func below(parent, name, field string) *resource {
	k := kindOf(name)
	return &resource{kind: k, parent: kindOf(parent), field: k.base.must(field)}
}

// routes is every address of the API that this server knows.
func (s *Server) routes() *router {
	n := &router{words: map[string]*router{}}
	n.add("system/info", map[string]handler{http.MethodGet: systemInfo})
	n.collection("system/members", readOnly, top("member"))
	n.collection("system/info/members", readOnly, top("memberInfo"))
	n.documents()

	n.collection("procurement/types", allVerbs, top("productType"))
	n.collection("procurement/categories", allVerbs, top("category"))
	n.collection("procurement/categories/{}/subcategories", allVerbs, below("category", "subCategory", "category"))
	n.collection("procurement/subcategories", allVerbs, top("subCategory"))
	n.collection("procurement/manufacturers", allVerbs, top("manufacturer"))
	n.collection("procurement/unitOfMeasures", allVerbs, top("unitOfMeasure"))
	n.collection("procurement/catalog", allVerbs, top("catalogItem"))

	n.collection("finance/billingCycles", allVerbs, top("billingCycle"))
	n.collection("finance/agreements", allVerbs, top("agreement"))
	n.collection("finance/agreements/types", allVerbs, top("agreementType"))
	n.collection("finance/agreements/{}/additions", allVerbs, below("agreement", "addition", "agreementId"))
	n.attachments("finance/agreements/{}/configurations", "agreement", "agreementConfiguration")

	n.collection("company/companies", allVerbs, top("company"))
	n.collection("company/companies/statuses", allVerbs, top("companyStatus"))
	n.collection("company/companies/types", allVerbs, top("companyType"))
	n.collection("company/configurations", allVerbs, top("configuration"))
	n.collection("company/configurations/statuses", allVerbs, top("configurationStatus"))
	n.collection("company/configurations/types", allVerbs, top("configurationType"))
	n.collection("company/configurations/types/{}/questions", allVerbs,
		below("configurationType", "configurationTypeQuestion", "configurationType"))
	n.collection("company/configurations/types/{}/questions/{}/values", allVerbs,
		below("configurationTypeQuestion", "configurationTypeQuestionValue", "question"))
	n.add("company/configurations/{}/changeType", map[string]handler{http.MethodPatch: changeType})
	n.add("company/configurations/bulk", map[string]handler{
		http.MethodPost: bulkPost, http.MethodPut: bulkPut, http.MethodDelete: bulkDelete,
	})

	n.collection("service/boards", allVerbs, top("board"))
	n.collection("service/info/boards", readOnly, top("boardInfo"))
	n.collection("service/boards/{}/statuses", allVerbs, below("board", "boardStatus", "board"))
	n.collection("service/boards/{}/statuses/info", "list count", below("board", "boardStatusInfo", "board"))
	n.collection("service/priorities", allVerbs, top("priority"))
	n.collection("service/sources", allVerbs, top("source"))
	n.collection("service/tickets", allVerbs, top("ticket"))
	n.add("service/tickets/search", map[string]handler{http.MethodPost: searchTickets})
	n.add("service/tickets/{}/merge", map[string]handler{http.MethodPost: mergeTickets})
	n.collection("service/tickets/{}/notes", allVerbs, below("ticket", "serviceNote", "ticketId"))
	n.attachments("service/tickets/{}/configurations", "ticket", "ticketConfiguration")
	return n
}
