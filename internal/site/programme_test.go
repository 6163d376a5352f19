package site

import (
	"context"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"daubang/internal/audit"
	"daubang/internal/demo/data"
	"daubang/internal/intake"
	"daubang/internal/legal"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/place"
	"daubang/internal/programme"
	"daubang/internal/ref"
)

var someDay = time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)

// plans is a site with the five programmes of the demonstration, the officer of
// one of them, and an auditor.
type plans struct {
	t       *testing.T
	db      *pgxpool.Pool
	door    http.Handler
	session map[string]string // cookies by person
	id      map[string]programme.ID
}

func newPlans(t *testing.T) plans {
	t.Helper()
	p := plans{t: t, db: pgtest.New(t), session: map[string]string{}, id: map[string]programme.ID{}}
	err := pg.Tx(t.Context(), p.db, p.fill)
	if err != nil {
		t.Fatal(err)
	}
	base, _ := url.Parse("http://portal.test")
	p.door = (&Site{
		DB: p.db, Read: p.db, Lagging: p.db, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return someDay }, BaseURL: base,
		Instant: func(context.Context, pg.DB) (time.Time, error) { return someDay, nil },
	}).Handler()
	return p
}

func (p plans) fill(tx pgx.Tx) error {
	ctx, act := p.t.Context(), audit.Act{At: someDay}
	for _, load := range []struct {
		name string
		from func(context.Context, pgx.Tx, audit.Act, string, io.Reader) (intake.Changes, error)
	}{
		{"places.csv", place.Import},
		{"successions.csv", place.ImportSuccessions},
		{"legal_documents.csv", legal.Import},
		{"programmes.json", programme.Import},
	} {
		file, err := data.Files.Open(load.name)
		if err != nil {
			return err
		}
		if _, err := load.from(ctx, tx, act, load.name, file); err != nil {
			return err
		}
	}
	list, err := programme.List(ctx, tx, 0, "")
	if err != nil {
		return err
	}
	for _, one := range list {
		p.id[one.FullNumber()] = one.ID
	}
	p.id["Nam Định"] = p.id[""]
	for _, one := range list {
		if strings.Contains(one.Issuer.Vi, "Nam Định") {
			p.id["Nam Định"] = one.ID
		}
	}
	for _, role := range []string{"officer", "auditor", "admin"} {
		who, err := pg.Value[people.ID](ctx, tx, `
			insert into people (name, email, email_key, verified_at, created_at) values ($1, $1 || '@portal.test', $1 || '@portal.test', $2, $2) returning id`, role, someDay)
		if err != nil {
			return err
		}
		var of *programme.ID
		if role == "officer" {
			mine := p.id["36/KH-UBND"]
			of = &mine
		}
		_, err = tx.Exec(ctx, `insert into roles (person_id, role, programme_id, granted_at) values ($1, $2, $3, $4)`, who, role, of, someDay)
		if err != nil {
			return err
		}
		if p.session[role], err = people.OpenSession(ctx, tx, act, people.Opening{Person: who, Strength: "password"}); err != nil {
			return err
		}
	}
	return nil
}

// answer is a page as a browser got it.
type answer struct {
	t      *testing.T
	status int
	to     string
	body   string
	text   string // what a person reads
}

func (p plans) ask(as, lang, method, address string, form url.Values) answer {
	p.t.Helper()
	r := httptest.NewRequestWithContext(p.t.Context(), method, "http://portal.test"+address, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if as != "" {
		r.AddCookie(&http.Cookie{Name: "daubang_session", Value: p.session[as]})
	}
	r.AddCookie(&http.Cookie{Name: "daubang_language", Value: lang})
	w := httptest.NewRecorder()
	p.door.ServeHTTP(w, r)
	a := answer{t: p.t, status: w.Code, to: w.Header().Get("Location"), body: w.Body.String()}
	a.text = strings.Join(strings.Fields(html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(a.body, " "))), " ")
	return a
}

func (p plans) get(as, lang, address string) answer {
	return p.ask(as, lang, http.MethodGet, address, nil)
}

func (a answer) expect(status int, reads ...string) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Errorf("got status %d, want %d", a.status, status)
	}
	for _, s := range reads {
		if !strings.Contains(a.text, s) {
			a.t.Errorf("%q is not on the page:\n%s", s, a.text)
		}
	}
	return a
}

func (a answer) without(texts ...string) {
	a.t.Helper()
	for _, s := range texts {
		if strings.Contains(a.text, s) {
			a.t.Errorf("%q is on the page", s)
		}
	}
}

var (
	inputs   = regexp.MustCompile(`<input[^>]*>`)
	texts    = regexp.MustCompile(`(?s)<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>`)
	selects  = regexp.MustCompile(`(?s)<select[^>]*name="([^"]+)".*?</select>`)
	chosen   = regexp.MustCompile(`<option value="([^"]*)" selected`)
	template = regexp.MustCompile(`(?s)<template.*?</template>`)
)

