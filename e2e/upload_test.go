//go:build e2e

package e2e

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"daubang/internal/portaltest"
)

// chosen writes files and chooses them all at once in the page's file control.
func (p *person) chooses(files map[string][]byte) {
	p.t.Helper()
	var paths []string
	dir := p.t.TempDir()
	for name, data := range files {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
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
