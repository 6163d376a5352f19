package site

import (
	"cmp"
	"fmt"
	"mime"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"daubang/internal/problem"
)

// What requests may hold of their bodies. A limit for each request alone does
// not save the process when hundreds come at once, and one for all together not
// those who write from those who only hold the line: nobody has more than a share.
const (
	mostHeld   = 32 << 20 // bytes of all requests of this process
	streamCost = 64 << 10 // bytes that a file on its way to the disk takes, however large it is

	shareOfOne      = 4  // a part of all: of one person, of one address's files, and of all who are not signed in
	shareOfStranger = 16 // of one address from where nobody is signed in
)

// held is how many bytes the requests of this process hold just now, and whose
// they are.
type held struct {
	most int64
	mu   sync.Mutex
	all  int64
	of   map[string]int64
}

// share is a part of all that requests may hold.
type share struct {
	whose string
	most  int64
}

// take adds n unless that is more than all or one of the shares allow.
func (h *held) take(n int64, shares ...share) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.all+n > h.most {
		return false
	}
	for _, s := range shares {
		if h.of[s.whose]+n > s.most {
			return false
		}
	}
	h.all += n
	for _, s := range shares {
		h.of[s.whose] += n
	}
	return true
}

// give takes n away again.
func (h *held) give(n int64, shares ...share) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all -= n
	for _, s := range shares {
		if h.of[s.whose] -= n; h.of[s.whose] <= 0 {
			delete(h.of, s.whose)
		}
	}
}

// strangers are all who are not signed in.
const strangers = "strangers"

// shares says of whose shares a form takes, once it is known who sends it. What
// is longer than strangers' own forms leaves half of their share to those.
func (h *held) shares(r *http.Request, long bool) []share {
	if v := visitor(r); v.SignedIn() {
		return []share{{"person " + v.ID.String(), h.most / shareOfOne}}
	}
	all := h.most / shareOfOne
	if long {
		all /= 2
	}
	return []share{{strangers, all}, {"address " + neighbourhood(from(r)), h.most / shareOfStranger}}
}

// neighbourhood is an address, of IPv6 with all that one household has.
func neighbourhood(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil || a.Unmap().Is4() {
		return address
	}
	p, err := a.Prefix(64)
	if err != nil {
		return address
	}
	return p.String()
}

// admitted lets in what there is memory for: forms count as they arrive, so that
// a slow sender holds no more than was sent. Who comes when all is taken is told
// so, and when to try again. A line may be slow; one that stalls is given up.
func (s *Site) admitted(next http.Handler) http.Handler {
	h := &held{most: cmp.Or(s.InFlight, mostHeld), of: map[string]int64{}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Body == nil || r.Body == http.NoBody:
		case streams(r):
			mine := share{"files " + neighbourhood(from(r)), max(h.most/shareOfOne, streamCost)}
			if !h.take(streamCost, mine) {
				s.fail(w, r, tooBusy())
				return
			}
			defer h.give(streamCost, mine)
		default:
			body := &heldBody{line: s.line(w, r, r.Body, formPatience, slowestForm), of: h, r: r}
			defer func() { h.give(body.short, body.shortOf...); h.give(body.long, body.longOf...) }()
			r.Body = body
		}
		next.ServeHTTP(w, r)
	})
}

// How slow a line may be that brings a form: that of an old telephone in a valley.
const (
	formPatience = 30 * time.Second
	slowestForm  = 1 << 10 // bytes a second
)

func tooBusy() error { return problem.Because(problem.Busy, "failure.in_flight") }

// streams says that a body goes to the disk as it comes.
func streams(r *http.Request) bool {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // none: it is counted
	return kind == "application/offset+octet-stream" || kind == "multipart/form-data" && strings.HasSuffix(r.URL.Path, "/documents")
}

// heldBody counts what is read of a form until its request is done.
type heldBody struct {
	*line

	of *held
	r  *http.Request
	// What was counted so far, up to [strangerLimit] and beyond, and of whose shares.
	short, long     int64
	shortOf, longOf []share
}

func (b *heldBody) Read(p []byte) (int, error) {
	n, err := b.line.Read(p)
	if n == 0 {
		return n, err
	}
	count, of, long := &b.short, &b.shortOf, b.short+b.long+int64(n) > strangerLimit
	if long {
		count, of = &b.long, &b.longOf
	}
	if *of == nil {
		*of = b.of.shares(b.r, long)
	}
	if !b.of.take(int64(n), *of...) {
		return 0, fmt.Errorf("reading a form: %w", tooBusy())
	}
	*count += int64(n)
	return n, err
}
