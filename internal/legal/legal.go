// Package legal is the register of laws, decrees, plans and letters that the
// portal cites, and of the national targets they set.
//
// Plans cite law wrongly (dates off by a month, hyphens moved), so legal bases
// are picked from here and never typed. A document whose date nobody has seen
// in a source keeps it to itself: the schema visible shows number and subject
// only, and its status as unknown.
package legal

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"daubang/internal/pg"
	"daubang/internal/ref"
	"daubang/internal/viet"
	"daubang/internal/words"
)

// ID names a document of the register.
type ID int64

func (id ID) String() string { return ref.Of(id) }

// Status is whether a document is in force, as far as the register knows.
type Status string

// The statuses.
const (
	InForce  Status = "in_force"
	Ended    Status = "ended"
	Replaced Status = "replaced"
	Unknown  Status = "unknown"
)

// Document is one of the register, with what may be said of it.
type Document struct {
	ID       ID
	DocType  string // Nghị định
	Number   string // with its symbol: 30/2020/NĐ-CP
	Date     *time.Time
	Issuer   string
	TitleVi  string // short, ours, not the official one
	TitleEn  string
	Status   Status
	Verified string // yes, number_only, no
}

// Title is the short title in both languages.
func (d Document) Title() words.Pair { return words.Pair{Vi: d.TitleVi, En: d.TitleEn} }

// Seen reports whether somebody has seen number and date in a source.
func (d Document) Seen() bool { return d.Verified == "yes" }

// types and issuers are those the catalogues can say in English, by their key
// with _ for spaces; any other stays Vietnamese.
var (
	types = strings.Fields(`luat nghi_dinh nghi_quyet thong_tu quyet_dinh chi_thi thong_bao ket_luan thong_bao_ket_luan ke_hoach
		cong_van chuong_trinh de_an to_trinh bao_cao huong_dan`)
	issuers = strings.Fields(`quoc_hoi chinh_phu thu_tuong_chinh_phu uy_ban_thuong_vu_quoc_hoi bo_chinh_tri ban_bi_thu bo_noi_vu bo_tai_chinh
		bo_ke_hoach_va_dau_tu bo_thong_tin_va_truyen_thong bo_lao_dong_thuong_binh_va_xa_hoi thanh_uy_ha_noi`)
)

// Type is the kind of document in both languages.
func (d Document) Type() words.Pair { return said("legal.type.", types, d.DocType) }

// By is the issuer in both languages.
func (d Document) By() words.Pair { return said("legal.issuer.", issuers, d.Issuer) }

func said(prefix string, known []string, vi string) words.Pair {
	key := strings.ReplaceAll(viet.Key(vi), " ", "_")
	if !slices.Contains(known, key) {
		return words.Pair{Vi: vi}
	}
	return words.Pair{Vi: vi, En: words.T(words.En, prefix+key)}
}

const columns = `select id, doc_type, number, date, issuer, title_vi, title_en, status, verified from visible.legal_documents`

// Get finds a document by its number, however its hyphens are written, and its
// date; numbers begin again every year. With the zero date it is the newest.
func Get(ctx context.Context, db pg.DB, number string, date time.Time) (Document, error) {
	return pg.One[Document](ctx, db, columns+`
		where number_key = $1 and ($2::date = '0001-01-01' or date = $2)
		order by date desc nulls last, id limit 1`, viet.DocumentKey(number), date)
}

// List returns the documents whose number, type, issuer or title contain text,
// newest first; with empty text all of them.
func List(ctx context.Context, db pg.DB, text string) ([]Document, error) {
	return pg.All[Document](ctx, db, columns+`
		where search_key like '%' || $1 || '%'
		order by date desc nulls last, number`, viet.Key(text))
}

// These returns the documents with the given ids, by id.
func These(ctx context.Context, db pg.DB, ids []ID) (map[ID]Document, error) {
	list, err := pg.All[Document](ctx, db, columns+` where id = any($1)`, ids)
	if err != nil {
		return nil, fmt.Errorf("looking up the register: %w", err)
	}
	found := make(map[ID]Document, len(list))
	for _, d := range list {
		found[d.ID] = d
	}
	return found, nil
}
