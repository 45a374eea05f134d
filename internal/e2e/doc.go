// Package e2e walks through the dashboard as a person does: the program as it is shipped, a real browser, both simulators. Its tests
// have the build tag e2e; with the tag pictures it takes the pictures of the documentation.
package e2e