func attribute(tag, name string) string {
	m := regexp.MustCompile(` ` + name + `="([^"]*)"`).FindStringSubmatch(tag)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}

// filled is the form on the page as a browser would send it unchanged.
func (a answer) filled() url.Values {
	form, body := url.Values{}, template.ReplaceAllString(a.body, "")
	for _, tag := range inputs.FindAllString(body, -1) {
		box := strings.Contains(tag, `type="checkbox"`) || strings.Contains(tag, `type="radio"`)
		if name := attribute(tag, "name"); name != "" && name != "next" && (!box || strings.Contains(tag, " checked")) {
			form.Set(name, attribute(tag, "value"))
		}
	}
	for _, m := range texts.FindAllStringSubmatch(body, -1) {
		form.Set(m[1], strings.TrimPrefix(html.UnescapeString(m[2]), "\n"))
	}
	for _, m := range selects.FindAllStringSubmatch(body, -1) {
		if o := chosen.FindStringSubmatch(m[0]); o != nil {
			form.Set(m[1], html.UnescapeString(o[1]))
		}
	}
	return form
}

func TestProgrammePages(t *testing.T) {
	t.Parallel()
	p := newPlans(t)
	p.get("", "vi", "/programmes").expect(200, "Kế hoạch 59/KH-UBND ngày 27/02/2023", "Cơ quan ban hành kết thúc hoạt động từ 01/07/2025", "Sở Ngoại vụ")
	p.get("", "vi", "/programmes?q=son+tra").expect(200, "36/KH-UBND").without("59/KH-UBND")
	p.get("", "en", "/programmes?q=xyz").expect(200, "No programme matches", "See all")

	sonTra := "/programmes/" + p.id["36/KH-UBND"].String()
	p.get("", "vi", sonTra).expect(200,
		"Ủy ban nhân dân quận Sơn Trà kết thúc hoạt động từ 01/07/2025", "Phường Sơn Trà, Thành phố Đà Nẵng", "Phường An Hải, Thành phố Đà Nẵng",
		"Luật 72/2025/QH15 ngày 16/06/2025", "Nay: Sở Nội vụ Đà Nẵng", "Trước ngày 10/6 hằng năm", "Trước ngày 10/12 hằng năm",
		"Thông báo kết luận 196-TB/TW ngày 16/03/2015", "Nguồn chỉ nêu tên văn bản", "Chưa có đợt nhận đề xuất nào", "Thoát nhanh")
	p.get("", "en", sonTra).expect(200,
		"People's Committee of Sơn Trà District ended on 1 July 2025", "Sơn Trà Ward, Đà Nẵng City", "Before 10 June every year",
		"Decision 2351/QĐ-TTg of 24 December 2010", "Prime Minister", "Raise the position of women")

	p.get("", "vi", "/programmes/"+p.id["Nam Định"].String()).expect(200, "Văn bản hướng dẫn, năm 2020", "Phường Vị Khê, Tỉnh Ninh Bình",
		"Nghị quyết 11-NQ/TW Công tác phụ nữ", "Ngày ban hành và hiệu lực chưa được xác minh", "Nguồn không nêu.").without("nạn nhân", "27/04/2007")
	p.get("", "vi", "/programmes/"+p.id["59/KH-UBND"].String()).expect(200, "Ủy ban nhân dân thành phố Hà Nội vẫn hoạt động", "năm lấy theo năm của kế hoạch", "Khi có vụ việc")
	p.get("", "vi", "/programmes/"+p.id["08/KH-NV"].String()).expect(200, "Chưa rõ: nguồn không cho biết đủ", "08/KH-NV", "Kế hoạch cấp trên").without("khả năng", "medium")
	p.get("", "vi", "/programmes/"+ref.Of(programme.ID(1))).expect(404)
	p.get("", "vi", "/programmes/nonsense").expect(404)
}

func TestProgrammeQueries(t *testing.T) {
	t.Parallel()
	p := newPlans(t)
	count := 0
	config := p.db.Config()
	config.ConnConfig.Tracer = counter{&count}
	counted, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer counted.Close()
	base, _ := url.Parse("http://portal.test")
	p.door = (&Site{DB: counted, Read: counted, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return someDay }, BaseURL: base}).Handler()
	p.get("", "vi", "/programmes/"+p.id["36/KH-UBND"].String()).expect(200)
	if count == 0 || count > 12 {
		t.Errorf("a programme's page takes %d queries, want at most 12", count)
	}
}

type counter struct{ n *int }

