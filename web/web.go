// Package web holds what browsers fetch besides pages: styles, scripts, fonts
// and images. They are built from web/build and committed, so that whoever runs
// the portal needs no Node.
//
// Every file is served under an address that carries a hash of the whole tree:
// it may be kept for ever, a new build has new addresses, and the style sheet
// can name its fonts by relative addresses.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed static
var files embed.FS

// Prefix is where [Handler] expects to be mounted.
const Prefix = "/static/"

// asset is one file, ready to be sent.
type asset struct {
	body, packed []byte // packed is empty where gzip gains nothing
	mime         string
}

// kinds says what each kind of file is; one that is not listed is not served.
var kinds = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".png":   "image/png",
	".ico":   "image/x-icon",
	".woff2": "font/woff2",
	".txt":   "text/plain; charset=utf-8",
}

var assets, version = load()

// load reads the tree once, packs what can be packed and hashes the whole.
func load() (map[string]asset, string) {
	all, sum := map[string]asset{}, sha256.New()
	_ = fs.WalkDir(files, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		name = strings.TrimPrefix(name, "static/")
		_, _ = sum.Write(append([]byte(name+"\x00"), body...)) // a hash never fails
		if mime, ok := kinds[path.Ext(name)]; ok {
			all[name] = asset{body: body, packed: pack(body), mime: mime}
		}
		return nil
	}) // the tree is embedded: reading it cannot fail
	return all, hex.EncodeToString(sum.Sum(nil))[:12]
}

// pack is body under gzip, or nothing where that saves less than a tenth, as
// with fonts and pictures, which are packed already.
func pack(body []byte) []byte {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := z.Write(body); err != nil {
		return nil
	}
	if err := z.Close(); err != nil || b.Len() > len(body)*9/10 {
		return nil
	}
	return b.Bytes()
}

// URL is the address of a file of the tree, such as "portal.css". A name that
// is not there gets an address too, which answers 404; a test looks for those.
func URL(name string) string { return Prefix + version + "/" + name }

// Has tells whether name is a file of the tree.
func Has(name string) bool {
	_, ok := assets[name]
	return ok
}

// Handler serves the addresses that [URL] gives out, and nothing else.
func Handler() http.Handler { return http.HandlerFunc(serve) }

func serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	name, ok := strings.CutPrefix(r.URL.Path, Prefix+version+"/")
	a, found := assets[name]
	if !ok || !found {
		h.Set("Cache-Control", "no-store")
		http.NotFound(w, r)
		return
	}
	h.Set("Content-Type", a.mime)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	body := a.body
	if a.packed != nil {
		h.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Get("Accept-Encoding")) {
			h.Set("Content-Encoding", "gzip")
			body = a.packed
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the visitor has gone; there is no one to tell
	}
}

// acceptsGzip reads an Accept-Encoding header: gzip or *, unless its weight is
// nought.
func acceptsGzip(header string) bool {
	rest := false // what * says
	for one := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(one, ";")
		q, weighted := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
		weight, err := strconv.ParseFloat(q, 64)
		wanted := !weighted || err == nil && weight > 0
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "gzip", "x-gzip":
			return wanted
		case "*":
			rest = wanted
		}
	}
	return rest
}
