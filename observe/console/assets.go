package console

import (
	"bytes"
	"embed"
	"net/http"
	"path"
	"time"
)

// files is the page as a browser gets it: no build step stands between.
//
//go:embed page
var files embed.FS

// types are those of the files there are. The table of package mime depends on the
// machine, and a script of a wrong type does not run.
var types = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

func serveAsset(w http.ResponseWriter, r *http.Request, name string) {
	if name == "" {
		name = "index.html"
	}
	data, err := files.ReadFile(path.Join("page", name))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", types[path.Ext(name)])
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(data))
}
