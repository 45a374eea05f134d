// Package connectwise is a client for the REST API of ConnectWise Manage (ConnectWise PSA), cloud and on-premises.
//
// A [Client] is made with [New], which does not touch the network: the code base of the company (the version part of
// every address) is looked up with the first call and again when the server no longer knows it. Resources hang off the
// client as fields, each with the operations that exist here:
//
//	cw, err := connectwise.New(connectwise.Config{Host: "na", Company: "acme", PublicKey: pub, PrivateKey: priv, ClientID: id})
//	for company, err := range cw.Companies.All(ctx, connectwise.ListOptions{Where: connectwise.EqualBool("deletedFlag", false)}) {
//		…
//	}
//
// Answers are decoded leniently: members that are not known are skipped, absent, null and "" mean the same, and numbers
// and booleans may arrive as text. What is not understood at all is an error, never an empty result. Money and quantities
// are decimals that never pass through a float; calendar dates are [Date], which has no time zone.
//
// Every failure is an [*Error] that says what was attempted, what kind of failure it was, when to come back and, for a
// write, whether it may have been done all the same. The client repeats nothing but throttled reads (see
// [Config.MaxThrottledReads]) and a call that was refused because the code base had moved.
//
// What the package relies on comes from the ConnectWise developer guide and the published OpenAPI document; where these
// are silent, the doc comment says what is assumed.
package connectwise