func (c counter) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	*c.n++
	return ctx
}
func (c counter) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func TestWriteProgramme(t *testing.T) {
	t.Parallel()
	p := newPlans(t)
	p.get("officer", "vi", "/desk/programmes").expect(200, "36/KH-UBND", "Thêm chương trình").without("59/KH-UBND")
	p.get("auditor", "vi", "/desk/programmes").expect(200, "36/KH-UBND", "59/KH-UBND").without("Thêm chương trình")
	p.get("auditor", "vi", "/desk/programmes/new").expect(403, "Nhờ quản trị viên")
	p.get("admin", "vi", "/desk/programmes/new").expect(404)

	form := p.get("officer", "vi", "/desk/programmes/new").expect(200, "Lưu nháp").filled()
	form.Set("title_vi", "Bình đẳng giới thành phố Đà Nẵng năm 2027")
	form.Set("groups.0.code", "Truyền thông")
	form.Set("groups.0.title_vi", "Truyền thông")
	form.Set("objectives_vi", "Nâng cao nhận thức\nGiảm bạo lực")
	again := p.ask("officer", "vi", http.MethodPost, "/desk/programmes/new", form).expect(422, "Viết tên cơ quan ban hành", "Viết mã bằng chữ thường không dấu")
	form = again.filled()
	if form.Get("title_vi") != "Bình đẳng giới thành phố Đà Nẵng năm 2027" || form.Get("objectives_vi") != "Nâng cao nhận thức\nGiảm bạo lực" {
		t.Errorf("what was typed is lost: %v", form)
	}
	form.Set("issuer_vi", "Ủy ban nhân dân thành phố Đà Nẵng")
	form.Set("groups.0.code", "comms")
	form.Set("add", "duties")
	form = p.ask("officer", "vi", http.MethodPost, "/desk/programmes/new", form).expect(200, "Báo cáo 1").filled()
	form.Set("duties.0.what_vi", "Báo cáo năm")
	form.Set("duties.0.due", "10/12")
	made := p.ask("officer", "vi", http.MethodPost, "/desk/programmes/new", form).expect(303).to

	p.get("", "vi", strings.TrimPrefix(made, "/desk")).expect(404)
	p.get("admin", "vi", strings.TrimPrefix(made, "/desk")).expect(404)
	p.get("auditor", "vi", strings.TrimPrefix(made, "/desk")).expect(200, "Bản nháp", "Trước ngày 10/12 hằng năm")
	if to := p.get("auditor", "vi", made).expect(303).to; to != strings.TrimPrefix(made, "/desk") {
		t.Errorf("an auditor is sent to %s", to)
	}
	p.ask("auditor", "vi", http.MethodPost, made+"/publish", nil).expect(403)
	p.ask("officer", "vi", http.MethodPost, made+"/publish", nil).expect(303)
	p.get("", "en", strings.TrimPrefix(made, "/desk")).expect(200, "Bình đẳng giới thành phố Đà Nẵng năm 2027")
}

func TestEditProgramme(t *testing.T) {
	t.Parallel()
	p := newPlans(t)
	for number, here := range map[string]int{"36/KH-UBND": 200, "59/KH-UBND": 303} { // the second is another officer's
		p.get("officer", "vi", "/desk/programmes/"+p.id[number].String()).expect(here)
	}
	address := "/desk/programmes/" + p.id["36/KH-UBND"].String()
	form := p.get("officer", "vi", address).filled()
	before, err := programme.Get(t.Context(), p.db, 0, p.id["36/KH-UBND"])
	if err != nil {
		t.Fatal(err)
	}
	p.ask("officer", "vi", http.MethodPost, address, form).expect(303)
	after, err := programme.Get(t.Context(), p.db, 0, p.id["36/KH-UBND"])
	if err != nil || fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("sending the form back unchanged changed the programme:\n%v\n%v", before, after)
	}

	form.Set("title_vi", "Tên mới")
	form.Set("remove", "groups.1.")
	form = p.ask("officer", "vi", http.MethodPost, address, form).expect(200).filled()
	if form.Get("groups.1.code") != "cadres" {
		t.Errorf("the second group is still %q", form.Get("groups.1.code"))
	}
	p.ask("officer", "vi", http.MethodPost, address, form).expect(303)
	p.get("", "vi", "/programmes/"+p.id["36/KH-UBND"].String()).expect(200, "Tên mới").without("Lồng ghép giới trong xây dựng")

	// The clock stands still in this test, so an earlier version is made up.
	form.Set("version", "0")
	form.Set("title_vi", "Tên khác")
	stale := p.ask("officer", "vi", http.MethodPost, address, form).expect(422, "Một người khác vừa sửa chương trình này")
	p.ask("officer", "vi", http.MethodPost, address, stale.filled()).expect(303)
	p.get("", "vi", "/programmes/"+p.id["36/KH-UBND"].String()).expect(200, "Tên khác")
}
