package programme

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/legal"
	"daubang/internal/pg"
	"daubang/internal/problem"
	"daubang/internal/viet"
)

// row is a programme as it goes to Postgres.
type row struct {
	Key              *string    `json:"key"`
	TitleVi          string     `json:"title_vi"`
	TitleEn          string     `json:"title_en"`
	DocTypeVi        string     `json:"doc_type_vi"`
	DocTypeEn        string     `json:"doc_type_en"`
	Number           string     `json:"number"`
	Symbol           string     `json:"symbol"`
	IssuedOn         *time.Time `json:"issued_on"`
	IssuedOnNoteVi   string     `json:"issued_on_note_vi"`
	IssuedOnNoteEn   string     `json:"issued_on_note_en"`
	IssuerVi         string     `json:"issuer_vi"`
	IssuerEn         string     `json:"issuer_en"`
	IssuerPlaceLevel *int16     `json:"issuer_place_level"`
	IssuerPlaceCode  *string    `json:"issuer_place_code"`
	IssuerEndedOn    *time.Time `json:"issuer_ended_on"`
	SuccessorVi      string     `json:"successor_vi"`
	SuccessorEn      string     `json:"successor_en"`
	Year             *int       `json:"year"`
	PeriodFrom       *time.Time `json:"period_from"`
	PeriodTo         *time.Time `json:"period_to"`
	TerritoryVi      string     `json:"territory_vi"`
	TerritoryEn      string     `json:"territory_en"`
	Source           Source     `json:"source"`
	Body             Body       `json:"body"`
	Note             string     `json:"note"`
	Status           Status     `json:"status"`
	SearchKey        string     `json:"search_key"`
}

func (c Content) row(key string, status Status) row {
	r := row{
		TitleVi: c.Title.Vi, TitleEn: c.Title.En, DocTypeVi: c.DocType.Vi, DocTypeEn: c.DocType.En, Number: c.Number, Symbol: c.Symbol,
		IssuedOn: c.IssuedOn, IssuedOnNoteVi: c.IssuedOnNote.Vi, IssuedOnNoteEn: c.IssuedOnNote.En, IssuerVi: c.Issuer.Vi, IssuerEn: c.Issuer.En,
		IssuerEndedOn: c.IssuerEndedOn, SuccessorVi: c.Successor.Vi, SuccessorEn: c.Successor.En, PeriodFrom: c.PeriodFrom, PeriodTo: c.PeriodTo,
		TerritoryVi: c.Territory.Vi, TerritoryEn: c.Territory.En, Source: c.Source, Body: c.Body, Note: c.Note, Status: status,
		SearchKey: viet.Key(c.Title.Vi + " " + c.Title.En + " " + c.FullNumber() + " " + c.Issuer.Vi + " " + c.Issuer.En + " " + c.Territory.Vi),
	}
	if key != "" {
		r.Key = &key
	}
	if c.IssuerPlaceLevel != 0 {
		level := int16(c.IssuerPlaceLevel)
		r.IssuerPlaceLevel, r.IssuerPlaceCode = &level, &c.IssuerPlaceCode
	}
	if c.Year != 0 {
		r.Year = &c.Year
	}
	return r
}

// add writes a new programme, without asking or recording anything.
func add(ctx context.Context, tx pgx.Tx, act audit.Act, p Plan, key string, status Status) (ID, error) {
	id, err := pg.Value[ID](ctx, tx, `
		insert into programmes (key, title_vi, title_en, doc_type_vi, doc_type_en, number, symbol, issued_on, issued_on_note_vi, issued_on_note_en,
		       issuer_vi, issuer_en, issuer_place_level, issuer_place_code, issuer_ended_on, successor_vi, successor_en, year, period_from,
		       period_to, territory_vi, territory_en, source, body, note, status, search_key, created_by, created_at, updated_at)
		select r.key, r.title_vi, r.title_en, r.doc_type_vi, r.doc_type_en, r.number, r.symbol, r.issued_on, r.issued_on_note_vi, r.issued_on_note_en,
		       r.issuer_vi, r.issuer_en, r.issuer_place_level, r.issuer_place_code, r.issuer_ended_on, r.successor_vi, r.successor_en, r.year,
		       r.period_from, r.period_to, r.territory_vi, r.territory_en, r.source, r.body, r.note, r.status, r.search_key,
		       nullif($2::bigint, 0), $3, $3
		from jsonb_populate_record(null::programmes, $1::jsonb) as r
		returning id`, p.row(key, status), act.By, act.At)
	if err != nil {
		return 0, fmt.Errorf("adding programme: %w", err)
	}
	if err := putGroups(ctx, tx, id, p.TaskGroups); err != nil {
		return 0, err
	}
	return id, putBases(ctx, tx, id, p.Bases)
}

