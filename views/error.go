package views

// ErrorPage says what did not work and where to go from here.
type ErrorPage struct {
	Code      int // 403, 404, 409, 500 or 503
	Sentence  string
	Reference string // to find it in the server's log; 500 and 503 only
	Back      Link
}

// Title names the error in a word or two.
func (p ErrorPage) Title() string {
	switch p.Code {
	case 400:
		return "Not understood"
	case 403:
		return "Not allowed"
	case 404:
		return "Not found"
	case 405:
		return "Not that way"
	case 409:
		return "Someone was faster"
	case 413:
		return "Too large"
	case 503:
		return "Not available"
	}
	return "Something broke"
}

// said is the sentence, or the one for errors that have no words of their own.
func (p ErrorPage) said() string {
	switch {
	case p.Sentence != "":
		return p.Sentence
	case p.Code == 503:
		return "The database does not answer. Nothing was written."
	}
	return "Something broke on our side. Nothing was written."
}

// back leads home where nothing nearer is named.
func (p ErrorPage) back() Link {
	if p.Back.URL != "" {
		return p.Back
	}
	return Link{Text: "Home", URL: HomeURL}
}
