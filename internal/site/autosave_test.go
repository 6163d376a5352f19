package site_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/people"
	"daubang/internal/portaltest"
)

// put sends what an open page sends while it is written on.
func put(door http.Handler, token, address, match string, form url.Values) *httptest.ResponseRecorder {
	return saveIn(context.Background(), door, token, address, match, form)
}

func saveIn(ctx context.Context, door http.Handler, token, address, match string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPut, address, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	r.Header.Set("If-Match", match)
	if token != "" {
		r.AddCookie(&http.Cookie{Name: "daubang_session", Value: token})
	}
	w := httptest.NewRecorder()
	door.ServeHTTP(w, r.WithContext(ctx))
	return w
}

// What is saved while it is typed is on the page that is opened next; what two
// wrote at once comes back as both; refusals are words, not pages.
func TestAutosave(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	lan, my := s.signedIn(t, "lan@example.org"), s.signedIn(t, "my@example.org")
	address := s.begin(t, lan) + "/sections/risk"
	door := s.Handler
	save := func(b *portaltest.Browser, match, question, text string) *httptest.ResponseRecorder {
		return put(door, b.Cookie("daubang_session"), address, match, url.Values{"page": {"page of " + b.Cookie("daubang_session")[:6]}, "changed": {question}, question: {text}})
	}
	got := save(lan, `"0"`, "safeguarding", "Cộng tác viên ký quy tắc")
	if got.Code != 200 || got.Header().Get("ETag") != `"1"` || !strings.Contains(got.Body.String(), `"at":"`) {
		t.Fatalf("%d %s", got.Code, got.Body)
	}
	if my.Open(address).Held("safeguarding") != "Cộng tác viên ký quy tắc" {
		t.Errorf("%q", my.Held("safeguarding"))
	}
	save(lan, `"0"`, "safeguarding", "Cộng tác viên ký quy tắc ứng xử")
	got = save(my, `"1"`, "safeguarding", "Chị Mỷ")
	var both struct {
		Version int
		Differ  []struct {
			Question, By string
			Fields       map[string][]string
		}
	}
	if err := json.Unmarshal(got.Body.Bytes(), &both); err != nil || got.Code != http.StatusPreconditionFailed {
		t.Fatalf("%d %s", got.Code, got.Body)
	}
	if both.Version != 2 || len(both.Differ) != 1 || both.Differ[0].By != "Vàng Thị Lan" || both.Differ[0].Fields["safeguarding"][0] != "Cộng tác viên ký quy tắc ứng xử" {
		t.Errorf("%s", got.Body)
	}
	if got = save(my, `"1"`, "confidentiality", "Sổ ghi mã"); got.Code != 200 || !strings.Contains(got.Body.String(), `"other":"Vàng Thị Lan"`) {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	for name, one := range map[string]struct {
		match string
		form  url.Values
		want  int
	}{
		"no version":            {"", url.Values{"changed": {"safeguarding"}, "safeguarding": {"x"}}, 400},
		"a version of sorts":    {"3", url.Values{"changed": {"safeguarding"}, "safeguarding": {"x"}}, 400},
		"nothing changed":       {`"3"`, url.Values{"safeguarding": {"x"}}, 400},
		"of no question":        {`"3"`, url.Values{"changed": {"safeguarding"}, "other": {"x"}}, 400},
		"twice":                 {`"3"`, url.Values{"changed": {"safeguarding", "safeguarding"}}, 400},
		"a question not asked":  {`"3"`, url.Values{"changed": {"no_such"}, "no_such": {"x"}}, 409},
		"a text beyond bounds":  {`"3"`, url.Values{"changed": {"safeguarding"}, "safeguarding": {strings.Repeat("x", 41_000)}}, 422},
		"larger than any form":  {`"3"`, url.Values{"changed": {"safeguarding"}, "safeguarding": {strings.Repeat("x", 3<<20)}}, 413},
		"what is not to choose": {`"3"`, url.Values{"changed": {"risks"}, "risks.0.likelihood": {"77"}}, 422},
	} {
		got := put(door, lan.Cookie("daubang_session"), address, one.match, one.form)
		var said struct{ Message string }
		if err := json.Unmarshal(got.Body.Bytes(), &said); got.Code != one.want || err != nil || said.Message == "" {
			t.Errorf("%s: %d %s, want %d in words", name, got.Code, got.Body, one.want)
		}
	}
	gone, leave := context.WithCancel(t.Context())
	leave() // hung up after the last word
	saveIn(gone, door, lan.Cookie("daubang_session"), address, `"3"`, url.Values{"page": {"the last one"}, "changed": {"confidentiality"}, "confidentiality": {"Chỉ ghi mã"}})
	if got := my.Open(address).Held("confidentiality"); got != "Chỉ ghi mã" {
		t.Errorf("what came whole before its sender hung up is lost: %q", got)
	}
	if got := put(door, "", address, `"3"`, nil); got.Code != 401 || !strings.Contains(got.Body.String(), "message") {
		t.Errorf("signed out: %d %s", got.Code, got.Body)
	}
}

// Who saves faster than anybody types is told when to come again; others go on,
// and so does who waited. Strangers slow nobody down.
func TestAutosaveIsPaced(t *testing.T) {
	t.Parallel()
	s := openCall(t)
	s.SavesAMinute = 20 // four at once; three times that for a proposal
	door := s.Site.Handler()
	la, began := s.person(t, "Người Lạ", "la@example.org"), s.now
	address := s.begin(t, s.signedIn(t, "lan@example.org")) + "/sections/risk"
	n := 0
	save := func(who people.ID) *httptest.ResponseRecorder {
		n++
		return put(door, s.token(t, who), address, `"0"`, url.Values{"page": {"p"}, "changed": {"safeguarding"}, "safeguarding": {strconv.Itoa(n)}})
	}
	for range 30 {
		save(la)
	}
	for i := range 4 {
		if got := save(s.writer); got.Code != 200 {
			t.Fatalf("save %d: %d %s", i, got.Code, got.Body)
		}
	}
	if got := save(s.writer); got.Code != 429 || got.Header().Get("Retry-After") != "3" || !strings.Contains(got.Body.String(), "tự lưu tiếp") {
		t.Errorf("the fifth at once: %d, again in %q s: %s", got.Code, got.Header().Get("Retry-After"), got.Body)
	}
	if got := save(s.head); got.Code != 200 {
		t.Errorf("a colleague waits too: %d", got.Code)
	}
	s.now = began.Add(3 * time.Second)
	if got := save(s.writer); got.Code != 200 {
		t.Errorf("after waiting: %d %s", got.Code, got.Body)
	}
	s.now, n = began.Add(time.Hour), 100
	writers := []people.ID{s.writer, s.head, s.person(t, "Thứ Ba", "ba@example.org"), s.person(t, "Thứ Tư", "tu@example.org")}
	if _, err := s.db.Exec(t.Context(), `insert into members (organisation_id, person_id, role, joined_at) select $1, unnest($2::bigint[]), 'writer', $3`, s.organisation, writers[2:], s.now); err != nil {
		t.Fatal(err)
	}
	codes := map[int]int{}
	for _, who := range writers {
		for range 4 {
			codes[save(who).Code]++
		}
	}
	if codes[200] != 12 || codes[429] != 4 {
		t.Errorf("four at once for each of four: %v, want 12 heard of one proposal", codes)
	}
}

// token opens a session as signing in does, without the time that takes.
func (s *scene) token(t *testing.T, who people.ID) (token string) {
	t.Helper()
	s.tx(t, func(tx pgx.Tx) (err error) {
		token, err = people.OpenSession(t.Context(), tx, audit.Act{By: int64(who), At: s.now}, people.Opening{Person: who, Strength: people.ByPassword})
		return err
	})
	return token
}
