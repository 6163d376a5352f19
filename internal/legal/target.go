package legal

import (
	"context"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"

	"daubang/internal/audit"
	"daubang/internal/intake"
	"daubang/internal/pg"
	"daubang/internal/words"
)

// Target is one target of the national strategy on gender equality. Of one whose
// figures nobody has seen in a source, only the subject is shown.
type Target struct {
	Code        string // 3.2a
	ObjectiveVi string
	ObjectiveEn string
	TargetVi    string
	TargetEn    string
	Unit        string
	Op2025      *string // >= > <= < = ~, the last is "about"
	Value2025   *float64
	Op2030      *string
	Value2030   *float64
	Verified    string
}

// Objective is what the target belongs to, in both languages.
func (t Target) Objective() words.Pair { return words.Pair{Vi: t.ObjectiveVi, En: t.ObjectiveEn} }

// Title is the target in both languages.
func (t Target) Title() words.Pair { return words.Pair{Vi: t.TargetVi, En: t.TargetEn} }

// Seen reports whether the figures were seen in a source and may be shown.
func (t Target) Seen() bool { return t.Verified == "yes" }

// Targets lists them in the order of the strategy.
func Targets(ctx context.Context, db pg.DB) ([]Target, error) {
	return pg.All[Target](ctx, db, `
		select code, objective_vi, objective_en, target_vi, target_en, unit, op_2025, value_2025, op_2030, value_2030, verified
		from visible.national_targets order by position`)
}

// target is a row of the file, as it goes to Postgres.
type target struct {
	Code        string  `json:"code"`
	ObjectiveVi string  `json:"objective_vi"`
	ObjectiveEn string  `json:"objective_en"`
	TargetVi    string  `json:"target_vi"`
	TargetEn    string  `json:"target_en"`
	Unit        string  `json:"unit"`
	Op2025      string  `json:"op_2025"`
	Value2025   float64 `json:"value_2025"`
	Op2030      string  `json:"op_2030"`
	Value2030   float64 `json:"value_2030"`
	Verified    string  `json:"verified"`
	Note        string  `json:"note"`
	Position    int     `json:"position"` // in the file
}

// ImportTargets loads a file of targets: code, objective_vi, objective_en,
// target_vi_short, target_en, unit, op_2025, value_2025, op_2030, value_2030,
// verified, note. They are known by their code and stand in the file's order.
func ImportTargets(ctx context.Context, tx pgx.Tx, act audit.Act, name string, r io.Reader) (intake.Changes, error) {
	columns := []string{
		"code", "objective_vi", "objective_en", "target_vi_short", "target_en", "unit", "op_2025", "value_2025", "op_2030", "value_2030",
		"verified", "note",
	}
	table, err := intake.ReadTable(name, r, columns, readTarget)
	if err != nil {
		return intake.Changes{}, err
	}
	if err := intake.Unique(table, "code", func(t target) string { return t.Code }); err != nil {
		return intake.Changes{}, err
	}
	for i := range table.Rows {
		table.Rows[i].Position = i + 1
	}
	written, err := pg.Values[bool](ctx, tx, `
		insert into national_targets as n (code, objective_vi, objective_en, target_vi, target_en, unit, op_2025, value_2025, op_2030, value_2030,
		       verified, note, position)
		select t.code, t.objective_vi, t.objective_en, t.target_vi, t.target_en, t.unit, t.op_2025, t.value_2025, t.op_2030, t.value_2030,
		       t.verified, t.note, t.position
		from jsonb_to_recordset($1::jsonb) as t (code text, objective_vi text, objective_en text, target_vi text, target_en text, unit text,
		     op_2025 text, value_2025 numeric, op_2030 text, value_2030 numeric, verified text, note text, position int)
		on conflict (code) do update
		set objective_vi = excluded.objective_vi, objective_en = excluded.objective_en, target_vi = excluded.target_vi,
		    target_en = excluded.target_en, unit = excluded.unit, op_2025 = excluded.op_2025, value_2025 = excluded.value_2025,
		    op_2030 = excluded.op_2030, value_2030 = excluded.value_2030, verified = excluded.verified, note = excluded.note,
		    position = excluded.position
		where (n.objective_vi, n.objective_en, n.target_vi, n.target_en, n.unit, n.op_2025, n.value_2025, n.op_2030, n.value_2030, n.verified,
		       n.note, n.position) is distinct from (excluded.objective_vi, excluded.objective_en, excluded.target_vi, excluded.target_en,
		       excluded.unit, excluded.op_2025, excluded.value_2025, excluded.op_2030, excluded.value_2030, excluded.verified, excluded.note,
		       excluded.position)
		returning n.xmax = 0`, table.Rows)
	if err != nil {
		return intake.Changes{}, fmt.Errorf("merging national targets: %w", err)
	}
	return intake.Note(ctx, tx, act, "national_targets", name, intake.Count(len(table.Rows), written))
}

func readTarget(r *intake.Row) target {
	signs := []string{">=", ">", "<=", "<", "=", "~"}
	return target{
		Code:        r.Need("code"),
		ObjectiveVi: r.Need("objective_vi"),
		ObjectiveEn: r.Text("objective_en"),
		TargetVi:    r.Need("target_vi_short"),
		TargetEn:    r.Text("target_en"),
		Unit:        r.Need("unit"),
		Op2025:      r.OneOf("op_2025", signs...),
		Value2025:   r.Float("value_2025"),
		Op2030:      r.OneOf("op_2030", signs...),
		Value2030:   r.Float("value_2030"),
		Verified:    r.OneOf("verified", "yes", "no"),
		Note:        r.Text("note"),
	}
}
