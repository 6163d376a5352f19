package document

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"image"
	"image/draw"
	jpegs "image/jpeg"
	pngs "image/png"
	"io"
	"os"
	"slices"
)

// Longest is how long the longer side of a picture may be, in pixels: a larger
// one is made smaller when it is taken in. A page that is photographed with it
// still reads well, and prints on A4 at 220 dots an inch.
const Longest = 2560

const (
	jpegQuality = 86
	// shrinkBytes is what unpacking one picture may take. It is known from what
	// the picture says of itself, before a dot of it is unpacked; a larger one
	// is kept as it came, without what it tells about its maker.
	shrinkBytes = 64 << 20
)

// likeness is what a picture says of itself.
type likeness struct {
	width, height int
	unpacked      int64    // bytes that reading it takes; 0: it is of a sort that stays as it is
	carried       [][]byte // segments of a JPEG that say how to show it: the way up, colours
}

func (p likeness) shrinks() bool {
	return max(p.width, p.height) > Longest && p.unpacked > 0 && p.unpacked <= shrinkBytes
}

// to is the size it is given.
func (p likeness) to() (width, height int) {
	long := max(p.width, p.height)
	return max(1, (p.width*Longest+long/2)/long), max(1, (p.height*Longest+long/2)/long)
}

// shrunk is a smaller copy of a picture that has been stripped, nil where that
// stays as it is: small enough, too large to unpack, or not as whole as it looks.
// One is made at a time: they take memory.
func (s *Store) shrunk(ctx context.Context, k kind, bare *os.File, size int64) (*os.File, error) {
	looked := k.look(io.NewSectionReader(bare, 0, size))
	if !looked.shrinks() {
		return nil, nil //nolint:nilnil // nothing is better
	}
	select {
	case s.shrinking <- struct{}{}:
		defer func() { <-s.shrinking }()
	case <-ctx.Done():
		return nil, fmt.Errorf("making a picture smaller: %w", ctx.Err())
	}
	small, err := s.stage()
	if err != nil {
		return nil, err
	}
	out := bufio.NewWriter(small)
	if k.shrink(out, bufio.NewReader(io.NewSectionReader(bare, 0, size)), looked) != nil {
		s.drop(small)
		return nil, nil //nolint:nilnil // whoever opens it sees what is wrong with it
	}
	if err := out.Flush(); err != nil {
		s.drop(small)
		return nil, fmt.Errorf("making a picture smaller: %w", full(err))
	}
	return small, nil
}

// measured is how large a staged file is, and its SHA-256.
func measured(f *os.File) (size int64, sum string, err error) {
	h := sha256.New()
	size, err = io.Copy(h, io.NewSectionReader(f, 0, MaxBytes))
	return size, hex.EncodeToString(h.Sum(nil)), err
}

// lookJPEG reads the heads of a JPEG.
func lookJPEG(r io.Reader) likeness {
	in := bufio.NewReader(r)
	_, _ = in.Discard(2)
	var p likeness
	for {
		marker, err := nextMarker(in)
		if err != nil || marker == eoi || marker == sos {
			return p
		}
		body, err := segment(in)
		switch {
		case err != nil:
			return likeness{}
		case marker == app1 || marker == app2:
			p.carried = append(p.carried, append([]byte{0xFF, marker, byte((len(body) + 2) >> 8), byte(len(body) + 2)}, body...)) //nolint:gosec // its length came in two bytes
		case marker == app14: // colours that are not YCbCr
			return likeness{}
		case isFrame(marker):
			p.frame(marker, body)
		}
	}
}

// frame reads the size of a JPEG and what unpacking it takes: of each component
// as many bytes as it has samples, and four more where it comes in several
// passes. Colours other than grey and YCbCr stay as they are.
func (p *likeness) frame(marker byte, body []byte) {
	if len(body) < 6 || len(body) < 6+3*int(body[5]) || body[5] != 1 && body[5] != 3 {
		return
	}
	p.height, p.width = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
	most, all := int64(1), int64(0)
	for i := range int(body[5]) {
		samples := int64(body[7+3*i]>>4) * int64(body[7+3*i]&15)
		most, all = max(most, samples), all+samples
	}
	each := int64(1)
	if marker == 0xC2 {
		each += 4
	}
	p.unpacked = int64(p.width) * int64(p.height) * each * all / most
}

// lookPNG reads the head of a PNG.
func lookPNG(r io.Reader) likeness {
	head := make([]byte, 29)
	if _, err := io.ReadFull(r, head); err != nil {
		return likeness{}
	}
	p := likeness{width: int(binary.BigEndian.Uint32(head[16:])), height: int(binary.BigEndian.Uint32(head[20:]))}
	each := map[byte]int64{0: 5, 2: 4, 3: 5, 4: 8, 6: 8}[head[25]] // with the copy that is made smaller
	if depth := head[24]; depth > 8 {
		return p // finer than anybody sees: it stays as it is
	}
	if head[28] != 0 { // interlaced
		each *= 2
	}
	p.unpacked = int64(p.width) * int64(p.height) * each
	return p
}

