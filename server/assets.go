package server

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"

	"github.com/labstack/echo/v4"
)

// An address that names an asset's content never changes its answer; one without is asked about each time, which costs an empty
// answer while the content is the same.
const (
	cacheForEver = "public, max-age=31536000, immutable"
	cacheAsk     = "no-cache"
)

// assetFiles serves the built style sheet, scripts and icons from memory, nothing else.
type assetFiles struct {
	files fs.FS
	tags  map[string]string // content hash by path
}

func newAssetFiles(files fs.FS) (assetFiles, error) {
	h := assetFiles{files: files, tags: map[string]string{}}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Base(name)[0] == '.' {
			return err
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		h.tags[name] = hex.EncodeToString(sum[:])[:16]
		return nil
	})
	if err != nil {
		return h, fmt.Errorf("read the dashboard's assets: %w", err)
	}
	return h, nil
}

func (h assetFiles) get(c echo.Context) error {
	name := c.Param("*")
	tag, known := h.tags[name]
	if !known {
		return echo.ErrNotFound
	}
	header := c.Response().Header()
	header.Set("Cache-Control", cacheAsk)
	if c.QueryParam("v") == tag {
		header.Set("Cache-Control", cacheForEver)
	}
	header.Set("ETag", `"`+tag+`"`)
	http.ServeFileFS(c.Response(), c.Request(), h.files, name)
	return nil
}
