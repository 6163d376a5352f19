package place_test

import (
	"testing"

	"daubang/internal/pgtest"
	"daubang/internal/place"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	load(t, tx, header+
		"M1,Lựu Đỏ,Tỉnh Lựu Đỏ,,1,,,,tinh,\nM2,Mận Tía,Thành phố Mận Tía,,1,,,,thanh_pho_tw,\n"+
		"M11,Ổi Găng,Xã Ổi Găng,,3,M1,2025-07-01,,xa,\nM21,Ổi Găng,Xã Ổi Găng,,3,M2,2025-07-01,,xa,\n"+
		"M12,Ối Găng,Phường Ối Găng,,3,M1,2025-07-01,,phuong,\nM13,Sim Rừng,Xã Sim Rừng,,3,M1,2025-07-01,,xa,\n")
	for typed, want := range map[string][]string{
		"Sim Rừng":               {"Xã Sim Rừng, Tỉnh Lựu Đỏ"},
		"xã sim rung":            {"Xã Sim Rừng, Tỉnh Lựu Đỏ"},
		"  XÃ SIM RỪNG, Lựu đỏ ": {"Xã Sim Rừng, Tỉnh Lựu Đỏ"},
		"Sim Rừng, tỉnh Lựu Đỏ":  {"Xã Sim Rừng, Tỉnh Lựu Đỏ"},
		"Sim Rừng, Mận Tía":      nil,
		"Sim":                    nil,
		"Ổi Găng":                {"Xã Ổi Găng, Tỉnh Lựu Đỏ", "Xã Ổi Găng, Thành phố Mận Tía"}, // not Ối Găng: it is spelt otherwise
		"Ổi Găng, Mận Tía":       {"Xã Ổi Găng, Thành phố Mận Tía"},
		"oi gang, luu do":        {"Phường Ối Găng, Tỉnh Lựu Đỏ", "Xã Ổi Găng, Tỉnh Lựu Đỏ"},
		"Lựu Đỏ":                 {"Tỉnh Lựu Đỏ"},
		"Tỉnh Lựu Đỏ":            {"Tỉnh Lựu Đỏ"},
		"%":                      nil,
		",":                      nil,
		"Sim Rừng, ":             {"Xã Sim Rừng, Tỉnh Lựu Đỏ"},
	} {
		found, err := place.Match(ctx, tx, []string{typed})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		for _, f := range found[typed] {
			got[f.Address()] = true
			if !f.Ref().Sound() {
				t.Errorf("%s has the ref %q", f.Address(), f.Ref())
			}
			if same, ok := place.ByRef(found[typed], f.Ref()); !ok || same.ID != f.ID {
				t.Errorf("%s is not found by its ref", f.Address())
			}
		}
		if len(got) != len(want) {
			t.Errorf("%q: got %v, want %v", typed, got, want)
		}
		for _, w := range want {
			if !got[w] {
				t.Errorf("%q: %s is missing in %v", typed, w, got)
			}
		}
	}
	for _, r := range []place.Ref{"", "3", "3-1", "2-00001-2025-07-01", "3--2025-07-01", "3-00001-2025-13-01", "3-00001-2025-07-01x", "3-x y-2025-07-01", "3-\u0660-2025-07-01x"} {
		if r.Sound() {
			t.Errorf("%q can be a ref", r)
		}
	}
}
