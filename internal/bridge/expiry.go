package bridge

// ExpiryOf is the product's expiry: the latest over all of its services and sub-services (R26), with the label of the one it
// comes from. Zero when none of them expires.
func ExpiryOf(p Product) (Date, string) {
	var latest Date
	var service, sub string
	for _, s := range p.Services {
		if s.Expiry.After(latest) {
			latest, service, sub = s.Expiry, s.Name, ""
		}
		for _, part := range s.Subs {
			if part.Expiry.After(latest) {
				latest, service, sub = part.Expiry, s.Name, part.Name
			}
		}
	}
	if latest.IsZero() {
		return latest, ""
	}
	return latest, QuestionLabel(service, sub)
}
