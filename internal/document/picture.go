package document

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

// maxPixels is the largest picture that anybody's machine should have to open.
const maxPixels = 100_000_000

// broken refuses a picture that is not whole.
func broken() error { return refuse("document.broken") }

// Markers of a JPEG that matter here.
const (
	soi, eoi, sos, com = 0xD8, 0xD9, 0xDA, 0xFE
	app0, app2, app14  = 0xE0, 0xE2, 0xEE
	app1, app15        = 0xE1, 0xEF
)

// stripJPEG copies a JPEG without EXIF, GPS, thumbnails, comments, and whatever
// stands behind its end. The way up is kept, in an EXIF block that says nothing
// else; colours too.
func stripJPEG(w io.Writer, r io.Reader) error {
	in, out := bufio.NewReader(r), bufio.NewWriter(w)
	var start [2]byte
	if _, err := io.ReadFull(in, start[:]); err != nil || start != [2]byte{0xFF, soi} {
		return broken()
	}
	_, _ = out.Write(start[:]) // the last Flush reports every error of out
	seen := false              // the size of the picture
	for {
		marker, err := nextMarker(in)
		if err != nil {
			return err
		}
		if marker == eoi {
			if !seen {
				return broken()
			}
			_, _ = out.Write([]byte{0xFF, eoi})
			return out.Flush()
		}
		body, err := segment(in)
		if err != nil {
			return err
		}
		if isFrame(marker) {
			if len(body) < 5 || tooLarge(int64(binary.BigEndian.Uint16(body[3:])), int64(binary.BigEndian.Uint16(body[1:]))) {
				return refuse("document.picture_too_large", maxPixels/1_000_000)
			}
			seen = true
		}
		if kept := keptSegment(marker, body); kept != nil {
			writeSegment(out, marker, kept)
		}
		if marker == sos {
			if err := copyScan(out, in); err != nil {
				return err
			}
		}
	}
}

// nextMarker reads FF and the marker after it; FF may be repeated.
func nextMarker(in *bufio.Reader) (byte, error) {
	b, err := in.ReadByte()
	if err != nil || b != 0xFF {
		return 0, broken()
	}
	for b == 0xFF {
		if b, err = in.ReadByte(); err != nil {
			return 0, broken()
		}
	}
	if b == 0 || b == soi || (b >= 0xD0 && b <= 0xD7) {
		return 0, broken()
	}
	return b, nil
}

// segment reads a length and as many bytes less two.
func segment(in *bufio.Reader) ([]byte, error) {
	var length [2]byte
	if _, err := io.ReadFull(in, length[:]); err != nil {
		return nil, broken()
	}
	n := int(binary.BigEndian.Uint16(length[:]))
	if n < 2 {
		return nil, broken()
	}
	body := make([]byte, n-2)
	if _, err := io.ReadFull(in, body); err != nil {
		return nil, broken()
	}
	return body, nil
}

func writeSegment(out *bufio.Writer, marker byte, body []byte) {
	n := len(body) + 2                                                     // at most what segment read, or the few bytes of orientation
	head := binary.BigEndian.AppendUint16([]byte{0xFF, marker}, uint16(n)) //nolint:gosec // a segment's length came in two bytes
	_, _ = out.Write(head)
	_, _ = out.Write(body)
}

// isFrame says that a segment gives the size of the picture.
func isFrame(marker byte) bool {
	return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC
}

// keptSegment is what stays of a segment: nil for nothing.
func keptSegment(marker byte, body []byte) []byte {
	switch {
	case marker == app1:
		if o := orientation(body); o > 1 && o <= 8 {
			return exifOrientation(o)
		}
		return nil
	case marker == app2 && !bytes.HasPrefix(body, []byte("ICC_PROFILE\x00")):
		return nil
	case marker == app0 && !bytes.HasPrefix(body, []byte("JFIF\x00")):
		return nil
	case marker == app0:
		return jfifWithoutThumbnail(body)
	case marker == com, marker > app2 && marker < app14, marker == app15:
		return nil
	default:
		return body
	}
}

func jfifWithoutThumbnail(body []byte) []byte {
	if len(body) < 14 {
		return nil
	}
	kept := bytes.Clone(body[:14])
	kept[12], kept[13] = 0, 0
	return kept
}

// copyScan copies the packed picture up to the next marker, which it leaves.
func copyScan(out *bufio.Writer, in *bufio.Reader) error {
	for {
		next, err := in.Peek(2)
		if err != nil {
			return broken()
		}
		if next[0] == 0xFF && next[1] != 0 && next[1] != 0xFF && (next[1] < 0xD0 || next[1] > 0xD7) {
			return nil
		}
		b, _ := in.ReadByte() // was peeked
		_ = out.WriteByte(b)
	}
}

