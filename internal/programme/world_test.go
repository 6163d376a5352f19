package programme_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/legal"
	"daubang/internal/people"
	"daubang/internal/pg"
	"daubang/internal/pgtest"
	"daubang/internal/programme"
	"daubang/internal/words"
)

var noon = time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC)

// world is a published programme with its officer, and others who look at it.
type world struct {
	tx                        pgx.Tx
	officer, stranger, audits people.ID
	id                        programme.ID
	document                  legal.ID
	place                     string // code of the issuer's
}

func newWorld(t *testing.T) world {
	t.Helper()
	w := world{tx: pgtest.Tx(t)}
	name := strings.ToLower(t.Name())
	person := func(role string) people.ID {
		return insert[people.ID](t, w.tx, `insert into people (name, email, email_key, created_at) values ($1, $2, $2, now()) returning id`, role, role+"@"+name)
	}
	w.officer, w.stranger, w.audits = person("officer"), person("stranger"), person("auditor")
	w.id = insert[programme.ID](t, w.tx, `
		insert into programmes (title_vi, issuer_vi, status, search_key, created_at, updated_at)
		values ('Kế hoạch cũ', 'UBND tỉnh Tre', 'published', $1, now(), now()) returning id`, "ke hoach cu "+name)
	insert[int64](t, w.tx, `insert into roles (person_id, role, programme_id, granted_at) values ($1, 'officer', $2, now()) returning id`, w.officer, w.id)
	insert[int64](t, w.tx, `insert into roles (person_id, role, granted_at) values ($1, 'auditor', now()) returning id`, w.audits)
	insert[int64](t, w.tx, `
		insert into places (level, code, name, full_name, unit_type, search_key) values (1, $1, 'Tre', 'Tỉnh Tre', 'tinh', 'tinh tre') returning id`, name)
	w.place = name
	w.document = insert[legal.ID](t, w.tx, `
		insert into legal_documents (doc_type, number, number_key, date, issuer, issuer_key, title_vi, status, verified, search_key)
		values ('Luật', '1/QH', $1, '2006-11-29', 'Quốc hội', 'quoc hoi', 'Luật', 'in_force', 'yes', '') returning id`, "1QH"+name)
	return w
}

func insert[ID any](t *testing.T, tx pgx.Tx, sql string, args ...any) ID {
	t.Helper()
	id, err := pg.Value[ID](t.Context(), tx, sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func by(who people.ID, at time.Time) audit.Act { return audit.Act{By: int64(who), At: at} }

// entry is a whole plan as an officer types it.
func (w world) entry() programme.Entry {
	return programme.Entry{
		Title: words.Pair{Vi: "Bình đẳng giới tỉnh Tre năm 2027", En: "Gender equality in Tre Province, 2027"}, DocType: words.Pair{Vi: "Kế hoạch", En: "Plan"},
		Number: "09", Symbol: "KH-UBND", IssuedOn: "5/2/2027", Issuer: words.Pair{Vi: "UBND tỉnh Tre", En: "People's Committee of Tre Province"},
		IssuerPlaceLevel: "1", IssuerPlaceCode: w.place, Year: "2027", PeriodFrom: "01/01/2027", PeriodTo: "31/12/2027",
		Territory: words.Pair{Vi: "Tỉnh Tre"}, SourceKind: "portal", SourcePublisher: "Cổng thông tin tỉnh Tre", SourcePublished: "6-2-2027", Note: "chưa đối chiếu",
		Objectives:     words.Pair{Vi: "Nâng cao nhận thức\n\n  Giảm bạo lực ", En: "Raise awareness\nReduce violence"},
		PriorityGroups: words.Pair{Vi: "Phụ nữ di cư\nNữ công nhân", En: "Migrant women\n–"},
		Lead:           words.Pair{Vi: "Sở Lao động (nay: Sở Nội vụ)", En: "Labour department (now: Department of Home Affairs)"},
		Figures:        words.Pair{Vi: "30: lớp tập huấn", En: "30: courses"},
		Groups: []programme.GroupEntry{
			{Code: "comms", Title: words.Pair{Vi: "Truyền thông", En: "Communication"}},
			{Code: "gbv", Title: words.Pair{Vi: "Phòng ngừa bạo lực", En: "Preventing violence"}},
		},
		Duties: []programme.DutyEntry{
			{What: words.Pair{Vi: "Báo cáo 6 tháng"}, Kind: "periodic", Due: "10/6", From: words.Pair{Vi: "Sở Nội vụ"}, To: words.Pair{Vi: "UBND tỉnh\nBộ Nội vụ"}},
			{What: words.Pair{Vi: "Vụ việc đột xuất"}, Kind: "ad_hoc"},
		},
		Bases: []programme.BasisEntry{{Document: w.document.String(), Relation: "implements", BySubject: true}},
	}
}