// standing reads and locks what stands in a programme, whoever asks.
func standing(ctx context.Context, tx pgx.Tx, id ID) (Programme, Plan, error) {
	now, err := pg.One[Programme](ctx, tx, `select id, 'officer' as view, `+fields+` from programmes where id = $1 for update`, id)
	if err != nil {
		return Programme{}, Plan{}, fmt.Errorf("locking programme: %w", err)
	}
	plan := Plan{Content: now.Content}
	plan.TaskGroups, err = pg.All[TaskGroup](ctx, tx, `
		select id, programme_id, code, title_vi, title_en from task_groups where programme_id = $1 order by position`, id)
	if err != nil {
		return Programme{}, Plan{}, fmt.Errorf("reading task groups: %w", err)
	}
	rows, err := pg.All[basisRow](ctx, tx, `
		select document_id, relation, by_subject from programme_bases where programme_id = $1 order by position`, id)
	if err != nil {
		return Programme{}, Plan{}, fmt.Errorf("reading legal bases: %w", err)
	}
	for _, r := range rows {
		plan.Bases = append(plan.Bases, Basis{DocumentID: r.DocumentID, Relation: r.Relation, BySubject: r.BySubject})
	}
	return now, plan, nil
}

// replace writes what is different from before, and answers the names of what
// was.
func replace(ctx context.Context, tx pgx.Tx, act audit.Act, now Programme, before, p Plan) ([]string, error) {
	changed, err := differences(before, p)
	if err != nil || len(changed) == 0 {
		return nil, err
	}
	err = pg.Exec(ctx, tx, `
		update programmes p
		set title_vi = r.title_vi, title_en = r.title_en, doc_type_vi = r.doc_type_vi, doc_type_en = r.doc_type_en, number = r.number,
		    symbol = r.symbol, issued_on = r.issued_on, issued_on_note_vi = r.issued_on_note_vi, issued_on_note_en = r.issued_on_note_en,
		    issuer_vi = r.issuer_vi, issuer_en = r.issuer_en, issuer_place_level = r.issuer_place_level, issuer_place_code = r.issuer_place_code,
		    issuer_ended_on = r.issuer_ended_on, successor_vi = r.successor_vi, successor_en = r.successor_en, year = r.year,
		    period_from = r.period_from, period_to = r.period_to, territory_vi = r.territory_vi, territory_en = r.territory_en,
		    source = r.source, body = r.body, note = r.note, search_key = r.search_key, updated_at = $3
		from jsonb_populate_record(null::programmes, $2::jsonb) as r
		where p.id = $1`, now.ID, p.row("", now.Status), act.At)
	if err != nil {
		return nil, fmt.Errorf("changing programme: %w", err)
	}
	if slices.Contains(changed, "task_groups") {
		if err := putGroups(ctx, tx, now.ID, p.TaskGroups); err != nil {
			return nil, err
		}
	}
	if slices.Contains(changed, "bases") {
		if err := putBases(ctx, tx, now.ID, p.Bases); err != nil {
			return nil, err
		}
	}
	return changed, nil
}

// differences names what differs between two plans, as JSON writes them, which
// is also how the database keeps most of it.
func differences(a, b Plan) ([]string, error) {
	was, err := a.parts()
	if err != nil {
		return nil, err
	}
	is, err := b.parts()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(is)) {
		if !bytes.Equal(was[name], is[name]) {
			names = append(names, name)
		}
	}
	return names, nil
}