// shrinkJPEG writes a smaller JPEG that is shown as the other was.
func shrinkJPEG(w io.Writer, r io.Reader, p likeness) error {
	img, err := jpegs.Decode(r)
	if err != nil {
		return fmt.Errorf("unpacking a JPEG: %w", err)
	}
	width, height := p.to()
	var small image.Image
	switch img := img.(type) {
	case *image.YCbCr:
		half := image.Rect(0, 0, (width+1)/2, (height+1)/2)
		to := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
		sw, sh := img.Rect.Dx(), img.Rect.Dy()
		cw, ch := chroma(img)
		plane{to.Y, to.YStride, width, height}.average(plane{img.Y, img.YStride, sw, sh}, 1)
		plane{to.Cb, to.CStride, half.Dx(), half.Dy()}.average(plane{img.Cb, img.CStride, cw, ch}, 1)
		plane{to.Cr, to.CStride, half.Dx(), half.Dy()}.average(plane{img.Cr, img.CStride, cw, ch}, 1)
		small = to
	case *image.Gray:
		to := image.NewGray(image.Rect(0, 0, width, height))
		plane{to.Pix, to.Stride, width, height}.average(plane{img.Pix, img.Stride, img.Rect.Dx(), img.Rect.Dy()}, 1)
		small = to
	default:
		return fmt.Errorf("a JPEG of %T", img)
	}
	return jpegs.Encode(&inserting{w: w, after: 2, what: p.carried}, small, &jpegs.Options{Quality: jpegQuality})
}

// chroma is how many samples of colour a picture has, across and down.
func chroma(img *image.YCbCr) (width, height int) {
	width, height = img.Rect.Dx(), img.Rect.Dy()
	switch img.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		return (width + 1) / 2, height
	case image.YCbCrSubsampleRatio420:
		return (width + 1) / 2, (height + 1) / 2
	case image.YCbCrSubsampleRatio440:
		return width, (height + 1) / 2
	case image.YCbCrSubsampleRatio411:
		return (width + 3) / 4, height
	case image.YCbCrSubsampleRatio410:
		return (width + 3) / 4, (height + 1) / 2
	default:
		return width, height
	}
}

// shrinkPNG writes a smaller PNG, see-through where the other was.
func shrinkPNG(w io.Writer, r io.Reader, p likeness) error {
	img, err := pngs.Decode(r)
	if err != nil {
		return fmt.Errorf("unpacking a PNG: %w", err)
	}
	from, ok := img.(*image.RGBA) // with the colours weighed by how much of them is seen
	if !ok {
		from = image.NewRGBA(img.Bounds())
		draw.Draw(from, from.Rect, img, img.Bounds().Min, draw.Src)
	}
	width, height := p.to()
	to := image.NewRGBA(image.Rect(0, 0, width, height))
	plane{to.Pix, to.Stride, width, height}.average(plane{from.Pix, from.Stride, from.Rect.Dx(), from.Rect.Dy()}, 4)
	return pngs.Encode(w, to)
}

// plane is samples in rows, several of them for each dot.
type plane struct {
	pix           []byte
	stride        int
	width, height int
}

// average fills p, which is smaller, from a larger one of as many channels: each
// dot is the mean of those it covers, by how much of them it covers.
func (p plane) average(from plane, channels int) {
	row, sum := make([]float32, p.width*channels), make([]float32, p.width*channels)
	down, across := float64(from.height)/float64(p.height), float64(from.width)/float64(p.width)
	for y := range p.height {
		clear(sum)
		top, bottom := float64(y)*down, min(float64(y+1)*down, float64(from.height))
		for at := int(top); at < from.height && float64(at) < bottom; at++ {
			from.across(row, at, across, channels)
			share := float32((min(bottom, float64(at+1)) - max(top, float64(at))) / (bottom - top))
			for i, v := range row {
				sum[i] += v * share
			}
		}
		out := p.pix[y*p.stride:][:p.width*channels]
		for i, v := range sum {
			out[i] = byte(v + 0.5)
		}
	}
}

// across makes one row shorter: each of step dots becomes one.
func (p plane) across(row []float32, y int, step float64, channels int) {
	line := p.pix[y*p.stride:][:p.width*channels]
	for x := range len(row) / channels {
		left, right := float64(x)*step, min(float64(x+1)*step, float64(p.width))
		for c := range channels {
			var sum float32
			for at := int(left); at < p.width && float64(at) < right; at++ {
				sum += float32(line[at*channels+c]) * float32(min(right, float64(at+1))-max(left, float64(at)))
			}
			row[x*channels+c] = sum / float32(right-left)
		}
	}
}

// inserting puts something into what is written, once so many bytes have passed.
type inserting struct {
	w     io.Writer
	after int
	what  [][]byte
}

func (i *inserting) Write(b []byte) (int, error) {
	if i.after == 0 || len(b) < i.after {
		n, err := i.w.Write(b)
		i.after = max(0, i.after-n)
		return n, err
	}
	n := i.after
	i.after = 0
	for _, part := range slices.Concat([][]byte{b[:n]}, i.what, [][]byte{b[n:]}) {
		if _, err := i.w.Write(part); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}
