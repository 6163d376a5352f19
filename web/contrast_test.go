package web_test

import (
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"daubang/web"
)

// pairs are the colours that stand on one another, by their names in the style
// sheet: text must reach 4.5, lines and marks 3 (WCAG 1.4.3, 1.4.11).
var pairs = map[float64]string{
	4.5: `muc/do muc/trang muc/do-2 muc/nghe muc/nghe-1 muc-2/do muc-2/trang muc-2/do-2 man/do man/trang man/man-1 man/man-0 man-8/man-1 man-8/man-0
		trang/man trang/man-8 trang/man-9 trang/ngoc trang/gac trang/muc nghe/man nghe-9/nghe-1 ngoc/trang ngoc-9/ngoc-1 cham/do cham/trang cham/do-2 cham/man-0 cham/cham-1 cham-9/cham-1 gac/do gac/trang gac-9/gac-1`,
	3: `vien-o/trang vien-o/do man/do-3 ngoc/do-3 cham-5/trang ngoc-5/do nghe/muc`,
}

func TestColoursCanBeRead(t *testing.T) {
	t.Parallel()
	css := get(t, http.MethodGet, web.URL("portal.css"), "").Body.String()
	colours := map[string]string{}
	for _, m := range regexp.MustCompile(`--([a-z0-9-]+):\s*#([0-9a-fA-F]{3,6})\b`).FindAllStringSubmatch(css, -1) {
		colours[m[1]] = m[2]
	}
	for least, list := range pairs {
		for pair := range strings.FieldsSeq(list) {
			fore, back, _ := strings.Cut(pair, "/")
			if colours[fore] == "" || colours[back] == "" {
				t.Errorf("%s: no such colours in the style sheet", pair)
				continue
			}
			if c := contrast(t, colours[fore], colours[back]); c < least {
				t.Errorf("%s has contrast %.2f, less than %.1f", pair, c, least)
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	la, lb := luminance(t, a), luminance(t, b)
	return (max(la, lb) + .05) / (min(la, lb) + .05)
}

// luminance is WCAG's relative luminance of a colour in hexadecimal.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	sum := 0.0
	for i, weight := range []float64{.2126, .7152, .0722} {
		n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		v := float64(n) / 255
		if v <= .04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}
