//go:build e2e

package e2e

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"daubang/internal/portaltest"
)

// chooses writes files and chooses them all at once in the page's file control.
func (p *person) chooses(files map[string][]byte) {
	p.t.Helper()
	var paths []string
	dir := p.t.TempDir()
	for name, data := range files {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			p.t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Unix(1_700_000_000, 0)); err != nil { // chosen again it is the same
			p.t.Fatal(err)
		}
		paths = append(paths, path)
	}
	p.do(chromedp.SetUploadFiles(`main input[type=file]`, paths))
}

// draft brings Lan to the documents of her draft.
func (p *person) draft() string {
	p.t.Helper()
	p.signIn("lan")
	p.open("/proposals")
	p.press("Tiếng nói của chị em")
	at := strings.TrimPrefix(p.address(), p.portal.base)
	p.open(at + "/sections/documents")
	return at
}

// photograph is a JPEG of 3000 × 2000 as a phone held upright makes it: turned
// by EXIF, which also says where.
func photograph(t *testing.T) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 3000, 2000))
	for x := range 300 {
		for y := range 200 {
			m.SetGray(x, y, color.Gray{Y: 255}) // the corner that comes to lie on the right
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	exif := "Exif\x00\x00II\x2A\x00\x08\x00\x00\x00\x02\x00" +
		"\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00" +
		"\x25\x88\x04\x00\x01\x00\x00\x00\x26\x00\x00\x00" +
		"\x00\x00\x00\x00GPS-21.0285-105.8542"
	segment := append([]byte{0xFF, 0xE1, 0, byte(len(exif) + 2)}, exif...)
	return append(append(b.Bytes()[:2:2], segment...), b.Bytes()[2:]...)
}

// Files go as they are chosen, several at once; one that is refused says so and
// stops none; what is typed on the page stays.
func TestFilesGoAsTheyAreChosen(t *testing.T) {
	t.Parallel()
	p := serve(t)
	lan := p.arrive(t, browser(t), "Lan", 390)
	at := lan.draft()
	lan.chooses(map[string][]byte{"thư.pdf": []byte(portaltest.PDF), "virus.pdf": []byte("MZ nothing of ours"), "ảnh.jpg": photograph(t)})
	lan.awaits(`document.querySelectorAll('[data-upload-rows] li').length === 3`)
	lan.mustSee("ngay khi bạn chọn")
	lan.arrived() // axe looks at what the script made
	lan.fill(map[string]string{"purpose": "evidence"})
	lan.awaits(`document.querySelectorAll('form[data-attached] li').length === 2`)
	lan.awaits(`document.querySelectorAll('[data-upload-rows] li').length === 1`)
	lan.mustSee("Chọn tệp PDF, DOCX, XLSX, JPG hoặc PNG")
	lan.arrived()
	sent, err := chromedp.Run(lan.ctx, chromedp.Evaluate[string](`(async () => {
		const link = [...document.querySelectorAll('form[data-attached] a')].find(a => a.innerText === 'ảnh.jpg')
		const bytes = new Uint8Array(await (await fetch(link.href)).arrayBuffer())
		const m = await createImageBitmap(new Blob([bytes], {type: 'image/jpeg'}))
		const c = document.createElement('canvas'); c.width = m.width; c.height = m.height
		const pen = c.getContext('2d'); pen.drawImage(m, 0, 0)
		const light = (x, y) => pen.getImageData(x, y, 1, 1).data[0] > 128
		return [m.width, m.height, light(m.width - 9, 9), light(9, 9), new TextDecoder('latin1').decode(bytes).includes('GPS')].join(' ')
	})()`, chromedp.EvalAwaitPromise))
	if err != nil || sent != "1707 2560 true false false" {
		t.Errorf("the photograph came as %q, %v", sent, err)
	}
	if _, err := chromedp.Run(lan.ctx, chromedp.Evaluate[bool](`document.querySelector('form[data-attached] [name=remove]').click()`)); err != nil && !strings.Contains(err.Error(), "undefined") {
		t.Fatal(err)
	}
	lan.awaits(`document.querySelectorAll('form[data-attached] li').length === 1`)
	lan.open(at + "/sections/documents")
	lan.awaits(`document.querySelectorAll('form[data-attached] li').length === 1`)
}

// weakLine stands between a browser and the portal and breaks when told.
type weakLine struct {
	address string
	mu      sync.Mutex
	open    []net.Conn
	dead    bool
	passed  atomic.Int64 // bytes towards the portal
	speed   int64        // bytes a second towards the portal
}

func weaken(t *testing.T, portal string, speed int64) *weakLine {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &weakLine{address: "http://" + l.Addr().String(), speed: speed}
	t.Cleanup(func() { _ = l.Close(); w.cut() })
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("tcp", strings.TrimPrefix(portal, "http://")) //nolint:noctx // it ends when it is cut
			if err != nil || !w.keeps(from, to) {
				_ = from.Close()
				continue
			}
			go func() { _, _ = io.Copy(from, to); _ = from.Close() }()
			go func() { _, _ = io.Copy(to, &slow{from, w}); _ = to.Close() }()
		}
	}()
	return w
}

