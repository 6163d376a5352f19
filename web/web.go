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
	"io"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

//go:embed static
var files embed.FS

// Prefix is where [Handler] expects to be mounted.
const Prefix = "/static/"

// asset is one file, ready to be sent.
type asset struct {
	body   []byte
	mime   string
	packed []packed // best first; none where packing gains nothing
}

// packed is a file under an encoding. Packing well takes a fifth of a second:
// it is done when somebody first asks for it, once.
type packed struct {
	encoding string
	body     func() []byte
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
			all[name] = asset{body: body, packed: pack(body, name), mime: mime}
		}
		return nil
	}) // the tree is embedded: reading it cannot fail
	return all, hex.EncodeToString(sum.Sum(nil))[:12]
}

// pack is body under brotli and gzip, or nothing for what is packed already, as
// fonts and pictures are.
func pack(body []byte, name string) []packed {
	if !slices.Contains([]string{".css", ".js", ".svg", ".txt"}, path.Ext(name)) {
		return nil
	}
	under := func(open func(io.Writer) io.WriteCloser) func() []byte {
		return sync.OnceValue(func() []byte {
			var b bytes.Buffer
			z := open(&b)
			_, _ = z.Write(body) // to memory
			_ = z.Close()
			return b.Bytes()
		})
	}
	return []packed{
		{"br", under(func(w io.Writer) io.WriteCloser { return brotli.NewWriterLevel(w, 10) })},
		{"gzip", under(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })},
	}
}

// URL is the address of a file of the tree, such as "portal.css". A name that
// is not there gets an address too, which answers 404; a test looks for those.
func URL(name string) string { return Prefix + version + "/" + name }

// Has tells whether name is a file of the tree.
func Has(name string) bool {
	_, ok := assets[name]
	return ok
}

// Worker serves the service worker. It stands at the root, for a worker rules
// only what is beneath its own address, and is asked for again at every visit.
func Worker(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Type", kinds[".js"])
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-cache")
	_, _ = w.Write(assets["sw.js"].body) // the visitor has gone; there is no one to tell
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
	for i, p := range a.packed {
		if i == 0 {
			h.Set("Vary", "Accept-Encoding")
		}
		if accepts(r.Header.Get("Accept-Encoding"), p.encoding) {
			h.Set("Content-Encoding", p.encoding)
			body = p.body()
			break
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the visitor has gone; there is no one to tell
	}
}

// accepts reads an Accept-Encoding header: the encoding or *, unless its weight
// is nought.
func accepts(header, encoding string) bool {
	rest := false // what * says
	for one := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(one, ";")
		q, weighted := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
		weight, err := strconv.ParseFloat(q, 64)
		wanted := !weighted || err == nil && weight > 0
		switch strings.ToLower(strings.TrimSpace(name)) {
		case encoding:
			return wanted
		case "*":
			rest = wanted
		}
	}
	return rest
}
