//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// shown says, in the page's own terms, that a control can be seen.
func shown(id string) string { return `document.getElementById('` + id + `').checkVisibility()` }

// Questions come and go as one answers, what was typed in them stays, and names
// of places are offered.
func TestConditionsFollowWhatIsPicked(t *testing.T) {
	t.Parallel()
	p := serve(t)
	lan := p.arrive(t, browser(t), "Lan", 390)
	lan.signIn("lan")
	lan.open("/calls")
	lan.trips()
	lan.press("Sáng kiến nhỏ ở tổ dân phố, thôn")
	lan.press("Bắt đầu")
	lan.press("Bắt đầu viết")
	at := strings.TrimPrefix(lan.address(), p.base)

	lan.open(at + "/sections/partners")
	lan.awaits(`!` + shown("partners.0.name"))
	lan.fill(map[string]string{"has_partners": "yes"})
	lan.awaits(shown("partners.0.name"))
	lan.arrived() // as accessible as before
	lan.fill(map[string]string{"partners.0.name": "Hội Phụ nữ phường", "has_partners": "no"})
	lan.awaits(`!` + shown("partners.0.name"))
	lan.press("Lưu, làm sau")
	lan.open(at + "/sections/partners")
	lan.awaits(`!` + shown("partners.0.name") + ` && document.getElementById('partners.0.name').value === 'Hội Phụ nữ phường'`)

	lan.open(at + "/sections/money")
	lan.fill(map[string]string{"other_money": "yes"})
	lan.awaits(shown("other_amount") + ` && !` + shown("other_source"))
	lan.fill(map[string]string{"other_amount": "\u200b \u00a0"}) // nothing that can be read is no answer
	lan.awaits(`!` + shown("other_source"))
	lan.fill(map[string]string{"other_amount": "5.000.000"})
	lan.awaits(shown("other_source"))
	lan.fill(map[string]string{"other_money": "no"}) // hides the one, and with it the other
	lan.awaits(`!` + shown("other_amount") + ` && !` + shown("other_source"))

	lan.open(at + "/sections/idea")
	lan.do(chromedp.SendKeys(`[id="places.0.name"]`, "Ba Đ"))
	lan.awaits(`[...document.querySelectorAll('#places-offered option')].some(o => o.value === 'Phường Ba Đình, Thành phố Hà Nội')`)
	lan.fill(map[string]string{"survivors": "yes"})
	lan.press("Lưu, làm sau")
	lan.mustSee("An toàn")
}
