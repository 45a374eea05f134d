// Package views holds the dashboard's pages. Each page takes one struct shaped
// like the page, declared beside its template and made of plain values: the
// package reads no store, clock or setting, so every page can be shown in any
// state by a test.
//
// A page is rendered as Layout(frame, Page(model)). What changes while a person
// looks at it is a region of its own (HomeLive, RunLive, …), which the page
// contains and which can be rendered alone as the answer to a poll.
//
// Instants are time.Time and are shown in the location that the page names.
// Calendar dates are time.Time at midnight UTC; the zero time is "no date".
package views

//go:generate go run github.com/a-h/templ/cmd/templ@v0.3.977 generate
