// Package assets holds the dashboard's style sheet, scripts and icons, built by `make build` from this folder into
// dist/ and carried by the binary.
package assets

import (
	"embed"
	"io/fs"
)

// The committed dist/.keep lets Go embed the folder, and so compile and vet everything, before the assets are built;
// Built tells the two apart.
//
//go:embed all:dist
var dist embed.FS

// FS is the built folder: app.css, app.js, htmx.min.js, icons.svg (a sprite, one symbol for each name in icons.txt),
// licences.txt and the files of static/.
func FS() fs.FS {
	built, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // only for an invalid path, and "dist" is a valid one
	}
	return built
}

// Built reports whether the binary carries the assets: false after a plain `go build` in a fresh clone.
func Built() bool {
	_, err := fs.Stat(dist, "dist/app.css")
	return err == nil
}
