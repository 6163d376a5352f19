package document

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"daubang/internal/problem"
)

func flate(s string) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = io.WriteString(z, s)
	_ = z.Close()
	return b.String()
}

// withObject is a PDF with one more object.
func withObject(dictionary, stream string) []byte {
	return []byte(strings.Replace(plainPDF, "1 0 obj <<", "2 0 obj "+dictionary+" stream\r\n"+stream+"\nendstream endobj\n1 0 obj <<", 1))
}

// What a reader less strict than ours might find is refused, and what nobody has
// to hide is not.
func TestPDFsThatHideWhatTheyDo(t *testing.T) {
	t.Parallel()
	const script = "1 0 <</S /JavaScript /JS (x)>>"
	packed := flate(script)
	for name, c := range map[string]struct {
		pdf  []byte
		want string
	}{
		"NUL behind a name":        {[]byte(strings.Replace(plainPDF, "1 0 obj <<", "1 0 obj <</S/JavaScript\x00/JS(x)>> <<", 1)), "document.acts"},
		"NUL behind one packed":    {withObject("<</Type/ObjStm\x00/Filter/FlateDecode>>", flate("1 0 <</S/Launch\x00>>")), "document.acts"},
		"a lock with a comment":    {[]byte(strings.Replace(plainPDF, "trailer <<", "trailer <</Encrypt%\n5\x000 R ", 1)), "document.locked"},
		"a long dictionary":        {withObject("<</Type /ObjStm /Filter /FlateDecode /X ["+strings.Repeat("0 ", 1500)+"]>>", packed), "document.acts"},
		"a very long dictionary":   {withObject("<</Type /ObjStm /Filter /FlateDecode /X ["+strings.Repeat("0 ", 9000)+"]>>", packed), "document.broken"},
		"the same, before":         {withObject("<</X ["+strings.Repeat("0 ", 9000)+"] /Type /ObjStm /Filter /FlateDecode>>", packed), "document.broken"},
		"numbers of letters":       {withObject("<</Type /ObjStm /Filter /ASCIIHexDecode>>", hex.EncodeToString([]byte(script))+">"), "document.broken"},
		"packed, of numbers":       {withObject("<</Type /ObjStm /Filter [/FlateDecode /ASCIIHexDecode]>>", flate(hex.EncodeToString([]byte(script)))), "document.broken"},
		"packed twice":             {withObject("<</Type /ObjStm /Filter [/FlateDecode/FlateDecode]>>", flate(packed)), "document.broken"},
		"as differences":           {withObject("<</Type /ObjStm /Filter /FlateDecode /DecodeParms <</Predictor 12>>>>", packed), "document.broken"},
		"packed elsewhere":         {withObject("<</Type /ObjStm /Filter 3 0 R>>", packed), "document.broken"},
		"a name by numbers":        {withObject("<</Type /ObjStm /Filter /#41SCIIHexDecode /X /FlateDecode>>", packed), "document.broken"},
		"an object in a comment":   {withObject("<</Filter/ASCIIHexDecode %3 0 obj<<\n/Filter/FlateDecode/Type/ObjStm>>", packed), "document.broken"},
		"an object in a text":      {withObject("<</Filter/ASCIIHexDecode/X( 3 0 obj<</Filter/FlateDecode)/Type/ObjStm>>", packed), "document.broken"},
		"not packed as it says":    {withObject("<</Type /ObjStm /Filter /FlateDecode>>", "1 0 <<>>"), "document.broken"},
		"no stream":                {[]byte(strings.Replace(plainPDF, "1 0 obj <<", "1 0 obj <</Type /ObjStm >> <<", 1)), "document.broken"},
		"as those write who print": {withObject("<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length 20>>", flate("1 0 <<>>")), ""},
		"as others do":             {withObject("\n<<\n/Length 20 /Filter [ /FlateDecode ]\n/First 4 /N 1 /Type /ObjStm\n>>", flate("1 0 <<>>")), ""},
	} {
		err := inspectPDF(t.Context(), bytes.NewReader(c.pdf), int64(len(c.pdf)))
		wrong, _ := errors.AsType[problem.Invalid](err)
		if wrong["file"].Key != c.want || (err != nil) != (c.want != "") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// Very many packed lists cost no more than some.
func TestVeryManyPackedLists(t *testing.T) {
	t.Parallel()
	var lists strings.Builder
	one := flate("1 0 <<>>")
	for i := range mostPacked + 1 {
		fmt.Fprintf(&lists, "%d 0 obj <</Type /ObjStm /Filter /FlateDecode>> stream\n%s\nendstream endobj\n", i+2, one)
	}
	for name, b := range map[string][]byte{
		"lists": []byte(strings.Replace(plainPDF, "1 0 obj", lists.String()+"1 0 obj", 1)),
		"words": []byte(strings.Replace(plainPDF, "1 0 obj", "2 0 obj <</Filter /FlateDecode "+strings.Repeat("/ObjStm ", 2_000_000)+">> stream\n"+one+"\n1 0 obj", 1)),
	} {
		started := time.Now()
		err := inspectPDF(t.Context(), bytes.NewReader(b), int64(len(b)))
		if _, said := errors.AsType[problem.Invalid](err); !said {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(started); took > 10*time.Second {
			t.Errorf("%s: %s", name, took)
		}
	}
	ctx, gone := context.WithCancel(t.Context())
	gone()
	if err := inspectPDF(ctx, strings.NewReader(plainPDF), int64(len(plainPDF))); !errors.Is(err, context.Canceled) {
		t.Errorf("who has gone is worked for: %v", err)
	}
}