func (p Plan) parts() (map[string][]byte, error) {
	type group struct{ Code, TitleVi, TitleEn string }
	groups, bases := make([]group, len(p.TaskGroups)), make([]basisRow, len(p.Bases))
	for i, g := range p.TaskGroups {
		groups[i] = group{g.Code, g.TitleVi, g.TitleEn}
	}
	for i, b := range p.Bases {
		bases[i] = basisRow{b.DocumentID, b.Relation, b.BySubject}
	}
	parts := map[string]any{"task_groups": groups, "bases": bases}
	whole, err := json.Marshal(p.row("", ""))
	if err != nil {
		return nil, fmt.Errorf("writing plan as JSON: %w", err)
	}
	var columns map[string]json.RawMessage
	if err := json.Unmarshal(whole, &columns); err != nil {
		return nil, fmt.Errorf("reading plan as JSON: %w", err)
	}
	for name, value := range columns {
		parts[name] = value
	}
	written := make(map[string][]byte, len(parts))
	for name, part := range parts {
		if written[name], err = json.Marshal(part); err != nil {
			return nil, fmt.Errorf("writing %s as JSON: %w", name, err)
		}
	}
	delete(written, "search_key") // follows from the rest
	return written, nil
}

// putGroups makes the task groups of a programme those given. A group that a
// call refers to stays: taking it out is [problem.Invalid].
func putGroups(ctx context.Context, tx pgx.Tx, id ID, groups []TaskGroup) error {
	codes := make([]string, len(groups))
	vi, en := make([]string, len(groups)), make([]string, len(groups))
	for i, g := range groups {
		codes[i], vi[i], en[i] = g.Code, g.TitleVi, g.TitleEn
	}
	used, err := pg.Values[string](ctx, tx, `
		select g.title_vi from task_groups g
		where g.programme_id = $1 and g.code <> all($2)
		  and exists (select from visible.call_task_groups c where c.task_group_id = g.id)
		order by g.position limit 1`, id, codes)
	if err != nil {
		return fmt.Errorf("asking which groups calls refer to: %w", err)
	}
	if len(used) > 0 {
		return problem.Invalid{"groups": problem.Say("programme.group_in_use", used[0])}
	}
	if _, err := tx.Exec(ctx, `delete from task_groups where programme_id = $1 and code <> all($2)`, id, codes); err != nil {
		return fmt.Errorf("taking task groups out: %w", err)
	}
	_, err = tx.Exec(ctx, `
		insert into task_groups (programme_id, code, title_vi, title_en, position)
		select @id, g.code, g.vi, g.en, g.n
		from unnest(@codes::text[], @vi::text[], @en::text[]) with ordinality as g (code, vi, en, n)
		on conflict (programme_id, code) do update set title_vi = excluded.title_vi, title_en = excluded.title_en, position = excluded.position`,
		pgx.StrictNamedArgs{"id": id, "codes": codes, "vi": vi, "en": en})
	if err != nil {
		return fmt.Errorf("writing task groups: %w", err)
	}
	return nil
}

// putBases makes the legal bases of a programme those given.
func putBases(ctx context.Context, tx pgx.Tx, id ID, bases []Basis) error {
	documents, relations, bySubject := make([]legal.ID, len(bases)), make([]Relation, len(bases)), make([]bool, len(bases))
	for i, b := range bases {
		documents[i], relations[i], bySubject[i] = b.DocumentID, b.Relation, b.BySubject
	}
	if _, err := tx.Exec(ctx, `delete from programme_bases where programme_id = $1`, id); err != nil {
		return fmt.Errorf("taking legal bases out: %w", err)
	}
	_, err := tx.Exec(ctx, `
		insert into programme_bases (programme_id, document_id, relation, by_subject, position)
		select @id, b.document, b.relation, b.by_subject, b.n
		from unnest(@documents::bigint[], @relations::text[], @subjects::boolean[]) with ordinality as b (document, relation, by_subject, n)`,
		pgx.StrictNamedArgs{"id": id, "documents": documents, "relations": relations, "subjects": bySubject})
	if err != nil {
		return fmt.Errorf("writing legal bases: %w", err)
	}
	return nil
}
