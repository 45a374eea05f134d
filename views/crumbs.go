package views

// homeCrumb begins every way.
var homeCrumb = Link{Text: "Home", URL: HomeURL}

// crumbs is the way from home to a page of an account; the last link is the page.
func crumbs(account string, rest ...Link) []Link {
	return append([]Link{homeCrumb, {Text: account, URL: AccountURL(account)}}, rest...)
}
