package site_test

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"math/rand"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"strconv"
	"strings"
	"testing"
	"time"

	"daubang/internal/document"
	"daubang/internal/pg"
)

// wire is the portal on a real line, with one who writes a proposal for it.
type wire struct {
	*scene
	*httptest.Server
	dir      string // of the store
	proposal string // the address
	cookie   string
}

func overTheWire(t *testing.T) *wire {
	t.Helper()
	w := &wire{scene: openCall(t), dir: t.TempDir()}
	w.now = time.Now() // deadlines for reading are by the clock of the machine
	if _, err := w.db.Exec(t.Context(), `update calls set closes_at = $1`, w.now.AddDate(0, 1, 0)); err != nil {
		t.Fatal(err)
	}
	store, err := document.OpenStore("file://" + w.dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	w.Files = store
	lan := w.signedIn(t, "lan@example.org")
	w.proposal, w.cookie = w.begin(t, lan), "daubang_session="+lan.Cookie("daubang_session")
	w.Server = httptest.NewServer(w.Handler)
	t.Cleanup(w.Close)
	return w
}

// ask sends one request of a script.
func (w *wire) ask(t *testing.T, method, address string, body []byte, header ...string) heard {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, w.URL+address, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Cookie", w.cookie)
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Tus-Resumable", "1.0.0")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close() // all of it was read
	return heard{answer.StatusCode, answer.Header, string(all)}
}

// heard is an answer, all of it.
type heard struct {
	StatusCode int
	Header     http.Header
	Said       string
}

// begins makes room for size bytes and returns the address of the part.
func (w *wire) begins(t *testing.T, size int) string {
	t.Helper()
	r := w.ask(t, "POST", w.proposal+"/uploads", nil, "Upload-Length", strconv.Itoa(size))
	at, ours := strings.CutPrefix(r.Header.Get("Location"), "http://127.0.0.1:8080")
	if r.StatusCode != 201 || !ours || !strings.HasPrefix(at, w.proposal+"/uploads/") {
		t.Fatalf("%d to %q: %s", r.StatusCode, r.Header.Get("Location"), r.Said)
	}
	return at
}

// has is how much of a part there is.
func (w *wire) has(t *testing.T, at string) int {
	t.Helper()
	for range 100 { // the line that was cut may still hold it
		if r := w.ask(t, "HEAD", at, nil); r.StatusCode == 200 {
			n, err := strconv.Atoi(r.Header.Get("Upload-Offset"))
			if err != nil {
				t.Fatal(err)
			}
			return n
		} else if r.StatusCode != 423 {
			t.Fatalf("%s: %d", at, r.StatusCode)
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the part stays locked")
	return 0
}

// cut begins to send rest from offset on and breaks the line after n bytes.
func (w *wire) cut(t *testing.T, at string, offset int, rest []byte, n int) {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", w.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_, _ = fmt.Fprintf(c, "PATCH %s HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nCookie: %s\r\nTus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\nUpload-Offset: %d\r\nContent-Length: %d\r\n\r\n", at, w.cookie, offset, len(rest))
	_, _ = c.Write(rest[:n])
	time.Sleep(20 * time.Millisecond) // let some of it arrive
	_ = c.Close()
}

// attach sends the form that names a part.
func (w *wire) attach(t *testing.T, at, name string) heard {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for _, f := range [][2]string{{"section", "documents"}, {"question", "documents"}, {"purpose", "evidence"}, {"upload", path.Base(at)}, {"name", name}} {
		_ = form.WriteField(f[0], f[1])
	}
	_ = form.Close()
	return w.ask(t, "POST", w.proposal+"/documents", b.Bytes(), "Content-Type", form.FormDataContentType())
}

// largePDF is a PDF of about size bytes that does not pack.
func largePDF(size int) []byte {
	noise := make([]byte, size)
	_, _ = rand.New(rand.NewSource(7)).Read(noise)
	return []byte("%PDF-1.7\n1 0 obj <</Length " + strconv.Itoa(size) + ">> stream\n" + string(noise) + "\nendstream endobj\nxref\n0 1\ntrailer <<>>\nstartxref\n9\n%%EOF\n")
}

// proveFiles proves I7: every row has its file, of that size, and every file its
// row; nothing is half written.
func (w *wire) proveFiles(t *testing.T) {
	t.Helper()
	type row struct {
		Sum  string
		Size int64
	}
	rows, err := pg.All[row](t.Context(), w.db, `select sha256 as sum, size from documents`)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int64{}
	for _, r := range rows {
		want[r.Sum] = r.Size
	}
	err = fs.WalkDir(os.DirFS(w.dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		switch dir, sum := path.Split(name); {
		case dir == "incoming/":
			t.Errorf("%s was left half written", name)
		case dir == "parts/":
		case want[sum] != info.Size():
			t.Errorf("%s has %d bytes and is nobody's, or should have %d", sum, info.Size(), want[sum])
		default:
			delete(want, sum)
		}
		return nil
	})
	if err != nil || len(want) > 0 {
		t.Errorf("files are missing: %v %v", want, err)
	}
}

// F19: a line that is cut at each tenth of a file costs nothing that arrived;
// the file comes whole, once; the draft can still be worked on.
func TestUploadCutAtEachTenth(t *testing.T) {
	t.Parallel()
	w := overTheWire(t)
	data := largePDF(3 << 20)
	at := w.begins(t, len(data))
	have := 0
	for tenth := 1; tenth < 10; tenth++ {
		if r := w.attach(t, at, "bản đồ.pdf"); r.StatusCode != 409 || !strings.Contains(r.Said, "chưa gửi xong") {
			t.Errorf("a part of %d bytes was taken for whole: %d", have, r.StatusCode)
		}
		w.cut(t, at, have, data[have:], len(data)*tenth/10-have)
		now := w.has(t, at)
		if now < have || now > len(data)*tenth/10 {
			t.Fatalf("%d bytes are there after %d of %d were sent", now, len(data)*tenth/10, len(data))
		}
		have = now
		w.proveFiles(t)
	}
	if have == 0 {
		t.Error("nothing of nine cut lines arrived: this proves little")
	}
	wrong := w.ask(t, "PATCH", at, data[have+1:], "Content-Type", "application/offset+octet-stream", "Upload-Offset", strconv.Itoa(have+1))
	if wrong.StatusCode != 409 || w.has(t, at) != have {
		t.Errorf("a piece from elsewhere: %d", wrong.StatusCode)
	}
	tooMuch := w.ask(t, "PATCH", at, append(data[have:len(data):len(data)], 'x'), "Content-Type", "application/offset+octet-stream", "Upload-Offset", strconv.Itoa(have))
	if tooMuch.StatusCode != 413 || w.has(t, at) != have {
		t.Errorf("more than was said: %d", tooMuch.StatusCode)
	}
	if r := w.ask(t, "PATCH", at, data[have:], "Content-Type", "application/offset+octet-stream", "Upload-Offset", strconv.Itoa(have)); r.StatusCode != 204 {
		t.Fatalf("the rest: %d %s", r.StatusCode, r.Said)
	}
	first := w.attach(t, at, "bản đồ.pdf")
	text := first.Said
	if first.StatusCode != 201 || !strings.Contains(text, "bản đồ.pdf") {
		t.Fatalf("%d %s", first.StatusCode, text)
	}
	if again := w.attach(t, at, "bản đồ.pdf"); again.StatusCode != 201 || again.Said != text {
		t.Error("an answer that was lost cannot be asked for again")
	}
	w.proveFiles(t)
	if r := w.ask(t, "DELETE", at, nil); r.StatusCode != 204 {
		t.Errorf("dropping it: %d", r.StatusCode)
	}
	if r := w.ask(t, "HEAD", at, nil); r.StatusCode != 404 {
		t.Errorf("it is still there: %d", r.StatusCode)
	}
	if r := w.attach(t, at, "bản đồ.pdf"); r.StatusCode != 404 || !strings.Contains(r.Said, "Hãy chọn lại tệp") {
		t.Errorf("what is gone: %d", r.StatusCode)
	}
}

// The plain form, cut at each tenth: nothing is half there, and the same file
// under the same name can be sent again.
func TestFormCutAtEachTenth(t *testing.T) {
	t.Parallel()
	w := overTheWire(t)
	body := []byte("--b\r\nContent-Disposition: form-data; name=\"section\"\r\n\r\ndocuments\r\n--b\r\nContent-Disposition: form-data; name=\"question\"\r\n\r\ndocuments\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nevidence\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n" + string(largePDF(1<<20)) + "\r\n--b--\r\n")
	for tenth := range 10 {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", w.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintf(c, "POST %s/documents HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nCookie: %s\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: %d\r\n\r\n", w.proposal, w.cookie, len(body))
		_, _ = c.Write(body[:len(body)*tenth/10])
		_ = c.Close()
	}
	w.Close() // waits for all of them
	w.proveFiles(t)
	if n, err := pg.Value[int](t.Context(), w.db, `select count(*) from documents`); err != nil || n != 0 {
		t.Errorf("%d documents of which no file came whole, %v", n, err)
	}
	w.Server = httptest.NewServer(w.Handler)
	for range 2 {
		if r := w.ask(t, "POST", w.proposal+"/documents", body, "Content-Type", "multipart/form-data; boundary=b"); r.StatusCode != 201 {
			t.Errorf("%d %s", r.StatusCode, r.Said)
		}
	}
	w.proveFiles(t)
}

// Whose a part is, and how much one may have under way.
func TestPartsAreTheirSendersOwn(t *testing.T) {
	t.Parallel()
	w := overTheWire(t)
	at := w.begins(t, 100)
	mine := w.cookie
	for name, who := range map[string]string{"the head": "my@example.org", "a reader": "pao@example.org"} {
		w.cookie = "daubang_session=" + w.signedIn(t, who).Cookie("daubang_session")
		for _, method := range []string{"HEAD", "PATCH", "DELETE"} {
			r := w.ask(t, method, at, nil, "Content-Type", "application/offset+octet-stream", "Upload-Offset", "0")
			if r.StatusCode != 404 && (who != "pao@example.org" || r.StatusCode != 403) {
				t.Errorf("%s: %s: %d", name, method, r.StatusCode)
			}
		}
		if r := w.attach(t, at, "a.pdf"); r.StatusCode != 404 && r.StatusCode != 403 {
			t.Errorf("%s attaches what another sent: %d", name, r.StatusCode)
		}
	}
	w.cookie = ""
	if r := w.ask(t, "HEAD", at, nil); r.StatusCode != 401 {
		t.Errorf("nobody: %d", r.StatusCode)
	}
	w.cookie = mine
	for header, want := range map[string]int{"0": 422, "-1": 400, "99999999999": 413, strconv.Itoa(document.MaxBytes + 1): 413, "1e3": 400, "": 400} {
		if r := w.ask(t, "POST", w.proposal+"/uploads", nil, "Upload-Length", header); r.StatusCode != want {
			t.Errorf("a file of %q bytes: %d, want %d", header, r.StatusCode, want)
		}
	}
	if r := w.ask(t, "POST", w.proposal+"/uploads", nil, "Upload-Defer-Length", "1"); r.StatusCode != 501 {
		t.Errorf("a file without end: %d", r.StatusCode)
	}
	if r := w.ask(t, "POST", w.proposal+"/uploads", nil, "Upload-Length", "10", "X-HTTP-Method-Override", "DELETE"); r.StatusCode != 201 {
		t.Errorf("the method was overridden: %d", r.StatusCode)
	}
	for _, odd := range []string{"..%2f..%2fsecret", "%2e%2e", strings.ToUpper(path.Base(at)), path.Base(at) + "x"} {
		if r := w.ask(t, "HEAD", w.proposal+"/uploads/"+odd, nil); r.StatusCode != 404 {
			t.Errorf("%s: %d", odd, r.StatusCode)
		}
	}
	for range document.MaxParts - 2 {
		w.begins(t, 100)
	}
	if r := w.ask(t, "POST", w.proposal+"/uploads", nil, "Upload-Length", "100"); r.StatusCode != 429 || !strings.Contains(r.Said, "Gửi xong hoặc hủy bớt") {
		t.Errorf("one more than one may: %d", r.StatusCode)
	}
}
