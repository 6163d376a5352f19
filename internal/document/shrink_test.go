package document

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	jpegs "image/jpeg"
	pngs "image/png"
	"io"
	"math"
	"testing"
)

// wide is a picture of two colours that is larger than is kept.
func wide(width, height int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.NRGBA{200, 60, 20, 255}
			if x >= width/2 {
				c = color.NRGBA{20, 90, 160, 128}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

// stored is what the store made of a file.
func stored(t *testing.T, s *Store, data []byte) []byte {
	t.Helper()
	f, err := s.Put(t.Context(), "ảnh", bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	opened, err := s.open(f.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = opened.Close() }()
	kept, err := io.ReadAll(opened)
	if err != nil || int64(len(kept)) != f.Size {
		t.Fatalf("%d bytes are kept, %d are told: %v", len(kept), f.Size, err)
	}
	return kept
}

func TestLargePhotographsAreMadeSmaller(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	var plain bytes.Buffer
	if err := jpegs.Encode(&plain, wide(3001, 400), nil); err != nil {
		t.Fatal(err)
	}
	part := func(marker byte, body string) string {
		return string(binary.BigEndian.AppendUint16([]byte{0xFF, marker}, uint16(len(body)+2))) + body
	}
	told := part(app1, string(exifOrientation(6))) + part(app1, "Exif\x00\x00MM\x00*GPS chị Lan") + part(app2, "ICC_PROFILE\x00\x01\x01màu")
	data := append(append(bytes.Clone(plain.Bytes()[:2]), told...), plain.Bytes()[2:]...)
	kept := stored(t, s, data)
	img, err := jpegs.Decode(bytes.NewReader(kept))
	if err != nil || img.Bounds().Dx() != Longest || img.Bounds().Dy() != 341 {
		t.Fatalf("it is %v now: %v", img.Bounds(), err)
	}
	for at, want := range map[image.Point]color.RGBA{{100, 100}: {200, 60, 20, 255}, {2500, 300}: {10, 45, 80, 255}} {
		if got := color.RGBAModel.Convert(img.At(at.X, at.Y)).(color.RGBA); far(got, want) {
			t.Errorf("at %v it is %v, was %v", at, got, want)
		}
	}
	if i := bytes.Index(kept, exifHead); i < 0 || orientation(kept[i:]) != 6 || !bytes.Contains(kept, []byte("ICC_PROFILE")) {
		t.Error("it lies on its side, or has other colours")
	}
	if bytes.Contains(kept, []byte("Lan")) {
		t.Error("it tells who took it")
	}
	if !bytes.Equal(stored(t, s, data), kept) || !bytes.Equal(stored(t, s, kept), kept) {
		t.Error("the same photograph is another the second time")
	}
}

func far(a, b color.RGBA) bool {
	near := func(x, y uint8) bool { return math.Abs(float64(x)-float64(y)) < 12 }
	return !near(a.R, b.R) || !near(a.G, b.G) || !near(a.B, b.B)
}

func TestLargeDrawingsAreMadeSmaller(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	var tall bytes.Buffer
	if err := pngs.Encode(&tall, wide(30, 2561)); err != nil {
		t.Fatal(err)
	}
	img, err := pngs.Decode(bytes.NewReader(stored(t, s, tall.Bytes())))
	if err != nil || img.Bounds().Dy() != Longest || img.Bounds().Dx() != 30 {
		t.Fatalf("it is %v now: %v", img.Bounds(), err)
	}
	if got := color.NRGBAModel.Convert(img.At(20, 1000)).(color.NRGBA); got.A != 128 || got.B < 155 {
		t.Errorf("it is not as see-through: %v", got)
	}
}

// A picture that would take more than there is to unpack stays packed, and so
// does one that is not as whole as it looks.
func TestPicturesThatStayAsTheyAre(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 9000), 9000)
	bomb := pngSignature + string(pngChunk("IHDR", string(head)+"\x08\x06\x00\x00\x00")) + string(pngChunk("IDAT", "x\x9c")) + string(pngChunk("IEND", ""))
	small := pngSignature + string(pngChunk("IHDR", "\x00\x00\x0b\xb8\x00\x00\x00\x02\x08\x02\x00\x00\x00")) + string(pngChunk("IDAT", "x\x9c")) + string(pngChunk("IEND", ""))
	for name, data := range map[string]string{"a bomb": bomb, "half a drawing": small} {
		if got := stored(t, s, []byte(data)); string(got) != data {
			t.Errorf("%s is something else now: %d bytes, were %d", name, len(got), len(data))
		}
	}
	if p := lookPNG(bytes.NewReader([]byte(bomb))); p.shrinks() || p.unpacked != 9000*9000*8 {
		t.Errorf("81 million dots are unpacked: %+v", p)
	}
	frame := func(marker byte, width, height uint16, samples string) likeness {
		var p likeness
		body := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16([]byte{8}, height), width)
		p.frame(marker, append(append(body, 3), "\x01"+samples[:1]+"\x00\x02"+samples[1:2]+"\x01\x03"+samples[2:]+"\x01"...))
		return p
	}
	for _, c := range []struct {
		name string
		is   likeness
		want bool
	}{
		{"a telephone's", frame(0xC0, 8000, 5000, "\x22\x11\x11"), true},
		{"in full colour", frame(0xC0, 8000, 5000, "\x11\x11\x11"), false},
		{"in passes", frame(0xC2, 4000, 3000, "\x11\x11\x11"), false},
		{"small", frame(0xC0, 2560, 2560, "\x22\x11\x11"), false},
		{"without samples", frame(0xC0, 8000, 5000, "\x00\x00\x00"), false},
	} {
		if c.is.shrinks() != c.want {
			t.Errorf("%s: %+v shrinks %v", c.name, c.is, !c.want)
		}
	}
}
