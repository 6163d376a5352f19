package rubric_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daubang/internal/audit"
	"daubang/internal/pgtest"
	"daubang/internal/rubric"
)

var noon = time.Date(2026, 11, 20, 5, 0, 0, 0, time.UTC)

func TestInstallAndFreeze(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)

	id, err := rubric.InstallDefault(ctx, tx, noon)
	if err != nil {
		t.Fatal(err)
	}
	again, err := rubric.InstallDefault(ctx, tx, noon.Add(time.Hour))
	if err != nil || again != id {
		t.Fatalf("installing twice gives %s and %s, %v", id, again, err)
	}
	before, err := rubric.Get(ctx, tx, id)
	if err != nil {
		t.Fatal(err)
	}
	if len(before.Definition.Criteria) != 8 || before.FrozenAt != nil {
		t.Fatalf("installed %+v", before)
	}

	act := audit.Act{At: noon.Add(time.Minute)}
	for _, at := range []time.Time{act.At, act.At.Add(time.Hour)} {
		if err := rubric.Freeze(ctx, tx, audit.Act{At: at}, id); err != nil {
			t.Fatal(err)
		}
	}
	after, err := rubric.Get(ctx, tx, id)
	if err != nil {
		t.Fatal(err)
	}
	if after.FrozenAt == nil || !after.FrozenAt.Equal(act.At) {
		t.Errorf("frozen at %v, want the first time it was asked for", after.FrozenAt)
	}
	if diff := cmp.Diff(before.Definition, after.Definition); diff != "" {
		t.Errorf("freezing changed it:\n%s", diff)
	}
	list, err := rubric.List(ctx, tx)
	if err != nil || len(list) == 0 {
		t.Errorf("List gives %d, %v", len(list), err)
	}
}
