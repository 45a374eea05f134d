// Package server is the dashboard: it reads the store, shows it with the pages of package views, and hands every wish of a person to
// package admin. It writes nothing by itself.
//
// Every page is complete without JavaScript. A form is read, checked, acted on and answered with a redirect and a message; a mistake
// gives the same form again, with what was typed and the reason beside its field. Requests made by htmx get the region that they
// refresh instead of the whole page.
package server