func (w *weakLine) keeps(both ...net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open = append(w.open, both...)
	return !w.dead
}

func (w *weakLine) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dead = true
	for _, c := range w.open {
		_ = c.Close()
	}
	w.open = nil
}

func (w *weakLine) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dead = false
}

type slow struct {
	net.Conn
	line *weakLine
}

func (s *slow) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p[:min(len(p), 16<<10)])
	s.line.passed.Add(int64(n))
	time.Sleep(time.Duration(int64(n) * int64(time.Second) / s.line.speed))
	return n, err
}

// A large file over a line that breaks goes on where it was, also after the page
// was loaded anew; what is typed elsewhere stays.
func TestALargeFileGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	p := serve(t)
	line := weaken(t, p.base, 2<<20)
	weak := *p
	weak.base = line.address
	lan := weak.arrive(t, browser(t), "Lan", 390)
	at := lan.draft()
	large := map[string][]byte{"bản đồ.pdf": largePDF(7 << 20)}
	lan.fill(map[string]string{"purpose": "evidence"})
	before := line.passed.Load()
	lan.chooses(large)
	for line.passed.Load() < before+3<<20 {
		time.Sleep(10 * time.Millisecond)
	}
	line.cut()
	lan.awaits(`/Đường truyền bị ngắt|Đang mất mạng/.test(document.querySelector('[data-upload-rows]').innerText)`)
	lan.arrived()
	// A phone that gave up the page: the same file, chosen again, goes on.
	line.mend()
	lan.do(chromedp.Evaluate[chromedp.Void](`window.onbeforeunload = null; addEventListener('beforeunload', e => e.stopImmediatePropagation(), true)`))
	lan.open("/proposals")
	lan.open(at + "/sections/documents")
	lan.fill(map[string]string{"purpose": "evidence"})
	before = line.passed.Load()
	lan.chooses(large)
	for line.passed.Load() < before+1<<20 {
		time.Sleep(10 * time.Millisecond)
	}
	line.cut()
	lan.awaits(`document.querySelector('[data-upload-rows] small').innerText.includes('ngắt')`)
	line.mend()
	lan.awaits(`document.querySelector('form[data-attached] b')?.innerText === 'bản đồ.pdf'`)
	if again := line.passed.Load() - before; again > 6<<20 {
		t.Errorf("%d bytes were sent again of a file of 7 MB of which 3 had arrived", again)
	}
	if got := lan.fetch(lan.href()); len(got) < 7<<20 {
		t.Errorf("%d bytes came", len(got))
	}
}

// href is where the first attached file is fetched.
func (p *person) href() string {
	s, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](`document.querySelector('form[data-attached] a').getAttribute('href')`))
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

func largePDF(size int) []byte {
	return []byte("%PDF-1.7\n1 0 obj <<>> stream\n" + strings.Repeat("x", size) + "\nendstream endobj\nxref\n0 1\ntrailer <<>>\nstartxref\n9\n%%EOF\n")
}