// exifHead begins the EXIF block of an APP1 segment.
var exifHead = []byte("Exif\x00\x00")

const orientationTag = 0x0112

// orientation reads the way up out of an EXIF block, 0 where it is not said.
func orientation(body []byte) uint16 {
	tiff, ok := bytes.CutPrefix(body, exifHead)
	if !ok || len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.LittleEndian
	if tiff[0] == 'M' {
		order = binary.BigEndian
	}
	at := int(order.Uint32(tiff[4:]))
	if at < 8 || at > len(tiff)-2 {
		return 0
	}
	n := int(order.Uint16(tiff[at:]))
	for i := range n {
		entry := at + 2 + 12*i
		if entry+12 > len(tiff) {
			return 0
		}
		if order.Uint16(tiff[entry:]) == orientationTag {
			return order.Uint16(tiff[entry+8:])
		}
	}
	return 0
}

// exifOrientation is an EXIF block that says the way up and nothing else.
func exifOrientation(o uint16) []byte {
	b := append([]byte{}, exifHead...)
	b = append(b, "MM\x00\x2A\x00\x00\x00\x08"+"\x00\x01"+"\x01\x12\x00\x03\x00\x00\x00\x01"...)
	b = binary.BigEndian.AppendUint16(b, o)
	return append(b, "\x00\x00"+"\x00\x00\x00\x00"...)
}

const pngSignature = "\x89PNG\r\n\x1a\n"

// keptChunks of a PNG draw it; all others only tell about it.
var keptChunks = map[string]bool{
	"IHDR": true, "PLTE": true, "IDAT": true, "IEND": true,
	"tRNS": true, "gAMA": true, "cHRM": true, "sRGB": true, "iCCP": true, "cICP": true, "sBIT": true, "pHYs": true, "bKGD": true,
}

// stripPNG copies a PNG without text, times, EXIF and whatever stands behind
// its end, and refuses one that is not whole.
func stripPNG(w io.Writer, r io.Reader) error {
	in, out := bufio.NewReader(r), bufio.NewWriter(w)
	signature := make([]byte, len(pngSignature))
	if _, err := io.ReadFull(in, signature); err != nil || string(signature) != pngSignature {
		return broken()
	}
	_, _ = out.Write(signature) // the last Flush reports every error of out
	for first := true; ; first = false {
		name, n, err := chunkHead(in)
		if err != nil {
			return err
		}
		if first != (name == "IHDR") || first && n != 13 {
			return broken()
		}
		if first {
			size, err := in.Peek(8)
			if err != nil {
				return broken()
			}
			if tooLarge(int64(binary.BigEndian.Uint32(size)), int64(binary.BigEndian.Uint32(size[4:]))) {
				return refuse("document.picture_too_large", maxPixels/1_000_000)
			}
		}
		to := io.Discard
		if keptChunks[name] {
			to = out
		}
		if err := copyChunk(to, in, name, n); err != nil {
			return err
		}
		if name == "IEND" {
			return out.Flush()
		}
	}
}

// chunkHead reads how long the next chunk is, and its name.
func chunkHead(in *bufio.Reader) (name string, n int64, err error) {
	head := make([]byte, 8)
	if _, err := io.ReadFull(in, head); err != nil {
		return "", 0, broken()
	}
	if n = int64(binary.BigEndian.Uint32(head)); n > MaxBytes {
		return "", 0, broken()
	}
	return string(head[4:]), n, nil
}

// copyChunk copies a chunk whose head was read, never holding more than a piece
// of it, and refuses it if its checksum is wrong: then the copy is of no use.
func copyChunk(to io.Writer, in *bufio.Reader, name string, n int64) error {
	sum := crc32.NewIEEE()
	_, _ = io.WriteString(sum, name)                      // a sum never fails
	head := binary.BigEndian.AppendUint32(nil, uint32(n)) //nolint:gosec // it came in four bytes
	if _, err := to.Write(append(head, name...)); err != nil {
		return err
	}
	if _, err := io.CopyN(io.MultiWriter(to, sum), in, n); err != nil {
		if errors.Is(err, io.EOF) {
			err = broken()
		}
		return err
	}
	said := make([]byte, 4)
	if _, err := io.ReadFull(in, said); err != nil || binary.BigEndian.Uint32(said) != sum.Sum32() {
		return broken()
	}
	_, err := to.Write(said)
	return err
}

// tooLarge says that a picture has no size, or more pixels than it may.
func tooLarge(width, height int64) bool {
	return width == 0 || height == 0 || width > maxPixels/height
}
